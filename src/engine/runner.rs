//! The runner: drives a plan epoch by epoch, and holds the rules against what was seen.

use std::collections::HashSet;

use tokio::task::yield_now;

use crate::domain::{Case, Setting, Simplicity};
use crate::results::{
    Anomaly, Answered, Coverage, Event, Finding, Left, LetIn, Proof, Stopped, Subscriber, Summary,
    Then, Ways,
};
use crate::spec::{Demand, Env, Rule, Spec, Tri};

use super::entry::note;
use super::judge::Verdict;
use super::lab::Lab;
use super::options::Options;
use super::plan::Plan;
use super::settle::Failure;
use super::shrink::Known;
use super::siblings::SiblingCache;
use super::table::{At, Played, Table};
use super::tally::{Tally, note_anomaly, simpler_cases};

/// How many cases are judged before anybody else gets a turn.
const JUDGED_AT_ONCE: usize = 256;

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
    pub(super) findings: Vec<(Known, Finding)>,
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
    pub(super) async fn drive(
        &mut self,
        plan: &mut Plan,
        subscriber: &mut Subscriber<'_>,
    ) -> Result<(), Stopped> {
        let of = plan.coverage.cases();
        loop {
            let epoch = plan.epoch(self.spec);
            if epoch.is_empty() {
                return Ok(());
            }
            self.table = Table::new(self.spec);
            self.siblings.clear();
            self.conversations.clear();
            for conversation in &plan.conversations {
                let place = self.table.conversation(conversation.clone());
                self.conversations.push(place.map_err(Stopped::Unplayable)?);
            }
            let mut left = of.saturating_sub(self.judged);
            for chunk in epoch.chunks(self.lab.slots()) {
                let mut cases = Vec::new();
                for setting in chunk {
                    let setting = self.table.setting(setting.clone());
                    for conversation in &self.conversations {
                        let at = At {
                            setting,
                            conversation: *conversation,
                        };
                        if left > 0 && self.is_wanted(at) {
                            left -= 1;
                            cases.push(at);
                        }
                    }
                }
                self.options.pulse.begin(self.judged, cases.len() as u64);
                self.observe(&cases).await?;
                self.note_ways(&cases);
                let mut failures = Vec::new();
                for some in cases.chunks(JUDGED_AT_ONCE) {
                    failures.extend(self.judge_cases(some));
                    self.judged += self.count_played(some);
                    // Answers may be such that judging takes long; an interruption is to be heard meanwhile.
                    yield_now().await;
                    if self.options.stop.is_stopped() {
                        break;
                    }
                }
                self.options.pulse.end(self.judged);
                self.keep_answers(&cases, &failures);
                self.note_unsupported(&cases);
                self.settle(failures, subscriber).await?;
                if self.options.stop.is_stopped() {
                    return Err(Stopped::Asked);
                }
                let failures = self.tallies.iter().map(|tally| tally.failed).sum();
                subscriber(Event::Progress {
                    judged: self.judged,
                    of,
                    failures,
                });
            }
        }
    }

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

    /// How many of the cases were played.
    fn count_played(&self, cases: &[At]) -> u64 {
        let played = cases.iter().filter(|at| self.table.played(**at).is_some());
        played.count() as u64
    }

    /// Takes note of who got in and who was asked for credentials, until somebody was.
    fn note_ways(&mut self, cases: &[At]) {
        for at in cases {
            if self.ways.are_known() {
                return;
            }
            if let (Some(Played::Seen(seen)), Some(case)) =
                (self.table.played(*at), self.table.case(*at))
            {
                let status = seen.answer.response.status;
                note(&mut self.ways, &self.plain, case, seen.outcome, status);
            }
        }
    }

    /// Holds every rule against every case, counts, and answers with the failures.
    pub(super) fn judge_cases(&mut self, cases: &[At]) -> Vec<Failure> {
        let mut failures = Vec::new();
        for at in cases {
            self.options.pulse.worked();
            if self.table.played(*at).is_none() {
                continue;
            }
            self.note_let_in(*at);
            self.note_asked(*at);
            for rule in 0..self.active.len() {
                let verdict = self.verdict(rule, *at);
                let Some(case) = self.table.case(*at) else {
                    continue;
                };
                let Some(tally) = self.tallies.get_mut(rule) else {
                    continue;
                };
                match verdict {
                    Verdict::NotApplicable => {}
                    Verdict::Pass => {
                        tally.passed += 1;
                        if at.conversation < self.conversations.len()
                            && tally.is_first(at.conversation)
                        {
                            self.note_held(rule, *at);
                        }
                    }
                    Verdict::Inconclusive(why) => {
                        tally.inconclusive += 1;
                        note_anomaly(&mut self.anomalies, why, &case.to_case());
                    }
                    Verdict::Fail { discrepancy, .. } => {
                        tally.failed += 1;
                        let case = case.to_case();
                        let key = Simplicity::of_case(&self.spec.domain, &case);
                        let simplest = tally
                            .simplest
                            .entry(discrepancy.kind.clone())
                            .or_insert(key.clone());
                        if key < *simplest {
                            *simplest = key;
                        }
                        failures.push(Failure {
                            rule,
                            case,
                            kind: discrepancy.kind,
                            met: false,
                        });
                    }
                }
            }
        }
        failures
    }

    /// Keeps what was answered to the cases, as far as that was asked for.
    fn keep_answers(&mut self, cases: &[At], failures: &[Failure]) {
        for at in cases {
            if self.answers.len() >= self.options.keep_answers {
                return;
            }
            if let (Some(Played::Seen(seen)), Some(case)) =
                (self.table.played(*at), self.table.case(*at))
            {
                let case = case.to_case();
                let broke = failures.iter().any(|failure| failure.case == case);
                let simplicity = Simplicity::of_case(&self.spec.domain, &case);
                self.answers.push(Answered {
                    summary: Summary::of(seen.outcome, &seen.answer),
                    case,
                    simplicity,
                    broke,
                });
            }
        }
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
            Some(Played::Moot) | None => return Verdict::NotApplicable,
        };
        let env = Env {
            observation,
            ..Env::of(case, &definitions)
        };
        self.table
            .judge(active.rule, at, &|| self.siblings_of(rule, at), &env)
    }

    fn note_unsupported(&mut self, cases: &[At]) {
        let mut last = usize::MAX;
        for at in cases {
            if at.setting == last {
                continue;
            }
            last = at.setting;
            let reason = self
                .table
                .settings
                .get(at.setting)
                .and_then(|setting| setting.unsupported.clone());
            if let Some(reason) = reason {
                let (count, _) = self.unsupported.get_or_insert((0, reason));
                *count += 1;
            }
        }
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
