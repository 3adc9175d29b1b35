//! Jobs: one run each, of one pack against the reference implementation with one fault or none.

use std::sync::Arc;

use crate::engine::{self, Options};
use crate::implementation::{Implementation, ReferenceImplementation};
use crate::reference::{Fault, FaultsLookedFor};
use crate::results::{Coverage, Finding, Kill, MatrixCost, PackReport, Run};
use crate::spec::Spec;

use super::choice_set::ChoiceSet;
use super::witness::Witness;

/// One run to make.
#[derive(Clone, Copy, Debug)]
pub(super) struct MatrixJob<'a> {
    pub(super) spec: &'a Spec,
    pub(super) choice_set: &'a ChoiceSet,
    /// The fault to seed; without one, the run shows what the implementation breaks anyway.
    pub(super) fault: Option<Fault>,
}

/// What a run came to.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// The faults that were looked for in a run without any.
    pub(super) looked_for: Option<Arc<FaultsLookedFor>>,
    pub(super) kills: Vec<Kill>,
    pub(super) without_fault: Vec<String>,
    pub(super) tried: MatrixCost,
}

impl MatrixJob<'_> {
    /// Runs it.
    ///
    /// # Errors
    ///
    /// In words, where the run ended early.
    pub(super) async fn run(
        self,
        options: &Options,
        witness: &mut Witness,
    ) -> Result<Done, String> {
        let faults: Vec<Fault> = self.fault.into_iter().collect();
        let looked_for = match self.fault {
            Some(_) => None,
            None => Some(Arc::new(FaultsLookedFor::new())),
        };
        let mut reference = self.choice_set.reference(&faults);
        if let Some(looked_for) = &looked_for {
            reference = reference.noting(Arc::clone(looked_for));
        }
        let options = Options {
            rules: self.choice_set.rules.clone(),
            ..options.clone()
        };
        let mut tried = MatrixCost::default();
        let mut run = self.played(&mut reference, &options, &mut tried).await;
        if self.is_missed(&run) {
            let options = Options {
                cases: options.cases.max(Options::default().cases),
                ..options.clone()
            };
            run = self.played(&mut reference, &options, &mut tried).await;
        }
        reference.stop().await;
        for report in &run.packs {
            if let Some(stopped) = &report.stopped {
                let fault = self.fault.map_or("no fault", Fault::name);
                return Err(format!("{} with {fault}: {stopped}", report.pack.0));
            }
        }
        let mut done = Done {
            looked_for,
            tried,
            ..Done::default()
        };
        match self.fault {
            Some(fault) => {
                for finding in steady(&run) {
                    let found = witness.find(self, finding, &options).await?;
                    if let Some((case, change)) = found {
                        done.kills.push(self.kill(fault, finding, case, change));
                    }
                }
            }
            None => {
                let lines = steady(&run).map(|finding| self.line(finding));
                done.without_fault.extend(lines);
            }
        }
        Ok(done)
    }

    /// A run, counted.
    async fn played(
        self,
        reference: &mut ReferenceImplementation,
        options: &Options,
        tried: &mut MatrixCost,
    ) -> Run {
        let (chosen, asked) = ([(self.spec, None)], options.asked("reference"));
        let run = engine::run_packs(&chosen, asked, reference, options, &mut |_| {}).await;
        tried.runs += 1;
        for report in &run.packs {
            tried.judged += report.judged;
            tried.requests += report.requests;
        }
        run
    }

    /// Whether its fault can show, given those that the same run without any looked for. Where it was seeded for this
    /// pack it may have to be looked for in more cases.
    pub(super) fn may_show(self, looked_for: &FaultsLookedFor) -> bool {
        self.fault
            .is_none_or(|fault| looked_for.has(fault) || self.is_of_its_pack())
    }

    /// Whether the fault was seeded for the rules of this pack.
    fn is_of_its_pack(self) -> bool {
        self.fault.map(Fault::pack) == Some(self.spec.pack.name.as_str())
    }

    /// Whether the rules for which a fault was seeded did not see it, and not all cases were looked at.
    fn is_missed(self, run: &Run) -> bool {
        let is_sampled = |report: &PackReport| matches!(report.coverage, Coverage::Sampled { .. });
        let sampled = run.packs.iter().any(is_sampled);
        self.is_of_its_pack()
            && sampled
            && self.choice_set.words().is_none()
            && steady(run).next().is_none()
    }

    fn kill(self, fault: Fault, finding: &Finding, case: String, change: Option<String>) -> Kill {
        Kill {
            fault,
            pack: finding.pack.0.clone(),
            rule: finding.rule.clone(),
            choice: self.choice_set.words(),
            sentence: finding.sentence.clone(),
            change,
            case,
            kind: finding.discrepancy.kind.clone(),
            requests_to_proof: finding.requests_to_proof,
            requests: finding.requests,
        }
    }

    fn line(self, finding: &Finding) -> String {
        let choice = self.choice_set.words();
        let choice = choice.map_or_else(String::new, |choice| format!(" ({choice})"));
        format!(
            "{} {}{choice}: {}",
            finding.pack.0, finding.rule, finding.sentence
        )
    }
}

/// The findings that showed each time they were tried.
fn steady(run: &Run) -> impl Iterator<Item = &Finding> {
    let findings = run.packs.iter().flat_map(|report| &report.findings);
    findings.filter(|finding| finding.flaky.is_none())
}
