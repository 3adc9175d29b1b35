//! A run is a value: nothing of it is lost in its file, and what is no run is told with its place.

use super::*;
use crate::domain::{Allowed, Case, Narrowing, Value};
use crate::engine::{Options, run};
use crate::implementation::ReferenceImplementation;
use crate::reference::Fault;
use crate::spec::{Level, Spec, shipped};
use crate::yaml::Source;

mod merging;

/// The shipped pack with two profiles at most and plain requests: few cases, and most of what can break.
fn small() -> Spec {
    let spec = Spec::read(&shipped("reachability").unwrap()).unwrap();
    let upto = |max| Allowed::Range {
        min: None,
        max: Some(max),
    };
    let only = |word: &str| Allowed::Values(vec![Value::symbol(word)]);
    let by_path = [
        ("policy.profiles".to_owned(), upto(2)),
        ("policy.for_post".to_owned(), upto(0)),
        (
            "policy.active".to_owned(),
            Allowed::Values(vec![Value::Bool(true)]),
        ),
        ("client.method".to_owned(), only("get")),
        ("client.way".to_owned(), only("http/1.1")),
    ];
    let by_path = by_path.into();
    spec.narrow(&Narrowing { by_path }, false).unwrap()
}

/// The packs whose settings are a part of those of this one.
const PACKS: [&str; 3] = ["api-access-policy", "api-access-instance", "reachability"];

/// The faults that such requests show: the others are those of packs with other settings.
fn faults() -> impl Iterator<Item = Fault> {
    let all = Fault::ALL.iter().copied();
    all.filter(|fault| PACKS.contains(&fault.pack()))
}

fn asked() -> Invocation {
    Invocation {
        program: "countersign".to_owned(),
        against: "reference".to_owned(),
        faults: Vec::new(),
        specs: Vec::new(),
        claims: Vec::new(),
        rules: Vec::new(),
        excluded: Vec::new(),
        set: Vec::new(),
        clients: Vec::new(),
        catalogue: None,
        case: None,
        cases: 100_000,
        seed: 7,
        baseline: None,
        fail_on: Level::Should,
    }
}

/// The run of these faults.
fn judged(spec: &Spec, faults: &[Fault], options: &Options) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let report = runtime.block_on(async {
        let mut reference = ReferenceImplementation::with_faults(faults);
        run(spec, &mut reference, options, &mut |_| {}).await
    });
    let packs = vec![report];
    let mut run = Run {
        format: RUN_FORMAT,
        version: "0.1.0".to_owned(),
        implementation: ("reference".to_owned(), "0.1.0".to_owned()),
        asked: asked(),
        left_out: vec!["another".to_owned()],
        packs,
        not_begun: Vec::new(),
        defects: Vec::new(),
        known: None,
    };
    run.defects = run.put_together();
    run
}

fn read_back(run: &Run) -> Run {
    let text = run.to_json().unwrap();
    Run::read(&Source::new("run.json", text)).unwrap()
}

#[test]
fn nothing_of_a_run_is_lost_in_its_file() {
    let spec = small();
    let options = Options {
        keep_answers: 3,
        ..Options::default()
    };
    let mut found = 0;
    for fault in faults() {
        let run = judged(&spec, &[fault], &options);
        found += run.packs[0].findings.len();
        let kept = run.without_secrets();
        assert_eq!(read_back(&run), kept, "{fault}");
        assert_eq!(kept.without_secrets(), kept, "{fault}");
        // Which findings are one defect can be worked out of it again.
        assert_eq!(kept.put_together(), run.defects, "{fault}");
    }
    assert!(found > faults().count(), "{found}");
}

