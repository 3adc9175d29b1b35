//! Jobs: one run each, of one pack against the reference implementation with one fault or none.

use crate::engine::{self, Options};
use crate::implementation::{Implementation, ReferenceImplementation};
use crate::reference::Fault;
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
        let mut reference = self.choice_set.reference(&faults);
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

    /// Whether the rules for which a fault was seeded did not see it, and not all cases were looked at.
    fn is_missed(self, run: &Run) -> bool {
        let own = self.fault.map(Fault::pack) == Some(self.spec.pack.name.as_str());
        let is_sampled = |report: &PackReport| matches!(report.coverage, Coverage::Sampled { .. });
        let sampled = run.packs.iter().any(is_sampled);
        own && sampled && self.choice_set.words().is_none() && steady(run).next().is_none()
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
