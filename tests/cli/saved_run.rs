//! Saved runs, which come from anybody: what is in them is shown, and neither forges a line of the report nor
//! goes on for ever; and what is none is told so.

use std::path::Path;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::support::{Ended, countersign, ended, run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "saved_run::a_document_that_breaks_a_rule_is_shown",
            documents,
        ),
        trial("saved_run::no_text_of_it_forges_a_line", forged),
        trial("saved_run::what_is_none_is_told", not_runs),
        trial("saved_run::parts_are_put_together", parts),
    ]
}

const CASE: &str =
    "{policy: {profiles: [{scheme: bearer}], metadata: true}, client: {credential: none}}";

/// One case in which the metadata breaks a rule, kept in a file.
fn kept(fault: &str, rule: &str, file: &Path) -> Ended {
    run([
        "run",
        "--spec",
        "http-authentication",
        "--fault",
        fault,
        "--rule",
        rule,
        "--case",
        CASE,
        "--save-run",
        file.to_str().unwrap(),
    ])
    .with(1)
}

fn report(file: &Path, more: &[&str]) -> Ended {
    ended(countersign().arg("report").arg(file).args(more))
}

/// What parts come to is what the whole comes to.
fn parts() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let few = |more: &[&str]| {
        let set = [
            "policy.profiles=0..2",
            "client.method=get",
            "client.way=http/1.1",
        ];
        let set = set.iter().flat_map(|one| ["--set", one]);
        let first = ["run", "--spec", "reachability", "--fault", "flag-ignored"];
        run(first.into_iter().chain(set).chain(more.iter().copied())).with(1)
    };
    let whole = few(&[]).out;
    for part in ["1/3", "2/3", "3/3"] {
        let told = few(&["--shard", part, "--save-run", &file(&part[..1])]).out;
        let part = format!("; part {} of 3, ", &part[..1]);
        assert!(told.contains(&part), "{told}");
    }
    let merged = |names: &[&str]| {
        let files = names.iter().map(|name| file(name));
        ended(countersign().arg("merge").args(files))
    };
    let all = merged(&["2", "1", "3"]).with(1);
    assert_eq!(all.out.lines().last(), whole.lines().last());
    assert_eq!(all.err, "");
    let some = merged(&["1", "3"]).with(1);
    assert!(some.out.contains("; part 1, 3 of 3, "), "{}", some.out);
    let missing = "incomplete: reachability: of the 3 parts of its plan one is missing: 2";
    assert!(some.out.contains(missing), "{}", some.out);
    // What is saved of it does not forget that.
    let kept = file("some");
    let quiet = |names: &[&str]| {
        let files = names.iter().map(|name| file(name));
        let set = ["--set", "policy.profiles=0..0", "--save-run"];
        let part = ["run", "--spec", "reachability", "--shard", "1/2"];
        run(part.into_iter().chain(set).chain([file("quiet").as_str()])).with(0);
        let save = ["--save-run", kept.as_str()];
        ended(countersign().arg("merge").args(files).args(save)).with(3)
    };
    let alone = quiet(&["quiet"]);
    let missing = "no verdict: reachability: of the 2 parts of its plan one is missing: 2";
    assert!(alone.out.contains(missing), "{}", alone.out);
    let again = ended(countersign().args(["report", "--exit-code", &kept])).with(3);
    assert_eq!(again.out.lines().last(), alone.out.lines().last());
    let text = std::fs::read_to_string(file("1")).unwrap();
    let other = text.replacen("\"text\": \"", "\"text\": \"0", 1);
    std::fs::write(file("other"), other).unwrap();
    let other = merged(&["other", "2"]).with(2);
    let why = "they are parts of different plans: the text of reachability is another";
    assert!(other.err.contains(why), "{}", other.err);
    let twice = merged(&["1", "1"]).with(2);
    assert!(
        twice
            .err
            .contains("both have part 1\n  help: name each part"),
        "{}",
        twice.err
    );
    let wrong = run(["run", "--shard", "4/3"]).with(2);
    assert!(
        wrong.err.contains("write which of how many, such as `1/4`"),
        "{}",
        wrong.err
    );
}

