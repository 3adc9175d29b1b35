//! Commands that a run prints, run as they are printed: they show what the run told.

use libtest_mimic::Trial;
use serde_json::Value;

use crate::fakes::Fake;
use crate::first::commands;
use crate::support::{Running, countersign, ended, shell, trial};
use crate::told::specs;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("printed::what_was_narrowed_is_said", narrowed),
        trial("printed::seeded_faults_are_said", faults),
        trial("printed::saved_findings_replay", saved),
        trial("printed::specs_and_baselines_are_said", others),
        trial("printed::a_spec_from_standard_input_is_one_again", standard),
    ]
}

const FEW: [&str; 4] = ["--spec", "reachability", "--set", "policy.profiles=0..2"];

/// Runs a command, and then each command that its text and its JSON print, as it is printed. Answers with the
/// text.
#[track_caller]
fn as_printed(folder: &std::path::Path, arguments: &[&str]) -> String {
    let run = |more: &[&str]| {
        let mut command = countersign();
        command.current_dir(folder).args(arguments).args(more);
        ended(&mut command).with(1).out
    };
    let again = |line: &str| ended(shell(line).current_dir(folder)).with(1).out;
    let text = run(&[]);
    let sentence = sentence(&text);
    let replays = commands(&text, "replay");
    assert_eq!(replays.len(), 1, "{text}");
    for line in replays {
        let said = again(line);
        assert!(
            said.lines().any(|one| one.contains(&sentence)),
            "{line}\n{said}"
        );
    }
    // By hand, the same policy is in force.
    let serve = commands(&text, "by hand");
    let serve = serve.first().copied().unwrap_or_default();
    let line = format!("exec {}", serve.replace("--port 4010 ", ""));
    let mut served = Running::start(shell(&line).current_dir(folder));
    let policy = served.line(|line| line.starts_with("policy "));
    let told = |part: &str| {
        let mut lines = text
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("case"));
        let mut all = text.lines().map(str::trim_start);
        let line = match part {
            "policy:" => lines.next().unwrap_or_default().trim_start(),
            part => all.find(|line| line.starts_with(part)).unwrap_or_default(),
        };
        line.strip_prefix(part)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let expected = format!("policy {}, instance {}", told("policy:"), told("instance:"));
    assert_eq!(policy, expected);
    served.line(|line| line.starts_with("in force at "));
    served.signal("INT");
    served.wait().with(0);

    for line in run(&["--format", "json"]).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["event"] != "defect" {
            continue;
        }
        for finding in line["findings"].as_array().unwrap() {
            // What is advice fails no run.
            let line = finding["replay"].as_str().unwrap();
            let said = ended(shell(line).current_dir(folder)).out;
            let told = finding["sentence"].as_str().unwrap();
            assert!(said.lines().any(|one| one.contains(told)), "{line}\n{said}");
            let brief = finding["brief"].as_str().unwrap();
            let hand = finding["by_hand"][0]["command"].as_str().unwrap();
            assert!(hand.contains(brief), "{hand}\n{brief}");
        }
    }
    text
}

/// The sentence of the first finding: what follows its number.
fn sentence(text: &str) -> String {
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with("finding 1 of "));
    lines.nth(2).unwrap_or_default().to_owned()
}

fn narrowed() {
    let folder = tempfile::tempdir().unwrap();
    let text = as_printed(
        folder.path(),
        &[&FEW[..], &["--set", "client.scheme=bearer"]].concat(),
    );
    // Nobody else was tried, so whoever reads it is told.
    assert!(sentence(&text).ends_with(", Bearer client"), "{text}");
}

fn faults() {
    let folder = tempfile::tempdir().unwrap();
    let more = [
        "--set",
        "policy.advertise_all=true",
        "--fault",
        "flag-ignored",
    ];
    let text = as_printed(folder.path(), &[&FEW[..], &more].concat());
    assert!(text.contains("flag true"), "{text}");
}

fn saved() {
    for name in ["found", "-x"] {
        let folder = tempfile::tempdir().unwrap();
        let save = format!("--save={name}");
        let more = ["--fault", "narrows-to-the-scheme-tried", &save];
        as_printed(folder.path(), &[&FEW[..], &more].concat());
        let file = std::fs::read_dir(folder.path().join(name)).unwrap().next();
        let text = std::fs::read_to_string(file.unwrap().unwrap().path()).unwrap();
        assert!(
            text.contains(" --fault narrows-to-the-scheme-tried\n"),
            "{text}"
        );
    }
}

fn others() {
    let folder = specs();
    let fake = Fake::new("bearer");
    let named = ["run", "--against", fake.target(), "--spec", "usual.yaml"];
    as_printed(folder.path(), &named);
    // Its own baseline knows the finding, unless it is left out.
    let baseline = std::path::Path::new(fake.target()).join("known.yaml");
    let mut write = countersign();
    write.current_dir(folder.path()).args(named);
    ended(write.arg("--write-baseline").arg(&baseline)).with(1);
    as_printed(
        folder.path(),
        &[&named[..], &["--baseline", "none"]].concat(),
    );
}

fn standard() {
    let folder = specs();
    let fake = Fake::new("bearer");
    let line = format!(
        "countersign run --against {} --spec - < usual.yaml",
        fake.target()
    );
    let text = ended(shell(&line).current_dir(folder.path())).with(1).out;
    let [replay] = commands(&text, "replay")[..] else {
        panic!("{text}")
    };
    let again = format!("{replay} < usual.yaml");
    let said = ended(shell(&again).current_dir(folder.path())).with(1).out;
    assert!(said.contains(&sentence(&text)), "{said}");
}
