//! Impacts: who is hurt when a rule breaks.

use crate::observation::Outcome;

/// Who is hurt when a rule breaks. Where it can break in several ways, what happened decides: whoever
/// was let in has another tale than whoever met an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact {
    /// What is told where the client that is accused came to this outcome.
    pub by_outcome: Vec<(Outcome, String)>,
    /// What is told otherwise.
    pub other: String,
}

impl Impact {
    /// The one impact of whatever departure.
    pub fn of_all(text: impl Into<String>) -> Self {
        Self {
            by_outcome: Vec::new(),
            other: text.into(),
        }
    }

    /// What is told of a departure in which the client came to this outcome, if that is known.
    pub fn of(&self, outcome: Option<Outcome>) -> &str {
        self.by_outcome
            .iter()
            .find(|(of, _)| Some(*of) == outcome)
            .map_or(self.other.as_str(), |(_, text)| text)
    }

    /// Every impact, each after the outcome that it is told of; the last is told of all others.
    pub fn all(&self) -> impl Iterator<Item = (Option<Outcome>, &str)> {
        let by_outcome = self.by_outcome.iter();
        by_outcome
            .map(|(of, text)| (Some(*of), text.as_str()))
            .chain([(None, self.other.as_str())])
    }
}
