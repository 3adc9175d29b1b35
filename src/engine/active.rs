//! The rules of a spec that are judged in a run.

use crate::spec::{Demand, Rule, RuleSet, Spec};

use super::log_ins::course_relation;

/// A rule that is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActiveRule<'s> {
    pub(super) rule: &'s Rule,
    /// Its position in the spec.
    pub(super) place: usize,
}

/// The rules that are judged, by their position in the spec.
#[derive(Debug)]
pub(super) struct ActiveSet {
    pub(super) all: RuleSet,
    /// Those that compare a case with others.
    pub(super) relations: RuleSet,
    /// Those of them that are about what comes before a request.
    pub(super) of_course: RuleSet,
    /// Those of them that compare it with others of the same setting.
    pub(super) of_conversation: RuleSet,
    /// Those that say the same of all cases of a setting that have the same answer, where they apply.
    pub(super) of_answer: RuleSet,
    /// The position of each among the active ones.
    positions: Vec<Option<usize>>,
}

impl ActiveSet {
    /// The set of these rules of a spec.
    pub(super) fn of(active: &[ActiveRule<'_>], spec: &Spec) -> Self {
        let rules = spec.rules.len();
        let mut positions = vec![None; rules];
        for (position, active) in active.iter().enumerate() {
            if let Some(slot) = positions.get_mut(active.place) {
                *slot = Some(position);
            }
        }
        let active_at = |place: usize| active.get((*positions.get(place)?)?);
        let relation = |place: usize| match &active_at(place)?.rule.demand {
            Demand::Relate(relation) => Some(relation),
            Demand::Expect(_) | Demand::Unseen => None,
        };
        Self {
            all: RuleSet::of(rules, |place| active_at(place).is_some()),
            relations: RuleSet::of(rules, |place| relation(place).is_some()),
            of_course: RuleSet::of(rules, |place| {
                active_at(place).is_some_and(|one| course_relation(one.rule).is_some())
            }),
            of_conversation: RuleSet::of(rules, |place| {
                relation(place).is_some_and(|one| !one.siblings.change_setting())
            }),
            of_answer: RuleSet::of(rules, |place| match active_at(place) {
                Some(ActiveRule { rule, .. }) => match &rule.demand {
                    Demand::Expect(clause) => spec.conditions().is_of_answer(place, clause),
                    Demand::Relate(_) | Demand::Unseen => false,
                },
                None => false,
            }),
            positions,
        }
    }

    /// The position of a rule among the active ones.
    pub(super) fn position(&self, place: usize) -> Option<usize> {
        *self.positions.get(place)?
    }
}
