//! What rules say of what was seen: statuses and outcomes by class, by range and by what they are not,
//! which of several challenges, which of two sides, which impact; and rules that see nothing.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use crate::support::{quietly, spec};
use countersign::domain::{Step, Value, steps_of, with_fields};
use countersign::engine::Options;
use countersign::implementation::ReferenceImplementation;
use countersign::observation::{Answer, Arrival, Asked, Exchange, Outcome, Upstream};
use countersign::reference::Fault;
use countersign::results::{PackReport, RuleState};
use countersign::spec::{
    Check, Clause, Demand, Env, Observation, Predicate, Tri, read_clause, read_predicate,
};
use countersign::wire::{BodyEnd, FieldLine, Request, Response};
use countersign::yaml::{Diagnostics, Node, Source, read};

fn read_as<T>(text: &str, lower: impl Fn(&Node, &mut Diagnostics) -> Option<T>) -> T {
    let source = Source::new("test", text);
    let node = read(&source).unwrap_or_else(|problems| panic!("{problems}"));
    let mut problems = Diagnostics::new(source);
    lower(&node, &mut problems).unwrap_or_else(|| panic!("{problems}"))
}

fn answer(status: u16, challenges: &[&str]) -> Answer {
    let fields = challenges.iter().map(|value| FieldLine {
        name: "WWW-Authenticate".to_owned(),
        value: value.as_bytes().to_vec(),
    });
    Answer::new(Response {
        status,
        fields: fields.collect(),
        body: Vec::new(),
        body_end: BodyEnd::Complete,
        head: Vec::new(),
    })
}

/// What an expectation and a condition of these words say of an answer.
fn said(expect: &str, when: &str, answer: &Answer) -> (Check, Tri) {
    let clause: Clause = read_as(expect, read_clause);
    let predicate: Predicate = read_as(when, read_predicate);
    let case = spec(SIMPLE).domain.simplest();
    let observation = Observation::of(Outcome::of_status(answer.response.status), answer, None);
    let env = Env::seen(&case, &[], observation);
    (clause.check(&env), predicate.evaluate(&env))
}

const SIMPLE: &str = "
countersign: 1
pack: {name: test, version: 1, title: A test}
domain:
  client: {credential: {one-of: [none, valid]}}
rules:
  - {id: one, level: must, source: {document: a test, section: all}, impact: Nobody., expect: {status: 4xx}}
";

#[test]
fn statuses_and_outcomes_have_classes_ranges_and_what_they_are_not() {
    for (words, fitting, others) in [
        ("status: 401", &[401][..], &[400, 403][..]),
        ("status: 4xx", &[400, 404, 499], &[399, 500, 200]),
        ("status: [4xx, 302]", &[302, 403], &[301, 500]),
        (
            "status: {at-least: 400, at-most: 410}",
            &[400, 410],
            &[399, 411],
        ),
        ("status: [{at-most: 299}, 401]", &[200, 401], &[302, 403]),
        ("status: {not: 405}", &[200, 404], &[405]),
        ("status: {not: [2xx, 405]}", &[302, 404], &[204, 405]),
        (
            "outcome: kept-out",
            &[302, 400, 401, 404, 405, 407, 429],
            &[200, 204, 500, 503],
        ),
        (
            "outcome: [refused, failed]",
            &[401, 403, 400, 500],
            &[200, 302],
        ),
        ("outcome: {not: accepted}", &[302, 401, 500], &[200, 204]),
        (
            "outcome: {not: [accepted, kept-out]}",
            &[500],
            &[200, 302, 404],
        ),
    ] {
        let words = format!("{{{words}}}");
        for (statuses, fits) in [(fitting, true), (others, false)] {
            for status in statuses {
                let (check, tri) = said(&words, &words, &answer(*status, &[]));
                assert_eq!(check == Check::Holds, fits, "{words} of {status}");
                assert_eq!(tri == Tri::True, fits, "{words} of {status}");
            }
        }
    }
    let refused = said("{outcome: kept-out}", "{}", &answer(200, &[])).0;
    let Check::Breaks(told) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(told.expected, "kept out (3xx or 4xx)");
    assert_eq!(told.observed, "accepted (200)");
    let open = said("{status: {not: [2xx, 405]}}", "{}", &answer(204, &[])).0;
    let Check::Breaks(told) = open else {
        panic!("{open:?}")
    };
    assert_eq!(told.expected, "status other than 2xx or 405");
}

