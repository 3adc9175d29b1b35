//! Reproductions: what ships replays, and a replay never says more than was exercised.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic: that is how it fails"
)]

mod doubles;
mod files;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign::corpus::{
    Entry, Reason, ReplayState, Replayed, Unreadable, list, load, replay, save,
};
use countersign::domain::{Allowed, Value};
use countersign::engine::{Options, run};
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Placement, ReferenceImplementation,
};
use countersign::observation::AuditEvent;
use countersign::observation::SetupFault;
use countersign::reference::Fault;
use countersign::results::{Cure, PackReport, Presumed};
use countersign::spec::{Spec, shipped};
use countersign::wire::Endpoint;
use countersign::yaml::Source;
use doubles::{Fixed, Flipping};

const RULE: &str = "challenge-driven-client-gets-in";

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The reproduction of the headline finding, as it ships.
fn headline() -> Entry {
    let files = list(&corpus()).unwrap();
    files
        .iter()
        .map(|file| load(file).unwrap_or_else(|why| panic!("{why}")))
        .find(|entry| entry.rule.id == RULE)
        .expect("the headline ships")
}

async fn fresh(faults: &[Fault]) -> PackReport {
    let spec = Spec::read(&shipped("reachability").unwrap()).unwrap();
    let mut reference = ReferenceImplementation::with_faults(faults);
    let report = run(&spec, &mut reference, &Options::default(), &mut |_| {}).await;
    reference.stop().await;
    report
}

async fn against(entry: &Entry, faults: &[Fault]) -> Replayed {
    let mut reference = ReferenceImplementation::with_faults(faults);
    let replayed = replay(entry, &mut reference, &Options::default()).await;
    reference.stop().await;
    replayed
}

/// The entry with a value set in the case and its sibling, as an administrator would set it.
fn with(entry: &Entry, field: &str, value: &Value) -> Entry {
    let mut entry = entry.clone();
    let set = |record: &mut Value| {
        let Value::Record(fields) = record else {
            panic!("no record")
        };
        let (_, slot) = fields
            .iter_mut()
            .find(|(name, _)| &**name == field)
            .unwrap();
        *slot = value.clone();
    };
    set(&mut entry.case.policy);
    set(&mut entry.sibling.as_mut().unwrap().case.policy);
    entry
}

#[tokio::test]
async fn the_shipped_reproduction_is_what_a_fresh_run_writes() {
    let report = fresh(&[]).await;
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.rule == RULE)
        .expect("the seed is found");
    let (name, version) = &report.implementation;
    let entry = Entry::of(finding, name, version);
    let text = entry.to_yaml();
    let path = corpus().join(entry.file_name());
    let shipped = fs::read_to_string(&path).unwrap_or_default();
    if shipped != text {
        let fresh = save(Path::new(env!("CARGO_TARGET_TMPDIR")), &entry).unwrap();
        panic!(
            "{} is not what a run writes. Look at the difference to {}, and if it is meant, write \
             it anew with `countersign run --save`",
            path.display(),
            fresh.path.display()
        );
    }
    assert_eq!(load(&path).unwrap(), entry);
    // Twice the same bytes, and the same file is not written twice.
    let dir = tempfile::tempdir().unwrap();
    let saved = save(dir.path(), &entry).unwrap();
    let first = fs::metadata(&saved.path).unwrap().modified().unwrap();
    assert_eq!(save(dir.path(), &entry).unwrap(), saved);
    assert_eq!(
        fs::metadata(&saved.path).unwrap().modified().unwrap(),
        first
    );
    assert_eq!(fs::read_to_string(&saved.path).unwrap(), text);
    assert_eq!(
        list(dir.path()).unwrap(),
        [saved.path],
        "nothing else is left"
    );
}

