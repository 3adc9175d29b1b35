//! What a run of a part of a plan keeps, so that the parts can be put together.

use crate::domain::Simplicity;
use crate::results::{Coverage, Finding, FindingInPart};
use crate::spec::Kind;

use super::accounted::Accounted;
use super::runner::Runner;
use super::tally::simpler_cases;

impl Runner<'_> {
    /// The simplest failing case of each kind of a rule.
    pub(super) fn simplest_of(&self, rule: &str) -> Vec<(Kind, [Simplicity; 3])> {
        let at = self.active.iter().position(|active| active.rule.id == rule);
        let tally = at.and_then(|at| self.tallies.get(at));
        let simplest = tally.into_iter().flat_map(|tally| &tally.simplest);
        let mut simplest: Vec<_> = simplest
            .map(|(kind, key)| (kind.clone(), key.clone()))
            .collect();
        simplest.sort_by(|(one, _), (other, _)| one.cmp(other));
        simplest
    }

    /// What is kept of each finding of a part of a plan.
    pub(super) fn findings_in_part(&self) -> Vec<FindingInPart> {
        let whole = matches!(self.coverage, Coverage::Whole { .. });
        let of = |(known, finding): &(Accounted, Finding)| {
            let key = Simplicity::of_case(&self.spec.domain, &finding.case);
            FindingInPart {
                simpler: whole.then(|| simpler_cases(self.spec, &key)),
                key,
                matters: known.matters.clone(),
                aliases: known.aliases.clone(),
                met: known.met,
            }
        };
        self.findings.iter().map(of).collect()
    }
}
