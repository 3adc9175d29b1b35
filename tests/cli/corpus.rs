//! Folders of reproductions: listed, checked, merged and pruned.

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
    let name = file.file_name().unwrap().to_str().unwrap();
    let copy = file.with_file_name(format!("copy-of-{name}"));
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
}

fn wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let told = run(["corpus", "list", path]).with(2).err;
    assert!(told.contains("there is no reproduction in"), "{told}");
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
