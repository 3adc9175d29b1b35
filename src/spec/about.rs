//! What a departure is about: which part of an answer, and what stands there.
//!
//! Two rules may break over the same thing in the same answer, each in its own words. What they have in
//! common is told here in values, so that findings can be put together without a look at any prose.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::auth::{AuthenticationInfo, Challenge, Departure, Param, Problem, Recipient, ValueForm};
use crate::observation::{Answer, Outcome};

use super::observation::Observation;
use super::schemes::offered;

/// What a departure is about, and what was seen of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Who is let in, and how the others are sent away.
    Answer {
        /// Which way it went wrong.
        turn: DecisionFlaw,
        /// The final status.
        status: u16,
    },
    /// Which schemes the final answer offers, in lower case and in order of the alphabet.
    Offer {
        /// The schemes.
        schemes: Vec<String>,
    },
    /// How the challenges are written: departures from the grammar that hang together.
    Writing {
        /// Their kinds.
        #[serde(with = "super::serial::departures")]
        departures: BTreeSet<Departure>,
    },
    /// How the list of challenges is made up.
    List(ListPart),
    /// A parameter of a challenge.
    Parameter {
        /// The challenge's scheme, in lower case.
        scheme: String,
        /// The parameter's name.
        name: String,
        /// What stands there.
        seen: SeenValues,
    },
    /// A parameter of `Authentication-Info`.
    Info {
        /// Its name.
        name: String,
        /// What stands there.
        seen: SeenValues,
    },
    /// In which form parameters stand that must stand in the other: of a scheme's challenges, or of
    /// `Authentication-Info`.
    Forms {
        /// The scheme, in lower case, if it is about challenges.
        scheme: Option<String>,
        /// The form.
        #[serde(with = "super::serial::form")]
        form: ValueForm,
    },
    /// A header field.
    Field {
        /// Its name, in lower case.
        name: String,
        /// Its lines.
        seen: SeenValues,
    },
    /// An audit event.
    Event {
        /// Its name.
        name: String,
        /// Whether it happened too often, and not too seldom.
        too_often: bool,
    },
    /// The body.
    Body,
    /// What a client sends.
    Requests,
    /// That equal asks are answered alike.
    Repetition,
    /// What reaches the backend.
    Backend,
    /// What reaches the service that is asked first.
    AuthService,
    /// What of that service's answer is passed on.
    Relaying,
    /// What the audit log says of an attempt.
    Log,
}

/// Which way a decision went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionFlaw {
    /// Somebody was let in.
    Opened,
    /// Somebody who was to be let in was not.
    KeptOut,
    /// Whoever was sent away was sent away in the wrong manner, or who was let in was let in so.
    Manner,
}

/// Something about a list of challenges beside which schemes are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListPart {
    /// How they stand in lines.
    Layout,
    /// That one stands there twice.
    Twice,
    /// That one has no parameter.
    Bare,
    /// That two of a scheme have one value of a parameter.
    Alike,
    /// That one has a parameter that its scheme has not.
    Foreign,
    /// How many there are.
    Count,
    /// Their order.
    Order,
}

/// What stands in a place of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeenValues {
    /// These values; none where nothing stands there.
    Values(Vec<String>),
    /// Another value each time.
    Changing,
}

/// Whether something is sure to be at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// It is.
    Certain,
    /// It may be, or something else is.
    Perhaps,
}

impl About {
    /// A decision that went this way. A proxy's 407 is its 401.
    pub fn answer(turn: DecisionFlaw, observation: Observation<'_>) -> Self {
        let status = match observation.answer.response.status {
            407 => 401,
            status => status,
        };
        Self::Answer { turn, status }
    }

    /// Whether this is about the same thing, as far as both are steady.
    pub fn is(&self, other: &Self) -> bool {
        let alike = |one: &SeenValues, other: &SeenValues| {
            one == other || *one == SeenValues::Changing || *other == SeenValues::Changing
        };
        match (self, other) {
            (Self::Writing { departures: one }, Self::Writing { departures: other }) => {
                // At the beginning of a later line the one is what the other is at that of the first.
                let adrift = |departures: &BTreeSet<Departure>| {
                    departures.contains(&Departure::ParameterBeforeScheme)
                        || departures.contains(&Departure::ParameterBeginsLine)
                };
                !one.is_disjoint(other) || (adrift(one) && adrift(other))
            }
            (Self::Writing { departures }, Self::Parameter { seen, .. })
            | (Self::Parameter { seen, .. }, Self::Writing { departures }) => {
                seen.is_written(departures)
            }
            (
                Self::Parameter { scheme, name, seen },
                Self::Parameter {
                    scheme: of,
                    name: called,
                    seen: other,
                },
            ) => scheme == of && name == called && alike(seen, other),
            (
                Self::Info { name, seen },
                Self::Info {
                    name: called,
                    seen: other,
                },
            )
            | (
                Self::Field { name, seen },
                Self::Field {
                    name: called,
                    seen: other,
                },
            ) => name == called && alike(seen, other),
            _ => self == other,
        }
    }

