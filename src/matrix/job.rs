//! Jobs: one run each, of one pack against the reference implementation with one fault or none.

use crate::engine::{self, Finding, Options, PackReport};
use crate::implementation::Implementation;
use crate::reference::Fault;
use crate::spec::Spec;

use super::kill::{Kill, Tried};
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
        let report = engine::run(self.spec, &mut reference, &options, &mut |_| {}).await;
        reference.stop().await;
        if let Some(stopped) = &report.stopped {
            let fault = self.fault.map_or("no fault", Fault::name);
            return Err(format!("{} with {fault}: {stopped}", report.pack.0));
        }
        let mut done = Done {
            tried: Tried {
                runs: 1,
                judged: report.judged,
                requests: report.requests,
            },
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
