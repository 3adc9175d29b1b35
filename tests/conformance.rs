//! Countersign, held against its own rules: the reference implementation obeys the policy in full.
//!
//! In the platform's default settings that shuts clients out, and Countersign must say so on each
//! run; with either remedy nobody is shut out. The real implementations are held against the same
//! rules where they are installed; what is known of each is in the folder of its adapter.

use std::process::ExitCode;

use countersign::adapter::shipped_names;
use countersign::domain::{Allowed, Value};
use countersign::harness::{Conformance, Target};
use mimalloc::MiMalloc;

/// As in the command: what plays millions of requests spends an eighth of its time in the C library's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What everybody is told who meets the defect.
const STORY: &str = "two profiles, flag false, Basic client";

const REASON: &str = "KB3041645: by default a 401 advertises the most recent profile only";

fn main() -> ExitCode {
    let mut test = Conformance::new()
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
        .corpus("corpus")
        .exact_headlines();
    // What is known of each is stated in its own `known.yaml`, with reasons, and called what a run calls it.
    for name in shipped_names() {
        test = test.target(Target::adapter(name).allow_not_exercised());
    }
    for (rule, words) in [
        ("challenge-driven-client-gets-in", STORY),
        ("accepted-schemes-are-advertised", STORY),
        ("another-profile-shuts-nobody-out", STORY),
        // Whoever asks without credentials is of no scheme.
        ("order-does-not-change-the-set", "two profiles, flag false"),
    ] {
        test = test.expect_finding("reference", "reachability", rule, words, REASON);
    }
    test.expect_finding(
        "reference",
        "corpus",
        "who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-2d217ffb",
        STORY,
        REASON,
    )
    .main()
}

/// The reference implementation with one setting that cures the defect.
fn remedied(name: &str, path: &str, value: bool) -> Target {
    Target::reference()
        .named(name)
        .within(path, only(value))
        .for_packs(["reachability"])
}

fn only(value: bool) -> Allowed {
    Allowed::Values(vec![Value::Bool(value)])
}
