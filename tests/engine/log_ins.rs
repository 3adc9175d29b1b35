//! Log-ins that a server remembers: what a request is answered depends on who asked before it. A case that is let in
//! for that alone is judged by itself, so that the rule which is about what comes before does not lose it.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::{Reply, Server, open_minded, pack, quietly, spec};
use countersign::credentials::{CredentialState, Scheme};
use countersign::domain::{Step, steps_of};
use countersign::engine::Options;
use countersign::implementation::ReferenceImplementation;
use countersign::reference::Fault;
use countersign::results::{PackReport, RuleState};
use countersign::spec::{Level, Spec};

/// One rule about what comes before, in a space in which somebody logs in before everybody else.
fn text(relate: &str) -> String {
    format!(
        r#"
countersign: 1
pack: {{name: log-ins, version: 1, title: What a log-in leaves behind}}
domain:
  policy:
    profiles:
      list: {{of: {{scheme: {{one-of: [basic, bearer]}}}}, min: 1, max: 1}}
  client:
    scheme: {{one-of: [basic, bearer]}}
    credential: {{one-of: [valid, none, wrong-secret]}}
  exclude:
    - {{client.scheme: basic, not: {{policy.profiles: {{has: {{scheme: basic}}}}}}}}
    - {{client.scheme: bearer, not: {{policy.profiles: {{has: {{scheme: bearer}}}}}}}}
rules:
  - id: who-logs-in-gets-in
    level: must
    source: {{document: a test, section: all}}
    impact: none
    when: {{client.credential: valid}}
    expect: {{outcome: accepted}}
  - id: what-comes-before-changes-nothing
    level: must
    source: {{document: a test, section: all}}
    impact: none
    when: {{client.credential: {{not: valid}}, outcome: {{not: accepted}}}}
    relate:
      {relate}
      expect: {{outcome: {{not: accepted}}}}
"#
    )
}

fn one_rule(relate: &str) -> Spec {
    spec(&text(relate))
}

async fn with(spec: &Spec, fault: Fault) -> PackReport {
    let mut reference = ReferenceImplementation::with_faults(&[fault]);
    let report = quietly(spec, &mut reference, &Options::default()).await;
    assert!(report.stopped.is_none(), "{:?}", report.stopped);
    report
}

/// The rule about what comes before: its state, on how many cases it held, and how many were without a verdict.
fn came_to(report: &PackReport) -> (RuleState, u64, u64) {
    let rule = &report.rules[1];
    (rule.state.clone(), rule.held, rule.inconclusive)
}

const BEHIND: &str = "behind: [{ask: {credential: valid}}]";
const BESIDE: &str = "behind: [{beside: {credential: valid}, clients: 2, tries: 40}]";

#[tokio::test]
async fn what_others_left_behind_hides_no_memory() {
    for fault in [
        Fault::LogInOpensTheResource,
        Fault::LogInOpensTheAddress,
        Fault::LogInOpensTheConnection,
    ] {
        let report = with(&one_rule(BEHIND), fault).await;
        assert_eq!(came_to(&report).0, RuleState::Failed, "{fault}");
        let found = report.findings.iter().find(|found| found.accuses());
        assert_eq!(found.unwrap().case.course, countersign::domain::no_steps());
    }
    for fault in [Fault::LogInOpensTheResource, Fault::LogInOpensItsUser] {
        let report = with(&one_rule(BESIDE), fault).await;
        assert_eq!(came_to(&report).0, RuleState::Failed, "{fault}");
        assert!(report.findings.iter().any(|found| found.accuses()));
    }
}

/// The defect of the one finding that accuses, and the steps behind which it showed.
fn defect_and_steps(report: &PackReport) -> (&str, Vec<Step>) {
    let finding = report.findings.iter().find(|one| one.accuses()).unwrap();
    let (sibling, _) = finding.sibling.as_ref().unwrap();
    (&finding.defect, steps_of(&sibling.course).unwrap())
}

/// Before anybody is told that it takes others at work, it is seen what happens without them.
#[tokio::test]
async fn who_gets_in_with_nobody_at_work_is_told_so() {
    let spec = one_rule(BESIDE);
    let report = with(&spec, Fault::LogInOpensItsUser).await;
    let (defect, steps) = defect_and_steps(&report);
    assert_eq!(defect, "who is refused gets in behind a log-in");
    assert!(matches!(steps[..], [Step::Ask { times: 1, .. }]));
    let report = with(&spec, Fault::MixesUpLogIns).await;
    let (defect, steps) = defect_and_steps(&report);
    assert_eq!(defect, "\"what comes before changes nothing\" is broken");
    assert!(matches!(steps[..], [Step::Beside { clients: 2, .. }]));
    // Whoever tries for the third time is let in, beside others or not.
    let tried = AtomicU64::new(0);
    let mut server = Server::new(move |policy, asked| {
        let wrong = asked.is(CredentialState::WrongSecret);
        match wrong && tried.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
            true => Reply::welcome(),
            false => open_minded(policy, asked),
        }
    });
    let report = quietly(&spec, &mut server, &Options::default()).await;
    let (defect, steps) = defect_and_steps(&report);
    assert_eq!(defect, "who is refused gets in when asked again");
    assert!(matches!(steps[..], [Step::Beside { clients: 0, .. }]));
}

/// Nothing of the kind comes before these, whoever asks: they are played once.
#[tokio::test]
async fn who_is_kept_out_anyway_is_not_asked_again() {
    let spec = one_rule(BEHIND);
    let mut reference = ReferenceImplementation::new();
    let report = quietly(&spec, &mut reference, &Options::default()).await;
    assert_eq!(came_to(&report), (RuleState::Passed, 4, 0));
    // Six cases, and four behind a log-in.
    assert_eq!(report.requests, 14);
}

