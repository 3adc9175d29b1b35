//! Parts of a plan, and what a report of some of them keeps so that they can be put together.

use serde::{Deserialize, Serialize};

use crate::domain::{Case, Part, Simplicity, Value, counted};
use crate::spec::Kind;

/// One of several parts of a plan: of its settings, in their order, every `of`-th from the `number`-th on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPart {
    /// Which it is, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl PlanPart {
    /// Whether a setting is of this part, by its place in the plan, from 0.
    pub fn has(self, place: u64) -> bool {
        let of = u64::from(self.of.max(1));
        place % of == u64::from(self.number.saturating_sub(1)) % of
    }
}

/// Which parts of a plan were played, and what it takes to put them together with others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// How many parts the plan has.
    pub of: u32,
    /// Those that were played, from 1, in order.
    pub numbers: Vec<u32>,
    /// Of each rule of the report, in their order.
    pub rules: Vec<RuleInPart>,
    /// Of each finding of the report, in their order.
    pub findings: Vec<FindingInPart>,
    /// How simple the case is of each rule that was left, in their order.
    pub left: Vec<[Simplicity; 3]>,
    /// Whether anybody got in, and whether anybody was asked for credentials.
    pub ways: Ways,
    /// Whether verdicts depend on somebody being asked.
    pub asks: bool,
}

/// What is kept of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleInPart {
    /// Whether it speaks of what is not claimed.
    pub unclaimed: bool,
    /// The simplest failing case of each kind of departure, by how simple it is.
    pub simplest: Vec<(Kind, [Simplicity; 3])>,
}

/// What is kept of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingInPart {
    /// How simple its case is.
    pub key: [Simplicity; 3],
    /// How many cases of the whole space are simpler, where the space is enumerated.
    pub simpler: Option<u64>,
    /// The fields of its case that matter: changing one changes the verdict.
    pub matters: Vec<String>,
    /// Other cases that are as good as its own: symbols exchanged, or another client.
    pub aliases: Vec<Case>,
    /// Whether no case of the plan showed it: it was met while another was shrunk.
    pub met: bool,
}

impl FindingInPart {
    /// Whether a case contains this finding's: everything in that that matters is there too.
    pub(super) fn is_within(&self, own: &Case, whole: &Case) -> bool {
        let mut minimal = std::iter::once(own).chain(&self.aliases);
        minimal.any(|minimal| {
            Part::ALL.into_iter().all(|part| {
                let (this, that) = (minimal.part(part), whole.part(part));
                self.within(this, that, part.word())
            })
        })
    }

    fn within(&self, minimal: &Value, whole: &Value, path: &str) -> bool {
        match (minimal, whole) {
            (Value::Record(these), Value::Record(those)) => {
                these.iter().zip(those).all(|((name, this), (_, that))| {
                    self.within(this, that, &format!("{path}.{name}"))
                })
            }
            (Value::List(these), Value::List(those)) => {
                let mut rest = those.iter();
                these.iter().enumerate().all(|(index, this)| {
                    let path = format!("{path}[{index}]");
                    rest.any(|that| self.within(this, that, &path))
                })
            }
            (this, that) => this == that || !self.matters.iter().any(|matter| matter == path),
        }
    }
}

/// What a run saw of the two things without which its verdicts are worth nothing: somebody who got in, and
/// somebody who was asked for credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// Whether somebody got in.
    pub entered: bool,
    /// Whether somebody was asked.
    pub asked: bool,
    /// Cases in which somebody was to get in, until the first did.
    pub to_enter: u64,
    /// Cases in which somebody was to be asked, until the first was.
    pub to_ask: u64,
}

impl Ways {
    /// Whether nothing more is to be learnt.
    pub fn are_known(self) -> bool {
        self.entered && self.asked
    }

    /// Why the verdicts of the run are worth nothing, if so. `asks` says whether they depend on somebody
    /// being asked for credentials.
    pub fn hollow(self, asks: bool) -> Option<String> {
        let cases = |count: u64| counted(count, "case", "cases");
        if !self.entered && self.to_enter > 0 {
            return Some(format!(
                "nobody got in, in {} of valid credentials for an active profile",
                cases(self.to_enter)
            ));
        }
        (asks && !self.asked && self.to_ask > 0).then(|| {
            format!(
                "nobody was asked for credentials (401 or 407), in {} without any, so rules that depend \
                 on a challenge judged nothing",
                cases(self.to_ask)
            )
        })
    }

    /// What both saw.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            entered: self.entered || other.entered,
            asked: self.asked || other.asked,
            to_enter: self.to_enter.saturating_add(other.to_enter),
            to_ask: self.to_ask.saturating_add(other.to_ask),
        }
    }
}
