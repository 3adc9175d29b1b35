//! Rules that one look shows to be wrong: of the very answer of which a rule's `when` speaks, it expects a status that
//! this answer cannot have, or none that it could fail to have.

use crate::yaml::{Diagnostic, Diagnostics, Node, NodeKind, Span, read};

use super::clause::Clause;
use super::fit::{OutcomeFit, StatusFit, would_fit};
use super::model::{Demand, Rule, Spec};
use super::predicate::Predicate;

/// What an answer can have (RFC 9110 §15).
const STATUSES: std::ops::RangeInclusive<u16> = 100..=599;

/// What a condition asks of an answer's status, as conditions that must all hold; nothing where it asks none.
#[derive(Default)]
struct AskedStatus(Vec<(OutcomeFit, StatusFit)>);

impl AskedStatus {
    fn of(when: &Predicate) -> Self {
        let mut asked = Self::default();
        asked.take(when, false);
        asked
    }

    fn take(&mut self, when: &Predicate, not: bool) {
        match when {
            Predicate::All(parts) if !not => {
                for part in parts {
                    self.take(part, false);
                }
            }
            Predicate::Not(part) => self.take(part, !not),
            Predicate::Outcome(words) => {
                let words = words.clone();
                self.0
                    .push((OutcomeFit { words, not }, StatusFit::default()));
            }
            Predicate::Status(ranges) => {
                let ranges = ranges.clone();
                self.0
                    .push((OutcomeFit::default(), StatusFit { ranges, not }));
            }
            _ => {}
        }
    }

    /// The statuses that it leaves.
    fn leaves(&self) -> Vec<u16> {
        let fits =
            |status: &u16| { self.0.iter() }.all(|(outcome, fit)| would_fit(outcome, fit, *status));
        STATUSES.filter(fits).collect()
    }
}

/// What is wrong with an expectation of those answers that a condition leaves.
enum Pointless {
    /// None of them satisfies it.
    NeverHolds,
    /// All of them do.
    NeverBreaks,
}

fn pointless(when: &Predicate, clause: &Clause) -> Option<Pointless> {
    let asked = AskedStatus::of(when);
    if asked.0.is_empty() || (clause.outcome.is_empty() && clause.status.is_empty()) {
        return None;
    }
    let rest = Clause {
        outcome: OutcomeFit::default(),
        status: StatusFit::default(),
        ..clause.clone()
    };
    let left = asked.leaves();
    let mut fits = left
        .iter()
        .map(|status| would_fit(&clause.outcome, &clause.status, *status));
    if fits.clone().all(|fits| !fits) {
        Some(Pointless::NeverHolds)
    } else if rest == Clause::default() && fits.all(|fits| fits) {
        Some(Pointless::NeverBreaks)
    } else {
        None
    }
}

impl Spec {
    /// Tells of rules whose own `when` contradicts what they expect, or grants it.
    pub(super) fn look_for_pointless(&self, problems: &mut Diagnostics) {
        for rule in &self.rules {
            let (found, is_sibling) = match &rule.demand {
                Demand::Expect(clause) => (pointless(&rule.when, clause), false),
                Demand::Relate(relation) => {
                    let clause = relation.expect.as_ref();
                    let found = clause.and_then(|clause| pointless(&relation.when, clause));
                    let compares = !relation.comparisons.is_empty();
                    let is_told =
                        |one: &Pointless| matches!(one, Pointless::NeverHolds) || !compares;
                    (found.filter(is_told), true)
                }
                Demand::Unseen => (None, false),
            };
            if let Some(found) = found {
                let [when, expect] =
                    ["when", "expect"].map(|key| self.key_of(rule, key, is_sibling));
                problems.push(
                    told(rule, &found, expect).related(when, "of the answers of which this speaks"),
                );
            }
        }
    }

    /// Where a key of a rule stands in the text, or of its relation.
    fn key_of(&self, rule: &Rule, key: &str, of_relation: bool) -> Span {
        let find = || {
            let root = read(&self.source).ok()?;
            let NodeKind::List(rules) = &root.get("rules")?.kind else {
                return None;
            };
            let is_it =
                |node: &&Node| node.get("id").and_then(Node::text) == Some(rule.id.as_str());
            let node = rules.iter().find(is_it)?;
            let node = match of_relation {
                true => node.get("relate")?,
                false => node,
            };
            let mut entries = node.entries()?.iter();
            Some(entries.find(|entry| entry.key == key)?.key_span)
        };
        find().unwrap_or(rule.span)
    }
}

fn told(rule: &Rule, found: &Pointless, at: Span) -> Diagnostic {
    let id = &rule.id;
    match found {
        Pointless::NeverHolds => Diagnostic::error(
            at,
            format!(
                "the rule `{id}` contradicts itself: no answer of which its `when` speaks can be so"
            ),
            "expect of the answer what its status leaves open, or leave the status out of `when`",
        ),
        Pointless::NeverBreaks => Diagnostic::error(
            at,
            format!(
                "the rule `{id}` could never fail: every answer of which its `when` speaks is so"
            ),
            "expect something more of such answers, or say in `when` whose answers they are and not what they are",
        ),
    }
}
