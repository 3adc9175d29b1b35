//! Reproductions: what ships replays, and a replay never says more than was exercised.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic: that is how it fails"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign::corpus::{Entry, Reason, Replayed, State, Unreadable, list, load, replay, save};
use countersign::domain::{Allowed, Value};
use countersign::engine::{Cure, Options, PackReport, Presumed, run};
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Placement, ReferenceImplementation,
    SetupFault,
};
use countersign::observation::AuditEvent;
use countersign::reference::Fault;
use countersign::spec::{Spec, shipped};
use countersign::wire::Endpoint;
use countersign::yaml::Source;

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

#[test]
fn what_somebody_else_left_is_not_written_over() {
    let entry = headline();
    let dir = tempfile::tempdir().unwrap();
    let files = || list(dir.path()).unwrap().len();
    let first = save(dir.path(), &entry).unwrap();
    assert_eq!(first.kept, None);

    // Another product has another file, and so has the reference with a fault; another version has not.
    let seen_on = |name: &str, version: &str| {
        let mut other = entry.clone();
        other.seen_on.name = name.to_owned();
        other.seen_on.version = version.to_owned();
        other
    };
    let gateway = save(dir.path(), &seen_on("my-gateway", "1")).unwrap();
    assert!(
        gateway.path.to_str().unwrap().contains("-on-my-gateway-"),
        "{gateway:?}"
    );
    save(dir.path(), &seen_on("my gateway", "1")).unwrap();
    save(dir.path(), &seen_on("reference", "0.1.0+flag-ignored")).unwrap();
    assert_eq!(files(), 4);
    let newer = save(dir.path(), &seen_on("my-gateway", "2")).unwrap();
    assert_eq!((newer, files()), (gateway, 4));
    assert_eq!(load(&first.path).unwrap(), entry);

    // What changes from run to run is written anew; a note, or anything else that a person wrote, stays.
    let mut again = entry.clone();
    again.transcript.case.clear();
    assert_eq!(save(dir.path(), &again).unwrap(), first);
    let written = fs::read_to_string(&first.path).unwrap();
    for edited in [
        format!("# Asked them on Monday.\n{written}"),
        written.replacen("impact: A client", "impact: Every client", 1),
        "half of i".to_owned(),
    ] {
        fs::write(&first.path, &edited).unwrap();
        let second = save(dir.path(), &entry).unwrap();
        assert_eq!(second.kept.as_ref(), Some(&first.path));
        assert_eq!(fs::read_to_string(&first.path).unwrap(), edited);
        // It names itself, and is written anew under its own name.
        let name = second
            .path
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        assert!(name.ends_with("-2.yaml"), "{name}");
        let text = fs::read_to_string(&second.path).unwrap();
        assert!(
            text.contains(&format!("countersign replay {name} ")),
            "{text}"
        );
        assert_eq!(load(&second.path).unwrap(), entry);
        assert_eq!((save(dir.path(), &entry).unwrap(), files()), (second, 5));
    }
    // A file that was named before names told products apart keeps its name.
    let dir = tempfile::tempdir().unwrap();
    let other = seen_on("my-gateway", "1");
    let plain = dir.path().join(entry.file_name());
    let own = save(dir.path(), &other).unwrap().path;
    let text = fs::read_to_string(&own).unwrap();
    let old = text.replace(&other.file_name(), &entry.file_name());
    fs::remove_file(&own).unwrap();
    fs::write(&plain, old).unwrap();
    assert_eq!(save(dir.path(), &other).unwrap().path, plain);
    assert_eq!(list(dir.path()).unwrap(), [plain]);
}

