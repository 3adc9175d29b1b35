//! How much of an answer's body is kept: of most answers, what a report shows of it.

use crate::domain::Value;
use crate::spec::{Demand, Rule, RuleSet, Siblings};

use super::active::ActiveRule;
use super::table::{At, Table};

/// How many bytes of a body are kept where no rule looks at it.
const SHOWN: usize = 1024;

/// Which bodies are kept whole, as far as they are read.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    /// Who looks at them; nothing where nobody knows, and all are kept.
    looks: Option<Looks>,
}

/// Who looks at bodies.
#[derive(Debug)]
struct Looks {
    /// The rules that look at the body of the case that they apply to.
    rules: RuleSet,
    /// What clients are like whose answers are looked at because another case is compared with them: each has
    /// all fields of one of these.
    siblings: Vec<Value>,
}

impl Bodies {
    /// Those that these rules, of so many of a spec, look at.
    pub(super) fn of(active: &[ActiveRule<'_>], rules: usize) -> Self {
        let looking = || active.iter().filter(|active| active.rule.uses_body());
        let sibling = |rule: &Rule| match &rule.demand {
            Demand::Relate(relation) => match &relation.siblings {
                Siblings::Then { last, .. } if relation.sound.is_none() => Some(Some(last.clone())),
                _ => Some(None),
            },
            Demand::Expect(_) | Demand::Unseen => None,
        };
        let siblings: Option<Vec<Value>> = looking()
            .filter_map(|active| sibling(active.rule))
            .collect();
        Self {
            looks: siblings.map(|siblings| Looks {
                rules: RuleSet::of(rules, |place| {
                    let mut own = looking().filter(|active| sibling(active.rule).is_none());
                    own.any(|active| active.place == place)
                }),
                siblings,
            }),
        }
    }

    /// The most bytes that are kept of the body of a case that is played beside many others.
    pub(super) fn most_at(&self, table: &Table<'_>, at: At) -> usize {
        match &self.looks {
            Some(looks) if !looks.may_look(table, at) => SHOWN,
            _ => usize::MAX,
        }
    }

    /// The most bytes that are kept of the body of a case that is played by itself, to be shown.
    pub(super) fn most_alone(&self) -> usize {
        match &self.looks {
            Some(looks) if looks.rules.is_empty() && looks.siblings.is_empty() => SHOWN,
            _ => usize::MAX,
        }
    }
}

impl Looks {
    /// Whether somebody may look at the body of a case.
    fn may_look(&self, table: &Table<'_>, at: At) -> bool {
        let Some(conversation) = table.conversations.get(at.conversation) else {
            return true;
        };
        let client = &conversation.value.client;
        let is_like = |sibling: &Value| match sibling {
            Value::Record(fields) => fields
                .iter()
                .all(|(name, value)| client.field(name).is_none_or(|own| own == value)),
            _ => true,
        };
        self.siblings.iter().any(is_like) || table.rules_at(at, &self.rules).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Case;
    use crate::spec::{Spec, shipped};

    #[test]
    fn only_what_a_rule_may_look_at_is_kept_whole() {
        for (pack, looks) in [("http-authentication", true), ("reachability", false)] {
            let spec = Spec::read(&shipped(pack).unwrap()).unwrap();
            let rules = spec.rules.iter().enumerate();
            let active: Vec<ActiveRule<'_>> = rules
                .map(|(place, rule)| ActiveRule { rule, place })
                .collect();
            let bodies = Bodies::of(&active, spec.rules.len());
            let mut table = Table::new(&spec);
            let simplest = spec.domain.simplest();
            let at = table.place(&simplest).unwrap();
            assert_eq!(bodies.most_at(&table, at), SHOWN, "{pack}");
            assert_eq!(bodies.most_alone() > SHOWN, looks, "{pack}");
            // Nobody knows which rules there are.
            assert_eq!(Bodies::default().most_at(&table, at), usize::MAX);
            if !looks {
                continue;
            }
            // What a challenge names is looked at where it was fetched.
            let Value::Record(fields) = &simplest.client else {
                panic!("a client");
            };
            let other = |name: &str, own: &Value| match name {
                "credential" => Value::symbol("none"),
                "target" => Value::symbol("resource-metadata"),
                _ => own.clone(),
            };
            let fetched = fields
                .iter()
                .map(|(name, own)| (name.clone(), other(name, own)));
            let fetched = Case {
                client: Value::Record(fetched.collect()),
                ..simplest.clone()
            };
            let at = table.place(&fetched).unwrap();
            assert_eq!(bodies.most_at(&table, at), usize::MAX);
        }
    }
}
