//! `docs/writing-specs.md`, followed to the letter: its specs are read and looked over, its commands
//! run where they stand.

use std::collections::BTreeMap;
use std::process::Command;

use countersign::spec::Spec;
use countersign::yaml::Source;

use crate::page::{blocks, commands, file_of, files_of, shows};

const PAGE: &str = include_str!("../../docs/writing-specs.md");

/// The files that the page says to have mistakes.
fn mistaken() -> Vec<&'static str> {
    let fences = blocks(PAGE).into_iter().map(|(fence, _)| fence);
    let wrong = fences.filter(|fence| fence.split(' ').any(|word| word == "mistakes"));
    wrong.filter_map(file_of).collect()
}

#[test]
fn specs_of_the_page_have_the_mistakes_that_it_says() {
    let files = files_of(PAGE);
    let wrong = mistaken();
    let good = files.len() - wrong.len();
    assert!(good >= 10 && wrong == ["wrong.yaml"], "{:?}", files.keys());
    for (name, text) in files {
        let source = Source::new(name, text);
        let problems = match Spec::read(&source) {
            Ok(spec) => spec.analyse(),
            Err(problems) => problems,
        };
        assert_eq!(
            wrong.contains(&name),
            !problems.list.is_empty(),
            "{name}\n{problems}"
        );
    }
}

#[test]
fn commands_of_the_page_say_what_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files_of(PAGE) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut followed: BTreeMap<&str, usize> = BTreeMap::new();
    for (fence, lines) in blocks(PAGE) {
        if fence != "console" {
            continue;
        }
        for (command, shown) in commands(&lines) {
            let arguments = command.strip_prefix("countersign ").unwrap();
            let mut words = arguments.split(' ');
            let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
                .args(words.clone())
                .current_dir(folder.path())
                .output()
                .unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            let complaint = String::from_utf8(output.stderr).unwrap();
            if let Err(why) = shows(&format!("{complaint}{said}"), &shown) {
                panic!("{command}\n{why}\nall of it:\n{complaint}{said}");
            }
            let last = said.lines().last().unwrap_or_default();
            let expected = match () {
                () if complaint.contains("error: ") => 2,
                () if last.contains(" finding") && !last.starts_with("0 findings") => 1,
                () => 0,
            };
            assert_eq!(output.status.code(), Some(expected), "{command}");
            *followed.entry(words.next().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(followed, BTreeMap::from([("check", 4), ("run", 14)]));
}
