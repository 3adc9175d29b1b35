//! The judge: holds rules against what the table knows. It never asks for more than that.

use crate::domain::Case;
use crate::results::{ResolvedDemand, ResolvedRelation};
use crate::spec::{Check, Clause, Demand, Discrepancy, Env, Relation, Rule, Siblings, Tri};

use super::log_ins::nobody_logged_in;
use super::table::{At, Played, Table};
use super::watching::Watching;

/// What a rule says of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "verdicts come one at a time, and a box would cost each failure an allocation"
)]
pub enum Verdict {
    /// It does not apply.
    NotApplicable,
    /// It holds.
    Pass,
    /// It breaks.
    Fail {
        /// How.
        discrepancy: Discrepancy,
        /// The sibling that shows it and how it differs, where the rule is a relation.
        sibling: Option<(Case, String)>,
    },
    /// Nobody can tell, for this reason.
    Inconclusive(String),
}

/// A sibling of a case, by place.
#[derive(Clone, Copy, Debug)]
pub(super) struct SiblingAt<'s> {
    pub(super) at: At,
    pub(super) difference: &'s str,
}

impl Table<'_> {
    /// Holds a rule that applies, or of which nobody can tell, against a case and its siblings; all of them must
    /// be settled in the table.
    pub(super) fn judge<'t>(
        &self,
        rule: &Rule,
        applies: Tri,
        at: At,
        siblings: impl Iterator<Item = SiblingAt<'t>>,
        env: &Env<'_>,
    ) -> Verdict {
        if let Some(Played::NotApplicable) = self.played(at) {
            return Verdict::NotApplicable;
        }
        match applies {
            Tri::False => return Verdict::NotApplicable,
            Tri::True => {}
            Tri::Unknown => {
                return match self.played(at) {
                    Some(Played::Fault(fault)) => Verdict::Inconclusive(fault.to_string()),
                    Some(Played::Seen(_) | Played::NotApplicable) | None => Verdict::Inconclusive(
                        "what the rule looks at was not handed over".to_owned(),
                    ),
                };
            }
        }
        if let Some(Played::Fault(fault)) = self.played(at) {
            return Verdict::Inconclusive(fault.to_string());
        }
        let relation = match &rule.demand {
            Demand::Expect(clause) => {
                return match clause.check(env) {
                    // What speaks of what was not there was not exercised.
                    Check::Holds if clause.is_idle(env) => Verdict::NotApplicable,
                    Check::Unclear(_) if is_unanswered(env) => Verdict::NotApplicable,
                    Check::Holds => Verdict::Pass,
                    Check::Breaks(discrepancy) => Verdict::Fail {
                        discrepancy,
                        sibling: None,
                    },
                    Check::Unclear(why) => Verdict::Inconclusive(why),
                };
            }
            Demand::Relate(relation) => relation,
            Demand::Unseen => return Verdict::NotApplicable,
        };
        let mut verdict = Verdict::NotApplicable;
        for SiblingAt {
            at: there,
            difference,
        } in siblings
        {
            let Some(case) = self.case(there) else {
                continue;
            };
            let definitions = self.definitions(there);
            let observation = match self.played(there) {
                Some(Played::Seen(seen)) => Some(seen.observation()),
                // Unsupported: the relation does not speak of what cannot be.
                Some(Played::NotApplicable) | None => continue,
                Some(Played::Fault(_)) => None,
            };
            let sibling = Env {
                observation,
                ..Env::of(case, &definitions)
            };
            if let Some(Played::Fault(fault)) = self.played(there)
                && relation.when.evaluate(&sibling) != Tri::False
            {
                verdict = Verdict::Inconclusive(fault.to_string());
                continue;
            }
            match relation.check(env, &sibling, difference) {
                Some(Check::Breaks(discrepancy)) => {
                    let sibling = Some((case.to_case(), difference.to_string()));
                    return Verdict::Fail {
                        discrepancy,
                        sibling,
                    };
                }
                Some(Check::Unclear(_)) if is_unanswered(env) || is_unanswered(&sibling) => {}
                Some(Check::Unclear(why)) => verdict = Verdict::Inconclusive(why),
                Some(Check::Holds) if self.shows_no_log_in(there) => {}
                Some(Check::Holds) if verdict == Verdict::NotApplicable => verdict = Verdict::Pass,
                Some(Check::Holds) | None => {}
            }
        }
        verdict
    }
}

