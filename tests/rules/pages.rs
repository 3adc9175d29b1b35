//! The pages of `docs/rules/`: each says of every rule of its pack what it kills, by the kills that are pinned; and the
//! table of `corpus/README.md`, which rule tells of what others reported.
//!
//! What is pinned is measured, by `matrix`; so the pages are, and none waits for the whole matrix to be made anew.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(clippy::unwrap_used)]

use countersign::engine::Options;
use countersign::matrix::PAGE_CASES;
use countersign::reference::Fault;
use countersign::report::matrix_page;
use countersign::results::{Kill, Matrix};
use countersign::spec::SHIPPED;
use snapbox::Data;

use super::teeth::bites;
use crate::support::pack;

/// What is pinned, as far as a page has it: which rule of which pack kills which fault.
fn pinned() -> Matrix {
    let of_one = |((pack, rule), bites): ((String, String), Vec<_>)| {
        bites.into_iter().map(move |bite: super::teeth::Bite| Kill {
            fault: bite.fault,
            pack: pack.clone(),
            rule: rule.clone(),
            choice: None,
            sentence: String::new(),
            change: None,
            case: bite.case,
            kind: "header x".parse().unwrap(),
            requests_to_proof: 0,
            requests: 0,
        })
    };
    Matrix {
        faults: Fault::ALL.to_vec(),
        kills: bites().into_iter().flat_map(of_one).collect(),
        cases: PAGE_CASES,
        seed: Options::default().seed,
        ..Matrix::default()
    }
}

/// Stale? `SNAPSHOTS=overwrite` makes them anew.
#[test]
fn the_pages_say_what_each_rule_kills() {
    let matrix = pinned();
    for (name, _) in SHIPPED {
        let page = matrix_page(&matrix, &pack(name));
        let path = format!("{}/docs/rules/{name}.md", env!("CARGO_MANIFEST_DIR"));
        snapbox::assert_data_eq!(page, Data::read_from(path.as_ref(), None).raw());
    }
}

#[test]
fn what_others_reported_is_told_by_the_rule_that_the_table_names() {
    let page = include_str!("../../corpus/README.md");
    let rows = page.lines().filter(|line| line.starts_with("| ["));
    let mut told = 0;
    let bites = bites();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, _, rule, fault] = cells.as_slice() else {
            // Another table.
            continue;
        };
        let (rule, fault) = (rule.trim_matches('`'), fault.trim_matches('`'));
        let mut seen = { bites.iter() }
            .filter(|((_, of), _)| of == rule)
            .flat_map(|(_, bites)| bites);
        assert!(seen.any(|bite| bite.fault.to_string() == fault), "{row}");
        told += 1;
    }
    assert_eq!(told, 39);
}
