//! What is written reads back as the same, whatever it is.

use std::collections::HashMap;

use super::Entry;
use super::drawn::{clause, entry, predicate};
use crate::domain::Case;
use crate::observation::{Answer, LoggedEvent, Outcome};
use crate::spec::{
    Env, Observation, Predicate, SHIPPED, Spec, read_clause, read_predicate, shipped,
};
use crate::wire::{BodyEnd, FieldLine, Response};
use crate::yaml::{Diagnostics, Source, read};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_written_reads_back_as_the_same(entry in entry()) {
        let written = entry.to_yaml();
        let again = Entry::read(&Source::new("entry", written.as_str()));
        let again = again.map_err(|why| TestCaseError::fail(format!("{why}\n{written}")))?;
        prop_assert_eq!(&again, &entry, "{}", written);
        prop_assert_eq!(again.to_yaml(), written);
        prop_assert_eq!(again.digest(), entry.digest());
        let name = entry.file_name();
        prop_assert!(name.len() < 110 && !name.contains(['/', '\\', ' ']) && !name.starts_with('.'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_clause_is_printed_as_it_is_read(clause in clause()) {
        let written = clause.to_string();
        let again = alone(&written, read_clause);
        prop_assert_eq!(again, clause, "{}", written);
    }

    #[test]
    fn a_predicate_is_printed_as_it_is_read(predicate in predicate()) {
        let written = predicate.to_string();
        let again = alone(&written, read_predicate);
        prop_assert_eq!(again, predicate, "{}", written);
    }

    #[test]
    fn any_text_ends_in_an_entry_or_in_diagnostics(text in any::<String>()) {
        let _ = Entry::read(&Source::new("entry", text));
    }
}

fn alone<T>(written: &str, lower: impl Fn(&crate::yaml::Node, &mut Diagnostics) -> Option<T>) -> T {
    let source = Source::new("alone", written);
    let node = read(&source).unwrap_or_else(|why| panic!("{why}"));
    let mut problems = Diagnostics::new(source);
    lower(&node, &mut problems).unwrap_or_else(|| panic!("{problems}\n{written}"))
}

/// What rules look at, of many sorts.
fn observations() -> Vec<(Outcome, Answer)> {
    let fields = |challenges: &[&str]| -> Vec<FieldLine> {
        let field = |value: &&str| FieldLine {
            name: "WWW-Authenticate".to_owned(),
            value: value.as_bytes().to_vec(),
        };
        challenges.iter().map(field).collect()
    };
    let mut all = Vec::new();
    for status in [200, 401, 403, 503] {
        for challenges in [
            &[][..],
            &["Basic realm=\"a\""],
            &["Bearer"],
            &["Bearer", "Basic realm=\"a\""],
            &["Basic realm=\"a"],
        ] {
            let response = Response {
                status,
                fields: fields(challenges),
                body: Vec::new(),
                body_end: BodyEnd::Complete,
                head: Vec::new(),
            };
            all.push((Outcome::of_status(status), Answer::new(response)));
        }
    }
    all
}

/// A rule's condition and what is left of it for one case hold of the same answers, also after
/// printing and reading it.
#[test]
fn resolved_conditions_hold_of_the_same_answers() {
    let extra = "\n  - id: extra\n    level: may\n    source: {document: none, section: none}\n    \
                 impact: none\n    when:\n      not: {all: [{client.credential: none}, {status: 401}]}\n      \
                 any:\n        - {client.credential: valid, status: 200}\n        \
                 - {not: {any: [{client.credential: none}, {challenges: {at-least: [client.scheme]}}]}}\n    \
                 expect: {status: 200}\n";
    let observations = observations();
    let events = [LoggedEvent::named("LOGIN_SUCCESS")];
    for (name, _) in SHIPPED {
        let source = shipped(name).unwrap();
        let text = format!("{}{extra}", source.text.trim_end());
        let spec =
            Spec::read(&Source::new("with one more", text)).unwrap_or_else(|e| panic!("{e}"));
        let settings = spec.domain.settings(200_000).unwrap();
        let clients = spec.conversations(usize::MAX);
        // A spread of about this many, whatever the size of the pack's space.
        let (settings_apart, clients_apart) = (settings.len() / 45 + 1, clients.len() / 5 + 1);
        // What is left of a condition is the same for many cases.
        let mut read: HashMap<String, Predicate> = HashMap::new();
        for setting in settings.into_iter().step_by(settings_apart) {
            for client in clients.iter().step_by(clients_apart) {
                let case = Case::of(setting.clone(), client.clone());
                let definitions = spec.define(&case);
                for rule in &spec.rules {
                    let resolved = rule.when.resolved(&Env::of(&case, &definitions));
                    let written = resolved.to_string();
                    let again = (read.entry(written.clone()))
                        .or_insert_with(|| alone(&written, read_predicate));
                    assert_eq!(*again, resolved, "{written}");
                    for (outcome, answer) in &observations {
                        let observation = Observation::of(*outcome, answer, Some(&events));
                        assert_eq!(
                            again.evaluate(&Env::seen(&case, &[], observation)),
                            rule.when
                                .evaluate(&Env::seen(&case, &definitions, observation)),
                            "{} of {case}: {written}",
                            rule.id
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_saved_run_is_told_as_one() {
    let source = Source::new(
        "run.json",
        "{\"countersign-run\": 2, \"version\": \"0.1.0\"}",
    );
    let told = Entry::read(&source).unwrap_err().to_string();
    assert!(
        told.contains("this is a saved run, and a saved finding is expected"),
        "{told}"
    );
    assert_eq!(told.matches("error: ").count(), 1, "{told}");
}