#[tokio::test]
async fn what_did_not_show_each_time_is_not_fixed() {
    let mut entry = headline();
    entry.flaky = Some((4, 12));
    let replayed = against(&entry, &[Fault::AdvertisesRegardlessOfFlag]).await;
    let State::NotShown {
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
        State::StillFailing(entry.discrepancy.clone())
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
    fn of(state: &State) -> Self {
        match state {
            State::Fixed { .. } => Self::Fixed,
            State::StillFailing(_) => Self::StillFailing,
            State::FailingDifferently(_) => Self::FailingDifferently,
            State::NotShown { .. } => Self::NotShown,
            State::CouldNotRun(_) => Self::CouldNotRun,
        }
    }
}

#[tokio::test]
async fn the_reference_still_fails() {
    let entry = headline();
    let replayed = against(&entry, &[]).await;
    assert_eq!(
        replayed.state,
        State::StillFailing(entry.discrepancy.clone())
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
    assert_eq!(replayed.state, State::Fixed { caution: None });
    // An implementation that advertises everything anyway has fixed it, too.
    let replayed = against(&entry, &[Fault::AdvertisesRegardlessOfFlag]).await;
    assert_eq!(replayed.state, State::Fixed { caution: None });
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
        State::StillFailing(entry.discrepancy.clone())
    );
    assert_ne!(replayed.transcript, entry.transcript);
    // Sent to a page for people it is shut out in another way.
    let mut redirecting = Fixed::answering(FOUND, OK).await;
    let replayed = replay(&entry, &mut redirecting, &quick()).await;
    let State::FailingDifferently(now) = &replayed.state else {
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
        matches!(replayed.state, State::CouldNotRun(Reason::Inconclusive(_))),
        "{}",
        replayed.state
    );
    let entry = Entry::read(&Source::new(
        "entry",
        expecting("{status: 200, challenges: {well-formed: true}}"),
    ))
    .unwrap();
    let replayed = against(&entry, &[]).await;
    let State::FailingDifferently(now) = &replayed.state else {
        panic!("{}", replayed.state)
    };
    assert_eq!(now.observed, "status 401");
}

/// The headline as a rule that expects something of a 401.
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
    let State::CouldNotRun(Reason::NotApplicable(why)) = &replayed.state else {
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
        matches!(replayed.state, State::CouldNotRun(Reason::NotApplicable(_))),
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
    let State::CouldNotRun(Reason::NobodyGetsIn(seen)) = &replayed.state else {
        panic!("{}", replayed.state)
    };
    assert_eq!(seen, "basic refused (403), bearer refused (403)");
    // Nor is it where the file is of a pack that nobody has here.
    let mut own = entry.clone();
    own.rule.pack = "their-own".to_owned();
    let replayed = replay(&own, &mut shut, &quick()).await;
    assert!(
        matches!(replayed.state, State::CouldNotRun(Reason::NobodyGetsIn(_))),
        "{}",
        replayed.state
    );
    let replayed = against(&with(&own, "advertise_all", &Value::Bool(true)), &[]).await;
    assert_eq!(replayed.state, State::Fixed { caution: None });
    let mut broken = Fixed::answering(UNAVAILABLE, UNAVAILABLE).await;
    let replayed = replay(&entry, &mut broken, &quick()).await;
    assert!(
        matches!(replayed.state, State::CouldNotRun(Reason::Inconclusive(_))),
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
        matches!(replayed.state, State::CouldNotRun(Reason::Fault(_))),
        "{}",
        replayed.state
    );
    assert!(replayed.transcript.case.is_empty());

    let mut hanging = Fixed::dead().await;
    hanging.hangs = true;
    let replayed = replay(&entry, &mut hanging, &quick()).await;
    let State::CouldNotRun(Reason::Setup(fault)) = &replayed.state else {
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
        matches!(replayed.state, State::CouldNotRun(Reason::Unsupported(_))),
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
        matches!(replayed.state, State::CouldNotRun(Reason::Unsupported(_))),
        "{}",
        replayed.state
    );

    let options = quick();
    options.stop.stop();
    let mut reference = ReferenceImplementation::new();
    let replayed = replay(&entry, &mut reference, &options).await;
    assert_eq!(replayed.state, State::CouldNotRun(Reason::Asked));
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
    let State::CouldNotRun(Reason::Flaky { first, second }) = &replayed.state else {
        panic!("{}", replayed.state)
    };
    assert!(first.starts_with("still failing"), "{first}");
    assert!(second.starts_with("fixed"), "{second}");
}

#[test]
fn hostile_files_end_in_diagnostics() {
    let dir = tempfile::tempdir().unwrap();
    let good = headline().to_yaml();
    let try_bytes = |bytes: &[u8]| {
        let path = dir.path().join("hostile.yaml");
        fs::write(&path, bytes).unwrap();
        load(&path)
    };
    let wrong = |bytes: &[u8]| match try_bytes(bytes) {
        Err(Unreadable::Wrong(problems)) => {
            assert!(problems.has_errors());
            problems.render()
        }
        other => panic!("{other:?}"),
    };
    // Truncated before its last list, whose items may be fewer: a diagnostic, never a panic.
    for at in (0..good.find("identities:").unwrap()).step_by(97) {
        if let Some(part) = good.get(..at) {
            assert!(try_bytes(part.as_bytes()).is_err(), "cut at {at}");
        }
    }
    // Random bytes, and random bytes in the midst of a good file.
    let mut state = 7_u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        u8::try_from(state >> 56).unwrap()
    };
    for _ in 0..50 {
        let bytes: Vec<u8> = (0..200).map(|_| random()).collect();
        wrong(&bytes);
    }
    for _ in 0..100 {
        let mut bytes = good.clone().into_bytes();
        let at = usize::from(random()) * bytes.len() / 256;
        bytes[at] = random();
        if let Err(why) = try_bytes(&bytes) {
            assert!(!why.to_string().is_empty());
        }
    }
    // Wrong types, one key after the other.
    for (line, text) in good.lines().enumerate() {
        let Some((key, value)) = text.split_once(": ") else {
            continue;
        };
        if value == "|" || text.starts_with('#') {
            continue;
        }
        for instead in ["[[]]", "{x: {}}", "1.5", "null", "\"\\u0000\""] {
            let changed: Vec<String> = good
                .lines()
                .enumerate()
                .map(|(at, old)| {
                    if at == line {
                        format!("{key}: {instead}")
                    } else {
                        old.to_owned()
                    }
                })
                .collect();
            if let Err(Unreadable::Wrong(problems)) = try_bytes(changed.join("\n").as_bytes()) {
                assert!(problems.has_errors());
            }
        }
    }
    // Ten megabytes, of one line and of many; as many unknown keys as fit.
    let shown = wrong(&vec![b'x'; 10 * 1024 * 1024]);
    assert!(shown.contains("too large"), "{shown}");
    wrong("- a\n".repeat(2_600_000).as_bytes());
    let keys: String = (0..100_000).map(|n| format!("k{n}:\n")).collect();
    let begun = std::time::Instant::now();
    wrong(keys.as_bytes());
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert!(matches!(
        load(&dir.path().join("none")),
        Err(Unreadable::Io { .. })
    ));
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    let good = headline().to_yaml();
    let shown = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        let text = good.replacen(from, to, 1);
        Entry::read(&Source::new("a.yaml", text))
            .unwrap_err()
            .render()
    };
    for (from, to, message) in [
        ("\nsentence: ", "\nsentense: ", "did you mean `sentence`?"),
        ("\nsentence: ", "\n# ", "a reproduction needs `sentence`"),
        ("level: should", "level: shuold", "did you mean `should`?"),
        (
            "persona: challenge-driven",
            "persona: chalenge",
            "client.persona is `chalenge`",
        ),
        (
            "reproduction: 1",
            "reproduction: 2",
            "not a version of the format",
        ),
        (
            "outcome: same",
            "outcome: equal",
            "`outcome` is not compared by `equal`",
        ),
        ("  relate:", "  relates:", "did you mean `relate`?"),
        (
            "\nsibling:\n",
            "\nsibling: 3\nother:\n",
            "a sibling must be a mapping",
        ),
        (
            "enabled: true",
            "enabled: \"yes\"",
            "true or false is expected",
        ),
        (
            "    active: true",
            "    active: 1.5",
            "no field has numbers with a fraction",
        ),
    ] {
        let shown = shown(from, to);
        assert!(shown.contains(message), "{shown}");
        assert!(shown.contains("--> a.yaml:"), "{shown}");
    }
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

