//! Cases: a setting and a conversation, and the domain that they are drawn from.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::change::{Action, Change};
use super::narrow::{NarrowError, Narrowing};
use super::simplicity::Simplicity;
use super::types::{Field, Say, Type};
use super::value::{Symbol, Value};

/// The space of cases that a spec declares: three records and a list of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// What a case installs.
    pub policy: Type,
    /// Properties of the instance that holds the policy.
    pub instance: Type,
    /// What comes before the last request: a list of steps, empty where the spec declares none.
    pub course: Type,
    /// Who asks.
    pub client: Type,
    /// The words for the steps of a course.
    pub steps: Say,
}

/// The parts of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The policy record.
    Policy,
    /// The instance record.
    Instance,
    /// The steps that come before the client asks.
    Course,
    /// The client record.
    Client,
}

impl Part {
    /// All parts, in the order in which sentences speak of them.
    pub const ALL: [Self; 4] = [Self::Policy, Self::Instance, Self::Course, Self::Client];

    /// The first word of its paths.
    pub fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Instance => "instance",
            Self::Course => "course",
            Self::Client => "client",
        }
    }

    /// The part that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }
}

/// What is installed: a policy, and the instance that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Setting {
    /// The policy record.
    pub policy: Value,
    /// The instance record.
    pub instance: Value,
}

/// What is played against a setting: the steps that come before, and the client that asks at the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Conversation {
    /// The steps, in order; an empty list where nothing comes before.
    pub course: Value,
    /// The client record.
    pub client: Value,
}

impl Conversation {
    /// A client before whom nothing comes.
    pub fn of(client: Value) -> Self {
        Self {
            course: no_steps(),
            client,
        }
    }
}

/// A course without a step.
pub fn no_steps() -> Value {
    Value::List(Vec::new())
}

/// One setting and one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Case {
    /// The policy record.
    pub policy: Value,
    /// The instance record.
    pub instance: Value,
    /// The steps that come before the client asks; an empty list where there are none.
    #[serde(default = "no_steps", skip_serializing_if = "is_empty")]
    pub course: Value,
    /// The client record.
    pub client: Value,
}

fn is_empty(course: &Value) -> bool {
    course.items().is_none_or(<[Value]>::is_empty)
}

/// A case whose parts stand in different places: what rules look at.
#[derive(Clone, Copy, Debug)]
pub struct CaseRef<'a> {
    /// The policy record.
    pub policy: &'a Value,
    /// The instance record.
    pub instance: &'a Value,
    /// The steps that come before the client asks.
    pub course: &'a Value,
    /// The client record.
    pub client: &'a Value,
}

impl<'a> CaseRef<'a> {
    /// A setting with a conversation.
    pub fn of(setting: &'a Setting, conversation: &'a Conversation) -> Self {
        Self {
            policy: &setting.policy,
            instance: &setting.instance,
            course: &conversation.course,
            client: &conversation.client,
        }
    }

    /// A setting, whoever asks: nothing may look at the conversation.
    pub fn of_setting(setting: &'a Setting) -> Self {
        Self {
            policy: &setting.policy,
            instance: &setting.instance,
            course: &Value::Absent,
            client: &Value::Absent,
        }
    }

    /// A conversation, whatever is installed: nothing may look at the setting.
    pub fn of_conversation(conversation: &'a Conversation) -> Self {
        Self {
            policy: &Value::Absent,
            instance: &Value::Absent,
            course: &conversation.course,
            client: &conversation.client,
        }
    }

    /// One part.
    pub fn part(self, part: Part) -> &'a Value {
        match part {
            Part::Policy => self.policy,
            Part::Instance => self.instance,
            Part::Course => self.course,
            Part::Client => self.client,
        }
    }

    /// A case of its own.
    pub fn to_case(self) -> Case {
        Case {
            policy: self.policy.clone(),
            instance: self.instance.clone(),
            course: self.course.clone(),
            client: self.client.clone(),
        }
    }
}

impl<'a> From<&'a Case> for CaseRef<'a> {
    fn from(case: &'a Case) -> Self {
        Self {
            policy: &case.policy,
            instance: &case.instance,
            course: &case.course,
            client: &case.client,
        }
    }
}

impl Case {
    /// A setting with a conversation.
    pub fn of(setting: Setting, conversation: Conversation) -> Self {
        Self {
            policy: setting.policy,
            instance: setting.instance,
            course: conversation.course,
            client: conversation.client,
        }
    }

    /// What is installed for it.
    pub fn setting(&self) -> Setting {
        Setting {
            policy: self.policy.clone(),
            instance: self.instance.clone(),
        }
    }

    /// What is played against that.
    pub fn conversation(&self) -> Conversation {
        Conversation {
            course: self.course.clone(),
            client: self.client.clone(),
        }
    }

    /// The steps that come before the client asks.
    pub fn steps(&self) -> &[Value] {
        self.course.items().unwrap_or_default()
    }

    /// One part.
    pub fn part(&self, part: Part) -> &Value {
        match part {
            Part::Policy => &self.policy,
            Part::Instance => &self.instance,
            Part::Course => &self.course,
            Part::Client => &self.client,
        }
    }

    /// The same with one part replaced.
    pub fn with(&self, part: Part, value: Value) -> Self {
        let mut case = self.clone();
        *match part {
            Part::Policy => &mut case.policy,
            Part::Instance => &mut case.instance,
            Part::Course => &mut case.course,
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
            "{{policy: {}, instance: {}, ",
            self.policy, self.instance
        )?;
        if !is_empty(&self.course) {
            write!(out, "course: {}, ", self.course)?;
        }
        write!(out, "client: {}}}", self.client)
    }
}

impl Domain {
    /// The type of one part.
    pub fn part(&self, part: Part) -> &Type {
        match part {
            Part::Policy => &self.policy,
            Part::Instance => &self.instance,
            Part::Course => &self.course,
            Part::Client => &self.client,
        }
    }

    /// The simplest case, whether or not a constraint excludes it.
    pub fn simplest(&self) -> Case {
        Case {
            policy: self.policy.simplest(),
            instance: self.instance.simplest(),
            course: self.course.simplest(),
            client: self.client.simplest(),
        }
    }

    /// How many policies there are, instance included; saturates.
    pub fn policies(&self) -> u64 {
        self.policy.count().saturating_mul(self.instance.count())
    }

    /// How many conversations there are; saturates.
    pub fn conversations(&self) -> u64 {
        self.course.count().saturating_mul(self.client.count())
    }

    /// How many cases there are before constraints; saturates.
    pub fn count(&self) -> u64 {
        self.policies().saturating_mul(self.conversations())
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
            course: part(Part::Course),
            client: part(Part::Client),
            steps: self.steps.clone(),
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
    pub fn settings(&self, most: u64) -> Option<Vec<Setting>> {
        if self.policies() > most {
            return None;
        }
        let instances: Vec<Value> = self.instance.values().collect();
        let mut keyed: Vec<(Simplicity, Setting)> = Vec::new();
        for policy in self.policy.values() {
            for instance in &instances {
                let setting = Setting {
                    policy: policy.clone(),
                    instance: instance.clone(),
                };
                keyed.push((
                    Simplicity::of_setting(self, CaseRef::of_setting(&setting)),
                    setting,
                ));
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
