//! The catalogue of faults.

use std::collections::BTreeSet;

use countersign::reference::Fault;
use countersign::spec::SHIPPED;
use libtest_mimic::Trial;

use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("faults::are_listed", listed),
        trial("faults::who_kills_whom_is_told", kill_matrix),
        trial("faults::one_that_survives_fails_the_command", survivor),
        trial("faults::one_that_cannot_show_is_told", unnoticed),
        trial("faults::rules_are_listed_and_written", rules),
    ]
}

fn listed() {
    let text = run(["faults"]).with(0).out;
    let lines = run(["faults", "--json"]).with(0).out;
    let mut names = BTreeSet::new();
    for (fault, line) in Fault::ALL.iter().zip(lines.lines()) {
        assert!(names.insert(fault.name()), "two faults are called {fault}");
        assert!(text.contains(&format!("\n  {fault}\n    {}\n", fault.summary())));
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["fault"], fault.name());
        assert_eq!(line["summary"], fault.summary());
        assert_eq!(line["seen"].as_str(), fault.seen());
        assert!(SHIPPED.iter().any(|(name, _)| line["pack"] == *name));
        if let Some(seen) = fault.seen() {
            assert!(text.contains(&format!("    seen in {seen}\n")));
        }
    }
    assert_eq!(lines.lines().count(), Fault::ALL.len());
}

fn kill_matrix() {
    let few = [
        "kill-matrix",
        "--cases",
        "500",
        "--spec",
        "api-access-policy",
    ];
    let faults = ["--fault", "flag-ignored", "--fault", "success-not-logged"];
    let text = run(few.into_iter().chain(faults)).with(0).out;
    assert!(
        text.contains(
            "    2 success-not-logged\n      api-access-policy a-log-in-is-logged-once: "
        ),
        "{text}"
    );
    assert!(
        text.contains("\n      a-log-in-is-logged-once                            .#\n"),
        "{text}"
    );
    assert!(text.contains("\n2 of 2 faults are killed; "), "{text}");
    let json = run(few.into_iter().chain(faults).chain(["--json"]))
        .with(0)
        .out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["faults"][1]["killers"][0]["rule"],
        "a-log-in-is-logged-once"
    );
    let rules = json["rules"].as_array().unwrap();
    let logged = |rule: &&serde_json::Value| rule["rule"] == "a-log-in-is-logged-once";
    let logged = rules.iter().find(logged).unwrap();
    assert_eq!(logged["victims"], serde_json::json!(["success-not-logged"]));
}

/// A run that finds nothing says nothing of a fault that it cannot notice.
fn unnoticed() {
    let few = ["run", "--cases", "10"];
    let said = |more: &[&str]| run(few.iter().chain(more).copied()).err;
    let spec = ["--spec", "reachability"];
    assert_eq!(
        said(&[&spec[..], &["--fault", "success-not-logged"]].concat()),
        "note: no rule of these specs is known to notice the fault `success-not-logged`; `--spec \
         api-access-policy --rule a-log-in-is-logged-once` is\n"
    );
    let rule = ["--rule", "quotes-are-closed", "--fault", "flag-ignored"];
    let told = said(&[&spec[..], &rule].concat());
    assert!(
        told.starts_with(
            "note: none of these rules is known to notice the fault `flag-ignored`; `--spec "
        ),
        "{told}"
    );
    assert_eq!(
        said(&[&spec[..], &["--fault", "flag-ignored"]].concat()),
        ""
    );
}

fn survivor() {
    let unseen = ["--spec", "reachability", "--fault", "success-not-logged"];
    let said = run(["kill-matrix", "--cases", "500"].into_iter().chain(unseen))
        .with(1)
        .out;
    assert!(
        said.contains("success-not-logged\n      NOBODY KILLS IT\n"),
        "{said}"
    );
    assert!(said.contains("\n0 of 1 faults are killed; "), "{said}");
}

fn rules() {
    // Told before every fault is tried, which takes minutes.
    let nowhere = run(["rules", "--markdown", "/proc/countersign"])
        .with(3)
        .err;
    assert!(
        nowhere.starts_with("error: pages cannot be written to /proc/countersign: "),
        "{nowhere}"
    );
    let said = run(["rules", "--spec", "reachability"]).with(0).out;
    assert!(said.starts_with("reachability "), "{said}");
    assert!(
        said.contains("\n  challenge-driven-client-gets-in (should)\n    RFC 9110 §11.6.1"),
        "{said}"
    );
}
