//! Folders of reproductions: listed, checked, merged and pruned.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use libtest_mimic::Trial;

use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "corpus::the_shipped_one_is_listed_and_has_no_mistakes",
            shipped,
        ),
        trial(
            "corpus::others_are_taken_in_once_and_doubles_are_named",
            merged,
        ),
        trial("corpus::what_is_wrong_is_told", wrong),
        trial("corpus::the_page_lists_what_ships", page),
        trial(
            "corpus::what_was_reported_shows_with_its_fault_alone",
            reported,
        ),
        trial("corpus::what_a_product_does_is_known_of_it", products),
    ]
}

/// The reproduction of the seed story.
const ONE: &str = "corpus/who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-2d217ffb.yaml";

fn shipped() {
    let text = run(["corpus", "list"]).with(0).out;
    assert!(text.contains("reference 0.1.0\n  who waits for a challenge is shut out: two profiles, flag false, Basic client\n"), "{text}");
    let table = run(["corpus", "list", "--markdown"]).with(0).out;
    assert!(
        table.starts_with("| seen on | shows | rule | file |\n"),
        "{table}"
    );
    assert!(
        run(["corpus", "check"])
            .with(0)
            .out
            .ends_with(" no mistakes\n")
    );
}

/// The only file in a folder.
fn only(folder: &Path) -> std::path::PathBuf {
    let mut files = fs::read_dir(folder).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    file
}

fn merged() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    let own = own.to_str().unwrap();
    assert!(
        run(["corpus", "merge", own, ONE])
            .with(0)
            .out
            .ends_with("1 reproduction taken, 0 there already\n")
    );
    let said = run(["corpus", "merge", own, ONE]).with(0).out;
    assert_eq!(said, "0 reproductions taken, 1 there already\n");
    // So do the folders in a folder.
    let above = folder.path().to_str().unwrap();
    let listed = run(["corpus", "list", "--markdown", above]).with(0).out;
    assert!(listed.contains("](own/who-waits-"), "{listed}");
    // A copy under another name shows the same.
    let file = only(Path::new(own));
    let copy = file.with_file_name("copy.yaml");
    fs::copy(&file, &copy).unwrap();
    let told = run(["corpus", "check", own]).with(2).err;
    assert!(told.contains(" shows what "), "{told}");
    let named = run(["corpus", "prune", own]).with(0).out;
    assert!(
        named.ends_with("1 too many, of 2 reproductions\n"),
        "{named}"
    );
    assert_eq!(fs::read_dir(own).unwrap().count(), 2);
    run(["corpus", "prune", "--remove", own]).with(0);
    assert_eq!(fs::read_dir(own).unwrap().count(), 1);
    // What stays is what has its own name.
    assert!(file.exists());
}

fn wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let told = run(["corpus", "list", path]).with(2).err;
    assert!(told.contains("there is no reproduction in"), "{told}");
    let told = run(["corpus", "list", "corpse"]).with(2).err;
    assert!(
        told.contains("there is no file or folder `corpse`\n  help: "),
        "{told}"
    );
    fs::write(
        folder.path().join("broken.yaml"),
        "countersign-reproduction: 1\nsentence: x\n",
    )
    .unwrap();
    run(["corpus", "merge", path, ONE]).with(2);
    // What can be read is taken and told all the same.
    let listed = run(["corpus", "list", path]).with(2);
    assert!(
        listed.out.contains("who waits for a challenge is shut out"),
        "{}",
        listed.out
    );
    assert!(listed.err.contains("broken.yaml"), "{}", listed.err);
}

fn page() {
    let table = run(["corpus", "list", "--markdown", "corpus"]).with(0).out;
    let page = fs::read_to_string("corpus/CONTENTS.md").unwrap();
    assert!(
        page.ends_with(&table),
        "corpus/CONTENTS.md is not what `countersign corpus list --markdown corpus` says"
    );
    for path in below(Path::new("corpus")) {
        let file = path.strip_prefix("corpus").unwrap().to_str().unwrap();
        let is_listed = table.contains(&format!("]({file})"));
        assert!(is_listed || !file.ends_with(".yaml"), "{file}");
    }
}

/// Every file below a folder of the shipped corpus.
fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        match path.is_dir() {
            true => found.extend(below(&path)),
            false => found.push(path),
        }
    }
    found
}

/// The value of the first line of a reproduction that begins so.
fn line(text: &str, start: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix(start));
    line.unwrap().trim_matches('"').to_owned()
}

fn reported() {
    let mut by_fault = BTreeMap::<String, Vec<String>>::new();
    for path in below(Path::new("corpus/reported")) {
        let version = line(&fs::read_to_string(&path).unwrap(), "  version: ");
        let (_, fault) = version.split_once('+').unwrap();
        let files = by_fault.entry(fault.to_owned()).or_default();
        files.push(path.to_str().unwrap().to_owned());
    }
    assert!(by_fault.len() > 50, "{}", by_fault.len());
    for (fault, files) in by_fault {
        let mut command = vec!["replay", "--against", "reference"];
        command.extend(files.iter().map(String::as_str));
        let without = run(command.clone()).out;
        assert!(!without.contains("still failing"), "{without}");
        command.extend(["--fault", &fault]);
        let with = run(command).with(1).out;
        let shown = with.matches(": still failing in reference").count();
        assert_eq!(shown, files.len(), "{fault}: {with}");
    }
}

fn products() {
    for folder in fs::read_dir("adapters").unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let Ok(known) = fs::read_to_string(folder.path().join("known.yaml")) else {
            continue;
        };
        let mut rules = Vec::new();
        // A product of which nothing is known has no folder.
        let own = Path::new("corpus").join(&name);
        let own = if own.is_dir() {
            below(&own)
        } else {
            Vec::new()
        };
        for path in own {
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(line(&text, "  name: "), name, "{}", path.display());
            let rule = line(&text, "  id: ");
            assert!(known.contains(&rule), "{name}: {rule} is not known of it");
            rules.push(rule);
        }
        // And each that is known has a reproduction.
        for departure in known.split("\n  - finding: ").skip(1) {
            let mut shows =
                { departure.lines() }.filter_map(|line| line.trim_start().strip_prefix("rule: "));
            assert!(
                shows.any(|rule| rules.iter().any(|one| one == rule)),
                "{name}: there is no reproduction of {departure}"
            );
        }
    }
}
