//! Kinds of departures: what shrinking keeps to, what findings are grouped by, and what saved cases name.
//!
//! A kind has a stable form in words, which is what files keep: `outcome accepted, refused`. What a rule's
//! kinds have in it is of the rule and of what happened; a case's own values have no part in it.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::flaw::Flaw;

/// Which of two cases that are compared something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The case.
    Case,
    /// Its sibling.
    Sibling,
}

/// A kind of departure, free of the case's own values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// Whether it is the case that departs, or the sibling.
    pub side: Side,
    /// In what it departs.
    pub flaw: Flaw,
}

impl Flaw {
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
        let kind = Flaw::from_words(rest).map(|flaw| Self { side, flaw });
        // There is one way to tell each.
        kind.filter(|kind| kind.to_string() == words)
            .ok_or_else(|| UnknownKind(words.to_owned()))
    }
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

    use crate::auth::Departure;
    use crate::observation::Outcome;

    use super::super::aspect::{Aspect, WhichRequest};
    use super::super::fit::{OutcomeFit, OutcomeWord, StatusFit};
    use super::super::flaw::{BackendFlaw, ListFlaw, ParamFlaw};
    use super::super::range::Range;
    use super::super::relay_words::RelayedPart;
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
            select(Aspect::ALL.to_vec()).prop_map(Flaw::Asks),
            any::<bool>().prop_map(|present| Flaw::Content { present }),
            prop::option::of(name()).prop_map(Flaw::Json),
            select(BackendFlaw::ALL.to_vec()).prop_map(Flaw::Backend),
            select(BackendFlaw::ALL.to_vec()).prop_map(Flaw::AuthService),
            select(RelayedPart::ALL.to_vec()).prop_map(Flaw::Relayed),
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
