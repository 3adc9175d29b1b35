//! Jobs: one run each, of one pack against the reference implementation with one fault or none.

use crate::engine::{self, Options};
use crate::implementation::{Implementation, ReferenceImplementation};
use crate::reference::Fault;
use crate::results::{Coverage, Finding, Kill, PackReport, Tried};
use crate::spec::Spec;

use super::stance::Stance;
use super::witness::Witness;

/// One run to make.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    pub(super) spec: &'a Spec,
    pub(super) stance: &'a Stance,
    /// The fault to seed; without one, the run shows what the implementation breaks anyway.
    pub(super) fault: Option<Fault>,
}

/// What a run came to.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) kills: Vec<Kill>,
    pub(super) without_fault: Vec<String>,
    pub(super) tried: Tried,
}

impl Job<'_> {
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
        let mut reference = self.stance.reference(&faults);
        let options = Options {
            rules: self.stance.rules.clone(),
            ..options.clone()
        };
        let mut tried = Tried::default();
        let mut report = self.report(&mut reference, &options, &mut tried).await;
        if self.is_missed(&report) {
            let options = Options {
                cases: options.cases.max(Options::default().cases),
                ..options.clone()
            };
            report = self.report(&mut reference, &options, &mut tried).await;
        }
        reference.stop().await;
        if let Some(stopped) = &report.stopped {
            let fault = self.fault.map_or("no fault", Fault::name);
            return Err(format!("{} with {fault}: {stopped}", report.pack.0));
        }
        let mut done = Done {
            tried,
            ..Done::default()
        };
        match self.fault {
            Some(fault) => {
                for finding in steady(&report) {
                    let found = witness.find(self, finding, &options).await?;
                    if let Some((case, change)) = found {
                        done.kills.push(self.kill(fault, finding, case, change));
                    }
                }
            }
            None => {
                let lines = steady(&report).map(|finding| self.line(finding));
                done.without_fault.extend(lines);
            }
        }
        Ok(done)
    }

    /// A run, counted.
    async fn report(
        self,
        reference: &mut ReferenceImplementation,
        options: &Options,
        tried: &mut Tried,
    ) -> PackReport {
        let report = engine::run(self.spec, reference, options, &mut |_| {}).await;
        tried.runs += 1;
        tried.judged += report.judged;
        tried.requests += report.requests;
        report
    }

    /// Whether the rules for which a fault was seeded did not see it, and not all cases were looked at.
    fn is_missed(self, report: &PackReport) -> bool {
        let own = self.fault.map(Fault::pack) == Some(self.spec.pack.name.as_str());
        let sampled = matches!(report.coverage, Coverage::Sampled { .. });
        own && sampled && self.stance.words().is_none() && steady(report).next().is_none()
    }

    fn kill(self, fault: Fault, finding: &Finding, case: String, change: Option<String>) -> Kill {
        Kill {
            fault,
            pack: finding.pack.0.clone(),
            rule: finding.rule.clone(),
            choice: self.stance.words(),
            sentence: finding.sentence.clone(),
            change,
            case,
            kind: finding.discrepancy.kind.clone(),
            requests: finding.requests,
        }
    }

    fn line(self, finding: &Finding) -> String {
        let choice = self.stance.words();
        let choice = choice.map_or_else(String::new, |choice| format!(" ({choice})"));
        format!(
            "{} {}{choice}: {}",
            finding.pack.0, finding.rule, finding.sentence
        )
    }
}

/// The findings that showed each time they were tried.
fn steady(report: &PackReport) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|f| f.flaky.is_none())
}
