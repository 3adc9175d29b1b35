//! Kinds of departures: what shrinking keeps to, what findings are grouped by, and what saved cases name.
//!
//! A kind has a stable form in words, which is what files keep: `outcome accepted, refused`. What a rule's
//! kinds have in it is of the rule and of what happened; a case's own values have no part in it.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::auth::Departure;
use crate::observation::Outcome;

use super::accuse::Side;
use super::exchange::WhichRequest;
use super::fit::{OutcomeFit, OutcomeWord, StatusFit};
use super::relation::Compared;

/// A kind of departure, free of the case's own values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// Whether it is the case that departs, or the sibling.
    pub side: Side,
    /// In what it departs.
    pub flaw: Flaw,
}

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
    Asks(Compared),
    /// The content of an answer: it is there, or it is not.
    Content {
        /// Whether it is there.
        present: bool,
    },
    /// The JSON document that an answer is: it is none, or it is another in the member of this name.
    Json(Option<String>),
    /// What reached the server behind.
    Backend(BackendFlaw),
}

/// What can be wrong with what reached the server behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BackendFlaw {
    /// Too many requests did.
    TooMany,
    /// Too few did.
    TooFew,
    /// It was told of another user.
    User,
}

impl BackendFlaw {
    /// Every flaw.
    pub const ALL: [Self; 3] = [Self::TooMany, Self::TooFew, Self::User];

    /// The words for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::TooMany => MANY,
            Self::TooFew => FEW,
            Self::User => "user",
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
    /// One stands there twice, or none does.
    Unique,
    /// How they stand in field lines.
    Layout,
    /// They name other schemes than those of the case that is compared.
    Differ,
}

impl ListFlaw {
    /// Every flaw.
    pub const ALL: [Self; 15] = [
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

    /// This flaw of a case.
    pub(super) fn of_case(self) -> Kind {
        Kind {
            side: Side::Case,
            flaw: self,
        }
    }
}

/// What a sibling's kinds begin with.
const SIBLING: &str = "sibling ";

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.side == Side::Sibling {
            out.write_str(SIBLING)?;
        }
        self.flaw.fmt(out)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome { expected, observed } => {
                write!(out, "outcome {}, {observed}", expected.kind())
            }
            Self::Status { expected, observed } => {
                write!(out, "status {}, {observed}", expected.said())
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
        }
    }
}

const MANY: &str = "too many";
const FEW: &str = "too few";

/// Words that name no kind of departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind(pub String);