#[test]
fn of_several_challenges_a_rule_says_which() {
    // RFC 9110 §11.5: several of one scheme, each with its own realm.
    let two = answer(
        401,
        &[
            "Basic realm=\"a\"",
            "Bearer realm=\"a\", error=\"invalid_token\"",
            "Bearer realm=\"b\"",
        ],
    );
    for (words, expected, met) in [
        ("bearer: {error: present}", false, true),
        ("every bearer: {error: present}", false, false),
        ("some bearer: {error: present}", true, true),
        ("first bearer: {error: present}", true, true),
        ("first: {error: present}", false, false),
        ("first any: {realm: {one-of: [a]}}", true, true),
        ("first bearer: {realm: {one-of: [b]}}", false, false),
        ("some any: {realm: {one-of: [b]}}", true, true),
        ("every any: {realm: present}", true, true),
        (
            "some bearer: {error: {present: true, one-of: [x]}}",
            false,
            false,
        ),
        // Of none there is nothing to expect, and no condition is met.
        ("every digest: {realm: present}", true, false),
        ("some digest: {realm: present}", true, false),
    ] {
        let words = format!("{{parameters: {{{words}}}}}");
        let (check, tri) = said(&words, &words, &two);
        assert_eq!(check == Check::Holds, expected, "{words}: {check:?}");
        assert_eq!(tri == Tri::True, met, "{words}");
    }
}

fn run(text: &str, faults: &[Fault]) -> PackReport {
    let spec = spec(text);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut reference = ReferenceImplementation::with_faults(faults);
    runtime.block_on(quietly(&spec, &mut reference, &Options::default()))
}

const DOMAIN: &str = "
countersign: 1
pack: {name: test, version: 1, title: A test}
domain:
  policy:
    profiles: {list: {of: {scheme: {one-of: [basic, bearer]}}, min: 1, max: 1}, say: {1: one profile}}
  client:
    scheme: {one-of: [basic]}
    credential: {one-of: [none, valid, malformed], say: {none: no credentials, malformed: malformed}}
    method: {one-of: [get, head], say: {head: HEAD}}
rules:
";

#[test]
fn a_rule_that_sees_nothing_is_listed_and_never_judged() {
    let rules = "
  - id: seen
    level: must
    source: {document: a test, section: all}
    impact: Somebody is hurt.
    when: {client.credential: none}
    expect: {status: 401}
  - id: unseen
    level: must
    source: {document: a test, section: all}
    impact: Somebody is hurt.
    status: {not-scored: no cache stands between}
";
    let report = run(&format!("{DOMAIN}{rules}"), &[Fault::AnonymousForbidden]);
    let [seen, unseen] = report.rules.as_slice() else {
        panic!("{:?}", report.rules)
    };
    assert_eq!(seen.state, RuleState::Failed);
    let reason = RuleState::NotApplicable("no cache stands between".to_owned());
    assert_eq!(unseen.state, reason);
    assert_eq!((unseen.held, unseen.broke, unseen.scored), (0, 0, false));
    assert!(report.findings.iter().all(|found| found.rule == "seen"));
}

#[test]
fn the_impact_is_that_of_what_happened() {
    let rules = "
  - id: malformed-credentials-are-refused
    level: must
    source: {document: a test, section: all}
    impact: {accepted: Anybody gets in., failed: Anybody breaks the server., other: A client is misled.}
    when: {client.credential: malformed, client.method: get}
    expect: {status: 401}
";
    let text = format!("{DOMAIN}{rules}");
    for (fault, impact) in [
        (Fault::UnreadableOpens, "Anybody gets in."),
        (Fault::UnreadableBreaks, "Anybody breaks the server."),
        (Fault::UnreadableForbidden, "A client is misled."),
    ] {
        let report = run(&text, &[fault]);
        let told: Vec<&str> = report.findings.iter().map(|f| f.impact.as_str()).collect();
        assert!(
            !told.is_empty() && told.iter().all(|one| *one == impact),
            "{told:?}"
        );
    }
}

