//! Spaces: too large to try whole, with holes, with several defects in them.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::support::{Reply, Server, headlines, open_minded, quietly, rule, schemes, spec};
use countersign::credentials::CredentialState::{Malformed, Valid, WrongSecret};
use countersign::domain::Setting;
use countersign::domain::Value;
use countersign::engine::Options;
use countersign::results::{Coverage, RuleState};
use countersign::spec::Spec;

/// A domain with this policy, and one rule: valid credentials get in.
fn everybody_gets_in(policy: &str, exclude: &str) -> Spec {
    spec(&format!(
        r#"
countersign: 1
pack: {{name: wide, version: 1, title: A wide space}}
domain:
  policy:
{policy}
  client:
    persona: {{one-of: [preemptive]}}
    scheme: {{one-of: [basic, bearer], say: "{{value}} client"}}
  exclude: {exclude}
rules:
  - id: everybody-gets-in
    level: must
    source: {{document: a test, section: all}}
    impact: Somebody is kept out.
    expect: {{outcome: accepted}}
  - id: a-log-in-is-logged-once
    level: must
    source: {{document: a test, section: all}}
    impact: Nobody knows who got in.
    expect: {{events: {{LOGIN_SUCCESS: 1}}}}
"#
    ))
}

fn symbol<'a>(policy: &'a Setting, field: &str) -> &'a str {
    policy
        .policy
        .field(field)
        .and_then(Value::as_symbol)
        .unwrap()
}

/// Ten fields of eight values: more than a thousand million policies.
fn wide() -> String {
    ('a'..='j')
        .map(|name| {
            let values: Vec<String> = (0..8).map(|value| format!("{name}{value}")).collect();
            format!(
                "    {name}: {{one-of: [{}], say: \"{{value}}\"}}\n",
                values.join(", ")
            )
        })
        .collect()
}

#[tokio::test]
async fn a_defect_of_two_values_is_found_in_a_space_too_large_to_try() {
    let spec = everybody_gets_in(&wide(), "[{policy.b: b6, policy.i: i6}]");
    let excluded = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&excluded);
    let mut server = Server::new(move |policy, _| {
        if symbol(policy, "b") == "b6" && symbol(policy, "i") == "i6" {
            count.fetch_add(1, Ordering::Relaxed);
        }
        match (symbol(policy, "c"), symbol(policy, "h")) {
            ("c5", "h3") => Reply::status(403, &[]),
            _ => Reply::welcome(),
        }
    });
    // A budget that is too small for the pairs does not make them fewer.
    let options = Options {
        cases: 10,
        seed: 3,
        ..Options::default()
    };
    let report = quietly(&spec, &mut server, &options).await;
    assert_eq!(report.stopped, None);
    let Coverage::Sampled {
        pairs,
        impossible,
        cases,
        seed,
        ..
    } = report.coverage
    else {
        panic!("{:?}", report.coverage);
    };
    // 45 pairs of fields of 64 pairs of values each, the excluded one left out. Those with a field of
    // the client need no covering: every setting is tried with every client.
    assert_eq!((pairs, impossible, seed), (45 * 64 - 1, 1, 3));
    assert_eq!(report.judged, cases);
    assert!(cases < 600, "{cases}");
    assert!(
        report
            .coverage
            .to_string()
            .starts_with("2-way: all 2,879 pairs that a case can have, of 2,880; "),
        "{}",
        report.coverage
    );
    assert!(report.coverage.to_string().ends_with(
        " of at most 2,147,483,648 cases (more than the 10 asked for: the pairs need them), seed 3"
    ));
    assert_eq!(
        headlines(&report.findings),
        ["c5, h3: everybody-gets-in, a-log-in-is-logged-once"]
    );
    assert_eq!(
        excluded.load(Ordering::Relaxed),
        0,
        "excluded cases are never played"
    );
}

#[tokio::test]
async fn when_the_time_is_up_no_request_is_begun() {
    let spec = everybody_gets_in(&wide(), "[]");
    let until = Instant::now() + Duration::from_millis(500);
    // Whoever asks first waits for the time to be up.
    let mut server = Server::new(move |_, _| {
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        Reply::welcome()
    });
    let options = Options {
        cases: 10,
        until: Some(until),
        ..Options::default()
    };
    let report = quietly(&spec, &mut server, &options).await;
    assert_eq!(report.stopped, None);
    let at_once = options.connections as u64;
    assert!(report.requests <= at_once, "{}", report.requests);
    assert!(report.coverage.cases() > at_once);
}