impl fmt::Display for UnknownKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` names no kind of departure", self.0)
    }
}

impl std::error::Error for UnknownKind {}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(words: &str) -> Result<Self, UnknownKind> {
        let (side, rest) = match words.strip_prefix(SIBLING) {
            Some(rest) => (Side::Sibling, rest),
            None => (Side::Case, words),
        };
        let kind = flaw(rest).map(|flaw| Self { side, flaw });
        // There is one way to tell each.
        kind.filter(|kind| kind.to_string() == words)
            .ok_or_else(|| UnknownKind(words.to_owned()))
    }
}

/// The flaw that words tell.
fn flaw(words: &str) -> Option<Flaw> {
    let (about, rest) = words.split_once(' ').unwrap_or((words, ""));
    Some(match about {
        "outcome" => {
            let (expected, observed) = rest.rsplit_once(", ")?;
            Flaw::Outcome {
                expected: OutcomeFit::from_kind(expected)?,
                observed: Outcome::from_word(observed)?,
            }
        }
        "status" => {
            let (expected, observed) = rest.rsplit_once(", ")?;
            Flaw::Status {
                expected: StatusFit::from_said(expected)?,
                observed: observed.parse().ok()?,
            }
        }
        "challenges" => Flaw::Challenges(ListFlaw::from_word(rest)?),
        "departure" => Flaw::Departure(Departure::from_word(rest)?),
        "parameter" => {
            let (name, flaw) = rest.rsplit_once(' ')?;
            Flaw::Parameter {
                name: name.to_owned(),
                flaw: ParamFlaw::from_word(flaw)?,
            }
        }
        "header" => Flaw::Header(rest.to_owned()),
        "event" => {
            let (name, how) = rest.rsplit_once(", ")?;
            Flaw::Event {
                name: name.to_owned(),
                too_many: match how {
                    MANY => true,
                    FEW => false,
                    _ => return None,
                },
            }
        }
        "body" => Flaw::Body,
        "request" => {
            let mut all = WhichRequest::ALL.into_iter();
            Flaw::Request(all.find(|which| which.word() == rest)?)
        }
        "asks" => {
            let mut all = Compared::ALL.into_iter();
            Flaw::Asks(all.find(|of| of.word() == rest)?)
        }
        "content" => Flaw::Content {
            present: match rest {
                "present" => true,
                "absent" => false,
                _ => return None,
            },
        },
        "json" if words == "json" => Flaw::Json(None),
        "json" => Flaw::Json(Some(rest.to_owned())),
        "backend" => {
            let mut all = BackendFlaw::ALL.into_iter();
            Flaw::Backend(all.find(|flaw| flaw.word() == rest)?)
        }
        _ => return None,
    })
}

/// In the order of their words.
impl Ord for Kind {
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_string().cmp(&other.to_string())
    }
}

impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let words = String::deserialize(from)?;
        words.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::predicate::Range;
    use super::*;

    fn outcome() -> impl Strategy<Value = Flaw> {
        let words = prop::collection::vec(select(OutcomeWord::ALL.to_vec()), 1..4);
        let made = (words, any::<bool>(), select(Outcome::ALL.to_vec()));
        made.prop_map(|(words, not, observed)| Flaw::Outcome {
            expected: OutcomeFit { words, not },
            observed,
        })
    }

    fn status() -> impl Strategy<Value = Flaw> {
        let bound = || prop_oneof![any::<i64>(), 100..600i64, Just(i64::MAX), Just(i64::MIN)];
        let whole = (1..6i64).prop_map(|first| (first * 100, first * 100 + 99));
        let range = prop_oneof![
            (bound(), bound()),
            whole,
            bound().prop_map(|one| (one, one))
        ];
        let ranges = prop::collection::vec(range.prop_map(|(min, max)| Range { min, max }), 1..4);
        let made = (ranges, any::<bool>(), 100..600u16);
        made.prop_map(|(ranges, not, observed)| Flaw::Status {
            expected: StatusFit { ranges, not },
            observed,
        })
    }

    fn any_kind() -> impl Strategy<Value = Kind> {
        let name = || "[ -~]{1,12}|too many|é, too few";
        let flaw = prop_oneof![
            outcome(),
            status(),
            select(ListFlaw::ALL.to_vec()).prop_map(Flaw::Challenges),
            select(Departure::ALL.to_vec()).prop_map(Flaw::Departure),
            (name(), select(ParamFlaw::ALL.to_vec()))
                .prop_map(|(name, flaw)| Flaw::Parameter { name, flaw }),
            name().prop_map(Flaw::Header),
            (name(), any::<bool>()).prop_map(|(name, too_many)| Flaw::Event { name, too_many }),
            Just(Flaw::Body),
            select(WhichRequest::ALL.to_vec()).prop_map(Flaw::Request),
            select(Compared::ALL.to_vec()).prop_map(Flaw::Asks),
            any::<bool>().prop_map(|present| Flaw::Content { present }),
            prop::option::of(name()).prop_map(Flaw::Json),
            select(BackendFlaw::ALL.to_vec()).prop_map(Flaw::Backend),
        ];
        let side = select(vec![Side::Case, Side::Sibling]);
        (side, flaw).prop_map(|(side, flaw)| Kind { side, flaw })
    }

    proptest! {
        /// So two kinds are the same where their words are, and only there.
        #[test]
        fn words_lead_back_to_the_kind(kind in any_kind()) {
            let words = kind.to_string();
            prop_assert_eq!(words.parse::<Kind>(), Ok(kind), "{}", words);
        }

        #[test]
        fn whatever_is_read_is_told_in_the_same_words(words in "(sibling |status |outcome )?[a-z0-9 ,]{0,20}") {
            if let Ok(kind) = words.parse::<Kind>() {
                prop_assert_eq!(kind.to_string(), words);
            }
        }
    }

    /// Files of earlier versions have them.
    #[test]
    fn the_words_are_stable() {
        for words in [
            "outcome accepted, refused",
            "outcome not refused or kept-out, failed",
            "status 401, 200",
            "status other than 4xx or 500 or more, 404",
            "status 200 to 204 or 99 or less, 401",
            "challenges missing",
            "challenges missing and extra",
            "challenges well-formed: true",
            "challenges none at all",
            "challenges differ",
            "departure parameter-before-scheme",
            "parameter realm missing",
            "parameter stale times",
            "header WWW-Authenticate",
            "event LOGIN_SUCCESS, too few",
            "body",
            "sibling challenges differ",
            "sibling parameter error value",
            "request second",
            "asks challenges",
            "content present",
            "json",
            "sibling json resource",
            "backend too many",
        ] {
            let kind = words.parse::<Kind>();
            assert_eq!(kind.map(|kind| kind.to_string()), Ok(words.to_owned()));
        }
    }

    #[test]
    fn what_names_no_kind_is_told() {
        for words in [
            "",
            "outcome",
            "outcome accepted",
            "outcome good, refused",
            "status 401",
            "status 401, many",
            "status 401 to, 200",
            "challenges wrong",
            "parameter realm",
            "event x",
            "body or soul",
            "sibling sibling body",
        ] {
            let told = words.parse::<Kind>().unwrap_err().to_string();
            assert_eq!(told, format!("`{words}` names no kind of departure"));
        }
    }
}
