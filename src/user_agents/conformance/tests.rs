//! The rules against clients of the catalogue, as the model plays them: each rule catches somebody, and whoever does
//! well is not accused.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::user_agents::catalogue::{Measurement, shipped};
use crate::user_agents::model::{Holds, KnownScheme, Script, Traits, play};

fn seen(traits: &Traits, script: &Script) -> Measurement {
    let played = play(traits, script);
    Measurement {
        mode: String::new(),
        case: String::new(),
        schemes_sent: played.steps.iter().map(ToString::to_string).collect(),
        requests: played.requests,
        final_status: played.status,
    }
}

fn broken(traits: &Traits) -> BTreeMap<&'static str, String> {
    let alone = abilities_scripts().map(|(scheme, script)| (scheme, seen(traits, &script)));
    let abilities = Abilities::of(alone.iter().map(|(scheme, seen)| (*scheme, seen)));
    let mut broken = BTreeMap::new();
    for case in cases().iter().filter(|case| abilities.concern(case)) {
        if departs(case, &seen(traits, &case.script)).is_some() {
            broken.entry(case.rule).or_insert_with(|| case.says.clone());
        }
    }
    broken
}

#[test]
fn every_rule_has_layouts_and_every_layout_a_rule() {
    let rules: BTreeSet<&str> = client_rules()
        .unwrap_or_else(|problems| panic!("{}", problems.render()))
        .iter()
        .map(|rule| rule.id.as_str())
        .collect();
    let used: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    assert_eq!(rules, used);
}

#[test]
fn a_client_that_does_well_is_not_accused() {
    let mut traits = Traits::default();
    traits.knows[0] = Some(KnownScheme::Digest);
    traits.knows[1] = Some(KnownScheme::Basic);
    assert_eq!(broken(&traits), BTreeMap::new());
    // It has a token as well, and answers a challenge of Bearer where one stands beside that of Basic.
    traits.knows = [
        Some(KnownScheme::Bearer),
        Some(KnownScheme::Digest),
        Some(KnownScheme::Basic),
        None,
        None,
    ];
    traits.holds = Holds::Both;
    assert_eq!(broken(&traits), BTreeMap::new());
}

#[test]
fn each_rule_catches_a_client_of_the_catalogue() {
    let mut caught: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in &shipped().unwrap().entries {
        for rule in broken(&entry.traits).into_keys() {
            caught.entry(rule).or_default().insert(&entry.mode);
        }
    }
    for (rule, mode) in [
        ("finds-its-scheme", "wget2"),
        ("quotes-hide-what-is-in-them", "curl-anyauth"),
        ("answers-only-what-is-offered", "lynx-auth"),
        ("takes-the-strongest", "lwp-callback"),
        ("empty-elements-are-ignored", "wget2"),
        ("stays-in-its-origin", "aria2-preempt"),
        ("unknown-parameters-are-ignored", "urllib-basicdigest"),
    ] {
        let modes = caught.get(rule);
        assert!(
            modes.is_some_and(|modes| modes.contains(mode)),
            "{rule} {mode}: {modes:?}"
        );
    }
    // The first layout that shows it is a minimal one.
    let wget2 = broken(&shipped().unwrap().find("wget2").unwrap().traits);
    let minimal = &wget2["finds-its-scheme"];
    assert!(minimal.starts_with("two challenges, "), "{minimal}");
}
