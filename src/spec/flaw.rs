//! In what an answer departs from what is expected, and the stable words for it.

use std::fmt;

use crate::auth::Departure;
use crate::observation::{Outcome, Upstream};

use super::aspect::{Aspect, WhichRequest};
use super::fit::{OutcomeFit, OutcomeWord, StatusFit};
use super::relay_words::RelayedPart;

/// In what an answer departs from what is expected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// The client came to another outcome.
    Outcome {
        /// What was expected; where two cases are compared, what the other came to.
        expected: OutcomeFit,
        /// What it came to.
        observed: Outcome,
    },
    /// The final status is another.
    Status {
        /// What was expected; where two cases are compared, the other's.
        expected: StatusFit,
        /// The status.
        observed: u16,
    },
    /// The challenges of the final answer.
    Challenges(ListFlaw),
    /// Challenges depart from the grammar in this.
    Departure(Departure),
    /// A parameter, of a challenge or of `Authentication-Info`.
    Parameter {
        /// Its name, as the rule has it.
        name: String,
        /// What is wrong with it.
        flaw: ParamFlaw,
    },
    /// A header field of this name, as the rule has it.
    Header(String),
    /// An audit event.
    Event {
        /// Its name.
        name: String,
        /// Whether it happened too often, and not too seldom.
        too_many: bool,
    },
    /// The body.
    Body,
    /// A request of a client.
    Request(WhichRequest),
    /// Asks that were to be answered alike, in this.
    Asks(Aspect),
    /// The content of an answer: it is there, or it is not.
    Content {
        /// Whether it is there.
        present: bool,
    },
    /// The JSON document that an answer is: it is none, or it is another in the member of this name.
    Json(Option<String>),
    /// What reached the backend.
    Backend(BackendFlaw),
    /// What reached the service that is asked first.
    AuthService(BackendFlaw),
    /// What of that service's answer is passed on.
    Relayed(RelayedPart),
    /// The audit log.
    Log(LogFlaw),
}

impl Flaw {
    /// What is wrong with what reached an upstream.
    pub(super) fn of_upstream(at: Upstream, flaw: BackendFlaw) -> Self {
        match at {
            Upstream::Backend => Self::Backend(flaw),
            Upstream::AuthService => Self::AuthService(flaw),
        }
    }
}

/// What can be wrong with the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogFlaw {
    /// There are too many events.
    TooMany,
    /// There are too few.
    TooFew,
    /// One names another user.
    User,
    /// One names another auth-scheme.
    Scheme,
    /// One names another policy.
    Policy,
    /// A secret stands there.
    Secret,
}

impl LogFlaw {
    /// Every flaw.
    pub const ALL: [Self; 6] = [
        Self::TooMany,
        Self::TooFew,
        Self::User,
        Self::Scheme,
        Self::Policy,
        Self::Secret,
    ];

    /// The words for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::TooMany => MANY,
            Self::TooFew => FEW,
            Self::User => "user",
            Self::Scheme => "scheme",
            Self::Policy => "policy",
            Self::Secret => "secret",
        }
    }
}

/// What can be wrong with what reached the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BackendFlaw {
    /// Too many requests did.
    TooMany,
    /// Too few did.
    TooFew,
    /// It was told of another user.
    User,
    /// It was given credentials, or was not.
    Authorization,
    /// It was told of another identity than the service told.
    Identity,
    /// It was given a field that it was not to be given.
    Field,
    /// It was told another method than was asked.
    Method,
    /// It was told another target.
    Target,
    /// It was told another host.
    Host,
    /// It was given other credentials than were sent.
    Credentials,
    /// It was given what was to be kept from it.
    Withheld,
    /// It was given another content.
    Content,
}

impl BackendFlaw {
    /// Every flaw.
    pub const ALL: [Self; 12] = [
        Self::TooMany,
        Self::TooFew,
        Self::User,
        Self::Authorization,
        Self::Identity,
        Self::Field,
        Self::Method,
        Self::Target,
        Self::Host,
        Self::Credentials,
        Self::Withheld,
        Self::Content,
    ];

