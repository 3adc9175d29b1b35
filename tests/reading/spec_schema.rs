//! The JSON Schema that editors complete from knows the very keys and words that the reader knows, and so do
//! the pages that list the words of clients.
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
use countersign::credentials::{CredentialState, Scheme};
use countersign::spec::{Spec, ValueKind, json_schema};
use countersign::vocabulary::{
    Baggage, ClientField, Form, Method, Persona, RequestTarget, SourceAddress, Word, client_fields,
    client_needs,
};
use countersign::wire::Way;
use countersign::yaml::{Source, read};
use serde_json::Value;

#[path = "../support/page.rs"]
mod page;
#[path = "../support/schema.rs"]
mod schema;

use schema::{json_of, takes};

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
  odd: [{at-most: 1, of: [policy.active, policy.retries], @odd}]
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
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
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
        ("odd", &defs["odd"]),
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
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let keys = properties(&schema["$defs"]["condition"]);
    assert_eq!(
        keys.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "all",
            "any",
            "authentication-info",
            "challenges",
            "course",
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
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let client = &schema["$defs"]["domain"]["properties"]["client"]["properties"];
    assert!(!json_schema().contains('@'), "a mark was not replaced");
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

/// The words and meanings of a field that `docs/client-words.md` lists: all but the clients of the catalogue.
fn listed<W: Word>(told: impl Fn(W) -> bool) -> String {
    let mut table = format!(
        "\n## `{}`\n\n| word | what it means | goes only with, and why |\n|---|---|---|\n",
        W::FIELD
    );
    for one in W::all().iter().filter(|one| told(**one)) {
        let needs = client_needs().iter();
        let needs =
            needs.filter(|needs| needs.field == W::FIELD && needs.words.contains(&one.word()));
        let goes: Vec<String> = needs
            .map(|needs| {
                let mut fields = client_fields().iter();
                let all = fields.find(|field| field.name == needs.other).unwrap();
                let others: Vec<&str> = { all.words.iter().copied() }
                    .filter(|word| !needs.among.contains(word))
                    .collect();
                let among = match others.len() < needs.among.len() {
                    true => format!("other than `{}`", others.join("`, `")),
                    false => format!("`{}`", needs.among.join("`, `")),
                };
                format!("`{}` {among}: {}", needs.other, needs.why)
            })
            .collect();
        let (word, meaning, goes) = (one.word(), one.meaning(), goes.join("; "));
        table += &format!("| `{word}` | {meaning} | {goes} |\n").replace("|  |", "| |");
    }
    table
}

#[test]
fn the_page_of_words_lists_them_all() {
    let mut page = String::from(
        "# The words of clients\n\nGenerated: `SNAPSHOTS=overwrite cargo test --test reading words` writes this \
         page.\n\nOf each field, simplest first; a client that says nothing of a field has the first word. What a \
         word does not go\nwith is in no domain. `persona` may be any client of the catalogue as well \
         (`countersign clients list`).\n",
    );
    page += &listed(|persona: Persona| Persona::NAMED.contains(&persona));
    page += &listed(|_: Scheme| true);
    page += &listed(|_: CredentialState| true);
    page += &listed(|_: Method| true);
    page += &listed(|_: Form| true);
    page += &listed(|_: Way| true);
    page += &listed(|_: RequestTarget| true);
    page += &listed(|_: Baggage| true);
    page += &listed(|_: SourceAddress| true);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/client-words.md");
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        std::fs::write(path, page).unwrap();
    } else {
        let said = std::fs::read_to_string(path).unwrap();
        assert!(said == page, "{path} should say:\n{page}");
    }
}

#[test]
fn the_words_that_the_page_on_specs_names_exist() {
    let page = include_str!("../../docs/writing-specs.md");
    for ClientField { name, words } in client_fields() {
        let begins = format!("| `{name}` | ");
        let row = page.lines().find(|line| line.starts_with(&begins)).unwrap();
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let named: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        let named: Vec<&str> = named.into_iter().filter(|word| *word != "GET").collect();
        assert!(named.iter().all(|word| words.contains(word)), "{row}");
        if !cell.contains("others") && !cell.contains("more") {
            assert_eq!(&named, words, "{row}");
        }
    }
}

