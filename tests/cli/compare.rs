//! `countersign compare`: several implementations beside each other.

use libtest_mimic::Trial;

use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("compare::rules_by_implementations", table),
        trial("compare::as_json_and_as_a_page", formats),
        trial("compare::what_cannot_be_compared_is_told", slips),
    ]
}

const SMALL: [&str; 4] = ["--spec", "reachability", "--cases", "5000"];

fn compared(more: &[&str]) -> String {
    let line = ["compare", "reference", "reference"];
    let ended = run(line.iter().chain(&SMALL).chain(more).copied()).with(0);
    ended.out
}

fn table() {
    let out = compared(&[]);
    let row = |id: &str| {
        let mut lines = out.lines().map(str::trim);
        let line = lines.find(|line| line.starts_with(id)).unwrap_or_default();
        line.split_whitespace().skip(2).collect::<Vec<_>>()
    };
    assert_eq!(
        row("challenge-driven-client-gets-in"),
        ["FAIL", "FAIL"],
        "{out}"
    );
    assert_eq!(
        row("advertised-schemes-are-accepted"),
        ["pass", "pass"],
        "{out}"
    );
    assert!(out.contains("  1  reference "), "{out}");
    assert!(!out.contains("no rule decides"), "{out}");
}

fn formats() {
    let json: serde_json::Value = serde_json::from_str(&compared(&["--format", "json"])).unwrap();
    assert_eq!(json["implementations"][1]["name"], "reference");
    assert_eq!(json["packs"][0]["rules"][0]["states"][1], "fail");
    let page = compared(&["--format", "markdown"]);
    assert!(
        page.starts_with("# Implementations beside each other\n"),
        "{page}"
    );
    assert!(
        page.contains("| `advertised-schemes-are-accepted` | should | pass | pass |"),
        "{page}"
    );
}

fn slips() {
    let ended = run(["compare", "referense"]).with(2);
    assert!(
        ended.err.contains("did you mean `reference`?"),
        "{}",
        ended.err
    );
    run(["compare"]).with(2);
}