#[tokio::test]
async fn what_did_not_show_each_time_is_not_fixed() {
    let mut entry = headline();
    entry.flaky = Some((4, 12));
    let replayed = against(&entry, &[Fault::AdvertisesRegardlessOfFlag]).await;
    let ReplayState::NotShown {
        runs: 12,
        failed: 4,
        of: 12,
    } = &replayed.state
    else {
        panic!("{}", replayed.state)
    };
    assert_eq!(
        entry.answer(&replayed.state, "reference", "0.1.0"),
        "did not show in 12 runs on reference 0.1.0 (was seen in 4 of 12 on reference 0.1.0)"
    );
    // It needs to show once only.
    let replayed = against(&entry, &[]).await;
    assert_eq!(
        replayed.state,
        ReplayState::StillFailing(entry.discrepancy.clone())
    );
    let mut rare = Flipping {
        inner: ReferenceImplementation::with_faults(&[Fault::AdvertisesRegardlessOfFlag]),
        installations: 0,
        then: vec![],
    };
    let replayed = replay(&entry, &mut rare, &Options::default()).await;
    rare.stop().await;
    assert_eq!(
        StateIs::of(&replayed.state),
        StateIs::StillFailing,
        "{}",
        replayed.state
    );
}

#[tokio::test]
async fn every_finding_of_a_broken_reference_reproduces() {
    let faults = [Fault::FlagOpensEveryScheme];
    let report = fresh(&faults).await;
    assert!(!report.findings.is_empty());
    for finding in &report.findings {
        let entry = Entry::of(finding, "reference", "0");
        let again = Entry::read(&Source::new("entry", entry.to_yaml()))
            .unwrap_or_else(|why| panic!("{why}\n{}", entry.to_yaml()));
        assert_eq!(again, entry);
        let replayed = against(&again, &faults).await;
        let StateIs::StillFailing = StateIs::of(&replayed.state) else {
            panic!("{}: {}", finding.rule, replayed.state);
        };
        assert_eq!(replayed.transcript, entry.transcript, "{}", finding.rule);
    }
}

/// A state without its details.
#[derive(Debug, PartialEq)]
enum StateIs {
    Fixed,
    StillFailing,
    FailingDifferently,
    NotShown,
    CouldNotRun,
}

impl StateIs {
    fn of(state: &ReplayState) -> Self {
        match state {
            ReplayState::Fixed { .. } => Self::Fixed,
            ReplayState::StillFailing(_) => Self::StillFailing,
            ReplayState::FailingDifferently(_) => Self::FailingDifferently,
            ReplayState::NotShown { .. } => Self::NotShown,
            ReplayState::CouldNotRun(_) => Self::CouldNotRun,
        }
    }
}

#[tokio::test]
async fn the_reference_still_fails() {
    let entry = headline();
    let replayed = against(&entry, &[]).await;
    assert_eq!(
        replayed.state,
        ReplayState::StillFailing(entry.discrepancy.clone())
    );
    assert_eq!(replayed.transcript, entry.transcript);
}

