//! Tests of whole tests: their trials, and what is played for them.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Conclusion};

use super::nextest::Nextest;
use super::prepare::{PreparedTrials, pair, read};
use super::session::Sessions;
use super::{Conformance, Opening, Target};
use crate::implementation::{Implementation, ReferenceImplementation};

/// Two packs with two rules each; the second rule of the first needs events.
fn pack(name: &str) -> String {
    format!(
        "countersign: 1
pack: {{name: {name}, version: 1, title: A pack}}
domain:
  policy:
    profiles: {{list: {{of: {{scheme: {{one-of: [basic, bearer]}}, active: {{bool: true}}}}, max: 1}}}}
    advertise_all: {{bool: false}}
  client:
    persona: {{one-of: [preemptive]}}
    scheme: {{one-of: [basic, bearer]}}
    credential: {{one-of: [valid, none]}}
alternatives:
  way:
    why: Sources differ.
    choices: {{one: The one., other: The other.}}
rules:
  - id: challenged
    level: must
    source: {{document: RFC 9110, section: '15.5.2'}}
    impact: Nobody can log in.
    when: {{status: 401}}
    expect: {{challenges: {{some: true}}}}
  - id: logged
    level: must
    source: {{document: RFC 9110, section: '15.5.2'}}
    impact: Nobody can tell.
    when: {{outcome: accepted}}
    expect: {{events: {{LOGIN_SUCCESS: 1}}}}
  - id: other-way
    level: must
    alternative: {{way: other}}
    source: {{document: RFC 9110, section: '15.5.2'}}
    impact: Nobody can tell.
    when: {{status: 401}}
    expect: {{challenges: {{some: true}}}}
"
    )
}

/// The reference, counting how often it is opened.
fn counted(name: &str, count: &Arc<AtomicUsize>) -> Target {
    let count = Arc::clone(count);
    Target::new(name, move || {
        count.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(Box::new(ReferenceImplementation::new()) as Box<dyn Implementation>) })
    })
    .takes("way", "one")
}

fn test(targets: impl IntoIterator<Item = Target>) -> Conformance {
    targets
        .into_iter()
        .fold(Conformance::new(), Conformance::target)
        .spec_text("one.yaml", pack("one"))
        .spec_text("two.yaml", pack("two"))
}

/// What libtest-mimic makes of a test with this command line, and what it prints.
fn perform(test: Conformance, line: &[&str]) -> (Conclusion, String) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let path = log.path().display().to_string();
    let line = ["test", "--logfile", &path]
        .into_iter()
        .chain(line.iter().copied());
    let arguments = Arguments::from_iter(line);
    let PreparedTrials { trials, notices } = test.prepare(&arguments, None).unwrap();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let notice = notices.text().unwrap_or_default();
    (conclusion, fs::read_to_string(&path).unwrap() + &notice)
}

#[test]
fn each_rule_is_a_trial_and_each_pack_a_run() {
    let opened = Arc::default();
    let (conclusion, said) = perform(test([counted("a", &opened), counted("b", &opened)]), &[]);
    assert_eq!(
        (conclusion.num_passed, conclusion.num_ignored),
        (8, 4),
        "{said}"
    );
    assert!(!conclusion.has_failed(), "{said}");
    assert_eq!(opened.load(Ordering::SeqCst), 4);
}

#[test]
fn what_is_filtered_out_is_not_opened() {
    for (line, passed, opens) in [
        (&["a::one"] as &[&str], 2, 1),
        (&["--exact", "a::one::logged"], 1, 1),
        (&["--exact", "a::one"], 0, 0),
        (&["logged"], 4, 4),
        (&["logged", "--skip", "::two::"], 2, 2),
        (
            &["--exact", "--skip", "a::one::logged", "a::one::logged"],
            0,
            0,
        ),
        (&["--ignored"], 0, 4),
        (&["--include-ignored", "b::two"], 2, 1),
        (&["--test-threads", "1", "challenged"], 4, 4),
        (&["--bench"], 0, 0),
    ] {
        let opened = Arc::default();
        let targets = [counted("a", &opened), counted("b", &opened)];
        let (conclusion, said) = perform(test(targets), line);
        assert_eq!(conclusion.num_passed, passed, "{line:?}\n{said}");
        assert_eq!(opened.load(Ordering::SeqCst), opens, "{line:?}\n{said}");
    }
}