/// What the reference implementation does not come to.
#[test]
fn nor_what_is_seldom() {
    let mut run = judged(&small(), &[], &Options::default());
    let headline = FindingPlace {
        pack: 0,
        finding: 0,
    };
    run.known = Some(KnownDefects {
        file: "known.yaml".to_owned(),
        shows: vec![KnownDefect {
            title: "a realm is missing: one profile".to_owned(),
            whose: Whose::Default,
            reason: "As documented.".to_owned(),
            link: Some("https://a.example".to_owned()),
            confirmed: "With curl.".to_owned(),
            findings: vec![headline],
        }],
        stale: vec![Stale {
            pack: "reachability".to_owned(),
            rule: "one".to_owned(),
            brief: None,
            said: "no \"events\"".to_owned(),
            why: "it did apply".to_owned(),
            in_part: false,
            by_rate: false,
        }],
    });
    run.defects = run.put_together();
    let symbols = Case {
        policy: Value::record([("a", Value::symbol("true")), ("b", Value::Absent)]),
        instance: Value::List(vec![Value::Int(-1), Value::symbol("null")]),
        course: Value::List(vec![Value::record([("ask", Value::Int(1))])]),
        client: Value::Bool(false),
    };
    let entry = TranscriptEntry {
        sent: (0..=255).collect(),
        head: b"HTTP/1.1 401 \xe9\r\n\r\n".to_vec(),
        body: Vec::new(),
    };
    let transcript = Transcript {
        case: vec![entry],
        sibling: Vec::new(),
    };
    let before = Before {
        case: symbols,
        then: 200,
        now: 429,
        likely: Likely::RateLimit,
        requests: (1, u64::MAX),
        wrong: 3,
        retry_after: Some("9".to_owned()),
        transcript: transcript.clone(),
    };
    let status = Unsteady::Status {
        status: 503,
        retry_after: None,
    };
    let whys = [
        Unsteady::Before(Box::new(before)),
        status,
        Unsteady::Stray("bytes".to_owned()),
    ];
    let stopped = [
        Stopped::Slow,
        Stopped::Asked,
        Stopped::Unplayable("no".to_owned()),
        Stopped::Silent {
            fault: "reset".to_owned(),
            gone: true,
        },
        Stopped::Unread {
            fault: "no HTTP".to_owned(),
        },
        Stopped::Setup(crate::observation::SetupFault {
            doing: "start it".to_owned(),
            why: "line\nline".to_owned(),
            remedy: None,
        }),
    ];
    for (at, why) in stopped.into_iter().enumerate() {
        let report = &mut run.packs[0];
        report.stopped = Some(why);
        report.unsupported = Some((2, "no bearer".to_owned()));
        report.coverage = Coverage::Sampled {
            of: u64::MAX,
            exact: false,
            pairs: 1,
            impossible: 2,
            cases: report.judged,
            asked: 4,
            steered_to: vec!["a-rule".to_owned()],
            seed: 5,
        };
        let idle = report.rules.iter_mut().find(|rule| rule.broke == 0);
        let idle = idle.unwrap();
        (idle.held, idle.inconclusive) = (0, 0);
        idle.state = RuleState::NotApplicable("so".to_owned());
        report.findings[0].flaky = Some(Flaky {
            failed: 1,
            runs: 10,
            otherwise: transcript.clone(),
            why: whys.get(at).cloned(),
            follows: None,
        });
        assert_eq!(read_back(&run), run.without_secrets());
    }
    // A baseline is wrong, which comes before what ended the run.
    assert_eq!(run.verdict(), RunVerdict::Departs);
    run.known = None;
    run.packs[0].findings.clear();
    assert_eq!(run.verdict(), RunVerdict::Unknown);
    run.packs[0].stopped = Some(Stopped::Asked);
    assert_eq!(run.verdict(), RunVerdict::Interrupted);
}

