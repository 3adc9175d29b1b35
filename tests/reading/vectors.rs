//! The public test vectors of `tests/reading/vectors/`: what others test their parsers with, read by ours.

#![expect(
    clippy::unwrap_used,
    reason = "a test may panic, and its helpers are parts of it"
)]

use std::collections::BTreeSet;

use countersign::auth::{Challenge, Challenges, Departure};
use serde::Deserialize;

/// A set of vectors with its source.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    set: String,
    #[serde(rename = "where")]
    source: String,
    cases: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    lines: Vec<String>,
    reads: Vec<String>,
    #[serde(default)]
    departures: Vec<String>,
    theirs: Option<String>,
}

fn sets() -> Vec<Set> {
    serde_saphyr::from_str(include_str!("vectors/challenges.yaml")).unwrap()
}

/// Each character as the byte of its number.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap()).collect()
}

fn parse(lines: &[String]) -> Challenges {
    let lines: Vec<Vec<u8>> = lines.iter().map(|line| bytes(line)).collect();
    Challenges::parse(lines.iter().map(Vec::as_slice))
}

fn said(challenge: &Challenge) -> String {
    let mut parts = vec![challenge.scheme.clone()];
    parts.extend(challenge.token68.iter().map(|text| format!("<{text}>")));
    parts.extend(
        challenge
            .params
            .iter()
            .map(|p| format!("{}={}", p.name, p.value)),
    );
    parts.join(" | ")
}

#[test]
fn vectors_are_read_as_the_table_says() {
    let mut wrong = Vec::new();
    for set in sets() {
        for vector in &set.cases {
            let read = parse(&vector.lines);
            let reads: Vec<String> = read.list.iter().map(said).collect();
            let mut departures: Vec<&str> = Vec::new();
            for problem in &read.problems {
                let word = problem.departure.word();
                if !departures.contains(&word) {
                    departures.push(word);
                }
            }
            if reads != vector.reads || departures != vector.departures {
                wrong.push(format!(
                    "{} {}: {reads:?} {departures:?}",
                    set.set, vector.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_is_in_order() {
    let sets = sets();
    let mut departures = BTreeSet::new();
    for set in &sets {
        assert!(set.source.len() > 10 && set.cases.len() >= 5, "{}", set.set);
        let names: BTreeSet<&str> = set.cases.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names.len(), set.cases.len(), "a name twice in {}", set.set);
        for vector in &set.cases {
            departures.extend(vector.departures.iter().cloned());
            assert!(vector.theirs.as_ref().is_none_or(|text| !text.is_empty()));
        }
    }
    for word in &departures {
        assert!(Departure::from_word(word).is_some(), "{word}");
    }
    assert!(sets.iter().map(|set| set.cases.len()).sum::<usize>() >= 95);
    assert!(departures.len() >= 15, "{departures:?}");
}
