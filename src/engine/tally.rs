//! Tallies: the verdicts of a rule, counted.

use std::collections::HashMap;

use crate::domain::{Case, CaseRef, Chains, Simplicity};
use crate::results::{Anomaly, CoursesCovered, RuleReport, RuleState};
use crate::spec::{Demand, Kind, Rule, Spec, Standing};

use super::answered::Held;

/// The most kinds of anomaly that are told apart.
const ANOMALIES: usize = 16;

/// The verdicts of one rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) inconclusive: u64,
    /// How many of the cases on which it held were let in behind others alone, and the first of them.
    pub(super) behind_others: Option<(Case, u64)>,
    /// How many of the cases on which it held had somebody refused who presented something, and the first of them.
    pub(super) refused: Option<(Case, u64)>,
    /// The simplest failing case of each kind, to prove that none simpler fails.
    pub(super) simplest: HashMap<Kind, [Simplicity; 3]>,
    /// How many courses of several operations it looked at.
    pub(super) courses: CoursesCovered,
    /// The first case of each client of the plan on which it held.
    pub(super) held: Vec<Option<Held>>,
}

impl Tally {
    /// Whether a case on which it held is the first of its client.
    pub(super) fn is_first(&self, client: usize) -> bool {
        self.held.get(client).is_none_or(Option::is_none)
    }

    /// Takes note of a case on which it held, and that was let in behind others alone.
    pub(super) fn note_behind_others(&mut self, case: impl FnOnce() -> Case) {
        let (_, count) = self.behind_others.get_or_insert_with(|| (case(), 0));
        *count += 1;
    }

    /// Takes note of a case on which it held, and in which somebody was refused who presented something.
    pub(super) fn note_refused(&mut self, case: impl FnOnce() -> Case) {
        let (_, count) = self.refused.get_or_insert_with(|| (case(), 0));
        *count += 1;
    }

    /// Takes note of the courses of several operations that come to a case.
    pub(super) fn note_courses(&mut self, chains: &Chains) {
        let (of, tried) = (chains.of, chains.tried.len() as u64);
        self.courses = self.courses.and(match chains.is_whole() {
            true => CoursesCovered {
                whole: 1,
                // Some are the same by another name.
                of_whole: tried,
                ..CoursesCovered::default()
            },
            false => CoursesCovered {
                sampled: 1,
                of_sampled: of,
                tried,
                ..CoursesCovered::default()
            },
        });
    }

    /// What it comes to.
    pub(super) fn report(&self, rule: &Rule, inapplicable: Option<String>) -> RuleReport {
        let state = match inapplicable {
            Some(reason) => RuleState::NotApplicable(reason),
            None if self.failed > 0 => RuleState::Failed,
            None if self.inconclusive > 0 => RuleState::Inconclusive,
            None if self.passed > 0 => RuleState::Passed,
            None => RuleState::NotExercised,
        };
        RuleReport {
            id: rule.id.clone(),
            level: rule.level,
            scored: rule.standing == Standing::Scored,
            by_rate: matches!(&rule.demand, Demand::Relate(relation) if relation.is_by_rate()),
            held: self.passed,
            broke: self.failed,
            inconclusive: self.inconclusive,
            courses: self.courses,
            state,
        }
    }
}

/// How many cases of a whole space are simpler than one.
pub(super) fn simpler_cases(spec: &Spec, key: &[Simplicity; 3]) -> u64 {
    let conversations = spec.conversations(usize::MAX);
    let mut count = 0;
    for allowed in spec.settings().unwrap_or_default() {
        for (at, conversation) in conversations.iter().enumerate() {
            let case = CaseRef::of(&allowed.setting, conversation);
            if Simplicity::of_case(&spec.domain, case) < *key {
                count += u64::from(!spec.excludes(case));
            } else if spec.domain.course.count() == 1 {
                // Where nothing comes before, settings and clients come simplest first.
                if at == 0 {
                    return count;
                }
                break;
            }
        }
    }
    count
}

/// Notes a case that got no verdict, beside those of the same reason.
pub(super) fn note_anomaly(anomalies: &mut Vec<Anomaly>, what: String, case: &Case) {
    if let Some(known) = anomalies.iter_mut().find(|known| known.what == what) {
        known.count += 1;
    } else if anomalies.len() < ANOMALIES {
        anomalies.push(Anomaly {
            what,
            case: case.clone(),
            count: 1,
        });
    } else if let Some(last) = anomalies.last_mut() {
        last.count += 1;
    }
}
