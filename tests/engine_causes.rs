//! Causes: which findings are one defect, on a product without any setting that cures.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

mod support;

use countersign::auth::CredentialState::Valid;
use countersign::auth::{Identity, Scheme, authorization};
use countersign::engine::Options;
use countersign::spec::Spec;
use support::{Reply, Server, headlines, quietly, spec};

/// Who gets in and what a 401 says, with the certain rules behind the plain one.
fn ways_in() -> Spec {
    spec(
        r#"
countersign: 1
pack: {name: ways-in, version: 1, title: Who gets in}
domain:
  policy:
    profiles:
      list: {of: {scheme: {one-of: [bearer]}}, max: 1}
      say: {1: one profile}
  client:
    persona: {one-of: [preemptive, challenge-driven]}
    scheme: {one-of: [bearer]}
    credential: {one-of: [valid, none], say: {none: no credentials}}
    form: {one-of: [plain, odd-case, several-spaces]}
  exclude:
    - {client.form: {not: plain}, client.credential: none}
    - {client.form: {not: plain}, client.persona: challenge-driven}
    - {client.credential: none, client.persona: challenge-driven}
define:
  listed: {list: policy.profiles}
  accepted: {schemes-of: listed}
rules:
  - id: valid-credentials-get-in
    level: should
    source: {document: a test, section: all}
    impact: Somebody is kept out.
    when: {client.persona: preemptive, client.credential: valid, client.form: plain, client.scheme: {in: accepted}}
    expect: {outcome: accepted}
  - id: who-waits-gets-in
    level: must
    source: {document: a test, section: all}
    impact: Somebody waits for ever.
    when: {client.persona: challenge-driven, client.scheme: {in: accepted}}
    expect: {outcome: accepted}
  - id: odd-letters-get-in
    level: must
    source: {document: a test, section: all}
    impact: Somebody is kept out.
    when: {client.form: odd-case, client.scheme: {in: accepted}}
    expect: {outcome: accepted}
  - id: odd-spaces-get-in
    level: must
    source: {document: a test, section: all}
    impact: Somebody is kept out.
    when: {client.form: several-spaces, client.scheme: {in: accepted}}
    expect: {outcome: accepted}
  - id: a-401-asks
    level: must
    source: {document: a test, section: all}
    impact: Nobody is told how to log in.
    when: {status: 401}
    expect: {challenges: {some: true}}
"#,
    )
}

/// What credentials of Bearer look like to a server that is lenient in the spelling of the scheme.
fn lenient(sent: &str) -> bool {
    let (scheme, token) = sent.split_once(' ').unwrap_or_default();
    let valid = authorization(Scheme::Bearer, Valid, &Identity::alice());
    scheme.eq_ignore_ascii_case("bearer")
        && valid.unwrap().unwrap() == format!("Bearer {}", token.trim_start())
}

#[tokio::test]
async fn a_missing_challenge_and_a_strict_comparison_are_two_defects() {
    // Bearer is compared to the letter, and its 401 has no challenge.
    let mut server = Server::new(|policy, asked| {
        let accepted = support::schemes(&policy.policy);
        match accepted.first().copied() {
            Some("bearer") if asked.has(Scheme::Bearer, Valid) => Reply::welcome(),
            Some("bearer") => Reply::status(401, &[]),
            _ => Reply::status(403, &[]),
        }
    });
    let report = quietly(&ways_in(), &mut server, &Options::default()).await;
    assert_eq!(
        headlines(&report.findings),
        [
            "one profile: who-waits-gets-in, a-401-asks",
            "one profile: odd-letters-get-in",
            "one profile: odd-spaces-get-in",
        ]
    );
}

#[tokio::test]
async fn who_is_refused_anyway_is_refused_for_one_reason() {
    // Nothing gets in, and every 401 asks.
    let mut server = Server::new(|policy, _| {
        let schemes = support::schemes(&policy.policy);
        match schemes.is_empty() {
            true => Reply::status(403, &[]),
            false => Reply::challenge(&schemes),
        }
    });
    let report = quietly(&ways_in(), &mut server, &Options::default()).await;
    // Odd letters and odd spaces are one cause by the plain rule alone, which comes last by its level and
    // first in the spec.
    assert_eq!(
        headlines(&report.findings),
        [
            "one profile: valid-credentials-get-in, who-waits-gets-in, odd-letters-get-in, odd-spaces-get-in"
        ]
    );
}

#[tokio::test]
async fn a_status_without_a_challenge_is_another_defect_than_one_with_another() {
    // Odd spaces are a bad request to it, and whoever sends nothing is asked for the wrong scheme.
    let mut server = Server::new(|_, asked| match asked.authorization {
        Some(sent) if sent.contains("  ") => Reply::status(400, &[]),
        Some(sent) if lenient(sent) => Reply::welcome(),
        _ => Reply::challenge(&["Basic"]),
    });
    let report = quietly(&ways_in(), &mut server, &Options::default()).await;
    assert_eq!(
        headlines(&report.findings),
        [
            "one profile: who-waits-gets-in",
            "one profile: odd-spaces-get-in",
        ]
    );
}