#[test]
fn what_no_run_can_say_of_itself_is_told_with_its_place() {
    let run = judged(&small(), &[Fault::FlagIgnored], &Options::default());
    let broken = &run.packs[0].findings[0].rule;
    let rule = run.packs[0].rules.iter().position(|one| one.id == *broken);
    let rule = rule.unwrap();
    let told = |change: &dyn Fn(&mut Run)| {
        let mut run = run.clone();
        change(&mut run);
        let text = run.to_json().unwrap();
        let unreadable = Run::read(&Source::new("run.json", text)).map(|_| ());
        unreadable.unwrap_err().to_string()
    };
    let at_rule = format!("at `packs[0].rules[{rule}]`, {broken} ");
    type Change<'a> = &'a dyn Fn(&mut Run);
    let cases: [(Change<'_>, &str); 14] = [
        (&|run| run.packs[0].rules[rule].broke = 0, &at_rule),
        (
            &|run| run.packs[0].rules[rule].state = RuleState::Passed,
            &at_rule,
        ),
        (
            &|run| {
                let idle = &mut run.packs[0].rules[rule];
                (idle.broke, idle.state) = (0, RuleState::Passed);
                idle.held = 1;
            },
            "broke in no case, and there is a finding of it",
        ),
        (
            &|run| {
                run.packs[0].findings.clear();
                run.defects.clear();
            },
            "and there is neither a finding nor a case of it",
        ),
        (
            &|run| run.packs.push(run.packs[0].clone()),
            "at `packs[1]`, the pack reachability is there twice",
        ),
        (
            &|run| run.packs[0].findings[0].rule = "another".to_owned(),
            "and there is neither a finding nor a case of it",
        ),
        (
            &|run| run.packs[0].findings[0].pack.1 += 1,
            "at `packs[0].findings[0]`, it is of reachability ",
        ),
        (
            &|run| run.packs[0].findings[0].scored = false,
            "binds otherwise than the pack says",
        ),
        (
            &|run| {
                let mut other = run.packs[0].findings[0].clone();
                other.place += 1;
                run.packs[0].findings.push(other);
            },
            "is not number ",
        ),
        (&|run| run.defects.clear(), "it is of no defect"),
        (
            &|run| run.packs[0].rules[0].held = 999_999,
            "at `packs[0].rules[0]`, there are verdicts on ",
        ),
        (
            &|run| run.packs[0].judged = 1_000_000,
            "at `packs[0].judged`, 1000000 cases were judged, and the plan has ",
        ),
        (
            &|run| run.packs[0].judged = 0,
            "at `packs[0].judged`, no case was judged, and there are verdicts on ",
        ),
        (
            &|run| run.defects.push(run.defects[0].clone()),
            "is of a defect already",
        ),
    ];
    for (change, words) in cases {
        let told = told(change);
        assert!(told.contains(words), "{words}\n{told}");
        assert!(
            told.contains("\n  help: no version of Countersign writes that"),
            "{told}"
        );
    }
}

/// Of a sample every client is tried on the setting of a finding, so that a rule may have verdicts on more cases than the plan
/// has of them; and on no more where there is no finding.
#[test]
fn a_sample_has_verdicts_on_more_than_its_plan() {
    let options = Options {
        cases: 300,
        ..Options::default()
    };
    let mut run = judged(&small(), &[Fault::NoChallengeAfterCredentials], &options);
    assert!(!run.packs[0].findings.is_empty());
    let rule = run.packs[0]
        .rules
        .iter_mut()
        .find(|rule| rule.state == RuleState::Passed);
    rule.unwrap().held = 999_999;
    assert_eq!(read_back(&run), run.without_secrets());
    let mut run = judged(&small(), &[], &options);
    let rule = run.packs[0].rules.iter_mut().find(|rule| rule.held > 0);
    rule.unwrap().held = 999_999;
    let read = Run::read(&Source::new("run.json", run.to_json().unwrap()));
    let told = read.map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("there are verdicts on "), "{told}");
}

/// Good advice never decides whether a run has a verdict, unless that is asked for.
#[test]
fn what_is_unsteady_leaves_open_only_what_counts() {
    let mut run = judged(&small(), &[Fault::FlagIgnored], &Options::default());
    let otherwise = Transcript::default();
    for report in &mut run.packs {
        for finding in &mut report.findings {
            finding.flaky = Some(Flaky {
                failed: 3,
                runs: 10,
                otherwise: otherwise.clone(),
                why: None,
                follows: None,
            });
            finding.level = Level::Advice;
        }
    }
    assert_eq!(run.verdict(), RunVerdict::Conforms);
    run.asked.fail_on = Level::Advice;
    assert_eq!(run.verdict(), RunVerdict::Unknown);
    run.asked.fail_on = Level::Should;
    run.packs[0].findings[0].level = Level::Should;
    assert_eq!(run.verdict(), RunVerdict::Unknown);
}

