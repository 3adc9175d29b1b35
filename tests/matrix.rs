//! The matrix of seeded faults and rules, whole: every fault is killed, every rule bites, each in these
//! words and after so many requests; and the pages about the rules say so.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

mod support;

use std::fmt::Write;
use std::path::Path;

use countersign::engine;
use countersign::matrix::{Matrix, Options, PAGE_CASES, measure};
use countersign::spec::{SHIPPED, Spec};
use snapbox::Data;
use support::pack;

fn packs() -> Vec<Spec> {
    SHIPPED.iter().map(|(name, _)| pack(name)).collect()
}

fn measured(specs: &[Spec], cases: u64) -> Matrix {
    let options = Options {
        run: engine::Options {
            cases,
            ..engine::Options::default()
        },
        ..Options::default()
    };
    measure(specs, &options, &mut |_| {}).unwrap()
}

fn golden(path: &str) -> Data {
    Data::read_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path), None).raw()
}

/// All that the faults show, computed once: it is the time of this file.
#[test]
fn every_fault_is_killed_and_every_rule_bites() {
    let specs = packs();
    // A fiftieth of the default budget: what dies here dies with that as well.
    let matrix = measured(&specs, PAGE_CASES);

    // What is told of each fault, with the requests from the first failure to the proof.
    let mut minima = String::new();
    let mut requests = Vec::new();
    for fault in &matrix.faults {
        writeln!(minima, "{fault}").unwrap();
        for kill in matrix.killers(*fault) {
            writeln!(minima, "  {kill}\n    {}", kill.case).unwrap();
        }
        requests.extend(matrix.killers(*fault).next().map(|kill| kill.requests));
    }
    snapbox::assert_data_eq!(minima, golden("tests/engine/minima.txt"));
    requests.sort_unstable();
    let median = requests[requests.len() / 2];
    let most = matrix.kills.iter().map(|kill| kill.requests).max().unwrap();
    assert!(median <= 40, "{median} requests to a proof in the median");
    assert!(most <= 150, "{most} requests to a proof at the most");

    assert_eq!(
        matrix.survivors(),
        [],
        "a fault that no rule sees measures nothing"
    );
    // The faults of the pack of the RFCs are still being written.
    let mut toothless = matrix.toothless(&specs);
    toothless.retain(|(pack, _)| *pack != "http-authentication");
    assert_eq!(
        toothless,
        [],
        "a rule that sees no fault has not been seen to fail"
    );

    // Stale? `countersign rules --markdown docs/rules`, or SNAPSHOTS=overwrite for this test.
    for spec in &specs {
        let path = format!("docs/rules/{}.md", spec.pack.name);
        snapbox::assert_data_eq!(matrix.page(spec), golden(&path));
    }

    // The same as JSON and as a table.
    let json = matrix.json(&specs);
    let killers = json["faults"].as_array().unwrap().iter();
    let killers: usize = killers
        .map(|fault| fault["killers"].as_array().unwrap().len())
        .sum();
    assert_eq!(killers, matrix.kills.len());
    let text = matrix.text(&specs);
    for spec in &specs {
        let (_, section) = text
            .split_once(&format!("\nrules of {} ", spec.pack.name))
            .unwrap();
        for rule in &spec.rules {
            let victims = matrix.victims(&spec.pack.name, &rule.id);
            let is_row = |line: &&str| {
                line.trim_start().starts_with(&format!("{} ", rule.id))
                    && line.ends_with(['.', '#'])
            };
            let row = section.lines().find(is_row).unwrap();
            assert_eq!(row.matches('#').count(), victims.len(), "{}", rule.id);
        }
    }
}
