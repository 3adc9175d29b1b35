//! Cases: one policy and one client, and the domain that they are drawn from.

use std::fmt;

use serde::Serialize;

use super::change::{Action, Change};
use super::narrow::{NarrowError, Narrowing};
use super::simplicity::Simplicity;
use super::types::{Field, Say, Type};
use super::value::{Symbol, Value};

/// The space of cases that a spec declares: three records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// What a case installs.
    pub policy: Type,
    /// Properties of the instance that holds the policy.
    pub instance: Type,
    /// Who asks.
    pub client: Type,
}

/// The three parts of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The policy record.
    Policy,
    /// The instance record.
    Instance,
    /// The client record.
    Client,
}

impl Part {
    /// All parts, in the order in which sentences speak of them.
    pub const ALL: [Self; 3] = [Self::Policy, Self::Instance, Self::Client];

    /// The first word of its paths.
    pub fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Instance => "instance",
            Self::Client => "client",
        }
    }

    /// The part that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }
}

/// One policy and one client.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Case {
    /// The policy record.
    pub policy: Value,
    /// The instance record.
    pub instance: Value,
    /// The client record.
    pub client: Value,
}

/// A case whose parts stand in different places: what rules look at.
#[derive(Clone, Copy, Debug)]
pub struct CaseRef<'a> {
    /// The policy record.
    pub policy: &'a Value,
    /// The instance record.
    pub instance: &'a Value,
    /// The client record.
    pub client: &'a Value,
}

impl<'a> CaseRef<'a> {
    /// One part.
    pub fn part(self, part: Part) -> &'a Value {
        match part {
            Part::Policy => self.policy,
            Part::Instance => self.instance,
            Part::Client => self.client,
        }
    }

    /// A case of its own.
    pub fn to_case(self) -> Case {
        Case {
            policy: self.policy.clone(),
            instance: self.instance.clone(),
            client: self.client.clone(),
        }
    }
}

impl<'a> From<&'a Case> for CaseRef<'a> {
    fn from(case: &'a Case) -> Self {
        Self {
            policy: &case.policy,
            instance: &case.instance,
            client: &case.client,
        }
    }
}

impl Case {
    /// One part.
    pub fn part(&self, part: Part) -> &Value {
        match part {
            Part::Policy => &self.policy,
            Part::Instance => &self.instance,
            Part::Client => &self.client,
        }
    }

    /// The same with one part replaced.
    pub fn with(&self, part: Part, value: Value) -> Self {
        let mut case = self.clone();
        *match part {
            Part::Policy => &mut case.policy,
            Part::Instance => &mut case.instance,
            Part::Client => &mut case.client,
        } = value;
        case
    }

    /// The value at a dotted path such as `policy.active`.
    pub fn at(&self, path: &str) -> Option<&Value> {
        let (first, rest) = path.split_once('.')?;
        self.part(Part::from_word(first)?).at(rest)
    }
}

/// One line of flow style YAML, as `--case` takes it.
impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{{policy: {}, instance: {}, client: {}}}",
            self.policy, self.instance, self.client
        )
    }
}

impl Domain {
    /// The type of one part.
    pub fn part(&self, part: Part) -> &Type {
        match part {
            Part::Policy => &self.policy,
            Part::Instance => &self.instance,
            Part::Client => &self.client,
        }
    }

    /// The simplest case, whether or not a constraint excludes it.
    pub fn simplest(&self) -> Case {
        Case {
            policy: self.policy.simplest(),
            instance: self.instance.simplest(),
            client: self.client.simplest(),
        }
    }

    /// How many policies there are, instance included; saturates.
    pub fn policies(&self) -> u64 {
        self.policy.count().saturating_mul(self.instance.count())
    }

    /// How many cases there are before constraints; saturates.
    pub fn count(&self) -> u64 {
        self.policies().saturating_mul(self.client.count())
    }

    /// Whether the case is of this domain.
    pub fn contains(&self, case: &Case) -> bool {
        Part::ALL
            .into_iter()
            .all(|part| self.part(part).contains(case.part(part)))
    }

    /// The domain that a narrowing leaves. A lenient narrowing passes over paths that this domain
    /// does not have.
    ///
    /// # Errors
    ///
    /// See [`Narrowing::apply`].
    pub fn narrow(&self, narrowing: &Narrowing, lenient: bool) -> Result<Self, NarrowError> {
        let whole = Type::Record(
            Part::ALL
                .into_iter()
                .map(|part| Field {
                    name: Symbol::from(part.word()),
                    ty: self.part(part).clone(),
                    say: Say::default(),
                })
                .collect(),
        );
        let narrowed = narrowing.apply(&whole, lenient)?;
        let part = |part: Part| {
            narrowed
                .at(&[part.word()])
                .cloned()
                .unwrap_or_else(|| self.part(part).clone())
        };
        Ok(Self {
            policy: part(Part::Policy),
            instance: part(Part::Instance),
            client: part(Part::Client),
        })
    }
}

/// The most clients that are looked through for a simpler one: all forms and methods of a client with
/// valid credentials by one way, and some of one without any.
const MOST_CLIENTS: usize = 96;

impl Domain {
    /// The same case with each simpler client, simplest first; of the first 96 clients.
    pub fn simpler_clients(&self, case: &Case) -> Vec<Change> {
        let here = Simplicity::of(&self.client, &case.client);
        self.clients(MOST_CLIENTS)
            .into_iter()
            .take_while(|client| Simplicity::of(&self.client, client) < here)
            .map(|client| Change {
                part: Part::Client,
                path: Part::Client.word().to_owned(),
                action: Action::Reset,
                case: case.with(Part::Client, client),
            })
            .collect()
    }

    /// Every setting (policy and instance), simplest first, or `None` where there are more than
    /// `most`.
    pub fn settings(&self, most: u64) -> Option<Vec<(Value, Value)>> {
        if self.policies() > most {
            return None;
        }
        let instances: Vec<Value> = self.instance.values().collect();
        let mut keyed: Vec<(Simplicity, (Value, Value))> = Vec::new();
        for policy in self.policy.values() {
            for instance in &instances {
                let case = Case {
                    policy: policy.clone(),
                    instance: instance.clone(),
                    client: Value::Absent,
                };
                let [key, _] = Simplicity::of_case(self, &case);
                keyed.push((key, (case.policy, case.instance)));
            }
        }
        keyed.sort();
        Some(keyed.into_iter().map(|(_, setting)| setting).collect())
    }

    /// Every client, simplest first; at most `most` of them.
    pub fn clients(&self, most: usize) -> Vec<Value> {
        let mut keyed: Vec<(Simplicity, Value)> = self
            .client
            .values()
            .take(most)
            .map(|client| (Simplicity::of(&self.client, &client), client))
            .collect();
        keyed.sort();
        keyed.into_iter().map(|(_, client)| client).collect()
    }
}