/// What was not played for want of time may break what passed so far.
#[test]
fn what_was_cut_short_is_no_pass() {
    let mut run = judged(&small(), &[Fault::FlagIgnored], &Options::default());
    run.packs[0].findings.clear();
    assert_eq!(run.verdict(), RunVerdict::Conforms);
    run.packs[0].cut_short = Some("the time was up".to_owned());
    assert_eq!(run.verdict(), RunVerdict::Unknown);
}

/// One defect that shows now and then through other rules is told once, by the finding that shows each time.
#[test]
fn what_shows_behind_another_finding_alone_goes_with_it() {
    let mut run = judged(&small(), &[Fault::FlagIgnored], &Options::default());
    let report = &mut run.packs[0];
    let lead = report.findings[0].clone();
    let mut other = lead.clone();
    other.rule = "another-rule".to_owned();
    let followed = Followed {
        rule: lead.rule.clone(),
        case: lead.case.clone(),
    };
    other.flaky = Some(Flaky {
        failed: 3,
        runs: 10,
        otherwise: Transcript::default(),
        why: Some(Unsteady::Stray("bytes".to_owned())),
        follows: Some(followed),
    });
    report.findings = vec![other, lead];
    let told = causes(&run.packs[0].findings);
    assert_eq!(told.len(), 1);
    assert!(told[0].headline.accuses());
    assert_eq!(told[0].others[0].rule, "another-rule");
    assert_eq!(told[0].others[0].unsteady(), None);
    assert_eq!(run.packs[0].unsteady(Level::Advice).count(), 0);
    run.packs[0].findings[0].flaky.as_mut().unwrap().follows = None;
    assert_eq!(causes(&run.packs[0].findings).len(), 2);
    assert_eq!(run.packs[0].unsteady(Level::Advice).count(), 1);
}

