//! The catalogue's files and their mistakes.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::user_agents::model::{TraitWord as _, play};
use crate::yaml::Source;

fn problems(text: &str) -> String {
    let mut catalogue = Catalogue::default();
    let source = Source::new("mine.yaml", text);
    match catalogue.add(&source) {
        Ok(()) => String::new(),
        Err(problems) => problems.render(),
    }
}

#[test]
fn what_ships_reads_and_is_found_by_name_and_by_mode() {
    let catalogue = shipped().unwrap_or_else(|problems| panic!("{problems}"));
    let curl = catalogue.find("curl --anyauth").unwrap();
    assert_eq!(catalogue.find("curl-anyauth"), Some(curl));
    assert_eq!(curl.traits.splits.word(), "quote-blind");
    assert!(catalogue.find("curl --psychic").is_none());
}

/// What was measured later, on which the traits of the entries beside the catalogue are held: each row, but for those that
/// the README tells with their reasons.
#[test]
fn what_stands_beside_the_catalogue_does_what_was_seen() {
    let cases: BTreeMap<String, _> = scripts(LATER.0).unwrap().into_iter().collect();
    let rows = measurements(LATER.1).unwrap();
    let beside = everything().unwrap().entries.iter();
    let beside = beside.skip(shipped().unwrap().entries.len());
    let modes: BTreeSet<&str> = beside.map(|entry| entry.mode.as_str()).collect();
    let measured: BTreeSet<&str> = rows.iter().map(|row| row.mode.as_str()).collect();
    assert_eq!(measured, modes);
    assert_eq!((modes.len(), cases.len(), rows.len()), (62, 20, 981));
    let mut missed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut decided = 0;
    for row in &rows {
        let entry = everything().unwrap().find(&row.mode).unwrap();
        let played = play(&entry.traits, &cases[&row.case]);
        let sent: Vec<String> = played.steps.iter().map(ToString::to_string).collect();
        let sent: Vec<&str> = sent.iter().map(|word| without_marks(word)).collect();
        let alike = sent == row.schemes_sent && played.requests == row.requests;
        let ends_alike = played.status == row.final_status;
        decided += usize::from(ends_alike);
        if !alike || !ends_alike {
            missed.entry(&row.mode).or_default().push(&row.case);
        }
    }
    let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let readme = include_str!("../../../clients/README.md");
    let table = readme
        .lines()
        .skip_while(|line| !line.starts_with("## Beside it"));
    for line in table.filter_map(|line| line.strip_prefix("| `")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [mode, cases, why] = cells[..] else {
            panic!("{line}")
        };
        assert!(why.len() > 10, "{line}");
        told.insert(mode.trim_matches('`'), cases.split(", ").collect());
    }
    assert_eq!(
        missed, told,
        "clients/README.md lists the misses with reasons"
    );
    // Whoever got in was said to get in, and whoever did not was not.
    assert_eq!(decided, rows.len());
}

#[test]
fn mistakes_are_shown_where_they_stand_with_what_was_meant() {
    let text = "countersign: 1
clients:
  - name: mine
    mode: mine
    version: '1'
    driven: mine URL
    split: head
    lines: joind
    tries: {basic: 1000}
    digest: {algorithms: [MD4]}
";
    let shown = problems(text);
    for wanted in [
        "mine.yaml:7",
        "a client has no key `split`",
        "did you mean `splits`?",
        "`joind` is no value of `lines`",
        "did you mean `joined`?",
        "`basic` must be a whole number between 0 and 100",
        "`MD4` is no value of `algorithms`",
        "did you mean `MD5`?",
    ] {
        assert!(shown.contains(wanted), "no {wanted} in\n{shown}");
    }
}

#[test]
fn a_name_is_there_once() {
    let one = "  - {name: a, mode: m, version: '1', driven: a}\n";
    assert_eq!(problems(&format!("countersign: 1\nclients:\n{one}")), "");
    let shown = problems(&format!("countersign: 1\nclients:\n{one}{one}"));
    assert!(shown.contains("there is a client `a` already"), "{shown}");
}

#[test]
fn cases_that_are_none_say_what_is_wrong() {
    let error = scripts("{\"A\": {\"lines\": 1}}").unwrap_err();
    assert_eq!(error, "case `A`: `lines` must be a list of texts");
    let error = scripts("{\"A\": {\"lines\": [], \"redir\": \"up\"}}").unwrap_err();
    assert!(error.contains("`redir` is `up`"), "{error}");
    assert!(scripts("[]").is_err());
    assert!(
        measurements("{}")
            .unwrap_err()
            .contains("line 1: no `case`")
    );
}

#[test]
fn what_is_written_reads_back_as_the_same_entry() {
    for entry in &everything().unwrap().entries {
        let text = format!("countersign: 1\nclients:\n{}", written(entry));
        let mut read = Catalogue::default();
        let source = Source::new("written.yaml", text.as_str());
        read.add(&source)
            .unwrap_or_else(|problems| panic!("{}", problems.render()));
        assert_eq!(read.entries, std::slice::from_ref(entry), "{text}");
    }
}

#[test]
fn how_a_program_is_run_is_read_with_its_mistakes() {
    let entry = |runs: &str| {
        format!(
            "countersign: 1\nclients:\n  - {{name: a, mode: m, version: '1', driven: a, runs: {runs}}}\n"
        )
    };
    assert_eq!(
        problems(&entry("{command: [a, '{url}'], exit: {in: [0]}}")),
        ""
    );
    for (runs, told) in [
        ("{command: a}", "`command` must be a list"),
        ("{command: [a, {url}]}", "`command` has texts only"),
        (
            "{command: [a], installed: {debain: a}}",
            "did you mean `debian`?",
        ),
        (
            "{command: [a], driver: none.py}",
            "there is no script `none.py`",
        ),
        ("{command: [a], exits: {in: [0]}}", "did you mean `exit`?"),
        (
            "{command: [a], exit: {in: [zero]}}",
            "`zero` is no exit code",
        ),
    ] {
        let shown = problems(&entry(runs));
        assert!(shown.contains(told), "no {told} in\n{shown}");
    }
}

#[test]
fn every_script_is_there_and_every_program_is_given_where_to_go() {
    let places = ["{url}", "{user-url}", "{authority}"];
    for entry in &everything().unwrap().entries {
        let Some(runs) = &entry.runs else { continue };
        let goes = |text: &String| places.iter().any(|place| text.contains(place));
        let files = runs.files.iter().map(|(_, text)| text);
        assert!(runs.command.iter().chain(files).any(goes), "{}", entry.name);
        assert!(
            runs.driver
                .as_deref()
                .is_none_or(|name| driver(name).is_some())
        );
    }
}
