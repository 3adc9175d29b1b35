use serde_json::Value;

use crate::results::{KnownDefect, KnownDefects, Run, Stopped, Whose};

use super::super::escape::is_unseen;
use super::super::sample::{HOSTILE, hostile, run};
use super::super::source::source_uri;
use super::{message, uri};

fn text(run: &Run) -> String {
    let mut out = Vec::new();
    super::write(run, 1, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn log(run: &Run) -> Value {
    serde_json::from_str(&text(run)).unwrap()
}

#[test]
fn a_run_is_told() {
    snapbox::assert_data_eq!(text(&run()), snapbox::file!["sample.sarif"].raw());
}

#[test]
fn a_result_is_of_a_rule_at_its_line() {
    let log = log(&run());
    let told = &log["runs"][0];
    let results = told["results"].as_array().unwrap();
    let of = |name: &str| {
        results
            .iter()
            .map(|one| one[name].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("level"), ["error", "warning", "none"]);
    assert_eq!(of("kind"), ["fail", "fail", "open"]);
    let rules = told["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let physical = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            physical["artifactLocation"]["uri"],
            "specs/reachability.yaml"
        );
        assert!(physical["region"]["startLine"].as_u64().unwrap() > 1);
        let rule = &rules[index];
        assert!(
            rule["help"]["text"]
                .as_str()
                .unwrap()
                .contains("\nSource: ")
        );
    }
    assert_eq!(results[1]["relatedLocations"].as_array().unwrap().len(), 1);
}

#[test]
fn fingerprints_stay_the_same() {
    let prints = |run: &Run| {
        let log = log(run);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        let prints = results.iter().map(|one| one["partialFingerprints"].clone());
        prints.collect::<Vec<_>>()
    };
    let before = run();
    let mut later = run();
    later.version = "7.0.0".to_owned();
    for finding in &mut later.packs[0].findings {
        finding.at = "specs/reachability.yaml:999".to_owned();
        finding.sentence.push_str(", in other words");
        finding.failures += 1;
    }
    assert_eq!(prints(&before), prints(&later));
    let unlike: std::collections::BTreeSet<String> =
        prints(&before).iter().map(ToString::to_string).collect();
    assert_eq!(unlike.len(), 3);
}

#[test]
fn a_run_that_ended_early_was_not_executed() {
    let successful =
        |run: &Run| log(run)["runs"][0]["invocations"][0]["executionSuccessful"].clone();
    let mut whole = run();
    whole.packs[0].anomalies.clear();
    whole.packs[0].findings.truncate(3);
    whole.defects = whole.put_together();
    assert_eq!(successful(&whole), true);
    let mut ended = whole.clone();
    ended.packs[0].stopped = Some(Stopped::Slow);
    assert_eq!(successful(&ended), false);
    let notes = &log(&ended)["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(
        notes[0]["message"]["text"]
            .as_str()
            .unwrap()
            .contains("too slow"),
        "{notes}"
    );
    let mut left = whole.clone();
    left.not_begun.push("http-authentication".to_owned());
    assert_eq!(successful(&left), false);
}

#[test]
fn what_is_known_is_suppressed() {
    let mut run = run();
    let findings = run.defects[0].headline;
    run.learn(KnownDefects {
        file: "known.yaml".to_owned(),
        shows: vec![KnownDefect {
            title: "known".to_owned(),
            whose: Whose::Product,
            reason: "It is so.".to_owned(),
            link: None,
            confirmed: "By hand.".to_owned(),
            findings: vec![findings],
        }],
        stale: Vec::new(),
    });
    let log = log(&run);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressed = results.iter().filter(|one| !one["suppressions"].is_null());
    assert_eq!(suppressed.count(), 1);
    let last = results.last().unwrap();
    assert_eq!(last["ruleId"], "reachability/quotes-are-closed");
    assert_eq!(
        last["suppressions"][0]["justification"],
        "the product: It is so."
    );
}

#[test]
fn hostile_text_stays_text() {
    for words in [HOSTILE.to_owned(), "[x](y) {0}\n".repeat(90_000)] {
        let text = text(&hostile(&words));
        assert!(!text.contains(is_unseen));
        assert!(text.len() < 1_000_000, "{}", text.len());
        let log: Value = serde_json::from_str(&text).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), 3);
        for result in results {
            let text = result["message"]["text"].as_str().unwrap();
            assert!(!text.contains(is_unseen), "{text}");
            assert!(!text.contains("[x](") && !text.contains(" {0}"), "{text}");
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "%-._~/".contains(c);
            assert!(place.as_str().unwrap().chars().all(is_plain), "{place}");
        }
    }
}

#[test]
fn commands_in_messages_can_be_copied() {
    let words = "--case '{policy: {profiles: [{scheme: basic}]}}' {} {x} {";
    assert_eq!(message(words)["text"], words);
    assert_eq!(
        message("{0} {12}{{3}} [a](b)")["text"],
        "{{0}} {{12}}{{{3}}} [a\\](b)"
    );
}

#[test]
fn sources_and_places_are_references() {
    let stated = |document: &str, section: &str| crate::spec::Stated {
        document: document.to_owned(),
        section: section.to_owned(),
        note: None,
    };
    assert_eq!(
        source_uri(&stated("RFC 9110", "11.6.1")).as_deref(),
        Some("https://www.rfc-editor.org/rfc/rfc9110.html#section-11.6.1")
    );
    assert_eq!(
        source_uri(&stated("RFC 9110", "x\"><y")).as_deref(),
        Some("https://www.rfc-editor.org/rfc/rfc9110.html")
    );
    assert_eq!(source_uri(&stated("MCP", "1")), None);
    assert_eq!(source_uri(&stated("RFC x", "1")), None);
    assert_eq!(uri("specs/a b:ü.yaml"), "specs/a%20b%3A%C3%BC.yaml");
    assert_eq!(uri("/a/b.yaml"), "file:///a/b.yaml");
}