#[test]
fn the_schema_has_the_departures_and_kinds_that_the_reader_knows() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
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

/// A spec with these steps in its course, and one rule that says this.
fn spec_that_says(course: &str, rule: &str) -> String {
    let course = match course {
        "" => String::new(),
        course => format!("  course: {course}\n"),
    };
    format!(
        r#"countersign: 1
pack: {{name: test, version: 1, title: A test}}
domain:
  policy:
    active: {{bool: true}}
    profiles: {{list: {{of: {{scheme: {{one-of: [basic, bearer]}}}}, max: 2}}}}
{course}  client:
    scheme: {{one-of: [basic, bearer]}}
    credential: {{one-of: [valid, none]}}
rules:
  - id: one
    level: must
    source: {{document: RFC 9110, section: "11.6.1"}}
    impact: Somebody is hurt.
    {rule}
"#
    )
}

/// Whether the reader takes a spec, and whether the schema does.
fn both(schema: &Value, name: &str, text: &str) -> [Result<(), String>; 2] {
    let source = Source::new(name, text);
    let node = read(&source).unwrap_or_else(|problems| panic!("{problems}"));
    let said = Spec::read(&source).map(|_| ());
    [
        said.map_err(|problems| problems.render()),
        takes(schema, &json_of(&node)),
    ]
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let course = "{most: 2, steps: [{ask: {credential: none}, times: 3, say: three bare requests}, \
                  {edit: {policy.active: false}, say: switched off}, {wait: 2}, \
                  {beside: {credential: valid}, clients: 3, tries: 9}]}";
    let mut all: Vec<(String, String)> = vec![
        spec_that_says(
            course,
            "when: {course: [{wait: 2}]}\n    expect: {status: 401}",
        ),
        spec_that_says(
            course,
            "when: {course: {not: []}}\n    expect: {status: 401}",
        ),
        spec_that_says(
            course,
            "when: {course: {count: {at-least: 1}}}\n    expect: {status: 401}",
        ),
        spec_that_says(
            course,
            "when: {course: {has: {times: 3, ask: {credential: none}}}}\n    expect: {status: 401}",
        ),
    ]
    .into_iter()
    .map(|text| ("course".to_owned(), text))
    .collect();
    for said in [
        "relate: {behind: [{ask: {}}, {wait: 60}], outcome: same}",
        "relate: {behind: [{beside: {credential: valid}}], expect: {outcome: {not: accepted}}}",
        "relate: {then: [{edit: {policy.active: false}}, {ask: {}}], expect: {outcome: refused}}",
        "relate: {then: [{ask: {}, times: 1000}], expect: {asks: {alike: [status, challenges, outcome]}}}",
        "relate: {then: [{ask: {credential: none, target: resource-metadata}}], expect: {json: {/a/0: {is: 3}}}}",
        "relate: {edited: policy.active, outcome: no-worse, sound: {outcome: accepted}}",
        "relate: {again: true, status: same}",
        "relate: {change: {client.credential: any}, outcome: same}",
        "expect: {requests: {every: [without-credentials, as-offered], first: without-credentials}}",
        "expect: {asks: {alike: status}}",
        "expect: {content: absent}",
        "expect: {json: {resource: asked-url, other: present, more: absent, less: {is: text}}}",
        "expect: {backend: {times: {at-most: 1}, user: alice, authorization: absent}}",
        "expect: {backend: {authorization: present}}",
        "expect: {log: {times: 1, user: alice, scheme: [client.scheme], policy: [basic], secrets: absent}}",
    ] {
        all.push((said.to_owned(), spec_that_says("", said)));
    }
    for folder in ["specs", "tests/engine/conversations"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                // A pack for clients is another kind of file.
                if !text.contains("\nclient-pack:") {
                    all.push((path.display().to_string(), text));
                }
            }
        }
    }
    for (name, text) in page::files_of(include_str!("../../docs/writing-specs.md")) {
        if name != "wrong.yaml" {
            all.push((name.to_owned(), text));
        }
    }
    assert!(all.len() > 25);
    for (name, text) in &all {
        for said in both(&schema, name, text) {
            assert_eq!(said, Ok(()), "{name}");
        }
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let one = "expect: {status: 401}";
    let courses = [
        "{steps: []}",
        "{most: 0, steps: [{wait: 1}]}",
        "{most: 9, steps: [{wait: 1}]}",
        "{steps: {wait: 1}}",
        "{steps: [{wait: 1}], least: 1}",
        "{steps: [{wait: 1, say: 3}]}",
        "{steps: [{wait: 1}, {wait: 1}]}",
    ];
    let mut all: Vec<String> = courses.map(|course| spec_that_says(course, one)).to_vec();
    let steps = |count: usize| {
        let steps = (1..=count).map(|at| format!("{{ask: {{}}, times: {at}}}"));
        let steps: Vec<String> = steps.collect();
        steps.join(", ")
    };
    all.push(spec_that_says(&format!("{{steps: [{}]}}", steps(65)), one));
    for relation in ["behind", "then"] {
        let said = format!("relate: {{{relation}: [{}], outcome: same}}", steps(9));
        all.push(spec_that_says("", &said));
    }
    for step in [
        "3",
        "{}",
        "{aks: {}}",
        "{ask: {}, wait: 1}",
        "{ask: none}",
        "{ask: {credentials: none}}",
        "{ask: {credential: nome}}",
        "{ask: {}, times: 0}",
        "{ask: {}, times: 100000}",
        "{ask: {}, tries: 1}",
        "{ask: {}, say: words}",
        "{wait: 0}",
        "{wait: 61}",
        "{wait: soon}",
        "{wait: 1, times: 1}",
        "{edit: {}}",
        "{edit: policy.active}",
        "{edit: {client.credential: none}}",
        "{beside: {}, clients: 17}",
        "{beside: {}, tries: 1001}",
        "{beside: {}, times: 1}",
    ] {
        for relation in ["behind", "then"] {
            let said = format!("relate: {{{relation}: [{step}, {{ask: {{}}}}], outcome: same}}");
            all.push(spec_that_says("", &said));
        }
    }
    for said in [
        "when: {course: 3}\n    expect: {status: 401}",
        "when: {course: {has: [{wait: 1}]}}\n    expect: {status: 401}",
        "when: {course: {empty: true}}\n    expect: {status: 401}",
        "relate: {behind: {ask: {}}, outcome: same}",
        "relate: {behind: [{ask: {}}]}",
        "relate: {behind: [], outcome: same}",
        "relate: {behind: [{edit: {scheme: basic}}], outcome: same}",
        "relate: {behind: [{ask: {}}], then: [{ask: {}}], outcome: same}",
        "relate: {then: [], outcome: same}",
        "relate: {then: [{wait: 1}], outcome: same}",
        "relate: {again: false, outcome: same}",
        "relate: {again: 2, outcome: same}",
        "relate: {edited: client.scheme, outcome: same}",
        "relate: {edited: true, outcome: same}",
        "relate: {change: {course.steps: 3}, outcome: same}",
        "relate: {again: true, expect: {status: 401}, sound: {status: 401}}",
        "expect: {requests: {}}",
        "expect: {requests: first}",
        "expect: {requests: {third: as-offered}}",
        "expect: {requests: {first: []}}",
        "expect: {requests: {first: polite}}",
        "expect: {asks: same}",
        "expect: {asks: {alike: 3}}",
        "expect: {asks: {alike: []}}",
        "expect: {asks: {alike: [realm]}}",
        "expect: {asks: {unlike: [status]}}",
        "expect: {content: none}",
        "expect: {json: resource}",
        "expect: {json: {}}",
        "expect: {json: {resource: 3}}",
        "expect: {json: {resource: {is: [a]}}}",
        "expect: {json: {resource: {has: a}}}",
        "expect: {json: {$.resource: present}}",
        "expect: {json: {/a~2: present}}",
        "expect: {backend: {}}",
        "expect: {backend: {time: 1}}",
        "expect: {backend: {times: many}}",
        "expect: {backend: {user: 3}}",
        "expect: {backend: {authorization: none}}",
        "expect: {log: {}}",
        "expect: {log: {secrets: present}}",
    ] {
        all.push(spec_that_says("", said));
    }
    for text in &all {
        let [reader, schema] = both(&schema, "wrong", text);
        assert!(reader.is_err(), "the reader takes\n{text}");
        assert!(schema.is_err(), "the schema takes\n{text}");
    }
}
