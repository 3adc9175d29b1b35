//! `docs/sources.md` says where the text behind each rule was read: it is held to the packs.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic, and its helpers are parts of it"
)]

use std::collections::{BTreeMap, BTreeSet};

use countersign::spec::{SHIPPED, Spec, Standing, shipped};

/// The parts of the page by their headings.
fn parts() -> BTreeMap<String, String> {
    let root = env!("CARGO_MANIFEST_DIR");
    let text = std::fs::read_to_string(format!("{root}/docs/sources.md")).unwrap();
    text.split("\n## ")
        .skip(1)
        .map(|part| {
            let (heading, body) = part.split_once('\n').unwrap();
            (heading.to_owned(), body.to_owned())
        })
        .collect()
}

/// The documents that each rule names, by its id: packs have rules of one id.
fn documents(only_scored: bool) -> BTreeMap<String, BTreeSet<String>> {
    let mut documents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, _) in SHIPPED {
        let source = shipped(name).unwrap();
        let spec = Spec::read(&source).unwrap_or_else(|problems| panic!("{problems}"));
        for rule in spec.rules {
            if !only_scored || rule.standing == Standing::Scored {
                let named = documents.entry(rule.id).or_default();
                named.insert(rule.stated.document);
            }
        }
    }
    documents
}

#[test]
fn every_document_that_a_scored_rule_names_is_on_the_page() {
    let parts = parts();
    let mut missing = BTreeSet::new();
    for (rule, named) in documents(true) {
        for document in named {
            if !parts.contains_key(&document) {
                missing.insert(format!("{document}, which {rule} names"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "docs/sources.md does not say where these were read: {missing:#?}"
    );
}

#[test]
fn rules_stand_beside_the_document_that_they_name() {
    let documents = documents(false);
    let every: BTreeSet<&String> = documents.values().flatten().collect();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (heading, body) in parts() {
        if !every.contains(&heading) {
            continue;
        }
        // In tables and sentences alike, a rule is what is written like one.
        for word in body.split('`').skip(1).step_by(2) {
            let is_id = word.split('-').count() > 2
                && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            if !is_id {
                continue;
            }
            seen += 1;
            if !documents
                .get(word)
                .is_some_and(|named| named.contains(&heading))
            {
                wrong.push(format!("{heading}: {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 100, "{seen}");
}

/// Whoever wants to know where a rule was read finds it: the page names every rule, scored or not, beside the
/// document that it rests on.
#[test]
fn every_rule_stands_on_the_page_beside_its_document() {
    let parts = parts();
    let mut missing = Vec::new();
    for (rule, named) in documents(false) {
        for document in named {
            let body = parts.get(&document).map_or("", String::as_str);
            if !body.contains(&format!("`{rule}`")) {
                missing.push(format!("{document}: {rule}"));
            }
        }
    }
    assert!(missing.is_empty(), "docs/sources.md lacks {missing:#?}");
}

/// One claim has one level, whichever pack makes it.
#[test]
fn a_rule_of_one_name_has_one_level_in_every_pack() {
    let mut levels: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (name, _) in SHIPPED {
        let spec = Spec::read(&shipped(name).unwrap()).unwrap_or_else(|why| panic!("{why}"));
        for rule in spec.rules {
            levels.entry(rule.id).or_default().insert(rule.level.word());
        }
    }
    levels.retain(|_, levels| levels.len() > 1);
    assert!(levels.is_empty(), "{levels:#?}");
}
