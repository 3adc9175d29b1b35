//! The catalogue of clients.

use libtest_mimic::Trial;
use snapbox::{assert_data_eq, str};

use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("clients::are_listed_and_shown", listed),
        trial("clients::are_predicted", predicted),
    ]
}

fn listed() {
    let out = run(["clients", "list"]).with(0).out;
    assert_eq!(out.lines().count(), 103);
    let out = run(["clients", "show", "wget2"]).with(0).out;
    assert!(out.contains("chooses: first-not-digest"), "{out}");
    assert!(out.contains("Predicts 78 of 79 measured layouts."), "{out}");
    assert!(
        out.contains("Y12: sent none, none, not none, Basic"),
        "{out}"
    );
    let ended = run(["clients", "show", "curl --anyaut"]).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: there is no client `curl --anyaut`
  help: did you mean `curl --anyauth`?

"#]]
    );
    // The name of a program that is used in several ways.
    let ended = run(["clients", "show", "wget"]).with(0);
    assert!(ended.out.starts_with("wget\n"), "{}", ended.out);
    let ended = run(["clients", "show", "git"]).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: there is no client `git`
  help: these begin so: git URL credentials; git credential helper; git 2.47 credential helper

"#]]
    );
}

fn predicted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    std::fs::write(
        &file,
        r#"{"mine": {"lines": ["Bearer", "Basic realm=\"x\""]}}"#,
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let out = run(["clients", "predict", file, "--json"]).with(0).out;
    assert_eq!(out.lines().count(), 103);
    let wget = out.lines().find(|line| line.contains("\"wget\"")).unwrap();
    let wget: serde_json::Value = serde_json::from_str(wget).unwrap();
    assert_eq!(
        wget,
        serde_json::json!({
            "mode": "wget", "case": "mine", "requests": 2, "first_preemptive": false,
            "schemes_sent": ["none", "Basic"], "final_status": 200,
        })
    );
    let out = run(["clients", "predict", file]).with(0).out;
    assert!(
        out.starts_with("mine: 83 of 103 get in\n  shut out: "),
        "{out}"
    );
    std::fs::write(folder.path().join("cases.json"), "[]").unwrap();
    let ended = run(["clients", "predict", file]).with(2);
    assert!(
        ended.err.contains("not an object of cases by name"),
        "{}",
        ended.err
    );
}
