//! Less than all of a run: rules left out, a time, a number of findings, and what was found before.

use libtest_mimic::Trial;

use crate::fakes::Fake;
use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("narrower::rules_are_left_out", left_out),
        trial("narrower::a_time_that_is_up_is_told", time),
        trial("narrower::findings_can_be_enough", enough),
        trial("narrower::what_was_found_before_fails_nothing", before),
        trial("narrower::what_is_found_can_be_accepted", accepted),
        trial("narrower::what_is_known_until_a_day_counts_after_it", until),
        trial("narrower::no_answer_in_time_is_no_verdict", request_timeout),
    ]
}

const FEW: [&str; 5] = ["run", "--spec", "reachability", "--cases", "500"];

/// The rules that the reference implementation breaks in the platform's default settings.
const BROKEN: [&str; 4] = [
    "challenge-driven-client-gets-in",
    "accepted-schemes-are-advertised",
    "another-profile-shuts-nobody-out",
    "order-does-not-change-the-set",
];

fn left_out() {
    let without = BROKEN.iter().flat_map(|rule| ["--exclude-rule", rule]);
    let text = run(FEW.into_iter().chain(without)).with(0).out;
    assert!(text.contains("\nreachability 2  "), "{text}");
    assert!(!text.contains("FAIL"), "{text}");
    let wrong = run(FEW
        .into_iter()
        .chain(["--exclude-rule", "challenge-driven"]))
    .with(2);
    assert!(
        wrong
            .err
            .contains("none of the specs has a rule `challenge-driven`"),
        "{}",
        wrong.err
    );
}

fn time() {
    // So little that nothing is begun: that no rule broke is no verdict.
    let text = run(FEW.into_iter().chain(["--max-time", "0.001"]))
        .with(3)
        .out;
    assert!(
        text.contains("; 0 judged, and then the time was up"),
        "{text}"
    );
    assert!(
        text.contains("no verdict: reachability: no case of it was judged"),
        "{text}"
    );
    // So much that everything is.
    let text = run(FEW.into_iter().chain(["--max-time", "86400"]))
        .with(1)
        .out;
    assert!(!text.contains("the time was up"), "{text}");
    for wrong in ["0", "-1", "soon", "1e99", "NaN"] {
        let told = run(FEW.into_iter().chain(["--max-time", wrong]))
            .with(2)
            .err;
        assert!(
            told.contains("write seconds, from 0.001 to 604800") || wrong == "-1",
            "{told}"
        );
    }
}

fn enough() {
    let text = run(FEW.into_iter().chain(["--max-findings", "1"]))
        .with(1)
        .out;
    assert!(text.contains("\n1 finding (1 rule broken); "), "{text}");
    assert!(
        text.contains("rules broke in cases that were not looked into"),
        "{text}"
    );
}

fn before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("before.json");
    let file = file.to_str().unwrap();
    run(FEW.into_iter().chain(["--save-run", file])).with(1);
    let text = run(FEW.into_iter().chain(["--changed-since", file]))
        .with(0)
        .out;
    assert!(text.contains("\n  whose     nobody has said\n"), "{text}");
    assert!(
        text.contains("\n0 findings; 1 known departure shows: 1 found before"),
        "{text}"
    );
    assert!(!text.contains("not compared"), "{text}");
    // What only one of the two played is said.
    let part = ["--changed-since", file, "--shard", "1/3", "--seed", "8"];
    let text = run(FEW.into_iter().chain(part)).out;
    for said in [
        "has the whole plan of reachability, and this run part 1 of 3: what only one of the two played is not compared",
        "(`--seed 7` was given for one, and `--seed 8` for the other): what only one of the two judged is not compared",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    // What is new counts, and is told without the rest.
    let fault = [
        "--fault",
        "unchallenged-over-http2",
        "--changed-since",
        file,
    ];
    let text = run(FEW.into_iter().chain(fault)).with(1).out;
    assert!(
        text.contains("\n1 finding (") || text.contains(" findings ("),
        "{text}"
    );
    assert!(text.contains("1 found before"), "{text}");
    let wrong = run(FEW.into_iter().chain(["--changed-since", "Cargo.toml"])).with(2);
    assert!(
        wrong.err.contains("cannot be read as a saved run"),
        "{}",
        wrong.err
    );
}

fn accepted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.yaml");
    let empty = "countersign: 1\nknown-departures-of: reference\nversion: \"1\"\n";
    std::fs::write(&file, empty).unwrap();
    let named = ["--accept", "--baseline", file.to_str().unwrap()];
    let told = run(FEW.into_iter().chain(named)).with(1);
    // With as few cases as these a baseline is written all the same; what it is worth, whoever reads it decides.
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("    whose:      # product"),
        "{text}\n{}",
        told.err
    );
    assert!(
        told.err.contains("new, and waits for a reason"),
        "{}",
        told.err
    );
    let told = run(FEW.into_iter().chain(["--accept"])).with(2);
    assert!(
        told.err.contains("`--accept` does not know where to write"),
        "{}",
        told.err
    );
    let part = run(FEW
        .into_iter()
        .chain(["--accept", "--exclude-rule", "quotes-are-closed"]))
    .with(2);
    assert!(
        part.err
            .contains("`--accept` goes with no `--exclude-rule`"),
        "{}",
        part.err
    );
}

/// A baseline that knows all that the reference breaks, to be known until a day.
fn known_until(day: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.yaml");
    let path = file.to_str().unwrap();
    run(FEW.into_iter().chain(["--write-baseline", path])).with(1);
    let text = std::fs::read_to_string(&file).unwrap();
    let filled = text
        .replace(
            "whose:      # product, default (documented) or adapter",
            "whose: default",
        )
        .replace("reason:\n", "reason: it is the documented default\n")
        .replace(
            "confirmed:\n",
            &format!("confirmed: by curl\n    until: {day}\n"),
        );
    std::fs::write(&file, filled).unwrap();
    let ended = run(FEW.into_iter().chain(["--baseline", path]));
    format!("exit {}\n{}{}", ended.code.unwrap(), ended.out, ended.err)
}

fn until() {
    let text = known_until("9999-12-31");
    assert!(text.starts_with("exit 0\n"), "{text}");
    let text = known_until("2026-01-31");
    assert!(text.starts_with("exit 1\n"), "{text}");
    assert!(
        text.contains("was to be known until 2026-01-31, and counts again"),
        "{text}"
    );
    let text = known_until("2026-02-31");
    assert!(text.starts_with("exit 2\n"), "{text}");
    assert!(text.contains("`2026-02-31` is no day"), "{text}");
}

fn request_timeout() {
    // Nobody answers there, and the time that is given is what the command waits, each time.
    let fake = Fake::new("hangs");
    let few = [
        "run",
        "--spec",
        "reachability",
        "--against",
        fake.target(),
        "--request-timeout",
        "0.02",
    ];
    let told = run(few).with(3);
    assert!(
        told.err.contains("within 0.0 s") || told.err.contains("stopped answering"),
        "{}{}",
        told.out,
        told.err
    );
    let wrong = run(FEW.into_iter().chain(["--request-timeout", "none"]))
        .with(2)
        .err;
    assert!(wrong.contains("write seconds"), "{wrong}");
}