/// The rule holds of all its cases, and two of these were let in at first: what did that is not what it tries.
#[tokio::test]
async fn a_memory_that_no_rule_shows_is_no_pass() {
    let spec = one_rule("then: [{ask: {credential: wrong-secret}}]");
    let report = with(&spec, Fault::LogInOpensTheAddress).await;
    assert_eq!(came_to(&report), (RuleState::Inconclusive, 2, 2));
    assert!(report.findings.is_empty());
    assert!(!report.is_complete(Level::Should));
    let told: Vec<&str> = (report.anomalies.iter())
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "it was let in behind others and is kept out by itself, and no rule shows what is \
             remembered"
        ]
    );
}

/// Where nobody could log in before, nothing was shown of what a log-in leaves behind.
#[tokio::test]
async fn behind_nobodys_log_in_nothing_is_shown() {
    let text = text(BEHIND);
    let (before, rest) = text.split_once("    - {client.scheme: basic").unwrap();
    let (_, rest) = rest.split_once("rules:").unwrap();
    let strangers =
        "    - {client.scheme: basic}\n    - {policy.profiles: {has: {scheme: bearer}}}\n";
    let spec = spec(&format!("{before}{strangers}rules:{rest}"));
    let mut reference = ReferenceImplementation::new();
    let report = quietly(&spec, &mut reference, &Options::default()).await;
    assert_eq!(came_to(&report), (RuleState::NotExercised, 0, 0));
}

/// The shipped rules find each of them, and accuse of nothing else.
#[tokio::test]
async fn the_shipped_rules_find_them() {
    let spec = pack("http-authentication");
    for (fault, rule) in [
        (
            Fault::LogInOpensTheResource,
            "nobody-gets-in-beside-another",
        ),
        (
            Fault::LogInOpensTheConnection,
            "a-log-in-lets-nobody-else-in",
        ),
    ] {
        let mut reference = ReferenceImplementation::with_faults(&[fault]);
        let options = Options {
            rules: vec![rule.to_owned()],
            ..Options::default()
        };
        let report = quietly(&spec, &mut reference, &options).await;
        let found: Vec<bool> = report.findings.iter().map(|one| one.accuses()).collect();
        assert!(!found.is_empty() && found.iter().all(|accuses| *accuses));
    }
}

/// Two rules of one case each, in a space in which somebody may log in before.
const COURSES: &str = r#"
countersign: 1
pack: {name: courses, version: 1, title: What a log-in leaves behind}
domain:
  policy:
    profiles:
      list: {of: {scheme: {one-of: [basic, bearer]}}, min: 1, max: 1}
  course:
    most: 1
    steps:
      - {ask: {credential: none}}
      - {ask: {credential: valid, method: head}}
  client:
    scheme: {one-of: [basic]}
    credential: {one-of: [valid, none]}
    method: {one-of: [get, head]}
rules:
  - id: who-shows-nothing-is-refused
    level: must
    source: {document: a test, section: all}
    impact: none
    when: {client.credential: none}
    expect: {status: 401}
"#;

#[tokio::test]
async fn what_shows_each_time_is_shrunk_to_what_shows_each_time() {
    for fault in [Fault::LogInOpensTheResource, Fault::LogInOpensTheAddress] {
        let report = with(&spec(COURSES), fault).await;
        assert_eq!(report.rules[0].state, RuleState::Failed, "{fault}");
        let found: Vec<_> = report.findings.iter().map(|one| &one.sentence).collect();
        let [finding] = report.findings.as_slice() else {
            panic!("{fault}: {found:?}")
        };
        // A simpler case fails beside others that log in, and holds by itself.
        assert!(finding.accuses(), "{fault}: {found:?}");
        assert_eq!(finding.case.steps().len(), 1, "{fault}: {found:?}");
    }
}

/// Where nobody was refused, nobody gets in for having asked again.
#[tokio::test]
async fn who_was_let_in_before_is_not_told_to_get_in_when_asked_again() {
    let spec = spec(&text(BESIDE).replace(", outcome: {not: accepted}}", "}"));
    let mut reference = ReferenceImplementation::with_faults(&[Fault::AcceptsWrongSecret]);
    let report = quietly(&spec, &mut reference, &Options::default()).await;
    let (defect, _) = defect_and_steps(&report);
    assert_eq!(defect, "\"what comes before changes nothing\" is broken");
}

#[tokio::test]
async fn whoever_says_that_too_much_was_asked_is_not_accused_of_it() {
    // Behind five wrong passwords of a user, until he logs in again, in whichever installation.
    let wrong = AtomicU64::new(0);
    let mut server = Server::new(move |policy, asked| {
        if asked.has(Scheme::Basic, CredentialState::Valid) {
            wrong.store(0, Ordering::Relaxed);
        }
        let fails = asked.has(Scheme::Basic, CredentialState::WrongSecret);
        if fails && wrong.fetch_add(1, Ordering::Relaxed) > 4 {
            return Reply::status(429, &["Retry-After: 1"]);
        }
        open_minded(policy, asked)
    });
    server.description.events = false;
    let options = Options {
        rules: vec!["bad-credentials-are-challenged".to_owned()],
        cases: 300,
        ..Options::default()
    };
    let report = quietly(&pack("http-authentication"), &mut server, &options).await;
    let accused = report.accusations().map(|one| one.rule.as_str());
    assert_eq!(accused.collect::<Vec<_>>(), [""; 0]);
    let whys = report.findings.iter().filter_map(|one| one.unsteady());
    assert!(whys.count() > 0, "it was not met");
}
