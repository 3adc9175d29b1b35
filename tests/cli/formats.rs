//! Reports in other formats: beside that of the terminal, in its place, and of a saved run.

use std::path::Path;

use libtest_mimic::Trial;

use crate::support::{Ended, SMALL, countersign, ended, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("formats::several_at_once", several),
        trial("formats::what_cannot_be_written_costs_no_other", unwritten),
        trial("formats::annotations_where_github_runs_it", annotations),
        trial(
            "formats::what_a_server_says_is_no_command_to_github",
            no_commands,
        ),
        trial("formats::every_format_tells_a_saved_run", saved),
        trial("formats::what_does_not_go_together_is_told", refused),
    ]
}

/// A small run with these arguments, in this folder.
fn small(folder: &Path, more: &[&str]) -> Ended {
    let mut command = countersign();
    command.current_dir(folder).args(["run"]).args(SMALL);
    ended(command.args(more))
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

fn several() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let told = small(
        folder,
        &[
            "--report",
            "text=told.txt",
            "--report",
            "json=told.jsonl",
            "--save-run",
            "run.json",
        ],
    )
    .with(1);
    assert_eq!(read(folder, "told.txt"), told.out);
    let report = |more: &[&str]| {
        let mut command = countersign();
        ended(
            command
                .current_dir(folder)
                .args(["report", "run.json"])
                .args(more),
        )
        .with(0)
    };
    assert_eq!(
        report(&["--format", "json"]).out,
        read(folder, "told.jsonl")
    );
    let last = read(folder, "told.jsonl").lines().last().map(str::to_owned);
    assert!(last.unwrap().contains("\"exit\":1"));
    // Standard output has one of them, and nothing else.
    let there = small(
        folder,
        &["--report", "json=-", "--report", "text=second.txt"],
    )
    .with(1);
    assert!(
        there.out.lines().all(|line| line.starts_with("{\"")),
        "{}",
        there.out
    );
    assert_eq!(
        there.out.lines().count(),
        read(folder, "told.jsonl").lines().count()
    );
    assert!(read(folder, "second.txt").starts_with("countersign "));
}

fn unwritten() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let told = small(
        folder,
        &[
            "--report",
            "json=no/such/told.jsonl",
            "--report",
            "text=told.txt",
        ],
    )
    .with(3);
    assert!(
        told.err
            .starts_with("error: could not write no/such/told.jsonl: "),
        "{}",
        told.err
    );
    assert!(told.out.contains("finding 1 of 1"), "{}", told.out);
    assert_eq!(read(folder, "told.txt"), told.out);
}

fn annotations() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let plain = small(folder, &[]).with(1);
    let there = |more: &[&str]| {
        let mut command = countersign();
        command.current_dir(folder).env("GITHUB_ACTIONS", "true");
        ended(command.args(["run"]).args(SMALL).args(more)).with(1)
    };
    let annotated = |text: &str| {
        let lines = text.lines().filter(|line| line.starts_with("::"));
        let lines: Vec<&str> = lines.collect();
        let head = "::error file=specs/reachability.yaml,line=";
        assert!(lines.len() == 1 && lines[0].starts_with(head), "{text}");
        assert!(lines[0].contains("%0Aagain: "), "{text}");
    };
    assert!(!plain.err.contains("::error"));
    let told = there(&[]);
    annotated(&told.err);
    // How long it took is another matter each time.
    assert_eq!(told.out.lines().count(), plain.out.lines().count());
    annotated(&there(&["--format", "json"]).err);
    for more in [
        &["--report", "github=-"][..],
        &["--report", "github=notes.txt"],
    ] {
        let told = there(more);
        assert!(!told.err.contains("::error"), "{}", told.err);
        match more[1] {
            "github=-" => {
                annotated(&told.out);
                assert!(told.out.starts_with("countersign "), "{}", told.out);
                assert!(told.out.lines().last().unwrap().starts_with("::error"));
            }
            _ => annotated(&read(folder, "notes.txt")),
        }
    }
}

/// What the runner of a workflow takes for a command: a line that begins so, or the older form anywhere in one.
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("::") || line.contains("##[")
}

fn no_commands() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let said = "x\n::error::forged\n \t::add-mask::a\n##[add-mask]b\nx ##[error]forged";
    let mut run: serde_json::Value =
        serde_json::from_str(include_str!("../../examples/run.json")).unwrap();
    let pack = &mut run["packs"][0];
    pack["notices"] = serde_json::json!([said]);
    for finding in pack["findings"].as_array_mut().unwrap() {
        finding["discrepancy"]["kind"] = "body".into();
        for key in ["defect", "impact", "sentence"] {
            finding[key] = said.into();
        }
        for entry in finding["transcript"]["case"].as_array_mut().unwrap() {
            entry["body"] = said.into();
        }
    }
    std::fs::write(folder.join("run.json"), run.to_string()).unwrap();
    let told = |format: &str, there: &str| {
        let mut command = countersign();
        command.current_dir(folder).env("GITHUB_ACTIONS", there);
        command.args(["report", "run.json", "--format", format]);
        ended(&mut command).with(0).out
    };
    // A document that a finding is about stands in lines of its own.
    let elsewhere = told("text", "false");
    assert!(
        elsewhere
            .lines()
            .any(|line| line.trim() == "::error::forged")
    );
    for format in ["text", "json", "html", "junit", "markdown", "sarif"] {
        let there = told(format, "true");
        assert!(there.contains("forged"), "{format}");
        let command = there.lines().find(|line| is_command(line));
        assert_eq!(command, None, "{format}");
    }
    let json = |text: &str| {
        let lines = text.lines().map(serde_json::from_str::<serde_json::Value>);
        lines.collect::<Result<Vec<_>, _>>().unwrap()
    };
    assert_eq!(json(&told("json", "true")), json(&told("json", "false")));
    let lines = told("github", "true");
    let annotations = lines.lines().filter(|line| is_command(line));
    assert!(annotations.clone().count() > 1);
    assert!(annotations.into_iter().all(|line| {
        ["::error ", "::warning "]
            .iter()
            .any(|kind| line.starts_with(kind))
    }));
}

fn saved() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let formats = ["html", "junit", "markdown", "github", "sarif"];
    let files: Vec<String> = formats
        .iter()
        .map(|one| format!("{one}={one}.out"))
        .collect();
    let mut arguments = vec!["--save-run", "run.json"];
    for file in &files {
        arguments.extend(["--report", file]);
    }
    small(folder, &arguments).with(1);
    for format in formats {
        let mut command = countersign();
        command
            .current_dir(folder)
            .args(["report", "run.json", "--format", format]);
        let told = ended(&mut command).with(0).out;
        assert_eq!(told, read(folder, &format!("{format}.out")), "{format}");
        assert!(
            told.contains("who waits for a challenge is shut out"),
            "{told}"
        );
    }
}

fn refused() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, words) in [
        (
            &["--report", "json"][..],
            "write FORMAT=FILE, where the format is one of text, json, junit",
        ),
        (&["--report", "json="], "write FORMAT=FILE"),
        (
            &["--report", "odd=x"],
            "there is no format `odd`; there are text, json, junit",
        ),
        (
            &["--report", "json=-", "--report", "text=-"],
            "two reports cannot both go to standard output",
        ),
        (
            &["--report", "json=x", "--report", "text=x"],
            "two reports cannot both go to x",
        ),
        (
            &["--report", "text=-", "--format", "json"],
            "`--format json` writes to standard output",
        ),
    ] {
        let told = small(folder.path(), arguments).with(2);
        assert!(told.err.contains(words), "{}", told.err);
        assert_eq!(told.out, "");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
