//! Runs that are kept while they go on, and gone on with.

use std::fs;

use libtest_mimic::Trial;

use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "journal::parts_come_to_what_is_found_at_once",
            same_as_at_once,
        ),
        trial("journal::what_was_played_is_not_played_again", gone_on_with),
        trial("journal::another_run_is_refused", refused),
        trial("journal::one_run_keeps_it_at_a_time", one_at_a_time),
    ]
}

const SMALL: [&str; 5] = ["run", "--spec", "reachability", "--cases", "300"];

/// The report without the port that was asked and the time that it took.
fn found(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.contains("host: 127.0.0.1:"));
    let lines = lines.map(|line| line.split(" in ").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

fn same_as_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let at_once = run(SMALL).with(1).out;
    let kept = run(SMALL
        .into_iter()
        .chain(["--journal", journal.to_str().unwrap()]))
    .with(1);
    assert_eq!(kept.err, "");
    assert_eq!(found(&kept.out), found(&at_once));
    let findings = fs::read_to_string(journal.join("findings.jsonl")).unwrap();
    for line in findings.lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(finding["sentence"].is_string(), "{finding}");
    }
    assert!(
        findings.contains("two profiles, flag false, Basic client"),
        "{findings}"
    );
}

fn gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().to_str().unwrap();
    let kept = || {
        SMALL
            .into_iter()
            .chain(["--format", "json", "--journal", journal])
    };
    let whole = run(kept()).with(1).out;
    // As a kill would leave it: some parts are there, and others are not.
    for number in 4..=16 {
        fs::remove_file(folder.path().join(format!("part-{number:02}-of-16.json"))).unwrap();
    }
    let resumed = run(kept().chain(["--resume"])).with(1);
    assert!(
        resumed
            .err
            .contains("3 of the 16 parts of the plan were played before"),
        "{}",
        resumed.err
    );
    let last = |text: &str| -> serde_json::Value {
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    };
    assert_eq!(last(&resumed.out), last(&whole));
    // All parts are there now, and nothing is played.
    let again = run(kept().chain(["--resume"])).with(1);
    assert!(again.err.contains("16 of the 16 parts"), "{}", again.err);
    assert_eq!(last(&again.out), last(&whole));
}

fn refused() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().to_str().unwrap();
    let kept = |more: &[&str]| {
        let all = SMALL.iter().copied().chain(["--journal", journal]);
        run(all.chain(more.iter().copied()))
    };
    let none = kept(&["--resume"]).with(2).err;
    assert!(none.contains("has no journal to go on with"), "{none}");
    kept(&[]).with(1);
    let there = kept(&[]).with(2).err;
    assert!(
        there.contains("`--resume` goes on with that run"),
        "{there}"
    );
    let other = kept(&["--resume", "--seed", "8"]).with(2).err;
    assert!(other.contains("and `--seed 8` for the other"), "{other}");
    fs::write(folder.path().join("part-02-of-16.json"), "{").unwrap();
    let damaged = kept(&["--resume"]).with(2).err;
    assert!(damaged.contains("part-02-of-16.json"), "{damaged}");
}

/// The test holds what a run holds that keeps its journal there.
fn one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().to_str().unwrap();
    let kept = |more: &'static [&str]| {
        run(SMALL
            .into_iter()
            .chain(["--journal", journal])
            .chain(more.iter().copied()))
    };
    let lock = fs::File::create(folder.path().join("lock")).unwrap();
    lock.try_lock().unwrap();
    let first = kept(&[]).with(2).err;
    assert!(first.contains("another run keeps its journal"), "{first}");
    drop(lock);
    kept(&[]).with(1);
    let lock = fs::File::open(folder.path().join("lock")).unwrap();
    lock.try_lock().unwrap();
    let again = kept(&["--resume"]).with(2).err;
    assert!(again.contains("another run keeps its journal"), "{again}");
}