/// Whether the connection of a case was closed without an answer: what a rule says of answers, it says of none then.
fn is_unanswered(env: &Env<'_>) -> bool {
    (env.observation).is_some_and(|observation| observation.answer.is_missing())
}

impl Table<'_> {
    /// Whether a case is to come behind others' log-ins, and none of them was let in.
    fn shows_no_log_in(&self, at: At) -> bool {
        let conversation = self.conversations.get(at.conversation);
        let client = conversation.map(|one| &*one.client.client);
        match (client, self.played(at)) {
            (Some(client), Some(Played::Seen(seen))) => {
                nobody_logged_in(client, seen.observation())
            }
            _ => false,
        }
    }
}

impl ResolvedDemand {
    /// Whether it looks at audit events.
    pub fn uses_events(&self) -> bool {
        let expected = self.expect.as_ref().is_some_and(Clause::uses_events);
        let related = self
            .relate
            .as_ref()
            .is_some_and(|relation| relation.to_relation(true).uses_events());
        expected || related || self.when.uses_events()
    }

    /// What of the inside of an implementation it looks at.
    pub(crate) fn watching(&self) -> Watching {
        let related = self.relate.as_ref().and_then(|one| one.expect.as_ref());
        let expected = || self.expect.iter().chain(related);
        Watching {
            events: self.uses_events(),
            log: expected().any(|clause| clause.exchange.log.is_some()),
            arrivals: expected().any(|clause| clause.exchange.uses_backend()),
            content: expected().any(|clause| clause.exchange.uses_content()),
        }
    }

    /// Holds the demand against what was seen of its case and, where it is a relation, of the
    /// sibling, with how that differs. `mutual` says whether the case is a sibling of its sibling as well, so
    /// that neither is the one that departs. Needs no spec.
    pub fn judge(
        &self,
        case: &Env<'_>,
        sibling: Option<(&Env<'_>, &str)>,
        mutual: bool,
    ) -> Verdict {
        match self.when.evaluate(case) {
            Tri::False => return Verdict::NotApplicable,
            Tri::True => {}
            Tri::Unknown => {
                return Verdict::Inconclusive(
                    "what the rule looks at was not handed over".to_owned(),
                );
            }
        }
        let check = match (&self.expect, &self.relate, sibling) {
            (Some(clause), _, _) => Some(clause.check(case)),
            (None, Some(relation), Some((there, difference))) => {
                relation.to_relation(mutual).check(case, there, difference)
            }
            (None, Some(_), None) => Some(Check::Unclear("the sibling is not known".to_owned())),
            (None, None, _) => Some(Check::Unclear("nothing is demanded".to_owned())),
        };
        match check {
            None => Verdict::NotApplicable,
            Some(Check::Holds) => Verdict::Pass,
            Some(Check::Breaks(discrepancy)) => Verdict::Fail {
                discrepancy,
                sibling: None,
            },
            Some(Check::Unclear(why)) => Verdict::Inconclusive(why),
        }
    }
}

impl ResolvedRelation {
    /// The relation, with no way to find siblings: the one that it is held against is known.
    fn to_relation(&self, mutual: bool) -> Relation {
        Relation {
            siblings: match mutual {
                true => Siblings::Change(Vec::new()),
                false => Siblings::Behind(Vec::new()),
            },
            when: self.when.clone(),
            comparisons: self.comparisons.clone(),
            expect: self.expect.clone(),
            sound: self.sound.clone(),
        }
    }
}
