//! Causes: which findings are one defect, on a product without any setting that cures.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use crate::support::{self, Reply, Server, headlines, pack, quietly, spec};
use countersign::credentials::CredentialState::Valid;
use countersign::credentials::{Identity, Scheme, authorization};
use countersign::domain::{Allowed, Value};
use countersign::engine::Options;
use countersign::results::{Finding, causes};
use countersign::spec::Spec;

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
async fn an_open_door_is_told_by_who_has_nothing() {
    let mut server = Server::new(|_, _| Reply::welcome());
    let mut pack = pack("http-authentication");
    // The log, and what would be of no use to anybody here, apart.
    pack.rules.retain(|rule| {
        [
            "other-schemes-are-challenged",
            "no-credentials-are-challenged",
            "an-unknown-token-is-refused",
            "bad-credentials-are-challenged",
        ]
        .contains(&&*rule.id)
    });
    let report = quietly(&pack, &mut server, &Options::default()).await;
    let told = causes(&report.findings);
    assert_eq!(told.len(), 1, "{:?}", headlines(&report.findings));
    assert_eq!(told[0].headline.rule, "no-credentials-are-challenged");
    assert!(told[0].others.len() > 3);
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

/// The answers of a small origin server of Basic and Bearer that departs in one way.
fn departing(how: &'static str) -> Server {
    Server::new(move |policy, asked| {
        let accepted = support::schemes(&policy.policy);
        let challenge = |scheme: &str, error: bool| match (scheme, how, error) {
            ("basic", "realm without quotes", _) => {
                "WWW-Authenticate: Basic realm=my realm".to_owned()
            }
            ("basic", "quotes not escaped", _) => {
                "WWW-Authenticate: Basic realm=\"my \"own\" realm\"".to_owned()
            }
            ("basic", ..) => "WWW-Authenticate: Basic realm=\"here\"".to_owned(),
            (_, "comma missing", true) => {
                "WWW-Authenticate: Bearer realm=\"here\" error=\"invalid_token\"".to_owned()
            }
            (_, "quotes not escaped", _) => {
                "WWW-Authenticate: Bearer realm=\"my \"own\" realm\"".to_owned()
            }
            (_, _, true) => {
                "WWW-Authenticate: Bearer realm=\"here\", error=\"invalid_token\"".to_owned()
            }
            _ => "WWW-Authenticate: Bearer realm=\"here\"".to_owned(),
        };
        let refused = |tried: Option<&str>| {
            if how == "log-in page" && tried.is_none() {
                return Reply::status(302, &["Location: /login"]);
            }
            let lines = accepted.iter().map(|scheme| {
                let error = tried == Some("bearer") && *scheme == "bearer";
                let line = challenge(scheme, error);
                // The value is another each time.
                if how == "something changes" && *scheme == "basic" {
                    return format!("WWW-Authenticate: Basic charset=\"latin-{}\"", asked.nth);
                }
                line
            });
            let lines: Vec<String> = lines.collect();
            let lines: Vec<&str> = match how {
                "challenge dropped" => Vec::new(),
                _ => lines.iter().map(String::as_str).collect(),
            };
            Reply::status(401, &lines)
        };
        let scheme = (asked.authorization.unwrap_or_default().split(' ').next())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let tried = accepted
            .iter()
            .find(|accepted| **accepted == scheme)
            .copied();
        let lenient = |sent: &str, scheme: Scheme| {
            let valid = authorization(scheme, Valid, &Identity::alice())
                .unwrap()
                .unwrap();
            let (_, given) = sent.split_once(' ').unwrap_or_default();
            let (_, right) = valid.split_once(' ').unwrap();
            given.trim_start_matches(' ') == right
        };
        match (tried, asked.authorization) {
            _ if accepted.is_empty() => Reply::status(403, &[]),
            (Some("basic"), Some(sent)) if lenient(sent, Scheme::Basic) => Reply::welcome(),
            (Some("bearer"), Some(sent)) if lenient(sent, Scheme::Bearer) => Reply::welcome(),
            (Some("bearer"), _) if how == "bad token breaks" => Reply::status(500, &[]),
            (tried, _) => refused(tried),
        }
    })
}

#[tokio::test]
async fn one_departure_is_one_finding_whatever_number_of_rules_and_clients_show_it() {
    let only = |path: &str, words: &[&str]| {
        let words = words.iter().map(|word| Value::symbol(word));
        (path.to_owned(), Allowed::Values(words.collect()))
    };
    let bare = |path: &str| {
        let value = Allowed::Values(vec![Value::Bool(false)]);
        (path.to_owned(), value)
    };
    let mut narrowing = support::at_most(1);
    narrowing.by_path.extend([
        only("policy.profiles.scheme", &["basic", "bearer"]),
        only("client.scheme", &["basic", "bearer"]),
        only("client.method", &["get"]),
        only("client.way", &["http/1.1"]),
        only(
            "client.credential",
            &[
                "valid",
                "none",
                "wrong-secret",
                "malformed",
                "expired",
                "revoked",
                "trailing-junk",
            ],
        ),
        only(
            "client.form",
            &[
                "plain",
                "odd-case",
                "several-spaces",
                "scheme-only",
                "empty",
                "unknown-scheme",
            ],
        ),
        only("policy.required_scope", &["none"]),
        only("policy.digest", &["plain"]),
        only("policy.key", &["none"]),
        bare("policy.step_up"),
        bare("policy.metadata"),
        bare("policy.cross_origin"),
        bare("policy.dpop_nonce"),
        bare("policy.advertise_all"),
    ]);
    let packs = ["http-authentication", "reachability"].map(|name| {
        let spec = pack(name);
        spec.narrow(&narrowing, true).unwrap()
    });
    for (how, headline) in [
        ("nothing", None),
        (
            "realm without quotes",
            Some("the realm stands without quotes"),
        ),
        (
            "quotes not escaped",
            Some("a comma is missing in a challenge"),
        ),
        ("comma missing", Some("a comma is missing in a challenge")),
        (
            "bad token breaks",
            Some("an expired token ends in an error"),
        ),
        (
            "log-in page",
            Some("a request without credentials is redirected"),
        ),
        ("challenge dropped", Some("a 401 names no challenge")),
        ("something changes", Some("a Basic challenge has no realm")),
    ] {
        let mut findings = Vec::new();
        for spec in &packs {
            let mut server = departing(how);
            let report = quietly(spec, &mut server, &Options::default()).await;
            findings.extend(report.findings.into_iter().filter(Finding::accuses));
        }
        let told = causes(&findings);
        let titles: Vec<String> = told.iter().map(|one| one.headline.title()).collect();
        match headline {
            None => assert_eq!(titles, [""; 0], "{how}"),
            Some(headline) => {
                let expected = if how == "something changes" { 2 } else { 1 };
                assert_eq!(told.len(), expected, "{how}: {titles:#?}");
                assert_eq!(told[0].headline.defect, headline, "{how}: {titles:#?}");
                assert!(findings.len() >= told.len(), "{how}: {titles:#?}");
            }
        }
    }
}