/// An implementation at an address, whatever it is told to install.
struct Fixed {
    description: Description,
    endpoint: Endpoint,
    hangs: bool,
}

impl Fixed {
    fn at(authority: String) -> Self {
        Self {
            description: Description {
                name: "fixed".to_owned(),
                slots: 1,
                ..Description::default()
            },
            endpoint: Endpoint::new(authority, ""),
            hangs: false,
        }
    }

    /// One that nobody listens at.
    async fn dead() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::at(listener.local_addr().unwrap().to_string())
    }

    /// One that answers requests without and with credentials like this.
    async fn answering(bare: &'static str, authorized: &'static str) -> Self {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut buffer = vec![0; 4096];
                    // A request is small enough to come in one piece.
                    while let Ok(read) = stream.read(&mut buffer).await
                        && read > 0
                    {
                        let request = String::from_utf8_lossy(&buffer[..read]).to_lowercase();
                        let response = if request.contains("\r\nauthorization:") {
                            authorized
                        } else {
                            bare
                        };
                        if stream.write_all(response.as_bytes()).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Self::at(authority)
    }
}

impl Implementation for Fixed {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        Box::pin(async move {
            if self.hangs {
                std::future::pending::<()>().await;
            }
            let place = |_| Placement::Endpoint(self.endpoint.clone());
            Ok(installation.policies.iter().map(place).collect())
        })
    }

    fn events(&mut self, _: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// A reference that has other faults after the first run of a case and its sibling.
struct Flipping {
    inner: ReferenceImplementation,
    installations: u32,
    then: Vec<Fault>,
}

impl Implementation for Flipping {
    fn description(&self) -> &Description {
        self.inner.description()
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        self.installations += 1;
        Box::pin(async move {
            if self.installations == 3 {
                self.inner.stop().await;
                self.inner = ReferenceImplementation::with_faults(&self.then);
            }
            self.inner.install(installation).await
        })
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.inner.events(generation)
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        self.inner.stop()
    }
}
