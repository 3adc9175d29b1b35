//! The runner: everything that a run of one spec needs and learns, and what its parts ask of it.

use std::collections::{HashMap, HashSet};

use crate::domain::{Case, Setting, Simplicity, Value};
use crate::results::{
    Anomaly, AnsweredCase, Coverage, Finding, Left, LetIn, MinimalityProof, Stopped, Then, Ways,
};
use crate::spec::{Env, Spec, Tri};

use super::accounted::Accounted;
use super::active::{ActiveRule, ActiveSet};
use super::judge::Verdict;
use super::known_verdicts::KnownVerdicts;
use super::lab::Lab;
use super::options::Options;
use super::part_record::PartRecord;
use super::place_hash::ByPlace;
use super::table::{At, Played, Table};
use super::tally::{Tally, simpler_cases};

/// Siblings, each with how it differs, by rule and by what they depend on.
pub(super) type SiblingCache = HashMap<(usize, At), Box<[(At, String)]>, ByPlace>;

/// Everything that a run of one spec needs and learns.
pub(super) struct Runner<'r> {
    pub(super) spec: &'r Spec,
    /// The spec before it was narrowed: `--case` knows nothing of what an implementation supports.
    pub(super) whole: &'r Spec,
    pub(super) active: Vec<ActiveRule<'r>>,
    pub(super) active_set: ActiveSet,
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
    /// Why the plan was not played to its end, where somebody wanted less.
    pub(super) cut_short: Option<String>,
    pub(super) left: Vec<Left>,
    /// Who was let in, of each scheme the first.
    pub(super) let_in: Vec<LetIn>,
    /// Who was asked for credentials first, having none.
    pub(super) asked: Option<Then>,
    /// The conversations that each setting is tried with.
    pub(super) conversations: Vec<usize>,
    /// How many cases were asked once more by themselves; see [`Runner::ask_by_themselves`].
    pub(super) asked_by_themselves: usize,
    /// Cases on which the rule of the failure that is looked into apart held before.
    pub(super) held_before: Vec<Then>,
    /// How many failures were looked into apart, and with which courses, by rule.
    pub(super) looked_apart: u32,
    pub(super) courses_apart: HashSet<(usize, Value)>,
    /// How many cases were tried for lock-outs.
    pub(super) tried_for_lock_outs: u32,
    /// Settings of findings that were tried with every client.
    pub(super) looked_around: HashSet<Setting>,
    /// Whether one case was asked for.
    pub(super) is_of_one_case: bool,
    /// What was answered, as far as it is kept.
    pub(super) answers: Vec<AnsweredCase>,
    /// The simplest case of the domain.
    pub(super) plain: Case,
    /// Whether anybody got in, and whether anybody was asked for credentials.
    pub(super) ways: Ways,
    /// What is kept to put parts together, where a part is played.
    pub(super) record: Option<PartRecord>,
}

/// What was seen, and what is compared with what, while other cases are played.
pub(super) struct Aside<'s>(Table<'s>, SiblingCache);

impl<'r> Runner<'r> {
    /// Sets aside what was seen, so that cases are played anew.
    pub(super) fn set_aside(&mut self) -> Aside<'r> {
        let table = std::mem::replace(&mut self.table, Table::new(self.spec));
        Aside(table, std::mem::take(&mut self.siblings))
    }

    /// Takes back what was set aside.
    pub(super) fn take_back(&mut self, Aside(table, siblings): Aside<'r>) {
        self.table = table;
        self.siblings = siblings;
    }
}

