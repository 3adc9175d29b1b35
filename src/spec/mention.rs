//! Which fields of the case a rule speaks of.

use super::definition::{Body, Definition};
use super::model::{Demand, Rule, Spec};
use super::predicate::{Matcher, Predicate};
use super::relation::Siblings;
use super::term::{Element, SetExpr, Term};

impl Spec {
    /// Whether a rule's conditions, or the siblings that it compares, have to do with the field at a path
    /// or below it.
    pub fn speaks_of(&self, rule: &Rule, path: &str) -> bool {
        let search = Search {
            path,
            definitions: &self.definitions,
        };
        let siblings = match &rule.demand {
            Demand::Expect(_) | Demand::Unseen => false,
            Demand::Relate(relation) => {
                search.siblings(&relation.siblings) || search.predicate(&relation.when)
            }
        };
        siblings || search.predicate(&rule.when)
    }

    /// Whether a rule depends on what an answer asks for: on its status or on its challenges.
    pub fn depends_on_challenges(&self, rule: &Rule) -> bool {
        match &rule.demand {
            Demand::Expect(_) | Demand::Unseen => false,
            Demand::Relate(relation) => {
                is_about_answer(&rule.when) || is_about_answer(&relation.when)
            }
        }
    }
}

impl Predicate {
    /// Whether it has to do with the field at a path, where it names no definition.
    pub(super) fn names(&self, path: &str) -> bool {
        let definitions = &[];
        Search { path, definitions }.predicate(self)
    }
}

fn is_about_answer(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().any(is_about_answer),
        Predicate::Not(inner) => is_about_answer(inner),
        Predicate::Status(_) | Predicate::Challenges(_) | Predicate::Parameters(_) => true,
        _ => false,
    }
}

/// A field that is looked for.
struct Search<'a> {
    path: &'a str,
    definitions: &'a [Definition],
}

impl Search<'_> {
    fn is_it(&self, path: &str) -> bool {
        path.strip_prefix(self.path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    fn predicate(&self, predicate: &Predicate) -> bool {
        match predicate {
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().any(|part| self.predicate(part))
            }
            Predicate::Not(inner) => self.predicate(inner),
            Predicate::Term(term, matcher) => {
                let matched = match matcher {
                    Matcher::In(set) | Matcher::NotIn(set) => self.set(set),
                    Matcher::SameAs(term) | Matcher::Has(Element::Term(term)) => self.term(term),
                    Matcher::HasItem(inner) => self.predicate(inner),
                    _ => false,
                };
                matched || self.term(term)
            }
            _ => false,
        }
    }

    fn term(&self, term: &Term) -> bool {
        match term {
            Term::Path(path) => self.is_it(&path.text),
            Term::Item { .. } => false,
            Term::Define { index, .. } | Term::DefineField { index, .. } => self.definition(*index),
        }
    }

    fn set(&self, set: &SetExpr) -> bool {
        match set {
            SetExpr::Elements(elements) => elements.iter().any(|element| match element {
                Element::Symbol(_) => false,
                Element::Term(term) => self.term(term),
            }),
            SetExpr::Define { index, .. } => self.definition(*index),
        }
    }

    fn definition(&self, index: usize) -> bool {
        self.definitions
            .get(index)
            .is_some_and(|definition| self.body(&definition.body))
    }

    fn body(&self, body: &Body) -> bool {
        match body {
            Body::List { path, keep, .. } => self.is_it(&path.text) || self.predicate(keep),
            Body::EditedLast(path) => self.is_it(&path.text),
            Body::First(of) | Body::Last(of) | Body::Count(of) | Body::Values { of, .. } => {
                self.definition(*of)
            }
            Body::Set(set) => self.set(set),
            Body::Union(sets) => sets.iter().any(|set| self.set(set)),
            Body::Test(test) => self.predicate(test),
            Body::Choose(arms) => arms
                .iter()
                .any(|(when, body)| self.predicate(when) || self.body(body)),
        }
    }

    fn siblings(&self, siblings: &Siblings) -> bool {
        match siblings {
            Siblings::Change(changes) => changes.iter().any(|(path, _)| self.is_it(&path.text)),
            Siblings::Remove { path, .. } | Siblings::Reorder(path) => self.is_it(&path.text),
            Siblings::Edited(path)
            | Siblings::Operated { path, .. }
            | Siblings::Reordered(path) => self.is_it(&path.text),
            Siblings::Behind(_) | Siblings::Then { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::{Spec, shipped};

    #[test]
    fn a_field_is_found_in_conditions_definitions_and_siblings() {
        let spec = Spec::read(&shipped("api-access-policy").unwrap()).unwrap();
        let speaks = |rule: &str, path: &str| spec.speaks_of(spec.rule(rule).unwrap(), path);
        // By a definition, as a sibling, and not at all.
        assert!(speaks(
            "a-challenged-client-gets-in",
            "policy.advertise_all"
        ));
        assert!(speaks(
            "the-flag-does-not-change-what-is-accepted",
            "policy.advertise_all"
        ));
        assert!(!speaks(
            "malformed-credentials-are-refused",
            "policy.advertise_all"
        ));
        assert!(speaks("malformed-credentials-are-refused", "policy.active"));
    }
}