#[tokio::test]
async fn a_word_far_down_its_list_is_played_in_a_sample() {
    let words: Vec<String> = (0..20).map(|value| format!("k{value}")).collect();
    let words = words.join(", ");
    let policy = wide() + &format!("    k: {{one-of: [{words}], say: \"{{value}}\"}}\n");
    let spec = everybody_gets_in(&policy, "[]");
    let mut server = Server::new(|policy, _| match symbol(policy, "k") {
        "k17" => Reply::status(403, &[]),
        _ => Reply::welcome(),
    });
    let options = Options {
        cases: 10,
        ..Options::default()
    };
    let report = quietly(&spec, &mut server, &options).await;
    assert_eq!(
        headlines(&report.findings),
        ["k17: everybody-gets-in, a-log-in-is-logged-once"]
    );
}

#[tokio::test]
async fn a_random_case_finds_what_pairs_do_not_and_the_same_seed_finds_it_again() {
    let policy = ('a'..='n')
        .map(|name| format!("    {name}: {{one-of: [x, y], say: {{y: {name} y}}}}\n"))
        .collect::<String>();
    let spec = everybody_gets_in(&policy, "[]");
    let mut told = Vec::new();
    for _ in 0..2 {
        let mut server = Server::new(|policy, _| {
            let broken = ["b", "e", "h", "k"]
                .iter()
                .all(|name| symbol(policy, name) == "y");
            if broken {
                Reply::status(403, &[])
            } else {
                Reply::welcome()
            }
        });
        let options = Options {
            cases: 400,
            ..Options::default()
        };
        let report = quietly(&spec, &mut server, &options).await;
        assert_eq!(report.judged, 400);
        told.push((
            headlines(&report.findings),
            report.requests,
            report.findings[0].failures,
        ));
    }
    assert_eq!(
        told[0].0[0],
        "b y, e y, h y, k y: everybody-gets-in, a-log-in-is-logged-once"
    );
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn events_belong_to_the_case_that_caused_them() {
    // Many policies share an installation, and two clients take turns in each slot.
    let spec = everybody_gets_in(
        "    number: {int: {max: 40}, say: \"number {value}\"}\n",
        "[]",
    );
    let mut server = Server::new(|policy, asked| {
        let number = policy.policy.field("number").unwrap();
        let twice =
            *number == Value::Int(13) && asked.has(countersign::credentials::Scheme::Bearer, Valid);
        if twice {
            Reply::welcome().logging("LOGIN_SUCCESS")
        } else {
            Reply::welcome()
        }
    });
    let report = quietly(&spec, &mut server, &Options::default()).await;
    let logged = rule(&report, "a-log-in-is-logged-once");
    assert_eq!((logged.held, logged.broke), (81, 1));
    assert_eq!(
        headlines(&report.findings),
        ["number 13, bearer client: a-log-in-is-logged-once"]
    );
    assert_eq!(
        report.findings[0].discrepancy.observed,
        "LOGIN_SUCCESS logged 2 times"
    );
}

/// Who is refused, on a small domain.
fn refusals() -> Spec {
    spec(
        r#"
countersign: 1
pack: {name: refusals, version: 1, title: Who is refused}
domain:
  policy:
    profiles:
      list: {of: {scheme: {one-of: [basic, bearer]}}, max: 3}
      say: {0: no profile, 1: one profile, other: "{count} profiles"}
  client:
    persona: {one-of: [preemptive]}
    scheme: {one-of: [basic, bearer], say: "{value} client"}
    credential: {one-of: [valid, wrong-secret, malformed, none], say: {wrong-secret: wrong secret, malformed: malformed credentials, none: no credentials}}
define:
  listed: {list: policy.profiles}
  accepted: {schemes-of: listed}
rules:
  - id: valid-credentials-get-in
    level: must
    source: {document: a test, section: all}
    impact: Somebody is kept out.
    when: {client.credential: valid, client.scheme: {in: accepted}}
    expect: {outcome: accepted}
  - id: others-are-refused
    level: must
    source: {document: a test, section: all}
    impact: Somebody gets in.
    when: {any: [{client.credential: {not: valid}}, {client.scheme: {not-in: accepted}}]}
    expect: {outcome: refused}
"#,
    )
}

#[tokio::test]
async fn different_defects_under_one_rule_are_different_findings() {
    let mut server = Server::new(|policy, asked| {
        let accepted = schemes(&policy.policy);
        if asked.is(Malformed) {
            Reply::status(500, &[])
        } else if (asked.is(WrongSecret) && accepted == ["basic"])
            || (asked.authorization.is_none() && accepted == ["bearer"])
        {
            Reply::welcome()
        } else {
            open_minded(policy, asked)
        }
    });
    let report = quietly(&refusals(), &mut server, &Options::default()).await;
    assert_eq!(
        headlines(&report.findings),
        [
            "malformed credentials: others-are-refused",
            "one profile, wrong secret: others-are-refused",
            "one profile, no credentials: others-are-refused",
        ]
    );
    assert!(report.findings.iter().all(|finding| finding.failures > 1));
    assert_eq!(
        rule(&report, "valid-credentials-get-in").state,
        RuleState::Passed
    );
}

#[tokio::test]
async fn one_defect_with_symbols_exchanged_is_one_finding() {
    // Whatever comes second is not accepted: Bearer behind Basic as well as Basic behind Bearer.
    let mut server = Server::new(|policy, asked| {
        let accepted = schemes(&policy.policy);
        let first = accepted.first().copied().unwrap_or_default();
        let scheme = countersign::credentials::Scheme::from_word(first);
        match scheme.is_some_and(|scheme| asked.has(scheme, Valid)) {
            true => Reply::welcome(),
            false => Reply::challenge(&accepted),
        }
    });
    let report = quietly(&refusals(), &mut server, &Options::default()).await;
    assert_eq!(
        headlines(&report.findings),
        ["two profiles, bearer client: valid-credentials-get-in"]
    );
    // [basic, bearer], [bearer, basic] and six of three profiles each, one client.
    assert_eq!(
        report.findings[0].failures,
        rule(&report, "valid-credentials-get-in").broke
    );
}

/// A client that makes its credentials of a challenge cannot send them unasked where it never got one.
#[tokio::test]
async fn credentials_that_nothing_was_asked_for_are_not_judged() {
    let spec = spec(
        r#"
countersign: 1
pack: {name: unasked, version: 1, title: Unasked}
domain:
  policy:
    offers: {one-of: [basic, digest]}
  client:
    persona: {one-of: [preemptive, challenge-driven]}
    scheme: {one-of: [digest]}
    credential: {one-of: [valid, none]}
rules:
  - id: whoever-comes-unasked-gets-in
    level: must
    source: {document: a test, section: all}
    impact: Somebody is kept out.
    when: {client.persona: preemptive, client.credential: valid}
    expect: {outcome: accepted}
  - id: whoever-waits-gets-in
    level: must
    source: {document: a test, section: all}
    impact: Somebody waits for ever.
    when: {client.persona: challenge-driven, client.credential: valid}
    relate: {change: {client.persona: preemptive}, outcome: same}
  - id: whoever-waits-is-asked
    level: must
    source: {document: a test, section: all}
    impact: Somebody waits for ever.
    when: {client.persona: challenge-driven, client.credential: valid}
    expect: {outcome: accepted}
"#,
    );
    let mut server = Server::new(|policy, asked| {
        let sent = asked.authorization.unwrap_or_default();
        let digest = sent.starts_with("Digest ");
        match policy.policy.at("offers").and_then(Value::as_symbol) {
            Some("digest") if digest => Reply::welcome(),
            Some("digest") => Reply::status(
                401,
                &[r#"www-authenticate: Digest realm="r", qop="auth", algorithm=MD5, nonce="n""#],
            ),
            _ => Reply::challenge(&["Basic"]),
        }
    });
    let report = quietly(&spec, &mut server, &Options::default()).await;
    let counts = |id| {
        let rule = rule(&report, id);
        (rule.held, rule.broke, rule.inconclusive)
    };
    // Of each rule's two cases, the one with the offer.
    assert_eq!(counts("whoever-comes-unasked-gets-in"), (1, 0, 0));
    assert_eq!(counts("whoever-waits-gets-in"), (1, 0, 0));
    // Who waits is what the case says, and its answer counts.
    assert_eq!(counts("whoever-waits-is-asked"), (1, 1, 0));
}
