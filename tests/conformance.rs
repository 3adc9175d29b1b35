//! Countersign, held against its own rules: the reference implementation obeys the policy in full.
//!
//! In the platform's default settings that shuts clients out, and Countersign must say so on each
//! run; with either remedy nobody is shut out. The real implementations are held against the same
//! rules where they are installed; what is known of each is stated here with its reason.

use std::process::ExitCode;

use countersign::domain::{Allowed, Value};
use countersign::harness::{Conformance, Target};

/// What everybody is told who meets the defect.
const STORY: &str = "two profiles, flag false, Basic client";

/// The same on Django REST framework, which has no flag and sends the first challenge.
const STORY_DRF: &str = "two profiles, Bearer client";

const REASON: &str = "KB3041645: by default a 401 advertises the most recent profile only";

/// The packs that are run on real implementations here. That of the RFCs has rules for much that
/// these two do not do, which would be a long list below.
const PLATFORM: [&str; 2] = ["api-access-policy", "reachability"];

/// What each real implementation has no way to express, so that these rules never apply to it.
const NEVER_APPLIES: [(&str, &str, &str); 9] = [
    (
        "nginx",
        "the-flag-does-not-change-what-is-accepted",
        NO_FLAG,
    ),
    (
        "nginx",
        "the-property-does-not-change-what-is-accepted",
        NO_FLAG,
    ),
    ("nginx", "advertises-the-most-recent-profile", NO_FLAG),
    (
        "nginx",
        "an-inactive-policy-advertises-the-default",
        NO_INACTIVE,
    ),
    (DRF, "a-challenged-client-gets-in", NO_FLAG),
    (DRF, "the-flag-does-not-change-what-is-accepted", NO_FLAG),
    (
        DRF,
        "the-property-does-not-change-what-is-accepted",
        NO_FLAG,
    ),
    (DRF, "advertises-every-scheme-when-told-to", NO_FLAG),
    (
        DRF,
        "an-inactive-policy-advertises-the-default",
        NO_INACTIVE,
    ),
];

const NO_FLAG: &str = "it has no flag and no property for what a 401 advertises";

const NO_INACTIVE: &str = "a policy that is switched off is one that is not there";

const DRF: &str = "django-rest-framework";

/// Documented: the first authentication class sets the response to unauthenticated requests.
const FIRST_ONLY: &str =
    "only the first authenticator's challenge is sent, as its documentation says";

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
        .target(
            // What its adapter supports, so that it is not held against reproductions that it
            // cannot express.
            Target::adapter("nginx")
                .within("policy.advertise_all", only(true))
                .for_packs(PLATFORM),
        )
        .target(
            Target::adapter(DRF)
                .takes("advertised-profile", "first")
                .without_events()
                .for_packs(PLATFORM),
        )
        .corpus("corpus");
    for (rule, words, words_drf) in [
        ("challenge-driven-client-gets-in", STORY, STORY_DRF),
        ("accepted-schemes-are-advertised", STORY, STORY_DRF),
        ("another-profile-shuts-nobody-out", STORY, STORY_DRF),
        // Whoever asks without credentials is of no scheme.
        (
            "order-does-not-change-the-set",
            "two profiles, flag false",
            "two profiles",
        ),
    ] {
        test = test
            .expect_finding("reference", "reachability", rule, words, REASON)
            .expect_finding(DRF, "reachability", rule, words_drf, FIRST_ONLY);
    }
    for (name, rule, reason) in NEVER_APPLIES {
        test = test.expect_not_exercised(name, "api-access-policy", rule, reason);
    }
    test.expect_finding(
        "reference",
        "corpus",
        "two-profiles-flag-false-basic-client-e2662ae8",
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
