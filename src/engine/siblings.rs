//! Siblings: where the cases stand that a relation compares a case with.

use crate::spec::{Demand, Rule, Siblings};

use super::act::can_be;
use super::active::ActiveRule;
use super::judge::SiblingAt;
use super::runner::Runner;
use super::table::At;

/// Stands for "whichever" in a key of the sibling cache.
const ANY: usize = usize::MAX;

impl Runner<'_> {
    /// Finds the places of a case's siblings, once for all cases that share them.
    pub(super) fn find_siblings(&mut self, rule: usize, at: At) -> Result<(), String> {
        let spec = self.spec;
        let Some(ActiveRule {
            rule:
                Rule {
                    demand: Demand::Relate(relation),
                    ..
                },
            ..
        }) = self.active.get(rule).copied()
        else {
            return Ok(());
        };
        let key = (rule, shared_key(&relation.siblings, at));
        if self.siblings.contains_key(&key) {
            return Ok(());
        }
        let Some(case) = self.table.case(at) else {
            return Ok(());
        };
        let mut found = Vec::new();
        let case = case.to_case();
        for sibling in relation.siblings.of(&case, &spec.domain) {
            if spec.can_stand_beside(&case, &sibling.case) {
                let at = self.table.place(&sibling.case)?;
                let conversation = self.table.conversations.get(at.conversation);
                if conversation.is_some_and(|conversation| can_be(&conversation.acts)) {
                    found.push((at, sibling.difference));
                }
            }
        }
        self.siblings.insert(key, found.into());
        Ok(())
    }

    /// Takes note of how many of the courses of several operations that come to a case are looked at.
    pub(super) fn note_courses(&mut self, rule: usize, at: At) {
        let relation = self.active.get(rule).map(|active| &active.rule.demand);
        let (Some(Demand::Relate(relation)), Some(case)) = (relation, self.table.case(at)) else {
            return;
        };
        let chains = relation
            .siblings
            .courses(&case.to_case(), &self.spec.domain);
        if let (Some(chains), Some(tally)) = (chains, self.tallies.get_mut(rule)) {
            tally.note_courses(&chains);
        }
    }

    /// The siblings of a case that no constraint excludes.
    pub(super) fn siblings_of(&self, rule: usize, at: At) -> impl Iterator<Item = SiblingAt<'_>> {
        let relation = match self.active.get(rule).map(|active| &active.rule.demand) {
            Some(Demand::Relate(relation)) => Some(relation),
            _ => None,
        };
        let found = relation.and_then(|relation| {
            let key = shared_key(&relation.siblings, at);
            Some((key, self.siblings.get(&(rule, key))?))
        });
        let siblings = found.into_iter().flat_map(move |(key, found)| {
            let of_either = |any: bool, here, there| if any { here } else { there };
            found.iter().map(move |(there, difference)| SiblingAt {
                at: At {
                    setting: of_either(key.setting == ANY, at.setting, there.setting),
                    conversation: of_either(
                        key.conversation == ANY,
                        at.conversation,
                        there.conversation,
                    ),
                },
                difference,
            })
        });
        siblings.filter(move |sibling| self.table.may_be_compared(at, sibling.at))
    }

    /// The places of the cases that a rule compares a case with.
    pub(super) fn sibling_places(&self, rule: usize, at: At) -> impl Iterator<Item = At> {
        self.siblings_of(rule, at).map(|sibling| sibling.at)
    }
}

/// What siblings depend on: not on the conversation where only the setting changes, and the other way
/// round.
fn shared_key(siblings: &Siblings, at: At) -> At {
    match (siblings.change_setting(), siblings.change_conversation()) {
        (true, false) => At {
            conversation: ANY,
            ..at
        },
        (false, true) => At { setting: ANY, ..at },
        _ => at,
    }
}
