//! From what a session came to, to what one trial says.

use std::sync::Arc;

use super::describe::{Replay, describe, in_short};
use super::expectation::{Departures, Expected};
use super::nextest::TrialVerdict;
use super::session::SessionOutcome;
use super::words::{cases, ended_early, misnamed, no_longer, unclear};
use crate::baseline::{Presence, presence};
use crate::domain::counted;
use crate::results::{Finding, PackReport, RuleReport, RuleState, Run};

/// What becomes of a rule that never applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Unexercised {
    /// It is ignored, unless not one case of its pack was judged.
    #[default]
    Ignored,
    /// It is ignored.
    Allowed,
    /// It fails.
    Failed,
}

/// One trial: which rule it asks about, and what is expected of it.
#[derive(Debug)]
pub(super) struct Question {
    /// The implementation's name in the trials.
    pub(super) implementation: String,
    pub(super) pack: String,
    pub(super) rule: String,
    pub(super) departures: Departures,
    /// What is expected of all trials.
    pub(super) expected: Arc<Vec<Expected>>,
    /// Whether the first lines of a baseline's departures are held against what a run tells.
    pub(super) headlines: bool,
    pub(super) unexercised: Unexercised,
    /// How it is asked again.
    pub(super) replay: Replay,
}

impl Question {
    /// The trial's result. What kept a whole session from being judged is told by the `first` rule that
    /// was asked for, and the others point to it.
    pub(super) fn answer(&self, outcome: &SessionOutcome, first: Option<&str>) -> TrialVerdict {
        let first = first.filter(|first| *first != self.rule);
        self.judge(outcome, first)
            .unwrap_or_else(TrialVerdict::Failed)
    }

