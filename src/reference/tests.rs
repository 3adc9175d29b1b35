use std::sync::Arc;

use hyper::body::Bytes;

use super::*;
use crate::credentials::{CredentialState, Identity, Scheme, authorization};
use crate::domain::Value;
use crate::wire::{FieldLine, Limits, PreparedRequest, Request, Response, Transport, Way};

/// A profile of `+basic` (active) or `-basic` (not active).
fn profile(word: &str) -> Value {
    let (sign, scheme) = word.split_at(1);
    Value::record([
        ("scheme", Value::symbol(scheme)),
        ("active", Value::Bool(sign == "+")),
    ])
}

fn policy(active: bool, profiles: &str, advertise_all: bool) -> Value {
    Value::record([
        ("active", Value::Bool(active)),
        (
            "profiles",
            Value::List(profiles.split_whitespace().map(profile).collect()),
        ),
        ("advertise_all", Value::Bool(advertise_all)),
    ])
}

/// A policy beside which there are others, each what it is for and with which profile: `+basic get`.
fn with_others(general: &str, others: &[&str]) -> Value {
    let other = |word: &&str| {
        let (scheme, what) = word.split_once(' ').unwrap();
        Value::record([
            ("for", Value::symbol(what)),
            ("scheme", Value::symbol(&scheme[1..])),
            ("active", Value::Bool(scheme.starts_with('+'))),
        ])
    };
    let profiles = general.split_whitespace().map(profile).collect();
    Value::record([
        ("profiles", Value::List(profiles)),
        ("others", Value::List(others.iter().map(other).collect())),
    ])
}

fn instance(first_scheme_only: bool) -> Value {
    Value::record([("first_scheme_only", Value::Bool(first_scheme_only))])
}

/// A reference implementation and somebody who asks it.
struct Bench {
    reference: Reference,
    transport: Transport,
    method: &'static str,
    way: Way,
}

impl Bench {
    async fn start(faults: &[Fault]) -> Self {
        Self {
            reference: Reference::start(faults).await.unwrap(),
            transport: Transport::new(Limits::default()),
            method: "GET",
            way: Way::Http1,
        }
    }

    fn install(&self, policies: &[(Value, Value)]) {
        self.put(1, None, policies);
    }

    fn put(&self, generation: u64, edit_of: Option<u64>, policies: &[(Value, Value)]) {
        let borrowed: Vec<(&Value, &Value)> = policies.iter().map(|(p, i)| (p, i)).collect();
        let placed = self
            .reference
            .install(generation, edit_of, &borrowed, &[Identity::alice()]);
        assert!(placed.iter().all(Result::is_ok));
    }

    async fn ask(&mut self, slot: usize, authorization: &[&str]) -> Response {
        let request = Request {
            content: Bytes::new(),
            method: self.method.to_owned(),
            path: "/resource".to_owned(),
            fields: authorization
                .iter()
                .map(|value| FieldLine {
                    name: self.way.credentials_field().to_owned(),
                    value: value.as_bytes().to_vec(),
                })
                .collect(),
        };
        let request = PreparedRequest::new(Arc::new(request))
            .unwrap()
            .by(self.way);
        let endpoint = self.reference.endpoint(slot);
        let received = self.transport.exchange(&endpoint, &request).await.unwrap();
        received.to_response().unwrap()
    }

    /// The answer in brief: its status and the schemes of its challenges.
    async fn brief(&mut self, slot: usize, authorization: &[&str]) -> String {
        let response = self.ask(slot, authorization).await;
        let mut brief = response.status.to_string();
        for value in response.fields_named(self.way.challenge_field()) {
            let value = String::from_utf8(value.to_vec()).unwrap();
            brief.push(' ');
            match value.strip_suffix(" realm=\"Service-now\"") {
                Some(scheme) => brief.push_str(scheme),
                None => brief.push_str(&format!("<{value}>")),
            }
        }
        brief
    }

    fn log(&self) -> Vec<String> {
        let brief = |entry: LogEntry| {
            let user = entry.user.unwrap_or_default();
            let scheme = entry.scheme.map(Scheme::word).unwrap_or_default();
            format!("{} {} {user} {scheme}", entry.slot, entry.name)
        };
        self.reference.events(1, 0).into_iter().map(brief).collect()
    }
}

