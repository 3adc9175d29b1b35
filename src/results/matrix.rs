//! The matrix of faults and rules: who kills whom. A rule kills a fault where it breaks with the fault and holds
//! without it.

use std::fmt;

use crate::reference::Fault;
use crate::spec::{Demand, Kind, Rule, Spec};

/// One way in which a rule kills a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    /// The fault.
    pub fault: Fault,
    /// The pack's name.
    pub pack: String,
    /// The rule's id.
    pub rule: String,
    /// The choice of an alternative that the rule speaks of, where it is not the one that the
    /// reference implementation takes: `advertised-profile: first`.
    pub choice: Option<String>,
    /// The minimal reproduction in one sentence.
    pub sentence: String,
    /// How the case differs from the minimal one, where that one breaks without the fault as well.
    pub change: Option<String>,
    /// A case that breaks the rule with the fault and not without, in brief, as `--case` takes it.
    pub case: String,
    /// The kind of departure.
    pub kind: Kind,
    /// Requests from the first failure until the case was proven minimal.
    pub requests_to_proof: u64,
    /// Requests from the first failure to the end of its confirmation.
    pub requests: u64,
}

impl fmt::Display for Kill {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.pack, self.rule)?;
        if let Some(choice) = &self.choice {
            write!(out, " ({choice})")?;
        }
        write!(out, ": {}", self.sentence)?;
        if let Some(change) = &self.change {
            write!(out, "; {change}")?;
        }
        write!(out, " ({} requests)", self.requests)
    }
}

/// What one run cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatrixCost {
    /// How many runs there were.
    pub runs: u64,
    /// How many cases they judged.
    pub judged: u64,
    /// How many requests they sent.
    pub requests: u64,
}

/// Who kills whom.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// The faults that were seeded, one after the other.
    pub faults: Vec<Fault>,
    /// Every kill, by fault in that order, then as the runs found them: the gravest level first.
    pub kills: Vec<Kill>,
    /// What the implementation without a fault breaks, one line for each finding.
    pub without_fault: Vec<String>,
    /// What it cost.
    pub tried: MatrixCost,
    /// How many cases each run judged at most.
    pub cases: u64,
    /// What random cases were drawn from.
    pub seed: u64,
}

impl Matrix {
    /// The kills of a fault.
    pub fn killers(&self, fault: Fault) -> impl Iterator<Item = &Kill> {
        self.kills.iter().filter(move |kill| kill.fault == fault)
    }

    /// The faults that a rule kills, each once.
    pub fn victims(&self, pack: &str, rule: &str) -> Vec<Fault> {
        let mut victims: Vec<Fault> = Vec::new();
        for kill in &self.kills {
            if kill.pack == pack && kill.rule == rule && !victims.contains(&kill.fault) {
                victims.push(kill.fault);
            }
        }
        victims
    }

    /// The faults that nothing kills.
    pub fn survivors(&self) -> Vec<Fault> {
        let killed = |fault: &Fault| self.killers(*fault).next().is_some();
        let faults = self.faults.iter().copied();
        faults.filter(|fault| !killed(fault)).collect()
    }
    /// The rules of these packs that can be said to hold and kill no fault, as pack and id: whether they are
    /// scored or not, nobody has seen them fail.
    pub fn toothless<'s>(&self, specs: &'s [Spec]) -> Vec<(&'s str, &'s str)> {
        let mut toothless = Vec::new();
        for spec in specs {
            let pack = spec.pack.name.as_str();
            for rule in spec.rules.iter().filter(|rule| can_hold(rule)) {
                if self.victims(pack, &rule.id).is_empty() {
                    toothless.push((pack, rule.id.as_str()));
                }
            }
        }
        toothless
    }
}

/// Whether a run can say of a rule that it holds.
pub(crate) fn can_hold(rule: &Rule) -> bool {
    !matches!(rule.demand, Demand::Unseen)
}