#[test]
fn of_two_that_differ_the_one_that_is_not_sound_is_accused() {
    let rules = |sound: &str| {
        format!(
            "{DOMAIN}
  - id: methods-see-the-same-set
    level: must
    source: {{document: a test, section: all}}
    impact: Somebody is hurt.
    when: {{client.credential: none, client.method: get}}
    relate: {{change: {{client.method: head}}, challenges: same{sound}}}
"
        )
    };
    // A 401 to HEAD has no challenge, which it must have: not GET is at fault.
    let report = run(
        &rules(", sound: {challenges: {some: true}}"),
        &[Fault::HeadUnchallenged],
    );
    let told = &report.findings[0].discrepancy;
    assert!(told.accuses_sibling(), "{told:?}");
    assert_eq!(
        told.expected,
        "a challenge for basic, also with client.method head"
    );
    assert_eq!(told.observed, "no challenge");
    // Where nothing is said of that, it is the case itself.
    let report = run(&rules(""), &[Fault::HeadUnchallenged]);
    let told = &report.findings[0].discrepancy;
    assert!(!told.accuses_sibling(), "{told:?}");
    assert_eq!(told.expected, "no challenge, as with client.method head");
}

#[test]
fn each_of_several_things_in_which_asks_are_alike_is_looked_at() {
    let client = Arc::new(spec(SIMPLE).domain.simplest().client);
    let asked = |answer: Answer| Asked {
        client: Arc::clone(&client),
        outcome: Outcome::of_status(answer.response.status),
        exchanges: vec![Exchange {
            request: Arc::new(Request {
                content: hyper::body::Bytes::new(),
                method: "GET".to_owned(),
                path: "/resource".to_owned(),
                fields: Vec::new(),
            }),
            answer: Arc::new(answer),
            base: "http://127.0.0.1:1/s0".into(),
        }],
        events: None,
    };
    let case = spec(SIMPLE).domain.simplest();
    let said = |words: &str, before: &[Asked]| {
        let clause: Clause = read_as(words, read_clause);
        let last = answer(401, &["Basic realm=\"a\""]);
        let observation = Observation {
            before,
            ..Observation::of(Outcome::Refused, &last, None)
        };
        clause.check(&Env::seen(&case, &[], observation))
    };
    // The statuses are the same, and what is offered is not.
    let other = [asked(answer(401, &["Bearer realm=\"a\""]))];
    for words in ["[challenges]", "[status, challenges]"] {
        let check = said(&format!("{{asks: {{alike: {words}}}}}"), &other);
        let Check::Breaks(told) = check else {
            panic!("{words}: {check:?}")
        };
        assert_eq!(told.observed, "a challenge for bearer at ask 1", "{words}");
    }
    let same = [asked(answer(401, &["Basic realm=\"b\""]))];
    let check = said("{asks: {alike: [status, challenges]}}", &same);
    assert_eq!(check, Check::Holds);
}

#[test]
fn who_asks_before_has_the_simplest_word_in_what_the_last_client_has_more() {
    let spec = spec(
        "
countersign: 1
pack: {name: test, version: 1, title: A test}
domain:
  client: {credential: {one-of: [none, valid]}}
rules:
  - id: one
    level: must
    source: {document: a test, section: all}
    impact: Nobody.
    relate: {then: [{ask: {target: resource-metadata}}], expect: {status: 200}}
",
    );
    let Demand::Relate(relation) = &spec.rules[0].demand else {
        panic!("{:?}", spec.rules[0].demand)
    };
    let case = spec.domain.simplest();
    assert!(!case.to_string().contains("target"), "{case}");
    let siblings = relation.siblings.of(&case, &spec.domain);
    assert_eq!(siblings.len(), 1);
    let steps = steps_of(&siblings[0].case.course).unwrap();
    let Step::Ask { with, .. } = &steps[0] else {
        panic!("{steps:?}")
    };
    let last = &siblings[0].case.client;
    let before = with_fields(last, with);
    let target = |who: &Value| who.field("target").map(ToString::to_string);
    assert_eq!(target(&before).as_deref(), Some("resource"));
    assert_eq!(target(last).as_deref(), Some("resource-metadata"));
}

/// What an expectation says of this content, and of this having reached the backend.
fn said_of(expect: &str, content: &str, arrivals: &[Arrival]) -> Check {
    let clause: Clause = read_as(expect, read_clause);
    let case = spec(SIMPLE).domain.simplest();
    let mut answer = answer(200, &[]);
    answer.response.body = content.as_bytes().to_vec();
    let mut observation = Observation::of(Outcome::Accepted, &answer, None);
    observation.arrivals = Some(arrivals);
    clause.check(&Env::seen(&case, &[], observation))
}