fn documents() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let told = kept("metadata-of-another", "metadata-is-of-this-resource", &file);
    for words in [
        "  expected  resource: \"http://127.0.0.1:",
        "/s0/resource\", the URL that was asked, when ",
        "  content   {\"authorization_servers\":[\"https://issuer.example\"],",
    ] {
        assert!(told.out.contains(words), "{words}\n{}", told.out);
    }
    let told = kept("metadata-no-json", "metadata-is-a-json-document", &file);
    // Where there is nothing to say of a case, what it is compared with is said.
    let mut saved: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let finding = &mut saved["packs"][0]["findings"][0];
    finding["facts"] = Value::from(Vec::<Value>::new());
    finding["sentence"] = Value::from("the simplest case");
    let plain = folder.path().join("plain.json");
    std::fs::write(&plain, saved.to_string()).unwrap();
    let plain = report(&plain, &[]).with(0).out;
    let words = "\nwhen asked again with credential none and target resource-metadata\n";
    assert!(
        plain.contains(words) && !plain.contains("the simplest case"),
        "{plain}"
    );
    let words = "  content   <title>Log in</title>\n";
    assert!(told.out.contains(words), "{}", told.out);
    let fetched = "resource_metadata=";
    let by_hand = told.out.lines().find(|line| {
        line.ends_with("# then, and this is what is judged: fetches the metadata that it names")
    });
    assert!(
        by_hand.is_some_and(|line| line.contains(fetched)),
        "{}",
        told.out
    );
    let lines = report(&file, &["--format", "json"]).with(0);
    let defect = lines
        .out
        .lines()
        .find(|line| line.contains("\"event\":\"defect\""));
    let defect: Value = serde_json::from_str(defect.unwrap()).unwrap();
    assert_eq!(
        defect["findings"][0]["content"],
        Value::from(vec!["<title>Log in</title>"])
    );
}

/// Puts a forged line behind each text.
fn forge(value: &mut Value, count: &mut usize) {
    match value {
        Value::String(text) => {
            let forged = format!("{text}\nforged: 0 findings\x1b[2J\r");
            *text = forged;
            *count += 1;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| forge(item, count)),
        Value::Object(fields) => {
            for (name, value) in fields {
                // Words that are read, and messages, whose lines are lines.
                let is_read = [
                    "level",
                    "scored",
                    "fail_on",
                    "verdict",
                    "kind",
                    "state",
                    "demand",
                    "about",
                    "sent",
                    "head",
                    "body",
                    "value",
                    "body_end",
                    "irregular",
                    "of",
                    "aspect",
                    "evidence",
                    "stopped",
                    "coverage",
                    "let_in",
                    "answers",
                    "identities",
                    "case",
                ];
                if !is_read.contains(&name.as_str()) {
                    forge(value, count);
                }
            }
        }
        _ => {}
    }
}

fn forged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    kept("metadata-of-another", "metadata-is-of-this-resource", &file);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut saved: Value = serde_json::from_str(&text).unwrap();
    saved["packs"][0]["notices"] = Value::from(vec!["seen"]);
    saved["left_out"] = Value::from(vec!["a pack"]);
    saved["not_begun"] = Value::from(vec!["another"]);
    let mut count = 0;
    forge(&mut saved, &mut count);
    assert!(count > 40, "{count}");
    let finding = &mut saved["packs"][0]["findings"][0];
    finding["sentence"] = Value::from(format!("x\n0 findings\n{}", "y".repeat(1_000_000)));
    std::fs::write(&file, saved.to_string()).unwrap();
    for more in [&[][..], &["--verbose"]] {
        let told = report(&file, more).with(0).out;
        assert!(told.len() < 60_000, "{}", told.len());
        let lines = told.lines().map(str::trim_start);
        let forged: Vec<&str> = lines.filter(|line| line.starts_with("forged")).collect();
        // What a program says may have several lines, which stand behind the word that they are of.
        assert_eq!(forged, ["forged: 0 findings\\x1b[2J\\r"], "{told}");
        assert!(!told.lines().any(|line| line == "0 findings"), "{told}");
        assert!(!told.contains("\x1b[2J") && !told.contains('\r'));
        assert!(told.contains("x\\n0 findings\\nyyy"), "{told}");
    }
}

fn not_runs() {
    let folder = tempfile::tempdir().unwrap();
    let told = report(folder.path(), &[]).with(2).err;
    assert!(
        told.contains(" is a directory: name the file in it that "),
        "{told}"
    );
    let file = folder.path().join("x");
    for (bytes, words) in [
        (
            &b""[..],
            "x cannot be read as a saved run: it is empty\n  help: ",
        ),
        (
            b"\x7fELF\x02\xff\0",
            "x cannot be read as a saved run: it is no text: ",
        ),
        (
            b"countersign: 1\nknown-departures-of: x\n",
            "x cannot be read as a saved run: this is a baseline\n  help: `countersign run --baseline FILE`",
        ),
        (
            b"{\"countersign-run\": 2, ",
            "x:1:23 cannot be read as a saved run: it ends in the middle: ",
        ),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let told = report(&file, &[]).with(2).err;
        assert!(told.contains(words), "{told}");
    }
    let endless = Path::new("/dev/zero");
    if endless.exists() {
        let told = report(endless, &[]).with(2).err;
        assert!(
            told.contains("it has more than 67,108,864 bytes\n"),
            "{told}"
        );
    }
}
