//! The runner: everything that a run of one spec needs and learns, and what its parts ask of it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::domain::{Case, Setting, Simplicity};
use crate::results::{
    Anomaly, Answered, Coverage, Finding, Left, LetIn, Proof, Stopped, Then, Ways,
};
use crate::spec::{Demand, Env, Rule, Spec, Tri};

use super::accounted::Accounted;
use super::judge::{SiblingAt, Verdict};
use super::lab::Lab;
use super::options::Options;
use super::table::{At, Played, Table};
use super::tally::{Tally, simpler_cases};

/// Siblings by rule and by what they depend on.
pub(super) type SiblingCache = HashMap<(usize, At), Arc<[SiblingAt]>>;

/// A rule that is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActiveRule<'s> {
    pub(super) rule: &'s Rule,
}

/// Everything that a run of one spec needs and learns.
pub(super) struct Runner<'r> {
    pub(super) spec: &'r Spec,
    /// The spec before it was narrowed: `--case` knows nothing of what an implementation supports.
    pub(super) whole: &'r Spec,
    pub(super) active: Vec<ActiveRule<'r>>,
    pub(super) tallies: Vec<Tally>,
    pub(super) lab: Lab<'r>,
    pub(super) table: Table<'r>,
    pub(super) siblings: SiblingCache,
    pub(super) options: &'r Options,
    pub(super) coverage: Coverage,
    pub(super) judged: u64,
    pub(super) findings: Vec<(Accounted, Finding)>,
    pub(super) anomalies: Vec<Anomaly>,
    pub(super) unsupported: Option<(u64, String)>,
    pub(super) unshrunk: u64,
    pub(super) left: Vec<Left>,
    /// Who was let in, of each scheme the first.
    pub(super) let_in: Vec<LetIn>,
    /// Who was asked for credentials first, having none.
    pub(super) asked: Option<Then>,
    /// The conversations that each setting is tried with.
    pub(super) conversations: Vec<usize>,
    /// Settings of findings that were tried with every client.
    pub(super) looked_around: HashSet<Setting>,
    /// What was answered, as far as it is kept.
    pub(super) answers: Vec<Answered>,
    /// The simplest case of the domain.
    pub(super) plain: Case,
    /// Whether anybody got in, and whether anybody was asked for credentials.
    pub(super) ways: Ways,
}

impl Runner<'_> {
    /// Whether the case is allowed and a rule may apply to it.
    pub(super) fn is_wanted(&self, at: At) -> bool {
        let Some(case) = self.table.case(at) else {
            return false;
        };
        if self.spec.excludes(case) {
            return false;
        }
        let definitions = self.table.definitions(at);
        let env = Env::of(case, &definitions);
        self.active
            .iter()
            .any(|active| active.rule.when.evaluate(&env) != Tri::False)
    }

    /// Plays the cases and whatever they will be compared with.
    pub(super) async fn observe(&mut self, cases: &[At]) -> Result<(), Stopped> {
        let mut wanted = cases.to_vec();
        let is_relation = |rule: &ActiveRule<'_>| matches!(rule.rule.demand, Demand::Relate(_));
        let relations: Vec<usize> = (0..self.active.len())
            .filter(|rule| self.active.get(*rule).is_some_and(is_relation))
            .collect();
        for at in cases {
            for rule in relations.iter().copied() {
                self.find_siblings(rule, *at).map_err(Stopped::Unplayable)?;
                if self.may_apply_at(rule, *at) {
                    wanted.extend(self.siblings_of(rule, *at).iter().map(|sibling| sibling.at));
                }
            }
        }
        self.lab.fill(&mut self.table, &wanted).await
    }

    /// Whether a rule may apply to a case, as far as that is known before it is played.
    pub(super) fn may_apply_at(&self, rule: usize, at: At) -> bool {
        let (Some(active), Some(case)) = (self.active.get(rule), self.table.case(at)) else {
            return false;
        };
        let definitions = self.table.definitions(at);
        active.rule.when.evaluate(&Env::of(case, &definitions)) != Tri::False
    }

    /// What a rule says of a case whose siblings are in the table.
    pub(super) fn verdict(&self, rule: usize, at: At) -> Verdict {
        let (Some(active), Some(case)) = (self.active.get(rule), self.table.case(at)) else {
            return Verdict::NotApplicable;
        };
        let definitions = self.table.definitions(at);
        let observation = match self.table.played(at) {
            Some(Played::Seen(seen)) => Some(seen.observation()),
            Some(Played::Fault(_)) => None,
            // The implementation cannot express it, so no rule speaks of it.
            Some(Played::NotApplicable) | None => return Verdict::NotApplicable,
        };
        let env = Env {
            observation,
            ..Env::of(case, &definitions)
        };
        self.table
            .judge(active.rule, at, &|| self.siblings_of(rule, at), &env)
    }

    /// Where the whole space was judged, a minimal case that is the simplest failing one is the
    /// smallest possible.
    pub(super) fn prove_smallest(&mut self, stopped: &Option<Stopped>) {
        let Coverage::Whole { cases } = self.coverage else {
            return;
        };
        let is_part = self.options.part().is_some();
        if stopped.is_some() || cases <= 1 || self.unsupported.is_some() || is_part {
            return;
        }
        for (known, finding) in &mut self.findings {
            let Some(tally) = self.tallies.get(known.rule) else {
                continue;
            };
            let key = Simplicity::of_case(&self.spec.domain, &finding.case);
            let is_simplest = tally
                .simplest
                .get(&known.kind)
                .is_some_and(|least| key <= *least);
            if is_simplest && tally.inconclusive == 0 && finding.flaky.is_none() {
                let simpler = simpler_cases(self.spec, &key);
                finding.proof = Proof {
                    simpler_cases: Some(simpler),
                    ..finding.proof.clone()
                };
            }
        }
    }
}