#[tokio::test]
async fn the_cure_is_seen_as_fixed() {
    let entry = headline();
    let told = |cure: &Cure| cure.path == "policy.advertise_all" && cure.to == "true";
    assert!(entry.cures.iter().any(told), "{:?}", entry.cures);
    let cured = with(&entry, "advertise_all", &Value::Bool(true));
    let replayed = against(&cured, &[]).await;
    assert_eq!(replayed.state, ReplayState::Fixed { caution: None });
    // An implementation that advertises everything anyway has fixed it, too.
    let replayed = against(&entry, &[Fault::AdvertisesRegardlessOfFlag]).await;
    assert_eq!(replayed.state, ReplayState::Fixed { caution: None });
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const FOUND: &str = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n";
const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
const UNAVAILABLE: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn another_departure_is_told_from_the_same() {
    let entry = headline();
    // Without any challenge the client is shut out just the same.
    let replayed = against(&entry, &[Fault::UnauthorizedWithoutChallenge]).await;
    assert_eq!(
        replayed.state,
        ReplayState::StillFailing(entry.discrepancy.clone())
    );
    assert_ne!(replayed.transcript, entry.transcript);
    // Sent to a page for people it is shut out in another way.
    let mut redirecting = Fixed::answering(FOUND, OK).await;
    let replayed = replay(&entry, &mut redirecting, &quick()).await;
    let ReplayState::FailingDifferently(now) = &replayed.state else {
        panic!("{}", replayed.state)
    };
    assert_eq!(now.observed, "redirected (302)");
    assert_eq!(replayed.transcript.case[0].status(), Some(302));

    // Of a rule that expects something of the case itself: all schemes are to be advertised.
    let entry = Entry::read(&Source::new(
        "entry",
        expecting("{challenges: {exactly: [basic, bearer]}}"),
    ))
    .unwrap_or_else(|why| panic!("{why}"));
    let replayed = against(&entry, &[]).await;
    assert_eq!(
        StateIs::of(&replayed.state),
        StateIs::StillFailing,
        "{}",
        replayed.state
    );
    let replayed = against(&entry, &[Fault::UnauthorizedWithoutChallenge]).await;
    assert_eq!(
        StateIs::of(&replayed.state),
        StateIs::StillFailing,
        "{}",
        replayed.state
    );
    let replayed = against(&entry, &[Fault::MalformedChallenge]).await;
    assert!(
        matches!(
            replayed.state,
            ReplayState::CouldNotRun(Reason::Inconclusive(_))
        ),
        "{}",
        replayed.state
    );
    let entry = Entry::read(&Source::new(
        "entry",
        expecting("{status: 200, challenges: {well-formed: true}}"),
    ))
    .unwrap();
    let replayed = against(&entry, &[]).await;
    let ReplayState::FailingDifferently(now) = &replayed.state else {
        panic!("{}", replayed.state)
    };
    assert_eq!(now.observed, "status 401");
}

/// The headline as a rule that expects something of a 401, of a pack that nobody else knows.
fn expecting(clause: &str) -> String {
    let text = headline().to_yaml();
    let (before, rest) = text.split_once("\ndemand:\n").unwrap();
    let (_, after) = rest.split_once("\nfailure:\n").unwrap();
    let text = format!(
        "{before}\ndemand:\n  when: {{status: [401]}}\n  expect: {clause}\nfailure:\n{after}"
    );
    let kind = format!("  kind: {}\n", "challenges missing");
    let old = text
        .lines()
        .find(|line| line.starts_with("  kind: "))
        .unwrap();
    let text = text.replace("\n  pack: reachability\n", "\n  pack: ours\n");
    text.replace(&format!("{old}\n"), &kind)
}

#[tokio::test]
async fn a_rule_that_no_longer_applies_is_not_fixed() {
    let entry = Entry::read(&Source::new(
        "entry",
        expecting("{challenges: {some: false}}"),
    ))
    .unwrap();
    // Everything is advertised, so the client gets in, and nothing is said of a 401 any more.
    let replayed = against(&entry, &[Fault::AdvertisesRegardlessOfFlag]).await;
    let ReplayState::CouldNotRun(Reason::NotApplicable(why)) = &replayed.state else {
        panic!("{}", replayed.state)
    };
    assert!(why.contains("accepted (200)"), "{why}");
    assert!(!replayed.transcript.case.is_empty());

    // A rule of another choice than the implementation's.
    let mut entry = headline();
    entry.rule.presumes = vec![Presumed {
        alternative: "advertised-profile".to_owned(),
        choice: "first".to_owned(),
        default: false,
    }];
    let replayed = against(&entry, &[]).await;
    assert!(
        matches!(
            replayed.state,
            ReplayState::CouldNotRun(Reason::NotApplicable(_))
        ),
        "{}",
        replayed.state
    );
}

#[tokio::test]
async fn equally_shut_out_is_not_fixed() {
    let entry = headline();
    // Nobody gets in any more: both sides are alike, and that is no cure.
    let mut shut = Fixed::answering(FORBIDDEN, FORBIDDEN).await;
    let replayed = replay(&entry, &mut shut, &quick()).await;
    let ReplayState::CouldNotRun(Reason::NobodyGetsIn(seen)) = &replayed.state else {
        panic!("{}", replayed.state)
    };
    assert_eq!(seen, "basic refused (403), bearer refused (403)");
    // Nor is it where the file is of a pack that nobody has here.
    let mut own = entry.clone();
    own.rule.pack = "their-own".to_owned();
    let replayed = replay(&own, &mut shut, &quick()).await;
    assert!(
        matches!(
            replayed.state,
            ReplayState::CouldNotRun(Reason::NobodyGetsIn(_))
        ),
        "{}",
        replayed.state
    );
    let replayed = against(&with(&own, "advertise_all", &Value::Bool(true)), &[]).await;
    assert_eq!(replayed.state, ReplayState::Fixed { caution: None });
    let mut broken = Fixed::answering(UNAVAILABLE, UNAVAILABLE).await;
    let replayed = replay(&entry, &mut broken, &quick()).await;
    assert!(
        matches!(
            replayed.state,
            ReplayState::CouldNotRun(Reason::Inconclusive(_))
        ),
        "{}",
        replayed.state
    );
}

#[tokio::test]
async fn what_cannot_be_exercised_could_not_run() {
    let entry = headline();
    let mut dead = Fixed::dead().await;
    let replayed = replay(&entry, &mut dead, &quick()).await;
    assert!(
        matches!(replayed.state, ReplayState::CouldNotRun(Reason::Fault(_))),
        "{}",
        replayed.state
    );
    assert!(replayed.transcript.case.is_empty());

    let mut hanging = Fixed::dead().await;
    hanging.hangs = true;
    let replayed = replay(&entry, &mut hanging, &quick()).await;
    let ReplayState::CouldNotRun(Reason::Setup(fault)) = &replayed.state else {
        panic!("{}", replayed.state)
    };
    assert_eq!(fault.doing, "install policies");

    let mut other = entry.clone();
    let Value::Record(fields) = &mut other.case.policy else {
        panic!("no record")
    };
    fields[1].1 = Value::List(vec![Value::record([("scheme", Value::symbol("digest"))])]);
    let replayed = against(&other, &[]).await;
    assert!(
        matches!(
            replayed.state,
            ReplayState::CouldNotRun(Reason::Unsupported(_))
        ),
        "{}",
        replayed.state
    );

    // An adapter that never sets the flag must not be believed about it.
    let mut narrow = Fixed::dead().await;
    narrow.description.supports.by_path.insert(
        "policy.advertise_all".to_owned(),
        Allowed::Values(vec![Value::Bool(true)]),
    );
    let replayed = replay(&entry, &mut narrow, &quick()).await;
    assert!(
        matches!(
            replayed.state,
            ReplayState::CouldNotRun(Reason::Unsupported(_))
        ),
        "{}",
        replayed.state
    );

    let options = quick();
    options.stop.stop();
    let mut reference = ReferenceImplementation::new();
    let replayed = replay(&entry, &mut reference, &options).await;
    assert_eq!(replayed.state, ReplayState::CouldNotRun(Reason::Asked));
}

#[tokio::test]
async fn two_runs_that_differ_are_flaky() {
    let entry = headline();
    let mut flaky = Flipping {
        inner: ReferenceImplementation::new(),
        installations: 0,
        then: vec![Fault::AdvertisesRegardlessOfFlag],
    };
    let replayed = replay(&entry, &mut flaky, &Options::default()).await;
    flaky.stop().await;
    let ReplayState::CouldNotRun(Reason::Flaky { first, second }) = &replayed.state else {
        panic!("{}", replayed.state)
    };
    assert!(first.starts_with("still failing"), "{first}");
    assert!(second.starts_with("fixed"), "{second}");
}

fn quick() -> Options {
    let mut options = Options {
        setup_deadline: Duration::from_millis(300),
        ..Options::default()
    };
    options.limits.connect = Duration::from_secs(1);
    options.limits.head = Duration::from_secs(1);
    options
}
