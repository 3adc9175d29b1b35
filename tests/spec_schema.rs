//! The JSON Schema that editors complete from knows the very keys that the reader knows.
//!
//! The reader is asked itself: an unknown key in a mapping makes it list those that it knows.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use std::collections::BTreeSet;

use countersign::auth::Departure;
use countersign::spec::{JSON_SCHEMA, Spec, ValueKind};
use countersign::vocabulary::{ClientField, client_fields};
use countersign::yaml::Source;
use serde_json::Value;

/// A key that is near to none.
const UNKNOWN: &str = "qqqqqqqqqqqqqqqq";

/// A spec with one more key in one of its mappings, marked `@`.
fn spec_with(marked: &str) -> String {
    let text = r#"
countersign: 1
@top
pack: {name: test, version: 1, title: A test, @pack}
domain:
  policy:
    active: {bool: true, @field}
    profiles: {list: {of: {scheme: {one-of: [basic, bearer]}}, max: 2, @list}}
    retries: {int: {max: 3, @int}}
    note: {optional: {bool: true, @optional}}
  client: {persona: {one-of: [preemptive, challenge-driven]}, @client}
  @domain
define:
  listed: {list: policy.profiles, @definition}
  chosen: {choose: [{@arm, when: {policy.active: true}, then: [basic]}, {otherwise: [bearer]}]}
alternatives:
  order: {why: Sources differ., choices: {first: One., last: Other.}, @alternative}
rules:
  - id: one
    @rule
    level: must
    source: {document: RFC 9110, section: "11.6.1", @source}
    impact: Somebody is hurt.
    expect: {status: 401, challenges: {some: true, @challenges}, body: {contains: x}, @expectation}
  - id: more
    level: must
    source: {document: RFC 9110, section: "11.6.1"}
    impact: Somebody is hurt.
    expect: {parameters: {any: {realm: {present: true, @parameter}}}, headers: {vary: {has: [x], @header}}}
  - id: other
    level: must
    source: {document: RFC 9110, section: "11.6.1"}
    impact: Somebody is hurt.
    relate: {change: {client.persona: preemptive}, outcome: same, @relation}
"#;
    let mut out = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        let key = format!("@{marked}");
        // A mark is a whole word: `@list` is not in `@listed`.
        if let Some((before, behind)) = line.split_once(&key)
            && !behind.starts_with(char::is_alphabetic)
        {
            line = format!("{before}{UNKNOWN}: {{bool: true}}{behind}");
        }
        // The other marks go, with the comma before or behind them.
        while let Some((before, behind)) = line.split_once('@') {
            let behind = behind.trim_start_matches(char::is_alphabetic);
            let behind = behind.strip_prefix(", ").unwrap_or(behind);
            line = format!("{}{behind}", before.strip_suffix(", ").unwrap_or(before));
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// The keys that the reader knows where the mark stands.
fn known_to_the_reader(marked: &str) -> BTreeSet<String> {
    let text = spec_with(marked);
    let problems = Spec::read(&Source::new("test.yaml", text.as_str())).unwrap_err();
    let [problem] = problems.list.as_slice() else {
        panic!("{marked}: {problems}");
    };
    assert!(problem.message.contains(UNKNOWN), "{marked}: {problems}");
    problem
        .help
        .split('`')
        .enumerate()
        // The first words in backticks may name the field; what follows `knows` are its keys.
        .filter(|(index, _)| index % 2 == 1)
        .map(|(_, word)| word.to_owned())
        .filter(|word| !word.contains("policy."))
        .collect()
}

fn properties(schema: &Value) -> BTreeSet<String> {
    schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[test]
fn the_schema_has_the_keys_that_the_reader_knows() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let defs = &schema["$defs"];
    let definition = defs["definition"]["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["type"] == "object")
        .unwrap();
    let mappings = [
        ("top", &schema),
        ("pack", &defs["pack"]),
        ("domain", &defs["domain"]),
        ("client", &defs["domain"]["properties"]["client"]),
        ("field", &defs["field"]),
        ("list", &defs["field"]["properties"]["list"]),
        ("int", &defs["field"]["properties"]["int"]),
        ("definition", definition),
        ("arm", &definition["properties"]["choose"]["items"]),
        ("alternative", &defs["alternative"]),
        ("rule", &defs["rule"]),
        ("source", &defs["rule"]["properties"]["source"]),
        ("expectation", &defs["expectation"]),
        ("challenges", &defs["challenges"]),
        ("parameter", &defs["parameter"]),
        ("header", &defs["header"]),
        ("relation", &defs["relation"]),
    ];
    for (marked, mapping) in mappings {
        assert_eq!(known_to_the_reader(marked), properties(mapping), "{marked}");
        assert_eq!(
            mapping["additionalProperties"], false,
            "{marked} has no other keys"
        );
    }
    // What an optional holds is a field without words of its own.
    let mut field = properties(&defs["field"]);
    field.remove("say");
    assert_eq!(known_to_the_reader("optional"), field);
    assert_eq!(properties(&defs["type"]), field);
}

/// In a condition every other key names a field or a definition; these are its own.
#[test]
fn the_schema_has_the_conditions_that_the_reader_knows() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let keys = properties(&schema["$defs"]["condition"]);
    assert_eq!(
        keys.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "all",
            "any",
            "authentication-info",
            "challenges",
            "events",
            "headers",
            "not",
            "outcome",
            "parameters",
            "status"
        ]
    );
    let text = spec_with("none of them");
    for key in keys.iter().map(String::as_str).chain([UNKNOWN]) {
        let text = text.replace(
            "    expect: {",
            &format!("    when: {{{key}: 1.5}}\n    expect: {{"),
        );
        let problems = Spec::read(&Source::new("test.yaml", text)).unwrap_err();
        let message = &problems.list.first().unwrap().message;
        let is_name = message.starts_with("there is no field or definition");
        assert_eq!(is_name, key == UNKNOWN, "{key}: {message}");
    }
}

#[test]
fn the_schema_has_the_words_that_the_reader_knows() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let client = &schema["$defs"]["domain"]["properties"]["client"]["properties"];
    for ClientField { name, words } in client_fields() {
        let one_of = &client[name]["properties"]["one-of"]["items"]["enum"];
        let known: Vec<&str> = one_of
            .as_array()
            .unwrap_or_else(|| panic!("{name}"))
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(&known, words, "{name}");
    }
}

#[test]
fn the_schema_has_the_departures_and_kinds_that_the_reader_knows() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let words = |schema: &Value| -> Vec<String> {
        let words = schema["enum"].as_array().unwrap();
        words
            .iter()
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    };
    let departures = &schema["$defs"]["challenges"]["properties"]["no-departure"]["oneOf"];
    let known: Vec<&str> = Departure::of_challenges().map(Departure::word).collect();
    assert_eq!(words(&departures[0]), known);
    assert_eq!(words(&departures[1]["items"]), known);
    let parameter = &schema["$defs"]["parameter"]["properties"];
    assert_eq!(
        words(&parameter["value"]),
        ValueKind::ALL.map(ValueKind::word)
    );
}

#[test]
fn the_marks_of_this_test_leave_a_spec_without_a_mistake() {
    let text = spec_with("none of them");
    let read = Spec::read(&Source::new("test.yaml", text.as_str()));
    assert!(read.is_ok(), "{}", read.unwrap_err());
}