#[test]
fn only_the_selected_rules_are_judged() {
    let opened = Arc::default();
    let test = test([counted("a", &opened)]);
    let specs = read(&test.specs).unwrap();
    let targets: Vec<Arc<Target>> = test.targets.into_iter().map(Arc::new).collect();
    let sessions = Sessions::new(pair(&targets, &specs, true).unwrap(), test.options);
    sessions.select(0, "challenged");
    let outcome = sessions.outcome(0);
    let report = outcome.as_ref().as_ref().unwrap();
    let judged = report.packs[0].rules.iter().filter(|rule| rule.held > 0);
    let judged: Vec<&str> = judged.map(|rule| rule.id.as_str()).collect();
    assert_eq!(judged, ["challenged"]);
}

#[test]
fn a_listing_starts_nothing() {
    let opened = Arc::default();
    let targets = [
        counted("a", &opened).without_events(),
        counted("b", &opened).missing("b is not installed:\n  apt-get install b"),
        counted("c", &opened).takes("way", "other"),
    ];
    let (_, said) = perform(test(targets).trial("own", || Ok(())), &["--list"]);
    assert_eq!(opened.load(Ordering::SeqCst), 0);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 14, "{said}");
    for line in [
        "a::one::challenged: test",
        "a::one::logged: test",
        "b::installed: test",
        "c::one::other-way: test",
        "own: test",
    ] {
        assert!(lines.contains(&line), "{line}\n{said}");
    }
    let ignored = test([counted("a", &opened).without_events()]);
    let (_, said) = perform(ignored, &["--list", "--ignored"]);
    assert_eq!(said.lines().count(), 4, "{said}");
    assert!(said.contains("a::two::logged: test"), "{said}");
}

#[test]
fn reasons_stand_behind_the_names_and_are_told_once() {
    let opened = Arc::default();
    let long = "b is not installed:\n  apt-get install b, and then look after what it wants";
    let targets = [
        counted("a", &opened).without_events(),
        counted("b", &opened).missing(long),
    ];
    let (_, said) = perform(test(targets), &["--test-threads", "1"]);
    for line in [
        "test a::one::challenged ... ok",
        "test a::one::logged     ... ignored (it hands over no audit events)",
        "test a::two::other-way  ... ignored (it takes way: one)",
        "test b::installed       ... ignored (b is not installed: apt-get install b, and then look after …)",
        "not judged, and not passed: 5 trials",
        "it hands over no audit events (2)",
        "b is not installed: apt-get install b, and then look after what it wants (1)",
    ] {
        assert!(said.lines().any(|have| have == line), "{line}\n{said}");
    }
}

#[test]
fn what_is_missing_is_one_trial_and_never_passes() {
    let opened = Arc::default();
    let missing = || [counted("b", &opened).missing("b is not installed")];
    for (line, ignored, failed) in [
        (&[] as &[&str], 1, 0),
        (&["b::"], 1, 0),
        (&["b::one"], 3, 0),
        (&["--exact", "b::two::logged"], 1, 0),
        (&["--ignored"], 0, 1),
        (&["--ignored", "logged"], 0, 2),
    ] {
        let (conclusion, said) = perform(test(missing()), line);
        let have = (conclusion.num_ignored, conclusion.num_failed);
        assert_eq!(have, (ignored, failed), "{line:?}\n{said}");
        assert_eq!(conclusion.num_passed, 0, "{line:?}\n{said}");
        let words = "could not open b: b is not installed";
        assert_eq!(said.contains(words), failed > 0, "{line:?}\n{said}");
    }
    assert_eq!(opened.load(Ordering::SeqCst), 0);
}