    /// The words for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::TooMany => MANY,
            Self::TooFew => FEW,
            Self::User => "user",
            Self::Authorization => "authorization",
            Self::Identity => "identity",
            Self::Field => "field",
            Self::Method => "method",
            Self::Target => "target",
            Self::Host => "host",
            Self::Credentials => "credentials",
            Self::Withheld => "withheld",
            Self::Content => "content",
        }
    }
}

/// What can be wrong with the challenges of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListFlaw {
    /// They were to be well-formed and are not.
    IllFormed,
    /// They were not to be well-formed, and are.
    WellFormed,
    /// There is none.
    None,
    /// There is one.
    Some,
    /// A scheme is missing.
    Missing,
    /// There is a scheme too many.
    Extra,
    /// One is missing, and there is one too many.
    MissingAndExtra,
    /// Their order.
    Order,
    /// One has a parameter that was to be its scheme alone.
    NotBare,
    /// One is its scheme alone.
    Bare,
    /// How many there are of a scheme.
    Count,
    /// Two have the same values of parameters in which they are to differ.
    Distinct,
    /// One has a parameter that its scheme has not.
    Foreign,
    /// One stands there twice, or none does.
    Unique,
    /// How they stand in field lines.
    Layout,
    /// They name other schemes than those of the case that is compared.
    Differ,
}

impl ListFlaw {
    /// Every flaw.
    pub const ALL: [Self; 16] = [
        Self::IllFormed,
        Self::WellFormed,
        Self::None,
        Self::Some,
        Self::Missing,
        Self::Extra,
        Self::MissingAndExtra,
        Self::Order,
        Self::NotBare,
        Self::Bare,
        Self::Count,
        Self::Distinct,
        Self::Foreign,
        Self::Unique,
        Self::Layout,
        Self::Differ,
    ];

    /// The words for it.
    pub fn word(self) -> &'static str {
        match self {
            // What was demanded, and not what came.
            Self::IllFormed => "well-formed: true",
            Self::WellFormed => "well-formed: false",
            Self::None => "none at all",
            Self::Some => "not none",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::MissingAndExtra => "missing and extra",
            Self::Order => "order",
            Self::NotBare => "not bare",
            Self::Bare => "bare",
            Self::Count => "count",
            Self::Distinct => "distinct",
            Self::Foreign => "foreign parameter",
            Self::Unique => "unique",
            Self::Layout => "layout",
            Self::Differ => "differ",
        }
    }

    /// The flaw that words name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flaw| flaw.word() == word)
    }
}

/// What can be wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamFlaw {
    /// It is not there.
    Missing,
    /// It is there.
    Present,
    /// How often it is there.
    Times,
    /// Its value.
    Value,
    /// Whether it is a token or a quoted-string.
    Form,
}

impl ParamFlaw {
    /// Every flaw.
    pub const ALL: [Self; 5] = [
        Self::Missing,
        Self::Present,
        Self::Times,
        Self::Value,
        Self::Form,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Present => "present",
            Self::Times => "times",
            Self::Value => "value",
            Self::Form => "form",
        }
    }

    /// The flaw that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flaw| flaw.word() == word)
    }
}

impl Flaw {
    /// It came to another outcome than a case that it is compared with.
    pub(super) fn other_outcome(expected: Outcome, observed: Outcome) -> Self {
        Self::Outcome {
            expected: OutcomeFit {
                words: vec![OutcomeWord::Is(expected)],
                not: false,
            },
            observed,
        }
    }

    /// It has another status than a case that it is compared with.
    pub(super) fn other_status(expected: u16, observed: u16) -> Self {
        Self::Status {
            expected: StatusFit::only(expected),
            observed,
        }
    }

