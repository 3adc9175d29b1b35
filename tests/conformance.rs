//! Countersign, held against its own rules: the reference implementation obeys the policy in full.
//!
//! In the platform's default settings that shuts clients out, and Countersign must say so on each
//! run; with either remedy nobody is shut out.

use std::process::ExitCode;

use countersign::domain::{Allowed, Value};
use countersign::harness::{Conformance, Target};

/// What everybody is told who meets the defect.
const STORY: &str = "two profiles, flag false, Basic client";

const REASON: &str = "KB3041645: by default a 401 advertises the most recent profile only";

fn main() -> ExitCode {
    [
        ("challenge-driven-client-gets-in", STORY),
        ("accepted-schemes-are-advertised", STORY),
        ("another-profile-shuts-nobody-out", STORY),
        // Whoever asks without credentials is of no scheme.
        ("order-does-not-change-the-set", "two profiles, flag false"),
    ]
    .into_iter()
    .fold(Conformance::new(), |test, (rule, sentence)| {
        test.expect_finding("reference", "reachability", rule, sentence, REASON)
    })
    .expect_finding(
        "reference",
        "corpus",
        "two-profiles-flag-false-basic-client-e2662ae8",
        STORY,
        REASON,
    )
    .corpus("corpus")
    .reference()
    .target(remedied(
        "reference-flag-true",
        "policy.advertise_all",
        true,
    ))
    .target(remedied(
        "reference-property-false",
        "instance.first_scheme_only",
        false,
    ))
    .main()
}

/// The reference implementation with one setting that cures the defect.
fn remedied(name: &str, path: &str, value: bool) -> Target {
    Target::reference()
        .named(name)
        .within(path, Allowed::Values(vec![Value::Bool(value)]))
        .for_packs(["reachability"])
}
