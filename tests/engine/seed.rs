//! The story that this project began with, found, told in one sentence and cured.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use crate::support::{self, at_most, headlines, narrow, pack, quietly, rules_that};
use countersign::domain::{Narrowing, Value};
use countersign::engine::Options;
use countersign::implementation::{Implementation, ReferenceImplementation};
use countersign::results::{Coverage, RuleState};
use snapbox::str;

const SEED: &str = "two profiles, flag false, Basic client: challenge-driven-client-gets-in, \
                    accepted-schemes-are-advertised, another-profile-shuts-nobody-out, \
                    order-does-not-change-the-set";

#[tokio::test]
async fn the_reference_obeys_its_own_policy() {
    let spec = narrow(&pack("api-access-policy"), &at_most(3));
    let mut reference = ReferenceImplementation::new();
    let report = quietly(&spec, &mut reference, &Options::default()).await;
    let failed: Vec<&str> = report.findings.iter().map(|f| f.rule.as_str()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let not_passed = rules_that(&report, |state| *state != RuleState::Passed);
    // What an implementation does that advertises another one than this, or that decides by the list at once.
    let others = [
        "advertises-the-first-profile",
        "a-place-in-the-list-counts-at-once",
        "advertises-the-profile-configured-last",
    ];
    assert_eq!(not_passed, others);
    snapbox::assert_data_eq!(
        format!(
            "{:?}",
            support::rule(&report, "advertises-the-first-profile").state
        ),
        str![[r#"NotApplicable("the implementation takes advertised-profile: most-recent")"#]]
    );
    assert!(report.is_complete(countersign::spec::Level::Advice));
    assert_eq!(report.coverage.cases(), 13_600);
    assert_eq!(report.coverage.to_string(), "all 13,600 cases");
}

#[tokio::test]
async fn the_seed_is_one_cause_in_one_sentence() {
    let spec = narrow(&pack("reachability"), &at_most(3));
    let mut reference = ReferenceImplementation::new();
    let report = quietly(&spec, &mut reference, &Options::default()).await;
    assert_eq!(headlines(&report.findings), [SEED]);
    for finding in &report.findings {
        assert!(
            finding.requests <= 60,
            "{}: {} requests",
            finding.rule,
            finding.requests
        );
        assert!(finding.flaky.is_none());
        assert!(
            finding.proof.simpler_cases.is_some(),
            "{}: smallest possible",
            finding.rule
        );
        assert!(!finding.proof.cut_short);
        assert!(finding.failures > 1);
        let cures: Vec<String> = finding
            .cures
            .iter()
            .map(|cure| format!("{}: {}", cure.path, cure.to))
            .collect();
        assert_eq!(
            cures,
            [
                "policy.advertise_all: true",
                "policy.active: false",
                "instance.first_scheme_only: false",
            ]
        );
    }
    let first = report.findings.first().unwrap();
    snapbox::assert_data_eq!(
        format!(
            "{}\nexpected {}\nobserved {}",
            first.case, first.discrepancy.expected, first.discrepancy.observed
        ),
        str![[r#"
{policy: {active: true, profiles: [{scheme: basic, active: true}, {scheme: bearer, active: true}], advertise_all: false, for_post: []}, instance: {first_scheme_only: true}, client: {persona: challenge-driven, scheme: basic, credential: valid, method: get, form: plain, way: http/1.1}}
expected accepted, as with client.persona preemptive (200)
observed refused (401)
"#]]
    );
    let sent: Vec<String> = first
        .transcript
        .case
        .iter()
        .chain(&first.transcript.sibling)
        .map(|entry| String::from_utf8_lossy(&entry.head).into_owned())
        .collect();
    snapbox::assert_data_eq!(
        sent.concat().replace('\r', ""),
        str![[r#"
HTTP/1.1 401 Unauthorized
content-type: application/json
www-authenticate: BEARER realm="Service-now"
content-length: 113

HTTP/1.1 200 OK
content-type: application/json
content-length: 32


"#]]
    );
}

#[tokio::test]
async fn either_setting_cures_it() {
    for (path, value) in [
        ("policy.advertise_all", true),
        ("instance.first_scheme_only", false),
    ] {
        let mut narrowing = at_most(3);
        narrowing.fix(path, Value::Bool(value));
        let spec = narrow(&pack("reachability"), &narrowing);
        let mut reference = ReferenceImplementation::new();
        let report = quietly(&spec, &mut reference, &Options::default()).await;
        assert!(
            report.findings.is_empty(),
            "{path}: {:?}",
            headlines(&report.findings)
        );
        assert!(report.is_complete(countersign::spec::Level::Advice));
    }
}

/// What a run finds must not depend on luck: the same minimal cases under one headline whatever the
/// seed, and none larger than where everything is tried.
#[tokio::test]
async fn a_sample_finds_the_same_minimal_cases_whatever_its_seed() {
    let spec = pack("reachability");
    for seed in 0..20 {
        let options = Options {
            cases: 4_000,
            seed,
            ..Options::default()
        };
        let mut reference = ReferenceImplementation::new();
        let report = quietly(&spec, &mut reference, &options).await;
        assert!(matches!(report.coverage, Coverage::Sampled { .. }));
        assert_eq!(headlines(&report.findings), [SEED], "seed {seed}");
        let cases: Vec<String> = report.findings.iter().map(|f| f.case.to_string()).collect();
        let policy = "policy: {active: true, profiles: [{scheme: basic, active: true}, \
                      {scheme: bearer, active: true}], advertise_all: false, for_post: []}, \
                      instance: {first_scheme_only: true}";
        let minimal = |persona: &str, credential: &str| {
            format!(
                "{{{policy}, client: {{persona: {persona}, scheme: basic, credential: {credential}, \
                 method: get, form: plain, way: http/1.1}}}}"
            )
        };
        assert_eq!(
            cases,
            [
                minimal("challenge-driven", "valid"),
                minimal("preemptive", "valid"),
                minimal("challenge-driven", "valid"),
                minimal("preemptive", "none"),
            ],
            "seed {seed}"
        );
        for finding in &report.findings {
            assert!(
                finding.requests <= 80,
                "{}: {}",
                finding.rule,
                finding.requests
            );
        }
        reference.stop().await;
    }
}

#[tokio::test]
async fn a_narrowing_that_says_nothing_changes_nothing() {
    let spec = pack("reachability");
    assert_eq!(narrow(&spec, &Narrowing::default()).domain, spec.domain);
}
