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
            "schemes_sent": ["none", "Basic"], "final_status": 200, "fate": "in",
        })
    );
    let out = run(["clients", "predict", file]).with(0).out;
    assert!(
        out.starts_with("mine: accepted basic, bearer, digest\n  Of 97 clients that have a use"),
        "{out}"
    );
    assert!(out.contains("are shut out.\n  shut out: "), "{out}");
    // Counted as for the same response, in the same words.
    let response = folder.path().join("response.txt");
    let response = response.to_str().unwrap();
    for (status, field) in [(401, "WWW"), (407, "Proxy")] {
        for accept in ["basic", "bearer", "basic,bearer", "digest"] {
            let words = accept.replace(',', "\", \"");
            let case = format!(
                r#"{{"mine": {{"lines": ["Bearer", "Basic"], "status": {status}, "accept": ["{words}"]}}}}"#
            );
            std::fs::write(file, case).unwrap();
            let head = format!(
                "HTTP/1.1 {status} No\n{field}-Authenticate: Bearer\n{field}-Authenticate: Basic\n\n"
            );
            std::fs::write(response, head).unwrap();
            let predicted = run(["clients", "predict", file]).with(0).out;
            let reached = run(["reach", "--response", response, "--accepts", accept]);
            let reached = reached.with(0).out;
            let sentence = predicted.lines().nth(1).unwrap().trim();
            assert!(reached.contains(sentence), "{sentence}\n{reached}");
        }
    }
    // What it does not know is not passed over.
    for (case, told) in [
        ("[]", "not an object of cases by name"),
        (
            r#"{"A": {"lines": [], "acept": ["basic"]}}"#,
            "case `A`: it has no key `acept`\n  help: did you mean `accept`?",
        ),
        (
            r#"{"A": {"lines": [], "accept": ["basik"]}}"#,
            "case `A`: `accept` takes no `basik`\n  help: did you mean `basic`?",
        ),
        (
            r#"{"A": {"lines": [], "status": 200}}"#,
            "case `A`: `status` is 200, by which nobody is refused",
        ),
        (
            r#"{"A": {"lines": [], "status": "407"}}"#,
            "case `A`: `status` is \"407\", which is no status",
        ),
        (r#"{"A": 1}"#, "case `A`: it is no object with `lines`"),
    ] {
        std::fs::write(file, case).unwrap();
        let ended = run(["clients", "predict", file]).with(2);
        assert!(ended.err.contains(told), "{told}: {}", ended.err);
    }
}
