//! Contradictions: two rules are told of where no answer could satisfy both, and left alone where one could.

#![expect(
    clippy::panic,
    reason = "a test may panic, and its helpers are parts of it"
)]

use countersign::spec::Spec;
use countersign::yaml::Source;

/// What is said of a spec of two rules, each with this `when` and `expect`.
fn said(one: (&str, &str), other: (&str, &str)) -> Vec<String> {
    let rule = |id: &str, (when, expect): (&str, &str)| {
        format!(
            "  - id: {id}\n    level: must\n    source: {{document: a test, section: all}}\n    impact: Somebody is \
             hurt.\n    when: {when}\n    expect: {expect}\n"
        )
    };
    let text = format!(
        "countersign: 1\npack: {{name: two, version: 1, title: Two rules}}\ndomain:\n  policy: {{profiles: {{list: \
         {{of: {{scheme: {{one-of: [basic, bearer]}}}}, max: 1}}}}}}\n  client: {{scheme: {{one-of: [basic, \
         bearer]}}}}\nrules:\n{}{}",
        rule("one", one),
        rule("other", other)
    );
    let source = Source::new("two.yaml", text);
    let spec = Spec::read(&source).unwrap_or_else(|problems| panic!("{problems}"));
    let problems = spec.analyse().list.into_iter();
    problems.map(|problem| problem.message).collect()
}

/// Whether two expectations of a 401 with a challenge for Basic and Bearer contradict.
fn contradict(one: &str, other: &str) -> bool {
    let asks = |expect: &str| expect.replacen('{', "{challenges: {at-least: [basic, bearer]}, ", 1);
    let (one, other) = (asks(one), asks(other));
    let when = "{status: 401}";
    match said((when, &one), (when, &other)).as_slice() {
        [] => false,
        [only] if only == "the rules `one` and `other` contradict each other" => true,
        others => panic!("{one} and {other}: {others:?}"),
    }
}

#[test]
fn a_parameter_that_must_be_there_may_be_of_any_kind_and_form() {
    for (name, fit) in [
        ("error", "{one-of: [invalid_token, invalid_request]}"),
        ("error", "{one-of-any-case: [Yes]}"),
        ("max_age", "{value: integer}"),
        ("stale", "{value: boolean}"),
        ("nc", "{value: nonce-count}"),
        ("resource_metadata", "{value: https-uri}"),
        ("scope", "{value: scope}"),
        ("qop", "{value: tokens, form: quoted}"),
        ("algorithm", "{form: token}"),
        ("algorithm", "{times: 2}"),
    ] {
        let present = format!("{{parameters: {{bearer: [{name}]}}}}");
        let fits = format!("{{parameters: {{bearer: {{{name}: {fit}}}}}}}");
        assert!(!contradict(&present, &fits), "{fits}");
        assert!(!contradict(&fits, &present), "{fits}");
    }
}

#[test]
fn kinds_forms_and_values_that_meet_somewhere_are_compatible() {
    let both = |one: &str, other: &str| {
        let of = |fit: &str| format!("{{parameters: {{bearer: {{p: {{present: true, {fit}}}}}}}}}");
        contradict(&of(one), &of(other))
    };
    assert!(!both("value: integer", "value: nonce-count"));
    assert!(!both("value: absolute-uri", "value: https-uri"));
    assert!(!both("one-of: [a, b]", "one-of: [b, c]"));
    assert!(!both("one-of-any-case: [\"TRUE\"]", "value: boolean"));
    assert!(!both("form: token", "one-of: [b]"));
    assert!(both("one-of: [a]", "one-of: [b]"));
    assert!(both("value: integer", "one-of: [soon]"));
    assert!(both("value: boolean", "value: https-uri"));
    assert!(both("form: token", "form: quoted"));
    assert!(both("times: 1", "times: 2"));
}

#[test]
fn what_need_not_be_there_contradicts_nothing() {
    assert!(!contradict(
        "{parameters: {bearer: {p: {one-of: [a]}}}}",
        "{parameters: {bearer: {p: {one-of: [b]}}}}"
    ));
    // Whoever never sends it breaks neither, whatever they say of it where it is there.
    let there = "{parameters: {bearer: {p: present}}}";
    let problems = said(
        (there, "{parameters: {bearer: {p: {one-of: [a]}}}}"),
        (there, "{parameters: {bearer: {p: {one-of: [b]}}}}"),
    );
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn parameters_are_those_of_a_scheme() {
    assert!(!contradict(
        "{parameters: {bearer: [p]}}",
        "{parameters: {basic: {p: absent}}}"
    ));
    assert!(contradict(
        "{parameters: {bearer: [p]}}",
        "{parameters: {any: {p: absent}}}"
    ));
    assert!(!contradict(
        "{authentication-info: [nc]}",
        "{authentication-info: {nc: {value: nonce-count}}}"
    ));
    assert!(contradict(
        "{authentication-info: [nc]}",
        "{authentication-info: {nc: absent}}"
    ));
}

#[test]
fn what_speaks_of_different_things_is_compatible() {
    assert!(!contradict("{events: {A: 1}}", "{events: {B: 0}}"));
    assert!(contradict("{events: {A: 1}}", "{events: {A: 0}}"));
    // An answer that has neither field satisfies both, whatever its status.
    let problems = said(
        ("{headers: {a: present}}", "{status: {at-most: 450}}"),
        ("{headers: {b: present}}", "{status: {at-most: 460}}"),
    );
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn header_fields_and_bodies() {
    let both = |one: &str, other: &str| {
        let of = |fit: &str| format!("{{headers: {{allow: {fit}}}}}");
        contradict(&of(one), &of(other))
    };
    assert!(!both("present", "{has: [GET]}"));
    assert!(!both(
        "{has: [GET], lines: 1}",
        "{has-one-of: [POST, PUT], has-none-of: [PUT]}"
    ));
    assert!(!both("{has: [GET]}", "{has-none-of: [GET]}"));
    assert!(!both("GET", "PUT"));
    assert!(!both("{has: [GET]}", "absent"));
    assert!(both("present", "absent"));
    assert!(both("GET", "absent"));
    assert!(both("{has: [GET], lines: 1}", "{has-none-of: [GET]}"));
    assert!(both("{lines: 1}", "{lines: 2}"));
    assert!(!contradict(
        "{body: {contains: a}}",
        "{body: {contains: b}}"
    ));
    // A body does not hide what contradicts beside it.
    assert!(contradict(
        "{body: {contains: a}, headers: {allow: present}}",
        "{headers: {allow: absent}}"
    ));
}
