//! Comparisons: what several implementations came to on the same cases.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{Case, Simplicity};
use crate::observation::{Answer, Outcome, status_in_words};
use crate::spec::Level;

use super::report::RuleState;

/// What was answered to one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredCase {
    /// The case.
    pub case: Case,
    /// Its place among the simpler and the less simple ones.
    pub simplicity: [Simplicity; 3],
    /// What can be compared of the answer.
    pub summary: AnswerSummary,
    /// Whether a rule broke on it.
    pub broke: bool,
}

/// What can be compared of an answer between products: realms and bodies are each one's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AnswerSummary {
    /// Where the client stands.
    pub outcome: Outcome,
    /// The last status.
    pub status: u16,
    /// The schemes of the last answer's challenges, in lower case, each once.
    pub schemes: BTreeSet<String>,
}

impl AnswerSummary {
    /// Of a case's outcome and last answer.
    pub fn of(outcome: Outcome, answer: &Answer) -> Self {
        Self {
            outcome,
            status: answer.response.status,
            schemes: answer
                .challenges
                .list
                .iter()
                .map(|challenge| challenge.scheme.to_ascii_lowercase())
                .collect(),
        }
    }
}

/// As a table says it: `401 basic+bearer`.
impl fmt::Display for AnswerSummary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&status_in_words(self.status))?;
        if !self.schemes.is_empty() {
            let schemes: Vec<&str> = self.schemes.iter().map(String::as_str).collect();
            write!(out, " {}", schemes.join("+"))?;
        } else if self.outcome == Outcome::Refused {
            out.write_str(" without a challenge")?;
        }
        Ok(())
    }
}

/// Several implementations beside each other.
#[derive(Clone, Debug)]
pub struct ComparisonReport {
    /// Names and versions, in the order in which they were named.
    pub implementations: Vec<(String, String)>,
    /// One for each pack.
    pub packs: Vec<PackComparison>,
}

/// One pack on several implementations.
#[derive(Clone, Debug)]
pub struct PackComparison {
    /// The pack's name, version and title.
    pub pack: (String, u32, String),
    /// Every rule: id, level, whether it is scored, and its state on each implementation, in their
    /// order.
    pub rules: Vec<(String, Level, bool, Vec<RuleState>)>,
    /// Where they differ and no rule decides, the simplest case first.
    pub ambiguities: Vec<Ambiguity>,
    /// How many further ambiguities are not told.
    pub untold: usize,
}

/// Answers that differ in a case on which no rule broke: nobody says which of them is right.
#[derive(Clone, Debug)]
pub struct Ambiguity {
    /// The smallest case that shows it.
    pub case: Case,
    /// The same, as `--case` takes it.
    pub brief: String,
    /// Each answer, and who gave it: places in [`ComparisonReport::implementations`].
    pub answers: BTreeMap<AnswerSummary, Vec<usize>>,
    /// How many of the cases that were compared show the same.
    pub cases: u64,
}
