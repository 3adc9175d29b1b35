//! Conditions that several rules have in common: each is evaluated once, whatever the number of rules.

use std::collections::HashMap;

use super::predicate::Predicate;
use super::rule_set::RuleSet;
use super::term::Env;
use super::truth::Tri;

/// Conditions, each once, with the rules that ask for it. A rule may ask for several, all of which must hold.
#[derive(Debug)]
pub(super) struct ConditionParts {
    parts: Vec<(Predicate, Vec<usize>)>,
    all: RuleSet,
}

impl ConditionParts {
    /// Of what each rule asks, in the order of the rules.
    pub(super) fn of<'p>(rules: impl Iterator<Item = Vec<&'p Predicate>>) -> Self {
        let mut places: HashMap<&Predicate, usize> = HashMap::new();
        let mut parts: Vec<(Predicate, Vec<usize>)> = Vec::new();
        let mut count = 0;
        for (rule, asked) in rules.enumerate() {
            count = rule + 1;
            for part in asked {
                let place = *places.entry(part).or_insert(parts.len());
                match parts.get_mut(place) {
                    Some((_, rules)) => rules.push(rule),
                    None => parts.push((part.clone(), vec![rule])),
                }
            }
        }
        Self {
            parts,
            all: RuleSet::of(count, |_| true),
        }
    }

    /// The rules of which no condition fails.
    pub(super) fn may_hold(&self, env: &Env<'_>) -> RuleSet {
        let mut rules = self.all.clone();
        for (part, asking) in &self.parts {
            if part.evaluate(env) == Tri::False {
                for rule in asking {
                    rules.remove(*rule);
                }
            }
        }
        rules
    }
}
