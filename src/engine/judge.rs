//! The judge: holds rules against what the table knows. It never asks for more than that.

use crate::domain::Case;
use crate::spec::{Check, Demand, Discrepancy, Env, Rule, Tri};

use super::table::{At, Played, Table};

/// What a rule says of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug)]
pub(super) struct SiblingAt {
    pub(super) at: At,
    pub(super) difference: String,
}

impl Table<'_> {
    /// Holds a rule against a case and its siblings; all of them must be settled in the table.
    pub(super) fn judge(
        &self,
        rule: &Rule,
        at: At,
        siblings: &dyn Fn() -> Vec<SiblingAt>,
        env: &Env<'_>,
    ) -> Verdict {
        match rule.when.evaluate(env) {
            Tri::False => return Verdict::NotApplicable,
            Tri::True => {}
            Tri::Unknown => {
                return match self.played(at) {
                    Some(Played::Fault(fault)) => Verdict::Inconclusive(fault.to_string()),
                    Some(Played::Seen(_)) | None => Verdict::Inconclusive(
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
                    Check::Holds => Verdict::Pass,
                    Check::Breaks(discrepancy) => Verdict::Fail {
                        discrepancy,
                        sibling: None,
                    },
                    Check::Unclear(why) => Verdict::Inconclusive(why),
                };
            }
            Demand::Relate(relation) => relation,
        };
        let mut verdict = Verdict::NotApplicable;
        for SiblingAt {
            at: there,
            difference,
        } in siblings()
        {
            let Some(case) = self.case(there) else {
                continue;
            };
            let definitions = self.definitions(there);
            let sight = match self.played(there) {
                Some(Played::Seen(seen)) => Some(seen.sight()),
                // Unsupported: the relation does not speak of what cannot be.
                None => continue,
                Some(Played::Fault(_)) => None,
            };
            let sibling = Env {
                sight,
                ..Env::of(case, &definitions)
            };
            if let Some(Played::Fault(fault)) = self.played(there)
                && relation.when.evaluate(&sibling) != Tri::False
            {
                verdict = Verdict::Inconclusive(fault.to_string());
                continue;
            }
            match relation.check(env, &sibling, &difference) {
                Some(Check::Breaks(discrepancy)) => {
                    let sibling = Some((case.to_case(), difference));
                    return Verdict::Fail {
                        discrepancy,
                        sibling,
                    };
                }
                Some(Check::Unclear(why)) => verdict = Verdict::Inconclusive(why),
                Some(Check::Holds) if verdict == Verdict::NotApplicable => verdict = Verdict::Pass,
                Some(Check::Holds) | None => {}
            }
        }
        verdict
    }
}
