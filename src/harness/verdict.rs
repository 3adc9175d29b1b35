//! From what a session came to, to what one trial says.

use std::sync::Arc;

use super::describe::{Replay, describe, in_short};
use super::expectation::{Departures, Expected, Stated};
use super::nextest::Verdict;
use super::session::Outcome;
use crate::domain::{counted, grouped};
use crate::results::{Anomaly, Finding, PackReport, RuleReport, RuleState, causes};

/// The most kinds of anomaly that are told.
const ANOMALIES: usize = 3;

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
    pub(super) fn answer(&self, outcome: &Outcome, first: Option<&str>) -> Verdict {
        let told = first.filter(|first| *first != self.rule);
        self.judge(outcome, told).unwrap_or_else(Verdict::Failed)
    }

    fn judge(&self, outcome: &Outcome, told: Option<&str>) -> Result<Verdict, String> {
        let report = outcome.as_ref().map_err(|why| match told {
            Some(first) => self.as_told(first),
            None => format!("not judged; this accuses nobody\n\n{why}"),
        })?;
        let Some(rule) = report.rules.iter().find(|rule| rule.id == self.rule) else {
            return Err("not judged: the report does not speak of this rule".to_owned());
        };
        let findings: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| finding.rule == self.rule)
            .collect();
        let is_done = report.stopped.is_none();
        match &rule.state {
            RuleState::Failed | RuleState::Flaky => self.broken(report, rule, &findings),
            // What ended the run early may have kept the rule from applying, or from breaking.
            _ if !is_done => Err(match told {
                Some(first) => self.as_told(first),
                None => ended_early(report, rule),
            }),
            RuleState::Passed | RuleState::NotExercised if report.hollow.is_some() => {
                Err(match (told, &report.hollow) {
                    (None, Some(why)) => format!("shows nothing: {why}"),
                    (first, _) => self.as_told(first.unwrap_or_default()),
                })
            }
            RuleState::NotApplicable(reason) => self.not_exercised(report, reason),
            RuleState::NotExercised => {
                self.not_exercised(report, "it applied to no case that was played")
            }
            RuleState::Inconclusive => Err(unclear(report, rule)),
            RuleState::Passed => self.held(rule),
        }
    }

    fn as_told(&self, first: &str) -> String {
        format!(
            "not judged; this accuses nobody: why is told by {}::{}::{first}",
            self.implementation, self.pack
        )
    }

    fn held(&self, rule: &RuleReport) -> Result<Verdict, String> {
        if let Some(reason) = &self.departures.not_exercised {
            return Err(format!(
                "stated as never exercised, and it held in {}: remove the statement\n\n  \
                 stated    {reason}",
                cases(rule.passed)
            ));
        }
        if self.departures.findings.is_empty() {
            return Ok(Verdict::Passed);
        }
        let gone: Vec<String> = self.departures.findings.iter().map(no_longer).collect();
        Err(gone.join("\n\n"))
    }

    fn not_exercised(&self, report: &PackReport, why: &str) -> Result<Verdict, String> {
        if let Some(reason) = &self.departures.not_exercised {
            return Ok(Verdict::Ignored(reason.clone()));
        }
        // Where nothing at all was judged, something is wrong with the whole, and not with the rule.
        let is_ignored = match self.unexercised {
            Unexercised::Ignored => report.judged > 0,
            Unexercised::Allowed => true,
            Unexercised::Failed => false,
        };
        if is_ignored && self.departures.findings.is_empty() {
            return Ok(Verdict::Ignored(format!("never applied: {why}")));
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
        report: &PackReport,
        rule: &RuleReport,
        findings: &[&Finding],
    ) -> Result<Verdict, String> {
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
            parts.push(self.told(report, finding));
        }
        for finding in flaky {
            parts.push(format!("flaky: {}", describe(finding, &self.replay)));
        }
        for stated in &self.departures.findings {
            match steady.iter().find(|finding| stated.is(finding)) {
                None => parts.push(no_longer(stated)),
                Some(finding) if self.headlines && stated.leads => {
                    parts.extend(misnamed(stated, finding));
                }
                Some(_) => {}
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
                cases(rule.failed)
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
            Ok(Verdict::Known(reasons.join("; ")))
        } else {
            Err(parts.join("\n\n"))
        }
    }

    /// A finding: in full where it leads its cause, otherwise in one line that names the trial that
    /// has it in full.
    fn told(&self, report: &PackReport, finding: &Finding) -> String {
        let leads = causes(&report.findings).into_iter().find_map(|cause| {
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

/// Where a baseline calls a departure other than a run does.
fn misnamed(stated: &Stated, finding: &Finding) -> Option<String> {
    let told = finding.title();
    (stated.sentence != told).then(|| {
        format!(
            "known, and told otherwise: {told}\n\n  stated    {}\n  remedy    `countersign run \
             --write-baseline` writes it anew, reasons kept",
            stated.sentence
        )
    })
}

fn no_longer(
    Stated {
        sentence,
        case,
        reason,
        ..
    }: &Stated,
) -> String {
    let case = case
        .as_ref()
        .map_or_else(String::new, |case| format!("  case      {case}\n"));
    format!(
        "no longer shows: {sentence}\n\n{case}  stated    {reason}\n  remedy    remove the statement, so \
         that the defect cannot come back unseen"
    )
}

fn ended_early(report: &PackReport, rule: &RuleReport) -> String {
    let why = match &report.stopped {
        Some(stopped) => stopped.to_string(),
        None => "for no known reason".to_owned(),
    };
    format!(
        "not judged to the end; this accuses nobody\n\n  ended     {why}\n  before    it held in {}",
        cases(rule.passed)
    )
}

fn cases(count: u64) -> String {
    counted(count, "case", "cases")
}

fn unclear(report: &PackReport, rule: &RuleReport) -> String {
    let mut text = format!(
        "inconclusive: in {} nobody could tell, in {} it held, in none it broke\n",
        cases(rule.inconclusive),
        grouped(rule.passed)
    );
    for Anomaly { what, case, count } in report.anomalies.iter().take(ANOMALIES) {
        let times = counted(*count, "time", "times");
        text.push_str(&format!("\n  {times}: {what}\n    first with {case}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::expectation::Expectation;
    use crate::harness::session::{Session, Sessions};
    use crate::harness::target::Target;
    use crate::implementation::{Implementation, ReferenceImplementation};
    use crate::reference::Fault;
    use crate::results::{Coverage, Stopped};
    use crate::spec::{Level, Spec};
    use crate::yaml::Source;
    use std::time::Duration;

    fn stated_finding(sentence: &str) -> Stated {
        Stated {
            sentence: sentence.to_owned(),
            case: None,
            leads: false,
            reason: "the default".to_owned(),
        }
    }

    fn question(rule: &str) -> Question {
        Question {
            implementation: "seeded".to_owned(),
            pack: "reachability".to_owned(),
            rule: rule.to_owned(),
            departures: Departures::default(),
            expected: Arc::default(),
            headlines: false,
            unexercised: Unexercised::Failed,
            replay: Replay {
                test: "cargo test -- --exact".to_owned(),
                ..Replay::default()
            },
        }
    }

    fn report(state: RuleState) -> PackReport {
        PackReport {
            pack: ("pack".to_owned(), 1, "title".to_owned()),
            implementation: ("gateway".to_owned(), "1".to_owned()),
            coverage: Coverage::Whole { cases: 3 },
            judged: 3,
            requests: 3,
            installations: 1,
            elapsed: Duration::ZERO,
            rules: vec![RuleReport {
                id: "rule".to_owned(),
                level: Level::Must,
                scored: true,
                passed: 3,
                failed: 0,
                inconclusive: 0,
                state,
            }],
            findings: Vec::new(),
            unsupported: None,
            anomalies: Vec::new(),
            unshrunk: 0,
            left: Vec::new(),
            notices: Vec::new(),
            let_in: Vec::new(),
            answers: Vec::new(),
            stopped: None,
            unclaimed: None,
            outside: None,
            hollow: None,
            parts: None,
        }
    }

    fn answer(question: &Question, outcome: &Outcome) -> String {
        match question.answer(outcome, Some(&question.rule)) {
            Verdict::Passed => "passed".to_owned(),
            Verdict::Known(reason) => format!("known: {reason}"),
            Verdict::Ignored(reason) => format!("ignored: {reason}"),
            Verdict::Failed(text) => text,
        }
    }

    /// The reference with a fault, judged by the shipped reachability pack over a small domain.
    fn seeded(within: &str) -> Outcome {
        let source = crate::spec::shipped("reachability").unwrap();
        let small = source.text.replace("max: 4", within);
        let spec = Spec::read(&Source::new("small", small)).unwrap();
        let target = Target::new("seeded", || {
            Box::pin(async {
                let faulty = ReferenceImplementation::with_faults(&[Fault::AcceptsExpired]);
                Ok(Box::new(faulty) as Box<dyn Implementation>)
            })
        });
        let rules: Vec<String> = spec.rules.iter().map(|rule| rule.id.clone()).collect();
        let session = Session {
            target: Arc::new(target),
            spec: Arc::new(spec),
        };
        let sessions = Sessions::new(vec![session], crate::engine::Options::default());
        for rule in &rules {
            sessions.select(0, rule);
        }
        (*sessions.outcome(0)).clone()
    }

    #[test]
    fn only_a_rule_that_held_passes() {
        let question = question("rule");
        assert_eq!(answer(&question, &Ok(report(RuleState::Passed))), "passed");
        for (state, begins) in [
            (RuleState::NotExercised, "not exercised: it applied to no"),
            (
                RuleState::NotApplicable("no events".to_owned()),
                "not exercised: no events",
            ),
            (RuleState::Inconclusive, "inconclusive: "),
            (RuleState::Failed, "broken in "),
        ] {
            let said = answer(&question, &Ok(report(state)));
            assert!(said.starts_with(begins), "{said}");
        }
        let said = answer(&question, &Err("could not start".to_owned()));
        assert!(
            said.starts_with("not judged; this accuses nobody"),
            "{said}"
        );
        assert!(said.contains("could not start"), "{said}");
    }

    #[test]
    fn what_held_until_the_run_ended_early_has_not_passed() {
        for state in [
            RuleState::Passed,
            RuleState::NotExercised,
            RuleState::NotApplicable("other".to_owned()),
        ] {
            let mut report = report(state);
            report.stopped = Some(Stopped::Asked);
            let said = answer(&question("rule"), &Ok(report));
            assert!(said.starts_with("not judged to the end"), "{said}");
            assert!(said.contains("interrupted"), "{said}");
        }
        let mut report = report(RuleState::Passed);
        report.stopped = Some(Stopped::Asked);
        for outcome in [Ok(report), Err("could not start".to_owned())] {
            let verdict = question("rule").answer(&outcome, Some("another"));
            let line = "not judged; this accuses nobody: why is told by \
                        seeded::reachability::another";
            assert_eq!(verdict, Verdict::Failed(line.to_owned()));
        }
    }

    #[test]
    fn where_nobody_got_in_nothing_has_passed() {
        for state in [RuleState::Passed, RuleState::NotExercised] {
            let mut report = report(state);
            report.hollow = Some("nobody got in".to_owned());
            let said = answer(&question("rule"), &Ok(report));
            assert_eq!(said, "shows nothing: nobody got in");
        }
    }

    #[test]
    fn what_is_not_exercised_may_be_allowed_or_stated() {
        let mut lenient = question("rule");
        let nothing = || PackReport {
            judged: 0,
            ..report(RuleState::NotExercised)
        };
        for (unexercised, ignores, ignores_all) in [
            (Unexercised::Ignored, true, false),
            (Unexercised::Allowed, true, true),
            (Unexercised::Failed, false, false),
        ] {
            lenient.unexercised = unexercised;
            let said = answer(&lenient, &Ok(report(RuleState::NotExercised)));
            assert_eq!(
                said.starts_with("ignored: never applied: "),
                ignores,
                "{said}"
            );
            let said = answer(&lenient, &Ok(nothing()));
            assert_eq!(
                said.starts_with("ignored: never applied: "),
                ignores_all,
                "{said}"
            );
            assert_eq!(
                said.contains("no case of reachability was judged"),
                !ignores_all,
                "{said}"
            );
        }

        let mut stated = question("rule");
        stated.departures.not_exercised = Some("Basic only".to_owned());
        let said = answer(&stated, &Ok(report(RuleState::NotExercised)));
        assert_eq!(said, "ignored: Basic only");
        let said = answer(&stated, &Ok(report(RuleState::Passed)));
        assert!(said.contains("remove the statement"), "{said}");
    }

    #[test]
    fn a_known_departure_must_show_and_must_be_the_only_one() {
        let outcome = seeded("max: 2");
        let rule = "challenge-driven-client-gets-in";
        let sentence = "two profiles, flag false, Basic client";

        let said = answer(&question(rule), &outcome);
        assert!(said.starts_with(sentence), "{said}");
        for part in [
            "rule      challenge-driven-client-gets-in (should; reachability ",
            "WWW-Authenticate: BEARER realm=\"Service-now\"",
            "policy:   {active: true, profiles: [",
            "policy.advertise_all: true",
            "smallest possible",
            "cargo test -- --exact",
        ] {
            assert!(
                said.to_lowercase().contains(&part.to_lowercase()),
                "{part}\n{said}"
            );
        }

        let mut stated = question(rule);
        let findings = &mut stated.departures.findings;
        findings.push(stated_finding(sentence));
        assert_eq!(answer(&stated, &outcome), "known: the default");

        stated.departures.findings[0].sentence = "three profiles".to_owned();
        let said = answer(&stated, &outcome);
        assert!(said.starts_with(sentence), "{said}");
        assert!(said.contains("no longer shows: three profiles"), "{said}");

        // What is one defect is told once: the others point to where.
        let report = outcome.as_ref().unwrap();
        let finding = report.findings.iter().find(|finding| finding.rule == rule);
        let title = finding.unwrap().title();
        let pointer = format!("same defect as seeded::reachability::{rule}: {title}");
        let mut other = question("another-profile-shuts-nobody-out");
        let said = answer(&other, &outcome);
        let (first, short) = said.split_once('\n').unwrap();
        assert_eq!(first, pointer);
        // Whoever sees this trial alone sees what it is about.
        for part in [
            "  expected  ",
            "  observed  ",
            "> GET /",
            "< HTTP/1.1 401",
            "www-authenticate: BEARER",
        ] {
            assert!(
                short.to_lowercase().contains(&part.to_lowercase()),
                "{part}\n{said}"
            );
        }
        // Where that trial passes, as what it has is known, it is told here.
        other.expected = Arc::new(vec![Expected {
            implementation: "seeded".to_owned(),
            pack: "reachability".to_owned(),
            rule: rule.to_owned(),
            what: Expectation::finding(sentence),
            reason: "the default".to_owned(),
        }]);
        let said = answer(&other, &outcome);
        assert!(
            said.contains("rule      another-profile-shuts-nobody-out"),
            "{said}"
        );

        // A baseline's first line is what a run tells, where that is asked for.
        let mut stated = question(rule);
        stated.departures.findings.push(Stated {
            case: Some(finding.unwrap().case.clone()),
            leads: true,
            ..stated_finding("three profiles")
        });
        assert_eq!(answer(&stated, &outcome), "known: the default");
        stated.headlines = true;
        let said = answer(&stated, &outcome);
        assert!(
            said.starts_with(&format!("known, and told otherwise: {title}\n")),
            "{said}"
        );
        stated.departures.findings[0].sentence = title;
        assert_eq!(answer(&stated, &outcome), "known: the default");
    }

    #[test]
    fn a_departure_that_no_longer_shows_is_an_error() {
        let outcome = seeded("max: 1");
        let mut stated = question("challenge-driven-client-gets-in");
        let findings = &mut stated.departures.findings;
        findings.push(stated_finding("two profiles"));
        let said = answer(&stated, &outcome);
        assert!(said.starts_with("no longer shows: two profiles"), "{said}");
        assert!(said.contains("the default"), "{said}");
    }
}
