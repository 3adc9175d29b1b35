//! Siblings: where the cases stand that a relation compares a case with.

use std::sync::Arc;

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
                    found.push(SiblingAt {
                        at,
                        difference: sibling.difference.into(),
                    });
                }
            }
        }
        self.siblings.insert(key, found.into());
        Ok(())
    }

    /// The siblings of a case that no constraint excludes.
    pub(super) fn siblings_of(&self, rule: usize, at: At) -> Vec<SiblingAt> {
        let Some(ActiveRule {
            rule:
                Rule {
                    demand: Demand::Relate(relation),
                    ..
                },
            ..
        }) = self.active.get(rule)
        else {
            return Vec::new();
        };
        let key = shared_key(&relation.siblings, at);
        let Some(found) = self.siblings.get(&(rule, key)) else {
            return Vec::new();
        };
        found
            .iter()
            .map(|sibling| SiblingAt {
                at: At {
                    setting: if key.setting == ANY {
                        at.setting
                    } else {
                        sibling.at.setting
                    },
                    conversation: if key.conversation == ANY {
                        at.conversation
                    } else {
                        sibling.at.conversation
                    },
                },
                difference: Arc::clone(&sibling.difference),
            })
            .filter(|sibling| self.table.may_be_compared(at, sibling.at))
            .collect()
    }

    /// The places of the cases that a rule compares a case with.
    pub(super) fn sibling_places(&self, rule: usize, at: At) -> Vec<At> {
        self.siblings_of(rule, at)
            .into_iter()
            .map(|sibling| sibling.at)
            .collect()
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
