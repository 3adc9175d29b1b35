//! What a trial says of what its session came to.

use super::*;
use crate::harness::expectation::{Expectation, StatedFinding};
use crate::harness::session::{Session, Sessions};
use crate::harness::target::Target;
use crate::implementation::{Implementation, ReferenceImplementation};
use crate::reference::Fault;
use crate::results::{Coverage, Stopped};
use crate::spec::{Level, Spec};
use crate::yaml::Source;
use std::time::Duration;

fn stated_finding(sentence: &str) -> StatedFinding {
    StatedFinding {
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
        played_by: Vec::new(),
        coverage: Coverage::Whole { cases: 3 },
        judged: 3,
        requests: 3,
        installations: 1,
        elapsed: Duration::ZERO,
        rules: vec![RuleReport {
            id: "rule".to_owned(),
            level: Level::Must,
            scored: true,
            by_rate: false,
            held: 3,
            broke: 0,
            inconclusive: 0,
            courses: crate::results::CoursesCovered::default(),
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
        cut_short: None,
        parts: None,
    }
}

/// The run of one pack.
fn judged(report: PackReport) -> Run {
    let asked = crate::engine::Options::default().asked("seeded");
    Run::new(asked, report.implementation.clone(), vec![report])
}

fn answer(question: &Question, outcome: &SessionOutcome) -> String {
    match question.answer(outcome, Some(&question.rule)) {
        TrialVerdict::Passed => "passed".to_owned(),
        TrialVerdict::Known(reason) => format!("known: {reason}"),
        TrialVerdict::Ignored(reason) => format!("ignored: {reason}"),
        TrialVerdict::Failed(text) => text,
    }
}

/// The reference with a fault, judged by the shipped reachability pack over a small domain.
fn seeded(within: &str) -> SessionOutcome {
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
    assert_eq!(
        answer(&question, &Ok(judged(report(RuleState::Passed)))),
        "passed"
    );
    for (state, begins) in [
        (RuleState::NotExercised, "not exercised: it applied to no"),
        (
            RuleState::NotApplicable("no events".to_owned()),
            "not exercised: no events",
        ),
        (RuleState::Inconclusive, "inconclusive: "),
        (RuleState::Failed, "broken in "),
    ] {
        let said = answer(&question, &Ok(judged(report(state))));
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
        let said = answer(&question("rule"), &Ok(judged(report)));
        assert!(said.starts_with("not judged to the end"), "{said}");
        assert!(said.contains("interrupted"), "{said}");
    }
    let mut report = report(RuleState::Passed);
    report.stopped = Some(Stopped::Asked);
    for outcome in [Ok(judged(report)), Err("could not start".to_owned())] {
        let verdict = question("rule").answer(&outcome, Some("another"));
        let line = "not judged; this accuses nobody: why is told by \
                    seeded::reachability::another";
        assert_eq!(verdict, TrialVerdict::Failed(line.to_owned()));
    }
}

#[test]
fn where_nobody_got_in_nothing_has_passed() {
    for state in [RuleState::Passed, RuleState::NotExercised] {
        let mut report = report(state);
        report.hollow = Some("nobody got in".to_owned());
        let said = answer(&question("rule"), &Ok(judged(report)));
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
        let said = answer(&lenient, &Ok(judged(report(RuleState::NotExercised))));
        assert_eq!(
            said.starts_with("ignored: never applied: "),
            ignores,
            "{said}"
        );
        let said = answer(&lenient, &Ok(judged(nothing())));
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

    // A rule that is for others, asked for alone: nothing is judged, and nothing is wrong.
    let others = "the implementation takes order: none";
    for (unexercised, ignores) in [(Unexercised::Ignored, true), (Unexercised::Failed, false)] {
        lenient.unexercised = unexercised;
        let alone = PackReport {
            judged: 0,
            ..report(RuleState::NotApplicable(others.to_owned()))
        };
        let said = answer(&lenient, &Ok(judged(alone)));
        let ignored = format!("ignored: never applied: {others}");
        assert_eq!(said == ignored, ignores, "{said}");
    }

    let mut stated = question("rule");
    stated.departures.not_exercised = Some("Basic only".to_owned());
    let said = answer(&stated, &Ok(judged(report(RuleState::NotExercised))));
    assert_eq!(said, "ignored: Basic only");
    let said = answer(&stated, &Ok(judged(report(RuleState::Passed))));
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
    let run = outcome.as_ref().unwrap();
    let mut findings = run.packs.iter().flat_map(|report| &report.findings);
    let finding = findings.find(|finding| finding.rule == rule);
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
    stated.departures.findings.push(StatedFinding {
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
