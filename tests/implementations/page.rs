//! `docs/adapters.md`, followed to the letter: the files that it shows are made, the commands run.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use countersign::adapter::{Adapter, Availability, Folder, Home, availability};
use libtest_mimic::Trial;
use serde_json::Value;

#[path = "../support/page.rs"]
mod document;

use crate::support::beside_others;
use document::{blocks, commands, files_of, shows};

const PAGE: &str = include_str!("../../docs/adapters.md");

pub(crate) fn trials() -> Vec<Trial> {
    let ships = Trial::test("page::adapters_md_makes_the_adapter_that_ships", || {
        for (name, text) in files_of(PAGE) {
            let path = format!("{}/adapters/{name}", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(std::fs::read_to_string(&path)?, text, "{name}");
        }
        Ok(())
    });
    let trial = Trial::test("page::adapters_md_makes_an_adapter_from_nothing", || {
        let _beside = beside_others();
        let folder = tempfile::tempdir()?;
        make_files(folder.path());
        follow(folder.path());
        Ok(())
    });
    // Made for a moment, only to see whether the product is there.
    let folder = tempfile::tempdir().unwrap();
    make_files(folder.path());
    let adapter = Adapter::read(Folder::Disk(folder.path().join("h2o"))).unwrap();
    match availability(&adapter, &Home::from_environment()) {
        Availability::Available { .. } => vec![ships, trial],
        Availability::Missing { reason, remedy } => {
            eprintln!("ignored: {}: {reason}; remedy: {remedy}", trial.name());
            vec![ships, trial.with_ignored_flag(true)]
        }
    }
}

/// Writes the files of the page's blocks.
fn make_files(root: &Path) {
    let files = files_of(PAGE);
    assert_eq!(files.len(), 3, "{:?}", files.keys());
    for (name, text) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Runs the page's commands where its files are, and holds what they say against what it shows.
fn follow(root: &Path) {
    let mut followed = 0;
    for (fence, lines) in blocks(PAGE) {
        let code = match fence {
            "console" => 0,
            "console exit=1" => 1,
            _ => continue,
        };
        for (command, shown) in commands(&lines) {
            let arguments = command.strip_prefix("countersign ").unwrap();
            let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
                .args(arguments.split(' '))
                .current_dir(root)
                .output()
                .unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            if let Err(why) = shows(&said, &shown) {
                panic!("{command}\n{why}\nall of it:\n{said}");
            }
            assert_eq!(output.status.code(), Some(code), "{command}");
            followed += 1;
        }
    }
    assert_eq!(followed, 3);
    judged(root);
}

/// Every pack that binds the page's adapter has cases to judge, and breaks where the page says so.
fn judged(root: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["run", "--against", "./h2o", "--format", "json"])
        .current_dir(root)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut broken = BTreeSet::new();
    let mut packs = Vec::new();
    for line in said.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        if line["event"] == "found" && line["scored"] == true {
            broken.insert(text("rule"));
        }
        if line["event"] == "done" {
            assert!(line["judged"].as_u64().unwrap() > 0, "{line}");
            packs.push(text("pack"));
        }
    }
    assert_eq!(
        packs,
        ["http-authentication", "reachability", "every-scheme"]
    );
    let listed = PAGE.lines().filter_map(|line| {
        let (rule, _) = line.strip_prefix("| `")?.split_once("` | `-H ")?;
        Some(rule.to_owned())
    });
    assert_eq!(broken, listed.collect::<BTreeSet<String>>());
}