#[test]
fn members_are_named_or_pointed_at_and_may_be_numbers() {
    let content = r#"{"resource": "a", "list": [{"b/c": 3}], "open": true, "/odd": 1}"#;
    for (expect, fits) in [
        ("{json: {resource: {is: a}}}", true),
        ("{json: {/resource: {is: a}}}", true),
        ("{json: {/list/0/b~1c: {is: 3}}}", true),
        ("{json: {/list/0/b~1c: {is: 4}}}", false),
        ("{json: {/list/1: absent}}", true),
        ("{json: {/list/0: absent}}", false),
        ("{json: {open: {is: true}}}", true),
        ("{json: {open: {is: false}}}", false),
        ("{json: {/~1odd: present}}", true),
    ] {
        let check = said_of(expect, content, &[]);
        assert_eq!(check == Check::Holds, fits, "{expect}: {check:?}");
    }
}

#[test]
fn a_backend_is_given_credentials_or_is_not() {
    let arrival = |authorization| Arrival {
        slot: 0,
        at: Upstream::Backend,
        seen: None,
        method: "GET".to_owned(),
        target: "/".to_owned(),
        user: Some("alice".to_owned()),
        authorization,
    };
    for (expect, arrivals, fits) in [
        ("{backend: {authorization: absent}}", vec![], true),
        (
            "{backend: {authorization: absent}}",
            vec![false, false],
            true,
        ),
        (
            "{backend: {authorization: absent}}",
            vec![false, true],
            false,
        ),
        ("{backend: {authorization: present}}", vec![true], true),
        ("{backend: {user: alice}}", vec![false, false], true),
        (
            "{backend: {times: 1, user: alice}}",
            vec![false, false],
            false,
        ),
    ] {
        let arrivals: Vec<Arrival> = arrivals.into_iter().map(arrival).collect();
        let check = said_of(expect, "", &arrivals);
        assert_eq!(check == Check::Holds, fits, "{expect}: {check:?}");
    }
}

/// Who was kept out all along may be let in by what came before; who got in may not be kept out.
#[test]
fn whoever_has_more_behind_him_is_the_one_who_is_accused() {
    let report = run(
        r#"
countersign: 1
pack: {name: test, version: 1, title: A test}
domain:
  policy:
    profiles: {list: {of: {scheme: {one-of: [basic]}}, min: 1, max: 1}}
    lock_out: {one-of: [user]}
  client: {scheme: {one-of: [basic]}, credential: {one-of: [valid, none]}}
rules:
  - id: same
    level: must
    source: {document: a test, section: all}
    impact: Nobody.
    relate: {behind: [{ask: {credential: wrong-secret}, times: 3}], outcome: same}
  - id: no-worse
    level: must
    source: {document: a test, section: all}
    impact: Nobody.
    when: {client.credential: none}
    relate: {then: [{ask: {credential: valid}}], outcome: no-worse}
"#,
        &[],
    );
    let told = report.findings.iter().map(|finding| {
        let said = &finding.discrepancy;
        assert!(said.accuses_sibling());
        format!("{}: {}; {}", finding.rule, said.expected, said.observed)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "same: accepted, also after asking with credential wrong-secret 3 times (200); refused (401)"
        ]
    );
}

#[test]
fn content_that_was_not_read_to_its_end_is_no_proof_against_anybody() {
    let case = spec(SIMPLE).domain.simplest();
    let clause: Clause = read_as("{json: {resource: present}}", read_clause);
    let of = |body: &str, body_end| {
        let mut answer = answer(200, &[]);
        answer.response.body = body.as_bytes().to_vec();
        answer.response.body_end = body_end;
        let seen = Observation::of(Outcome::Accepted, &answer, None);
        clause.check(&Env::seen(&case, &[], seen))
    };
    let begun = r#"{"more": "and so on "#;
    assert!(matches!(of(begun, BodyEnd::Complete), Check::Breaks(_)));
    for end in [BodyEnd::TooLong, BodyEnd::TooSlow, BodyEnd::Broken] {
        assert!(matches!(of(begun, end), Check::Unclear(_)), "{end:?}");
    }
    let whole = r#"{"resource": "here"}"#;
    assert_eq!(of(whole, BodyEnd::Complete), Check::Holds);
}
