//! Witnesses: cases that break a rule with a fault and not without.

use std::collections::HashMap;

use crate::domain::Case;
use crate::engine::{self, Options};
use crate::implementation::{Implementation, ReferenceImplementation};
use crate::results::{Finding, TriedChange, TriedVerdict};

use super::job::MatrixJob;

/// The most verdicts that are remembered; then all are forgotten.
const MOST: usize = 10_000;

/// The implementation without a fault, asked about single cases.
#[derive(Debug, Default)]
pub(super) struct Witness {
    /// One for each set of choices that was needed, by its words.
    references: HashMap<Option<String>, ReferenceImplementation>,
    /// Whether a rule breaks, by choices, pack, rule and case.
    known: HashMap<(Option<String>, String, String, Case), bool>,
}

impl Witness {
    /// The case by which a finding shows its fault, in brief, and how it differs from the minimal case
    /// where it is another: where the implementation breaks a rule anyway, a fault may make it break
    /// more widely, and shrink to a case that breaks without the fault as well. Nothing where no case
    /// shows it.
    pub(super) async fn find(
        &mut self,
        job: MatrixJob<'_>,
        finding: &Finding,
        options: &Options,
    ) -> Result<Option<(String, Option<String>)>, String> {
        if !self.breaks(job, finding, &finding.case, options).await? {
            return Ok(Some((finding.brief.clone(), None)));
        }
        let alike = |step: &TriedChange| step.verdict == TriedVerdict::FailsAlike;
        for change in job.spec.domain.variations(&finding.case) {
            let words = change.to_string();
            let mut steps = finding.variations.iter();
            if steps.any(|step| step.change == words && alike(step))
                && !self.breaks(job, finding, &change.case, options).await?
            {
                let brief = job.spec.domain.brief(&change.case);
                return Ok(Some((brief, Some(words))));
            }
        }
        Ok(None)
    }

    /// Whether the rule of a finding breaks on a case without any fault.
    async fn breaks(
        &mut self,
        job: MatrixJob<'_>,
        finding: &Finding,
        case: &Case,
        options: &Options,
    ) -> Result<bool, String> {
        let choice_set = job.choice_set.words();
        let key = (
            choice_set.clone(),
            finding.pack.0.clone(),
            finding.rule.clone(),
            case.clone(),
        );
        if let Some(breaks) = self.known.get(&key) {
            return Ok(*breaks);
        }
        let options = Options {
            rules: vec![finding.rule.clone()],
            shrink_requests: 0,
            ..options.clone()
        };
        let reference = self
            .references
            .entry(choice_set)
            .or_insert_with(|| job.choice_set.reference(&[]));
        let report = engine::judge_one(job.spec, case, reference, &options, &mut |_| {}).await;
        if let Some(stopped) = report.stopped {
            return Err(format!("{} without a fault: {stopped}", report.pack.0));
        }
        let breaks = report.rules.iter().any(|rule| rule.broke > 0);
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(key, breaks);
        Ok(breaks)
    }

    /// Stops the implementations that were asked.
    pub(super) async fn stop(mut self) {
        for reference in self.references.values_mut() {
            reference.stop().await;
        }
    }
}
