use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};

use crate::observation::SetupFault;
use crate::results::{Run, RunVerdict, Stopped};
use crate::spec::Level;

use super::super::escape::is_unseen;
use super::super::sample::{HOSTILE, hostile, run};

fn xml(run: &Run) -> String {
    let mut out = Vec::new();
    super::write(run, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn cases(report: &Report) -> impl Iterator<Item = &TestCase> {
    report
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
}

/// How many test cases failed, are errors, and were skipped.
fn came_to(run: &Run) -> [usize; 3] {
    let report = Report::deserialize_from_str(&xml(run)).unwrap();
    let count = |wanted: &dyn Fn(&TestCaseStatus) -> bool| {
        cases(&report).filter(|case| wanted(&case.status)).count()
    };
    let kind = |wanted| move |status: &TestCaseStatus| matches!(status, TestCaseStatus::NonSuccess { kind, .. } if *kind == wanted);
    [
        count(&kind(NonSuccessKind::Failure)),
        count(&kind(NonSuccessKind::Error)),
        count(&|status| matches!(status, TestCaseStatus::Skipped { .. })),
    ]
}

#[test]
fn a_run_is_told() {
    snapbox::assert_data_eq!(xml(&run()), snapbox::file!["sample.xml"].raw());
}

#[test]
fn every_rule_is_a_test_case() {
    let (text, run) = (xml(&run()), run());
    let report = Report::deserialize_from_str(&text).unwrap();
    // The published schema has no such attribute there.
    let root = text.lines().nth(1).unwrap();
    assert_eq!(
        root,
        "<testsuites name=\"countersign\" tests=\"22\" failures=\"3\" errors=\"3\">"
    );
    let told: Vec<&str> = cases(&report).map(|case| case.name.as_str()).collect();
    let mut rules = vec![super::COMPLETE];
    rules.extend(run.packs[0].rules.iter().map(|rule| rule.id.as_str()));
    assert_eq!(told, rules);
    assert_eq!(report.test_suites[0].name.as_str(), "reachability");
    assert!(
        cases(&report)
            .all(|case| case.classname.as_ref().unwrap().as_str() == "reference.reachability")
    );
    // Three rules broke, two of which are one defect; nobody could tell of one, one is flaky, and so the run is
    // not complete; one never applied.
    assert_eq!(came_to(&run), [3, 3, 1]);
}

#[test]
fn something_is_red_just_where_the_run_is() {
    let is_red = |run: &Run| {
        let [failures, errors, _] = came_to(run);
        failures + errors > 0
    };
    let mut quiet = run();
    let pack = &mut quiet.packs[0];
    pack.findings.clear();
    pack.anomalies.clear();
    for rule in &mut pack.rules {
        rule.state = crate::results::RuleState::Passed;
    }
    quiet.defects.clear();
    assert_eq!(
        (quiet.verdict(), is_red(&quiet)),
        (RunVerdict::Conforms, false)
    );

    let fault = SetupFault {
        doing: "start it".to_owned(),
        why: "it is not there".to_owned(),
        remedy: None,
    };
    for stopped in [Stopped::Asked, Stopped::Slow, Stopped::Setup(fault)] {
        let mut ended = quiet.clone();
        ended.packs[0].stopped = Some(stopped);
        assert_ne!(ended.verdict(), RunVerdict::Conforms);
        assert!(is_red(&ended));
    }
    let mut none = quiet.clone();
    none.packs.clear();
    assert_eq!((none.verdict(), is_red(&none)), (RunVerdict::Unknown, true));
    let mut unjudged = quiet.clone();
    unjudged.packs[0].judged = 0;
    assert_eq!(
        (unjudged.verdict(), is_red(&unjudged)),
        (RunVerdict::Unknown, true)
    );

    // What its level excuses is told, and fails nothing.
    let mut lenient = run();
    lenient.packs[0].anomalies.clear();
    lenient.packs[0].findings.truncate(3);
    for rule in &mut lenient.packs[0].rules {
        if matches!(
            rule.state,
            crate::results::RuleState::Inconclusive | crate::results::RuleState::Flaky
        ) {
            rule.state = crate::results::RuleState::Passed;
        }
    }
    for finding in &mut lenient.packs[0].findings {
        finding.level = Level::Advice;
    }
    lenient.defects = lenient.put_together();
    assert_eq!(
        (lenient.verdict(), came_to(&lenient)),
        (RunVerdict::Conforms, [0, 0, 4])
    );
}

#[test]
fn hostile_text_stays_text() {
    for words in [HOSTILE.to_owned(), "]]>&<\u{ffff}".repeat(100_000)] {
        let text = xml(&hostile(&words));
        assert!(!text.contains(|c| is_unseen(c) || matches!(c, '\u{fffe}' | '\u{ffff}')));
        assert!(!text.contains("<script>") && !text.contains("]]>"));
        let report = Report::deserialize_from_str(&text).unwrap();
        // What was there before, and a pack that was not begun.
        assert_eq!(cases(&report).count(), 23);
        assert!(text.len() < 8_000_000, "{}", text.len());
    }
    let text = xml(&hostile(HOSTILE));
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt; \\x1b[31m\\x07 \\u{202e}txt"));
}
