//! The kits of the control protocol: their own tests, and the frameworks that are shown with them.

use std::path::Path;
use std::process::Command;

use countersign::adapter::{Home, availability, find_adapter};
use libtest_mimic::Trial;

use crate::support::{countersign, ended, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        wanting(
            "python3",
            trial("kits::the_kit_in_python_is_tested", in_python),
        ),
        wanting("node", trial("kits::the_kit_for_node_is_tested", for_node)),
        trial("kits::they_have_one_version", versions),
        installed("bottle", trial("kits::bottle_runs", || conforms("bottle"))),
        installed("koa", trial("kits::koa_runs", || conforms("koa"))),
    ]
}

/// The same trial, ignored with the reason where an example's packages are not installed.
fn installed(example: &str, trial: Trial) -> Trial {
    let folder = format!("{}/examples/{example}", env!("CARGO_MANIFEST_DIR"));
    let there = availability(&find_adapter(&folder).unwrap(), &Home::from_environment());
    if there.is_available() {
        return trial;
    }
    eprintln!(
        "ignored: {}: run `countersign adapters install ./examples/{example}`",
        trial.name()
    );
    trial.with_ignored_flag(true)
}

/// An example conforms, but for what its `known.yaml` says.
fn conforms(example: &str) {
    let mut command = countersign();
    command.args(["run", "--against", &format!("./examples/{example}")]);
    let told = ended(command.args(["--spec", "http-authentication"])).with(0);
    assert!(told.out.contains("0 findings"), "{}", told.out);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("examples").join(example);
    for program in ["server.py", "server.js"] {
        // Under 30 lines are promised.
        if let Ok(text) = std::fs::read_to_string(folder.join(program)) {
            assert!(text.lines().count() < 30, "{program}");
        }
    }
}

fn in_python() {
    let mut python = Command::new("python3");
    // Nothing compiled is left beside the sources.
    python.args([
        "-B",
        "-m",
        "unittest",
        "discover",
        "-s",
        "kits/python/tests",
    ]);
    let told = ended(python.current_dir(env!("CARGO_MANIFEST_DIR"))).with(0);
    assert!(told.err.contains("Ran 7 tests"), "{told:?}");
}

fn for_node() {
    let mut node = Command::new("node");
    // The file and not its folder, in which Node.js would take the program that it starts for a test.
    node.args(["--test", "kits/node/tests/control.test.js"]);
    let told = ended(node.current_dir(env!("CARGO_MANIFEST_DIR"))).with(0);
    assert!(told.out.contains("pass 7"), "{told:?}");
}

/// The kits and the packages that carry the command have the version of the command.
fn versions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let version = env!("CARGO_PKG_VERSION");
    for (file, line) in [
        (
            "kits/python/pyproject.toml",
            format!("version = \"{version}\"\n"),
        ),
        (
            "kits/node/package.json",
            format!("\"version\": \"{version}\",\n"),
        ),
        ("npm/package.json", format!("\"version\": \"{version}\",\n")),
    ] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(&line), "{file}");
    }
}