#[test]
fn what_is_no_run_is_told_with_its_place() {
    let run = judged(&small(), &[], &Options::default());
    let text = run.to_json().unwrap();
    let told = |text: &str| {
        let unreadable = Run::read(&Source::new("my/run.json", text)).unwrap_err();
        unreadable.to_string()
    };
    for (broken, words) in [
        (
            String::new(),
            "my/run.json cannot be read as a saved run: it is empty\n  help: `countersign run --save-run",
        ),
        (
            "[]".to_owned(),
            "a JSON object is expected, and it is something else",
        ),
        ("{}".to_owned(), "it has no key `countersign-run`"),
        (
            "hello".to_owned(),
            "a JSON object is expected, which begins with `{`",
        ),
        (
            "# A spec\ncountersign: 1\npack:\n".to_owned(),
            "this is a spec\n  help: `countersign run --spec FILE` plays it",
        ),
        (
            "# A case\ncountersign-reproduction: 1\n".to_owned(),
            "this is a saved finding\n  help: `countersign replay FILE` tries it",
        ),
        (
            "{\"event\": \"begun\"}\n{\"event\": \"ended\"}\n".to_owned(),
            "these are the lines of a report, which `--format json` writes",
        ),
        (
            text.get(..3_000).unwrap_or_default().to_owned(),
            "it ends in the middle: it was not written or copied whole",
        ),
        (
            text.replacen(':', ";", 9),
            "my/run.json:2:20 cannot be read as a saved run: what stands here is no JSON",
        ),
        (
            text.replacen("\"countersign-run\": 2", "\"countersign-run\": \"2\"", 1),
            "at `countersign-run`, the number 2 is expected",
        ),
        // The version comes first: what is of another may go on in any way.
        (
            "{\"countersign-run\": 1, \"cut o".to_owned(),
            "it is of form 1, and this program reads form 2\n  help: no release has written that form",
        ),
        (
            text.replacen("\"judged\": ", "\"judged\": -", 1),
            "at `packs[0].judged`, a whole number of 0 or more is expected, and there is -",
        ),
        (
            text.replacen("\"judged\": ", "\"judged\": \"\", \"x\": ", 1),
            "at `packs[0].judged`, a whole number of 0 or more is expected, and there is the text \"\"",
        ),
        (
            text.replacen("\"judged\": ", "\"jugded\": ", 1),
            "at `packs[0].judged`, a whole number of 0 or more is expected, and there is no such key",
        ),
        (
            text.replacen("\"cases\": ", "\"cases\": [], \"x\": ", 1),
            "at `asked.cases`, a whole number of 0 or more is expected, and there is a list",
        ),
        (
            text.replacen("\"level\": \"should\"", "\"level\": \"shall\"", 1),
            "one of \"must\", \"should\", \"may\", \"advice\" is expected, and there is the text \"shall\"",
        ),
        (
            text.replacen("\"kind\": \"", "\"kind\": \"no ", 1),
            "names no kind of departure",
        ),
        (
            text.replacen("\"finding\": 0", "\"finding\": 99", 1),
            "it names finding 99 of pack 0, and there is none",
        ),
        (
            text.replacen("\"demand\": \"{", "\"demand\": \"{when: {x: 1}, ", 1),
            "my/run.json:",
        ),
        (
            text.replacen(
                "\"version\": \"",
                &format!("\"version\": \"{}", "x".repeat(1 << 21)),
                1,
            ),
            "it has a text of more than 1,048,576 bytes",
        ),
        (
            text.replacen(
                "\"findings\": [",
                &format!("\"findings\": [{}", "1,".repeat(10_001)),
                1,
            ),
            "it has more than 10,000 findings",
        ),
    ] {
        let told = told(&broken);
        assert!(told.contains(words), "{words}\n{told}");
    }
    let told = |bytes: Vec<u8>| Run::read_bytes("x", bytes).unwrap_err().to_string();
    let binary = told(vec![b'{', 0xff, 0]);
    assert!(binary.starts_with(
        "x cannot be read as a saved run: it is no text: the bytes behind the first 1 are"
    ));
    let large = told(vec![b' '; usize::try_from(LARGEST_RUN).unwrap() + 1]);
    assert!(
        large.starts_with("x cannot be read as a saved run: it has more than 67,108,864 bytes")
    );
    // Keys may be added.
    let more = text.replacen('{', "{\"new\": [1],", 1);
    assert_eq!(
        Run::read(&Source::new("x", more)),
        Ok(run.without_secrets())
    );
}

/// What a rule binds to more strongly is what a reader is told first.
#[test]
fn the_gravest_level_leads_unless_a_weaker_rule_tells_why() {
    let run = judged(&small(), &[Fault::FlagIgnored], &Options::default());
    let mut findings = run.packs[0].findings.clone();
    findings.truncate(2);
    let [weak, grave] = findings.as_mut_slice() else {
        panic!("{}", findings.len());
    };
    *grave = weak.clone();
    (weak.level, grave.level) = (Level::Should, Level::Must);
    grave.rule = "another".to_owned();
    let odd = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let mut led = |of_weak: &[&str], of_grave: &[&str]| {
        (weak.oddities, grave.oddities) = (odd(of_weak), odd(of_grave));
        let causes = causes([&*weak, &*grave]);
        assert_eq!(causes.len(), 1);
        causes[0].headline.level
    };
    assert_eq!(led(&[], &[]), Level::Must);
    assert_eq!(
        led(&["method: head"], &["credential: none", "form: odd-case"]),
        Level::Must
    );
    // Whose scheme is refused anyway is refused in odd letters too.
    assert_eq!(led(&[], &["form: odd-case"]), Level::Should);
}