#[test]
fn a_program_that_is_not_there_is_one_failure_with_its_reason() {
    let gone = || test([Target::remote("gateway", ["target/no/such/gateway"])]);
    let (conclusion, said) = perform(gone(), &[]);
    assert_eq!(
        (conclusion.num_failed, conclusion.num_passed),
        (1, 0),
        "{said}"
    );
    assert!(said.lines().count() < 24, "{said}");
    for part in [
        "test gateway::installed",
        "there is no program `target/no/such/gateway`, which is to be `gateway`",
        "remedy    build it first",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    // Who asks for one of its rules is told there.
    let (conclusion, said) = perform(gone(), &["--exact", "gateway::one::challenged"]);
    assert_eq!(conclusion.num_failed, 1, "{said}");
    assert!(said.contains("could not start gateway"), "{said}");
}

#[test]
fn a_known_departure_passes_and_is_told() {
    let of_all = pack("one").replacen(
        "expect: {challenges: {some: true}}",
        "expect: {status: 403}",
        1,
    );
    let test = Conformance::new()
        .reference()
        .spec_text("one.yaml", of_all)
        .expect_finding(
            "reference",
            "one",
            "challenged",
            "the simplest case",
            "as documented",
        );
    let (conclusion, said) = perform(test, &["challenged"]);
    assert_eq!(conclusion.num_passed, 1, "{said}");
    let told = "known departures, which pass while they show: 1 trial\n\nas documented (1)\n  \
                reference::one::challenged\n";
    assert!(said.contains(told), "{said}");
}

/// A pack one of whose rules never applies.
fn lazy() -> String {
    pack("one").replacen("when: {status: 401}", "when: {status: 418}", 1)
}

#[test]
fn a_rule_that_never_applies_fails_only_where_that_is_asked_for() {
    let opened = Arc::default();
    let test = || {
        Conformance::new()
            .target(counted("a", &opened))
            .spec_text("one.yaml", lazy())
    };
    let (conclusion, said) = perform(test(), &[]);
    assert_eq!(conclusion.num_failed, 0, "{said}");
    assert!(
        said.contains(
            "never applied: it applied to no case that was played (1)\n  a::one::challenged"
        ),
        "{said}"
    );
    let (conclusion, said) = perform(test().require_all_exercised(), &[]);
    assert_eq!(conclusion.num_failed, 1, "{said}");
}

#[test]
fn nextest_plays_once_and_passes_nothing_that_never_applied() {
    let opened = Arc::default();
    let folder = tempfile::tempdir().unwrap();
    let nextest = Nextest::sharing(folder.path().join("program.run.verdicts"));
    let prepared_by = |nextest: &Nextest, line: &[&str]| {
        let test = Conformance::new()
            .target(counted("a", &opened))
            .spec_text("one.yaml", lazy())
            .spec_text("two.yaml", pack("two"));
        let arguments = Arguments::from_iter(["test"].iter().chain(line));
        let prepared = test.prepare(&arguments, Some(nextest)).unwrap();
        let flags = prepared.trials.iter();
        let ignored: Vec<String> = flags
            .filter(|trial| trial.has_ignored_flag())
            .map(|trial| trial.name().to_owned())
            .collect();
        (libtest_mimic::run(&arguments, prepared.trials), ignored)
    };
    let prepared = |line: &[&str]| prepared_by(&nextest, line);
    let (_, ignored) = prepared(&["--list", "--format", "terse"]);
    let expected = [
        "a::one::challenged",
        "a::one::other-way",
        "a::two::other-way",
    ];
    assert_eq!(ignored, expected);
    assert_eq!(opened.load(Ordering::SeqCst), 2);
    // The list of what is ignored, and each trial: nothing more is played.
    assert_eq!(prepared(&["--list", "--ignored"]).1, expected);
    for name in ["a::one::logged", "a::two::challenged"] {
        let (conclusion, _) = prepared(&["--exact", name, "--nocapture"]);
        assert_eq!(conclusion.num_passed, 1, "{name}");
    }
    assert_eq!(opened.load(Ordering::SeqCst), 2);
    // Where it is run all the same, it does not pass.
    let (conclusion, _) = prepared(&["--exact", "a::one::challenged", "--nocapture"]);
    assert_eq!((conclusion.num_passed, conclusion.num_failed), (0, 1));
    for asked in [&nextest, &Nextest::alone()] {
        let forced = ["--exact", "a::one::challenged", "--ignored"];
        let (conclusion, _) = prepared_by(asked, &forced);
        assert_eq!((conclusion.num_passed, conclusion.num_failed), (0, 1));
    }
}

#[test]
fn a_run_that_panics_fails_its_trials_once() {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let target = Target::new("a", move || {
        count.fetch_add(1, Ordering::SeqCst);
        panic!("boom");
    })
    .takes("way", "one");
    let (conclusion, said) = perform(test([target]), &["a::one"]);
    assert_eq!(conclusion.num_failed, 2, "{said}");
    assert!(said.contains("Countersign panicked: boom"), "{said}");
    assert_eq!(opened.load(Ordering::SeqCst), 1);
}

#[test]
fn which_way_it_takes_may_be_its_own_to_say() {
    let reference = || -> Opening {
        Box::pin(async { Ok(Box::new(ReferenceImplementation::new()) as Box<dyn Implementation>) })
    };
    // The test does not say, so the rule is tried; the implementation says nothing either.
    let (conclusion, said) = perform(test([Target::new("a", reference)]), &["a::one"]);
    assert_eq!(conclusion.num_ignored, 1, "{said}");
    let why = "never applied: the implementation takes way: one";
    assert!(said.contains(why), "{said}");
    let told = Target::new("a", reference).takes("way", "one");
    let (_, said) = perform(test([told]), &["a::one"]);
    assert!(!said.contains("never applied"), "{said}");
}

#[test]
fn mistakes_are_told_before_anything_runs() {
    let mistake = |test: Conformance| {
        let arguments = Arguments::default();
        match test.prepare(&arguments, None) {
            Ok(_) => String::new(),
            Err(mistake) => mistake.to_string(),
        }
    };
    let reference = || test([Target::reference()]);
    for (test, words) in [
        (test([]), "no implementation is named"),
        (
            reference().reference(),
            "two implementations are called `reference`",
        ),
        (
            reference().remote("a::b", ["x"]),
            "cannot name an implementation",
        ),
        (
            reference().adapter("nginxx"),
            match cfg!(feature = "process") {
                true => "did you mean `nginx`?",
                false => "built without the feature `process`",
            },
        ),
        (
            reference().shipped("reachabilty"),
            "did you mean `reachability`?",
        ),
        (
            reference().spec_file("no/such.yaml"),
            "no/such.yaml cannot be read",
        ),
        (
            reference().spec_text("c", pack("one")),
            "two specs call their pack `one`",
        ),
        (
            reference().spec_text("c", "countersign: 1\nrool: 2"),
            "rool",
        ),
        (
            reference().expect_finding("reference", "one", "chalenged", "s", "r"),
            "did you mean `challenged`?",
        ),
        (
            reference().expect_not_exercised("gateway", "one", "logged", "r"),
            "there is no implementation `gateway`",
        ),
        (
            test([Target::reference().takes("way", "othr")]),
            "did you mean `other`?",
        ),
        (
            test([Target::reference().for_packs(["three"])]),
            "there is no pack `three`",
        ),
        (
            test([Target::reference()
                .within("policy.flag", crate::domain::Allowed::Values(Vec::new()))]),
            "narrowed at `policy.flag`, which no pack has",
        ),
    ] {
        let said = mistake(test);
        assert!(said.contains(words), "{words}\n{said}");
    }
}