impl Runner<'_> {
    /// Whether a program plays the case, where programs play and it is not the one that was asked for.
    pub(super) fn is_by_program(&self, at: At) -> bool {
        let Some(programs) = &self.options.programs else {
            return true;
        };
        let conversation = self.table.conversations.get(at.conversation);
        self.is_of_one_case
            || conversation.is_some_and(|one| programs.program(&one.client.client).is_some())
    }

    /// Whether the case is allowed and a rule may apply to it.
    pub(super) fn is_wanted(&self, at: At) -> bool {
        if self.table.is_excluded(at) {
            return false;
        }
        self.table
            .before(at, |env| {
                let conditions = self.spec.conditions();
                let mut rules = self.table.rules_at(at, &self.active_set.all);
                rules.any(|rule| conditions.applies(rule, env) != Tri::False)
            })
            .unwrap_or(false)
    }

    /// Plays the cases and whatever they will be compared with.
    pub(super) async fn observe(&mut self, cases: &[At]) -> Result<(), Stopped> {
        let wanted = self.with_siblings(cases).map_err(Stopped::Unplayable)?;
        self.lab.fill(&mut self.table, &wanted).await?;
        self.ask_by_themselves(cases).await
    }

    /// Cases, and what rules that may apply compare them with.
    ///
    /// # Errors
    ///
    /// What cannot be played, in words.
    pub(super) fn with_siblings(&mut self, cases: &[At]) -> Result<Vec<At>, String> {
        let mut wanted = cases.to_vec();
        let mut relations = Vec::new();
        for at in cases {
            relations.clear();
            let relations_here = match self.table.is_beside(at.setting) {
                true => &self.active_set.of_conversation,
                false => &self.active_set.relations,
            };
            self.table.before(*at, |env| {
                let conditions = self.spec.conditions();
                let rules = self.table.rules_at(*at, relations_here);
                let rules = rules.filter(|rule| conditions.applies(*rule, env) != Tri::False);
                relations.extend(rules.filter_map(|rule| self.active_set.position(rule)));
            });
            for rule in relations.iter().copied() {
                self.find_siblings(rule, *at)?;
                self.note_courses(rule, *at);
                wanted.extend(self.sibling_places(rule, *at));
            }
        }
        Ok(wanted)
    }

    /// Whether a rule may apply to a case, as far as that is known before it is played.
    pub(super) fn may_apply_at(&self, rule: usize, at: At) -> bool {
        let Some(active) = self.active.get(rule) else {
            return false;
        };
        let applies = |env: &Env<'_>| active.rule.when.evaluate(env) != Tri::False;
        self.table.before(at, applies).unwrap_or(false)
    }

    /// What a rule says of a case whose siblings are in the table.
    pub(super) fn verdict(&self, rule: usize, at: At) -> Verdict {
        let (Some(active), Some(_)) = (self.active.get(rule), self.table.played(at)) else {
            return Verdict::NotApplicable;
        };
        let verdict = self.table.with_env(at, |env| {
            let applies = active.rule.when.evaluate(env);
            let siblings = self.siblings_of(rule, at);
            self.table.judge(active.rule, applies, at, siblings, env)
        });
        verdict.unwrap_or(Verdict::NotApplicable)
    }

    /// What every rule says of a case whose siblings are in the table, where it applies; what is known of its answer
    /// grows by it.
    pub(super) fn verdicts(
        &self,
        at: At,
        known: &mut KnownVerdicts,
        verdicts: &mut Vec<(usize, Verdict)>,
    ) {
        let mut known = match self.table.played(at) {
            Some(Played::Seen(seen)) => known.of(at.setting, seen),
            Some(Played::NotApplicable | Played::Fault(_)) | None => None,
        };
        self.table.with_env(at, |env| {
            let conditions = self.spec.conditions();
            for place in self.table.rules_at(at, &self.active_set.all) {
                if !conditions.may_apply_together(place, env) {
                    continue;
                }
                let Some(rule) = self.active_set.position(place) else {
                    continue;
                };
                let is_of_answer = self.active_set.of_answer.has(place);
                let mut known = known.as_deref_mut().filter(|_| is_of_answer);
                if let Some(known) = &known {
                    if known.idle.has(place) {
                        continue;
                    }
                    if known.held.has(place) {
                        verdicts.push((rule, Verdict::Pass));
                        continue;
                    }
                }
                let applies = conditions.applies_as_seen(place, env);
                if applies == Tri::False {
                    if let Some(known) = &mut known {
                        known.idle.insert(place);
                    }
                    continue;
                }
                let Some(active) = self.active.get(rule) else {
                    continue;
                };
                let siblings = self.siblings_of(rule, at);
                let verdict = self.table.judge(active.rule, applies, at, siblings, env);
                if let (Some(known), Verdict::Pass) = (known, &verdict) {
                    known.held.insert(place);
                }
                verdicts.push((rule, verdict));
            }
        });
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
                finding.proof = MinimalityProof {
                    simpler_cases: Some(simpler),
                    ..finding.proof.clone()
                };
            }
        }
    }
}
