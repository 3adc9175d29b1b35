//! Verdicts that need not be found twice: many rules look at nothing but the setting and the last answer, and most cases
//! of a setting have one of a few answers.

use std::sync::Arc;

use crate::observation::Outcome;
use crate::spec::RuleSet;

use super::table::Seen;

/// Of how many answers of a setting something is known at once.
const MOST_ANSWERS: usize = 8;

/// What is known of the answers of a setting.
#[derive(Debug)]
pub(super) struct KnownVerdicts {
    setting: usize,
    /// None of the rules.
    none: RuleSet,
    /// By outcome and by where the answer is kept: whoever has this keeps the table as it is.
    answers: Vec<((Outcome, usize), OfAnswer)>,
}

/// What is known of an answer, of the rules that say the same of all cases of a setting that have it.
#[derive(Clone, Debug)]
pub(super) struct OfAnswer {
    /// Those that do not apply.
    pub(super) idle: RuleSet,
    /// Those that hold.
    pub(super) held: RuleSet,
}

impl KnownVerdicts {
    /// Nothing, of so many rules.
    pub(super) fn new(rules: usize) -> Self {
        Self {
            setting: usize::MAX,
            none: RuleSet::of(rules, |_| false),
            answers: Vec::new(),
        }
    }

    /// What is known of the answer of a case of a setting; nothing where more than the answer counts.
    pub(super) fn of(&mut self, setting: usize, seen: &Seen) -> Option<&mut OfAnswer> {
        if seen.rate.is_some() {
            return None;
        }
        if self.setting != setting {
            self.setting = setting;
            self.answers.clear();
        }
        let key = (seen.outcome, Arc::as_ptr(&seen.answer).addr());
        let known = self.answers.iter().position(|(known, _)| *known == key);
        let place = known.unwrap_or_else(|| {
            if self.answers.len() >= MOST_ANSWERS {
                self.answers.clear();
            }
            let nothing = OfAnswer {
                idle: self.none.clone(),
                held: self.none.clone(),
            };
            self.answers.push((key, nothing));
            self.answers.len() - 1
        });
        self.answers.get_mut(place).map(|(_, known)| known)
    }
}