    /// Whether this is about the same place, whatever stands there.
    pub fn is_place_of(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Parameter { scheme, name, .. },
                Self::Parameter {
                    scheme: of,
                    name: called,
                    ..
                },
            ) => scheme == of && name == called,
            (Self::Info { name, .. }, Self::Info { name: called, .. })
            | (Self::Field { name, .. }, Self::Field { name: called, .. }) => name == called,
            _ => self.is(other),
        }
    }

    /// Keeps of what stands there only what stood there another time too.
    pub fn steady(self, other: &Self) -> Self {
        if self == *other || !self.is_place_of(other) {
            return self;
        }
        match self {
            Self::Parameter { scheme, name, .. } => Self::Parameter {
                scheme,
                name,
                seen: SeenValues::Changing,
            },
            Self::Info { name, .. } => Self::Info {
                name,
                seen: SeenValues::Changing,
            },
            Self::Field { name, .. } => Self::Field {
                name,
                seen: SeenValues::Changing,
            },
            steady => steady,
        }
    }

    /// Whether an answer shows the same thing.
    pub fn shows_in(&self, observation: Observation<'_>) -> bool {
        let answer = observation.answer;
        match self {
            Self::Answer { turn, .. } => {
                self.is(&Self::answer(*turn, observation))
                    && (*turn == DecisionFlaw::Opened) == (observation.outcome == Outcome::Accepted)
            }
            Self::Offer { schemes } => offer(observation) == *schemes,
            Self::Writing { departures } => clusters(&answer.challenges.problems)
                .iter()
                .any(|cluster| !cluster.is_disjoint(departures)),
            Self::List(part) => part.shows_in(answer),
            Self::Parameter { scheme, name, .. } => {
                let of_scheme = |challenge: &&Challenge| challenge.is(scheme);
                let mut list = answer.challenges.list.iter().filter(of_scheme);
                list.any(|challenge| {
                    let seen = values(&challenge.params, name);
                    self.is(&Self::Parameter {
                        scheme: scheme.clone(),
                        name: name.clone(),
                        seen,
                    })
                })
            }
            Self::Info { name, .. } => self.is(&Self::Info {
                name: name.clone(),
                seen: info(answer, name),
            }),
            Self::Field { name, .. } => self.is(&Self::Field {
                name: name.clone(),
                seen: lines(answer, name),
            }),
            Self::Forms { .. }
            | Self::Event { .. }
            | Self::Body
            | Self::Requests
            | Self::Repetition
            | Self::Backend
            | Self::AuthService
            | Self::Relaying
            | Self::Log => false,
        }
    }
}

impl SeenValues {
    /// Whether what stands there is the very thing that these departures are about: several of one name,
    /// or letters beyond US-ASCII.
    fn is_written(&self, departures: &BTreeSet<Departure>) -> bool {
        let Self::Values(values) = self else {
            return false;
        };
        (values.len() > 1 && departures.contains(&Departure::DuplicateParameter))
            || (departures.contains(&Departure::ObsText)
                && values.iter().any(|value| !value.is_ascii()))
    }

    /// Whether something stands there.
    pub fn is_something(&self) -> bool {
        !matches!(self, Self::Values(values) if values.is_empty())
    }
}

impl ListPart {
    fn shows_in(self, answer: &Answer) -> bool {
        let list = &answer.challenges.list;
        match self {
            Self::Layout => {
                let field = answer.challenge_field();
                list.len() > answer.response.fields_named(field).count()
            }
            Self::Twice | Self::Alike => is_twice(list),
            Self::Bare => (list.iter()).any(|one| one.params.is_empty() && one.token68.is_none()),
            Self::Count | Self::Order | Self::Foreign => false,
        }
    }
}

pub(super) fn is_twice(list: &[Challenge]) -> bool {
    let said: BTreeSet<String> = list.iter().map(ToString::to_string).collect();
    said.len() < list.len()
}

pub(super) fn offer(observation: Observation<'_>) -> Vec<String> {
    let mut schemes = offered(observation).to_vec();
    schemes.sort();
    schemes
}

pub(super) fn values(params: &[Param], name: &str) -> SeenValues {
    let named = params.iter().filter(|param| param.is(name));
    SeenValues::Values(
        named
            .map(|param| format!("{} {}", param.form.word(), param.value))
            .collect(),
    )
}

pub(super) fn info(answer: &Answer, name: &str) -> SeenValues {
    let lines = answer.response.fields_named("authentication-info");
    values(&AuthenticationInfo::parse(lines).params, name)
}

pub(super) fn lines(answer: &Answer, name: &str) -> SeenValues {
    let lines = answer.response.fields_named(name);
    SeenValues::Values(
        lines
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect(),
    )
}

/// Problems that hang together. One mistake in writing is often read as several, one behind the other: those
/// that touch, and behind one after which recipients may give up, all that is left of the line.
pub(super) fn clusters(problems: &[Problem]) -> Vec<BTreeSet<Departure>> {
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| (problem.line, problem.bytes.start));
    let mut clusters: Vec<BTreeSet<Departure>> = Vec::new();
    let mut reach: Option<(usize, usize)> = None;
    for problem in sorted {
        let near =
            reach.filter(|(line, byte)| *line == problem.line && problem.bytes.start <= *byte);
        match clusters.last_mut() {
            Some(last) if near.is_some() => {
                last.insert(problem.departure);
            }
            _ => clusters.push(BTreeSet::from([problem.departure])),
        }
        let end = match problem.departure.recipient() {
            Recipient::MayRefuse => usize::MAX,
            _ => problem.bytes.end.saturating_add(NEAR),
        };
        let before = near.map_or(0, |(_, byte)| byte);
        reach = Some((problem.line, end.max(before)));
    }
    clusters
}

/// How many bytes may stand between two problems that touch: a blank or two.
const NEAR: usize = 2;