    fn judge(&self, outcome: &SessionOutcome, first: Option<&str>) -> Result<TrialVerdict, String> {
        let run = outcome.as_ref().map_err(|why| match first {
            Some(first) => self.refer_to(first),
            None => format!("not judged; this accuses nobody\n\n{why}"),
        })?;
        let of_rule = run.packs.iter().find_map(|report| {
            let mut rules = report.rules.iter();
            Some((report, rules.find(|rule| rule.id == self.rule)?))
        });
        let Some((report, rule)) = of_rule else {
            return Err("not judged: the report does not speak of this rule".to_owned());
        };
        let findings: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| finding.rule == self.rule)
            .collect();
        let is_done = report.stopped.is_none();
        match &rule.state {
            RuleState::Failed | RuleState::Flaky => self.broken(run, report, rule, &findings),
            // What ended the run early may have kept the rule from applying, or from breaking.
            _ if !is_done => Err(match first {
                Some(first) => self.refer_to(first),
                None => ended_early(report, rule),
            }),
            RuleState::Passed | RuleState::NotExercised if report.hollow.is_some() => {
                Err(match (first, &report.hollow) {
                    (None, Some(why)) => format!("shows nothing: {why}"),
                    (first, _) => self.refer_to(first.unwrap_or_default()),
                })
            }
            RuleState::NotApplicable(reason) => self.not_exercised(report, Some(reason)),
            RuleState::NotExercised => self.not_exercised(report, None),
            RuleState::Inconclusive => Err(unclear(report, rule)),
            RuleState::Passed => self.held(rule),
        }
    }

    fn refer_to(&self, first: &str) -> String {
        format!(
            "not judged; this accuses nobody: why is told by {}::{}::{first}",
            self.implementation, self.pack
        )
    }

    fn held(&self, rule: &RuleReport) -> Result<TrialVerdict, String> {
        if let Some(reason) = &self.departures.not_exercised {
            return Err(format!(
                "stated as never exercised, and it held in {}: remove the statement\n\n  \
                 stated    {reason}",
                cases(rule.held)
            ));
        }
        if self.departures.findings.is_empty() {
            return Ok(TrialVerdict::Passed);
        }
        if rule.by_rate {
            let reasons = self.departures.findings.iter();
            let reasons: Vec<&str> = reasons.map(|stated| stated.reason.as_str()).collect();
            return Ok(TrialVerdict::Ignored(format!(
                "known, shows in some of several tries, and did not show this time: {}",
                reasons.join("; ")
            )));
        }
        let gone: Vec<String> = self.departures.findings.iter().map(no_longer).collect();
        Err(gone.join("\n\n"))
    }

    /// `not_for` says why the rule is not for this implementation, where it is not.
    fn not_exercised(
        &self,
        report: &PackReport,
        not_for: Option<&str>,
    ) -> Result<TrialVerdict, String> {
        if let Some(reason) = &self.departures.not_exercised {
            return Ok(TrialVerdict::Ignored(reason.clone()));
        }
        let why = not_for.unwrap_or("it applied to no case that was played");
        // Where nothing at all was judged, something is wrong with the whole, and not with the rule; unless it was asked
        // for alone, and what the implementation says of itself is that it is for others.
        let is_ignored = match self.unexercised {
            Unexercised::Ignored => report.judged > 0 || not_for.is_some(),
            Unexercised::Allowed => true,
            Unexercised::Failed => false,
        };
        if is_ignored && self.departures.findings.is_empty() {
            return Ok(TrialVerdict::Ignored(format!("never applied: {why}")));
        }
        let mut text = format!("not exercised: {why}\n\n  this accuses nobody, and proves nothing");
        if report.judged == 0 {
            text.push_str(&format!("\n  no case of {} was judged", self.pack));
        }
        if let Some((count, reason)) = &report.unsupported {
            text.push_str(&format!(
                "\n  {} could not be expressed: {reason}",
                counted(*count, "policy", "policies")
            ));
        }
        text.push_str(
            "\n  where that is as it should be, say so: `for_packs`, `without_events` or `takes` of the \
             target,\n  `expect_not_exercised`, or `allow_not_exercised` for all rules",
        );
        for stated in &self.departures.findings {
            text.push_str(&format!("\n\n{}", no_longer(stated)));
        }
        Err(text)
    }

    fn broken(
        &self,
        run: &Run,
        report: &PackReport,
        rule: &RuleReport,
        findings: &[&Finding],
    ) -> Result<TrialVerdict, String> {
        let (flaky, steady): (Vec<&Finding>, Vec<&Finding>) = findings
            .iter()
            .copied()
            .partition(|finding| finding.flaky.is_some());
        let is_stated = |finding: &Finding| {
            let mut stated = self.departures.findings.iter();
            stated.any(|stated| stated.is(finding))
        };
        let mut parts: Vec<String> = Vec::new();
        for finding in steady.iter().filter(|finding| !is_stated(finding)) {
            parts.push(self.finding_text(run, finding));
        }
        // What shows by a rate may be flaky, and what matters to it be told otherwise each time.
        for finding in flaky
            .into_iter()
            .filter(|one| !(rule.by_rate && is_stated(one)))
        {
            parts.push(format!("flaky: {}", describe(finding, &self.replay)));
        }
        for stated in &self.departures.findings {
            match steady.iter().find(|finding| stated.is(finding)) {
                Some(finding) if self.headlines && stated.leads && !rule.by_rate => {
                    parts.extend(misnamed(stated, finding));
                }
                Some(_) => {}
                None => {
                    let presence = presence(stated.meant(), &self.rule, report);
                    let gone = matches!(presence, Presence::Gone(_));
                    parts.extend(gone.then(|| no_longer(stated)));
                }
            }
        }
        if let Some(reason) = &self.departures.not_exercised {
            parts.push(format!(
                "stated as never exercised, and it was: remove the statement\n\n  stated    {reason}"
            ));
        }
        if findings.is_empty() {
            parts.push(format!(
                "broken in {}, none of which was shrunk",
                cases(rule.broke)
            ));
        }
        if report.unshrunk > 0 {
            parts.push(format!(
                "{} of this run not shrunk: too many different ones",
                counted(report.unshrunk, "more failure", "more failures")
            ));
        }
        if report.stopped.is_some() {
            parts.push(ended_early(report, rule));
        }
        if parts.is_empty() {
            let mut reasons: Vec<&str> = Vec::new();
            for stated in &self.departures.findings {
                if !reasons.contains(&stated.reason.as_str()) {
                    reasons.push(&stated.reason);
                }
            }
            Ok(TrialVerdict::Known(reasons.join("; ")))
        } else {
            Err(parts.join("\n\n"))
        }
    }

    /// A finding: in full where it leads its cause, otherwise in one line that names the trial that
    /// has it in full.
    fn finding_text(&self, run: &Run, finding: &Finding) -> String {
        let leads = run.causes().into_iter().find_map(|cause| {
            let mut others = cause.others.iter();
            others
                .any(|other| std::ptr::eq(*other, finding))
                .then_some(cause.headline)
        });
        match leads {
            Some(first) if first.rule != finding.rule && !self.is_stated(first) => format!(
                "same defect as {}::{}::{}: {}\n\n{}",
                self.implementation,
                self.pack,
                first.rule,
                first.title(),
                in_short(finding)
            ),
            Some(first) if first.rule == finding.rule && !self.is_stated(first) => {
                format!(
                    "same defect as above, in another case: {}",
                    finding.sentence
                )
            }
            _ => describe(finding, &self.replay),
        }
    }

    /// Whether the trial that has a finding passes with it.
    fn is_stated(&self, finding: &Finding) -> bool {
        let rule = Departures::of(
            &self.expected,
            &self.implementation,
            &self.pack,
            &finding.rule,
        );
        rule.findings.iter().any(|stated| stated.is(finding))
    }
}

#[cfg(test)]
mod tests;