fn valid(scheme: Scheme) -> String {
    sent(scheme, CredentialState::Valid)
}

fn sent(scheme: Scheme, state: CredentialState) -> String {
    authorization(scheme, state, &Identity::alice())
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_policy_decides_what_is_accepted_and_what_is_advertised() {
    // active, profiles, advertise_all, first_scheme_only; then the answers to no credentials, to
    // valid Basic and to a valid bearer token.
    let rows = [
        (
            (true, "+basic", false, true),
            ["401 BASIC", "200", "401 BASIC"],
        ),
        (
            (true, "+bearer", false, true),
            ["401 BEARER", "401 BEARER", "200"],
        ),
        (
            (true, "+basic +bearer", false, true),
            ["401 BEARER", "200", "200"],
        ),
        (
            (true, "+bearer +basic", false, true),
            ["401 BASIC", "200", "200"],
        ),
        (
            (true, "+basic +bearer", true, true),
            ["401 BEARER BASIC", "200", "200"],
        ),
        (
            (true, "+basic +bearer", false, false),
            ["401 BEARER BASIC", "200", "200"],
        ),
        (
            (true, "+basic +bearer", true, false),
            ["401 BEARER BASIC", "200", "200"],
        ),
        (
            (true, "+basic +bearer +basic", true, true),
            ["401 BASIC BEARER", "200", "200"],
        ),
        (
            (true, "+basic -bearer", true, true),
            ["401 BASIC", "200", "401 BASIC"],
        ),
        (
            (true, "+basic -bearer", false, true),
            ["401 BASIC", "200", "401 BASIC"],
        ),
        ((true, "-basic", true, true), ["403", "403", "403"]),
        ((true, "", false, true), ["403", "403", "403"]),
        (
            (false, "+basic", false, true),
            ["401 BEARER BASIC", "200", "200"],
        ),
        ((false, "", false, true), ["401 BEARER BASIC", "200", "200"]),
    ];
    let mut bench = Bench::start(&[]).await;
    let policies: Vec<_> = rows
        .iter()
        .map(|((active, profiles, all, first), _)| {
            (policy(*active, profiles, *all), instance(*first))
        })
        .collect();
    bench.install(&policies);
    for (slot, (row, expected)) in rows.into_iter().enumerate() {
        let seen = [
            bench.brief(slot, &[]).await,
            bench.brief(slot, &[&valid(Scheme::Basic)]).await,
            bench.brief(slot, &[&valid(Scheme::Bearer)]).await,
        ];
        assert_eq!(seen, expected, "{row:?}");
    }
}

#[tokio::test]
async fn fields_that_are_missing_have_the_platforms_defaults() {
    let mut bench = Bench::start(&[]).await;
    let of = |scheme| Value::record([("scheme", Value::symbol(scheme))]);
    let profiles = Value::List(vec![of("bearer"), of("basic")]);
    // One of the platform's switches makes it a policy of the platform.
    let policy = Value::record([("active", Value::Bool(true)), ("profiles", profiles)]);
    bench.install(&[(policy, Value::record([]))]);
    assert_eq!(bench.brief(0, &[]).await, "401 BASIC");
    assert_eq!(bench.brief(0, &[&valid(Scheme::Bearer)]).await, "200");
    assert_eq!(bench.brief(1, &[]).await, "404");
}

#[tokio::test]
async fn credentials_that_are_not_good_get_the_same_challenges() {
    let mut bench = Bench::start(&[]).await;
    bench.install(&[(policy(true, "+basic +bearer", true), instance(true))]);
    let mut tried = Vec::new();
    for scheme in [Scheme::Basic, Scheme::Bearer] {
        for state in CredentialState::ALL.iter().copied() {
            if let Ok(Some(value)) = authorization(scheme, state, &Identity::alice()) {
                let expected = if state == CredentialState::Valid {
                    "200"
                } else {
                    "401"
                };
                let brief = bench.brief(0, &[&value]).await;
                assert!(brief.starts_with(expected), "{scheme} {state}: {brief}");
                if state != CredentialState::Valid {
                    assert_eq!(brief, "401 BEARER BASIC", "{scheme} {state}");
                }
                tried.push((scheme, state));
            }
        }
    }
    assert!(tried.len() >= 17, "{tried:?}");
    let (basic, bearer) = (valid(Scheme::Basic), valid(Scheme::Bearer));
    for values in [
        &["Digest x"][..],
        &["Basic"],
        &["@"],
        &[&basic, &bearer],
        &[&basic, &basic],
    ] {
        assert_eq!(
            bench.brief(0, values).await,
            "401 BEARER BASIC",
            "{values:?}"
        );
    }
    let lower = basic.replacen("Basic", "bAsIc", 1);
    assert_eq!(bench.brief(0, &[&lower]).await, "200");
}

#[tokio::test]
async fn answers_are_the_platforms_and_always_the_same_bytes() {
    let mut bench = Bench::start(&[]).await;
    bench.install(&[(policy(true, "+basic", false), instance(true))]);
    let refused = bench.ask(0, &[]).await;
    assert_eq!(
        String::from_utf8_lossy(&refused.head),
        "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\n\
         www-authenticate: BASIC realm=\"Service-now\"\r\ncontent-length: 113\r\n\r\n"
    );
    let body = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(
        body.contains(r#""message":"User Not Authenticated""#),
        "{body}"
    );
    assert_eq!(bench.ask(0, &[]).await, refused);
}

#[tokio::test]
async fn the_log_tells_log_ins_and_refusals_of_its_generation() {
    let mut bench = Bench::start(&[]).await;
    let policies = [
        (policy(true, "+basic", false), instance(true)),
        (policy(true, "", false), instance(true)),
    ];
    bench.install(&policies);
    let unknown = sent(Scheme::Basic, CredentialState::UnknownUser);
    let malformed = sent(Scheme::Basic, CredentialState::Malformed);
    bench.ask(0, &[]).await;
    bench.ask(0, &[&valid(Scheme::Basic)]).await;
    bench.ask(0, &[&unknown]).await;
    bench.ask(0, &[&malformed]).await;
    bench.ask(0, &[&valid(Scheme::Bearer)]).await;
    bench.ask(1, &[]).await;
    bench.ask(1, &[&valid(Scheme::Basic)]).await;
    assert_eq!(
        bench.log(),
        [
            "0 LOGIN_SUCCESS alice basic",
            "0 LOGIN_FAILED nobody-alice basic",
            "0 LOGIN_FAILED  basic",
            "0 LOGIN_FAILED alice bearer",
            "1 LOGIN_FAILED alice basic",
        ]
    );
    assert_eq!(bench.reference.events(2, 0), []);
    bench.install(&policies);
    assert_eq!(bench.log(), Vec::<String>::new());
    assert_eq!(bench.reference.dropped(), 0);
}

#[tokio::test]
async fn the_most_specific_policy_decides_and_is_advertised_alone() {
    let mut bench = Bench::start(&[]).await;
    let of = |scheme| Value::List(vec![profile(scheme)]);
    let for_post = [("profiles", of("+basic")), ("for_post", of("+bearer"))];
    bench.install(&[
        (with_others("+basic", &["+bearer post"]), instance(true)),
        (with_others("", &["+bearer post"]), instance(true)),
        (with_others("+basic", &[]), instance(true)),
        (Value::record(for_post), instance(true)),
    ]);
    let (basic, bearer) = (valid(Scheme::Basic), valid(Scheme::Bearer));
    for (slot, method, answers) in [
        (0, "GET", ["401 BASIC", "200", "401 BASIC"]),
        (0, "HEAD", ["401 BASIC", "200", "401 BASIC"]),
        (0, "POST", ["401 BEARER", "401 BEARER", "200"]),
        (1, "GET", ["403", "403", "403"]),
        (1, "POST", ["401 BEARER", "401 BEARER", "200"]),
        (2, "GET", ["401 BASIC", "200", "401 BASIC"]),
        (2, "POST", ["401 BASIC", "200", "401 BASIC"]),
        (3, "GET", ["401 BASIC", "200", "401 BASIC"]),
        (3, "POST", ["401 BEARER", "401 BEARER", "200"]),
    ] {
        bench.method = method;
        let seen = [
            bench.brief(slot, &[]).await,
            bench.brief(slot, &[&basic]).await,
            bench.brief(slot, &[&bearer]).await,
        ];
        assert_eq!(seen, answers, "{slot} {method}");
    }
}

/// What policies come to that are edited, the last behind all edits: without credentials, with Basic and with a token.
async fn behind_edits(bench: &mut Bench) -> Vec<[String; 3]> {
    let of = |profiles| (policy(true, profiles, false), instance(true));
    let both = of("+basic +bearer");
    let beside = |others: &[&str]| (with_others("+basic", others), instance(true));
    let general = |exists| {
        let profiles = Value::List(vec![profile("+basic")]);
        let policy = [("exists", Value::Bool(exists)), ("profiles", profiles)];
        (Value::record(policy), instance(true))
    };
    let rows: [&[_]; 14] = [
        // Detached, detached and attached again, moved, switched on.
        &[both.clone(), of("+basic"), of("+basic")],
        &[both.clone(), of("+bearer"), of("+bearer +basic")],
        &[both.clone(), of("+bearer +basic"), of("+bearer +basic")],
        &[of("-basic +bearer"), both.clone(), both.clone()],
        // The flag, the property, the policy.
        &[
            both.clone(),
            (policy(true, "+basic +bearer", true), instance(true)),
            (policy(true, "+basic +bearer", true), instance(true)),
        ],
        &[
            both.clone(),
            (both.0.clone(), instance(false)),
            (both.0.clone(), instance(false)),
        ],
        &[
            both.clone(),
            both.clone(),
            (policy(false, "+basic", false), instance(true)),
        ],
        // Another policy: created, deleted, changed.
        &[
            beside(&[]),
            beside(&["+bearer get"]),
            beside(&["+bearer get"]),
        ],
        &[beside(&["+bearer get"]), beside(&[]), beside(&[])],
        &[
            beside(&["+bearer get"]),
            beside(&["+bearer post"]),
            beside(&["+bearer post"]),
        ],
        // The general one: created.
        &[general(false), general(true), general(true)],
        // What came and went: a profile, and another policy.
        &[of("+basic"), both.clone(), of("+basic")],
        &[beside(&[]), beside(&["+bearer get"]), beside(&[])],
        // Attached twice.
        &[
            of(""),
            of("+bearer"),
            of("+bearer +basic"),
            of("+basic"),
            of("+basic +bearer"),
        ],
    ];
    // What is shorter begins later, so that the last edit is its own.
    for at in 0..5 {
        let policies: Vec<(Value, Value)> = rows
            .iter()
            .map(|row| row[(at + row.len()).saturating_sub(5)].clone())
            .collect();
        let generation = 10 + at as u64;
        bench.put(generation, (at > 0).then(|| generation - 1), &policies);
    }
    let mut seen = Vec::new();
    for slot in 0..rows.len() {
        seen.push([
            bench.brief(slot, &[]).await,
            bench.brief(slot, &[&valid(Scheme::Basic)]).await,
            bench.brief(slot, &[&valid(Scheme::Bearer)]).await,
        ]);
    }
    seen
}

#[tokio::test]
async fn edits_leave_nothing_behind() {
    let mut bench = Bench::start(&[]).await;
    assert_eq!(
        behind_edits(&mut bench).await,
        [
            ["401 BASIC", "200", "401 BASIC"],
            ["401 BASIC", "200", "200"],
            ["401 BEARER", "200", "200"],
            ["401 BEARER", "200", "200"],
            ["401 BEARER BASIC", "200", "200"],
            ["401 BEARER BASIC", "200", "200"],
            ["401 BEARER BASIC", "200", "200"],
            ["401 BEARER", "401 BEARER", "200"],
            ["401 BASIC", "200", "401 BASIC"],
            ["401 BASIC", "200", "401 BASIC"],
            ["401 BASIC", "200", "401 BASIC"],
            ["401 BASIC", "200", "401 BASIC"],
            ["401 BASIC", "200", "401 BASIC"],
            ["401 BEARER", "200", "200"],
        ]
    );
    // What is no edit of it begins anew.
    bench.put(
        20,
        None,
        &[(policy(true, "+bearer +basic", false), instance(true))],
    );
    assert_eq!(bench.brief(0, &[]).await, "401 BASIC");
}

/// Everything that can be seen of one implementation over a spread of policies and requests.
async fn behaviour(faults: &[Fault]) -> Vec<String> {
    let mut bench = Bench::start(faults).await;
    let mut policies = Vec::new();
    for profiles in [
        "",
        "-basic",
        "+basic",
        "+basic -bearer",
        "+basic +bearer",
        "+bearer +basic",
    ] {
        for bits in 0..8_u8 {
            let [active, all, first] = [bits & 1 == 0, bits & 2 == 0, bits & 4 == 0];
            policies.push((policy(active, profiles, all), instance(first)));
        }
    }
    let others: [&[&str]; 9] = [
        &["+bearer post"],
        &["+bearer global-get"],
        &["+basic resource", "+bearer get"],
        &["+basic get", "+bearer version"],
        &["+basic get-resource", "+bearer get"],
        &["+bearer other-resource"],
        &["+bearer other-version"],
        &["-bearer get"],
        &["+basic get", "+bearer get"],
    ];
    let others = others.map(|others| (with_others("+basic", others), Value::record([])));
    policies.extend(others);
    bench.install(&policies);
    let mut seen = Vec::new();
    for slot in 0..policies.len() {
        seen.push(bench.brief(slot, &[]).await);
        seen.push(bench.brief(slot, &["Mystery dGlt"]).await);
        for method in ["HEAD", "PUT", "POST"] {
            bench.method = method;
            seen.push(bench.brief(slot, &[]).await);
        }
        seen.push(bench.brief(slot, &[&valid(Scheme::Basic)]).await);
        bench.method = "GET";
        for way in [Way::H2c, Way::ForwardProxy] {
            bench.way = way;
            seen.push(bench.brief(slot, &[]).await);
            seen.push(bench.brief(slot, &[&valid(Scheme::Basic)]).await);
        }
        bench.way = Way::Http1;
        for scheme in Scheme::ALL.iter().copied() {
            for state in CredentialState::ALL.iter().copied() {
                if let Ok(Some(value)) = authorization(scheme, state, &Identity::alice()) {
                    let brief = bench.brief(slot, &[&value]).await;
                    seen.push(format!("{slot} {scheme} {state}: {brief}"));
                }
            }
        }
    }
    seen.extend(bench.log());
    let events = bench.reference.events(1, 0).into_iter();
    seen.extend(events.filter_map(|entry| entry.policy));
    seen.extend(behind_edits(&mut bench).await.into_iter().flatten());
    seen
}

#[tokio::test]
async fn every_fault_changes_something_and_no_two_change_the_same() {
    let mut behaviours = vec![("no fault", behaviour(&[]).await)];
    // What comes behind a log-in has a test of its own, in `outcomes.rs`.
    let elsewhere = [
        "api-access-outcome",
        "api-access-profiles",
        "http-authentication",
        "external-authorization",
        "mcp-authorization",
        "every-scheme",
        "authorization-server",
    ];
    let of_the_platform = |fault: &&Fault| !elsewhere.contains(&fault.pack());
    for fault in Fault::ALL.iter().filter(of_the_platform) {
        let seen = behaviour(&[*fault]).await;
        for (name, other) in &behaviours {
            assert!(seen != *other, "{fault} behaves like {name}");
        }
        behaviours.push((fault.name(), seen));
    }
}

#[test]
fn faults_have_names_and_sentences_of_their_own() {
    for fault in Fault::ALL {
        assert_eq!(Fault::from_name(fault.name()), Some(*fault));
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(fault.name().chars().all(kebab), "{fault}");
        assert!(fault.summary().ends_with('.'), "{fault}");
    }
}

#[tokio::test]
async fn stopping_closes_the_port() {
    let mut bench = Bench::start(&[]).await;
    bench.install(&[(policy(true, "+basic", false), instance(true))]);
    assert_eq!(bench.brief(0, &[]).await, "401 BASIC");
    bench.reference.stop();
    bench.reference.stop();
    let request = Request {
        content: Bytes::new(),
        method: "GET".to_owned(),
        path: "/".to_owned(),
        fields: Vec::new(),
    };
    let request = PreparedRequest::new(Arc::new(request)).unwrap();
    let endpoint = bench.reference.endpoint(0);
    assert!(bench.transport.exchange(&endpoint, &request).await.is_err());
}