    /// The flaw that these words name.
    pub(super) fn from_words(words: &str) -> Option<Self> {
        let (about, rest) = words.split_once(' ').unwrap_or((words, ""));
        Some(match about {
            "outcome" => {
                let (expected, observed) = rest.rsplit_once(", ")?;
                Self::Outcome {
                    expected: OutcomeFit::from_kind(expected)?,
                    observed: Outcome::from_word(observed)?,
                }
            }
            "status" => {
                let (expected, observed) = rest.rsplit_once(", ")?;
                Self::Status {
                    expected: StatusFit::from_words(expected)?,
                    observed: observed.parse().ok()?,
                }
            }
            "challenges" => Self::Challenges(ListFlaw::from_word(rest)?),
            "departure" => Self::Departure(Departure::from_word(rest)?),
            "parameter" => {
                let (name, flaw) = rest.rsplit_once(' ')?;
                Self::Parameter {
                    name: name.to_owned(),
                    flaw: ParamFlaw::from_word(flaw)?,
                }
            }
            "header" => Self::Header(rest.to_owned()),
            "event" => {
                let (name, how) = rest.rsplit_once(", ")?;
                Self::Event {
                    name: name.to_owned(),
                    too_many: match how {
                        MANY => true,
                        FEW => false,
                        _ => return None,
                    },
                }
            }
            "body" => Self::Body,
            "request" => {
                let mut all = WhichRequest::ALL.into_iter();
                Self::Request(all.find(|which| which.word() == rest)?)
            }
            "asks" => {
                let mut all = Aspect::ALL.into_iter();
                Self::Asks(all.find(|of| of.word() == rest)?)
            }
            "content" => Self::Content {
                present: match rest {
                    "present" => true,
                    "absent" => false,
                    _ => return None,
                },
            },
            "json" if words == "json" => Self::Json(None),
            "json" => Self::Json(Some(rest.to_owned())),
            "backend" | "auth-service" => {
                let mut all = BackendFlaw::ALL.into_iter();
                let flaw = all.find(|flaw| flaw.word() == rest)?;
                match words.starts_with("backend") {
                    true => Self::Backend(flaw),
                    false => Self::AuthService(flaw),
                }
            }
            "relayed" => {
                let mut all = RelayedPart::ALL.into_iter();
                Self::Relayed(all.find(|part| part.word() == rest)?)
            }
            "log" => {
                let mut all = LogFlaw::ALL.into_iter();
                Self::Log(all.find(|flaw| flaw.word() == rest)?)
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome { expected, observed } => {
                write!(out, "outcome {}, {observed}", expected.kind())
            }
            Self::Status { expected, observed } => {
                write!(out, "status {}, {observed}", expected.in_words())
            }
            Self::Challenges(flaw) => write!(out, "challenges {}", flaw.word()),
            Self::Departure(departure) => write!(out, "departure {}", departure.word()),
            Self::Parameter { name, flaw } => write!(out, "parameter {name} {}", flaw.word()),
            Self::Header(name) => write!(out, "header {name}"),
            Self::Event { name, too_many } => {
                let how = if *too_many { MANY } else { FEW };
                write!(out, "event {name}, {how}")
            }
            Self::Body => out.write_str("body"),
            Self::Request(which) => write!(out, "request {}", which.word()),
            Self::Asks(of) => write!(out, "asks {}", of.word()),
            Self::Content { present } => {
                let how = if *present { "present" } else { "absent" };
                write!(out, "content {how}")
            }
            Self::Json(None) => out.write_str("json"),
            Self::Json(Some(name)) => write!(out, "json {name}"),
            Self::Backend(flaw) => write!(out, "backend {}", flaw.word()),
            Self::AuthService(flaw) => write!(out, "auth-service {}", flaw.word()),
            Self::Relayed(part) => write!(out, "relayed {}", part.word()),
            Self::Log(flaw) => write!(out, "log {}", flaw.word()),
        }
    }
}

const MANY: &str = "too many";

const FEW: &str = "too few";
