use crate::results::Run;

use super::super::escape::is_unseen;
use super::super::sample::{HOSTILE, hostile, run};

fn page(run: &Run) -> String {
    let mut out = Vec::new();
    super::write(run, 1, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn a_run_is_told() {
    let text = page(&run());
    for wanted in [
        "<h1><span class=\"name\">reference</span> <strong>departs</strong></h1>",
        "<h3>who waits for a challenge is shut out</h3>",
        "two profiles, flag false, Basic client",
        "smallest possible: none of the 1,201 simpler cases breaks this rule in this way.",
        "policy.active: true -&gt; false",
        "countersign serve --port 4010",
        "RFC 9110",
        "data-row=\"never-applied\"",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    // Whatever is compared with is beside it, and where they differ is marked.
    assert_eq!(count(&text, "Beside it, with client.persona preemptive"), 1);
    assert!(text.contains("<span class=\"came differs\">"));
}

#[test]
fn nothing_of_it_is_fetched_or_run_but_its_own() {
    let text = page(&run());
    let policy = "content=\"default-src &#x27;none&#x27;; style-src &#x27;sha256-";
    assert!(text.contains(policy), "{text:.800}");
    for none in [
        "unsafe-inline",
        " src=",
        "@import",
        "url(",
        " style=\"",
        " onclick",
    ] {
        assert!(!text.contains(none), "{none}");
    }
    let text = text.replace("&#x2f;", "/");
    let links = text.split("href=\"").skip(1);
    for link in links {
        let is_known = ["#", "data:,", "https://www.rfc-editor.org/"];
        assert!(
            is_known.iter().any(|begin| link.starts_with(begin)),
            "{link:.80}"
        );
    }
}

#[test]
fn hostile_text_stays_text() {
    let plain = page(&run());
    for words in [
        HOSTILE,
        "</title><!--style--><!--body--> {{ 7 * 7 }} {% raw %} \" onclick=x '",
    ] {
        let text = page(&hostile(words));
        assert!(!text.contains(is_unseen));
        for mark in [
            "<script", "</script", "<!--", "</style", "</title", "<img", "<h1",
        ] {
            assert_eq!(count(&text, mark), count(&plain, mark), "{mark}");
        }
        assert_eq!(count(&text, "javascript:x\""), 0);
        assert!(!text.contains(" 49 "));
    }
}

#[test]
fn many_findings_and_rules_are_held() {
    let mut many = run();
    let pack = &mut many.packs[0];
    let (finding, rule) = (pack.findings[1].clone(), pack.rules[5].clone());
    pack.findings.extend((0..200).map(|at| {
        let mut finding = finding.clone();
        finding.sentence = format!("case {at}");
        finding
    }));
    pack.rules.extend((0..300).map(|at| {
        let mut rule = rule.clone();
        rule.id = format!("rule-{at}");
        rule
    }));
    let defect = many.defects[1].clone();
    many.defects.extend((0..200).map(|at| {
        let mut defect = defect.clone();
        (defect.headline.finding, defect.others) = (4 + at, Vec::new());
        defect
    }));
    let text = page(&many);
    assert_eq!(count(&text, "<details class=\"finding"), 203);
    assert_eq!(count(&text, "<tr data-row="), 321);
    assert!(text.len() < 5 << 20, "{}", text.len());
    if let Some(folder) = std::env::var_os("SCREENSHOTS") {
        std::fs::write(std::path::Path::new(&folder).join("many.html"), text).unwrap();
    }
}
