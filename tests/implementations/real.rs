//! Real implementations, where they are installed; where not, their trials are listed as ignored.

use countersign::adapter::{
    AdapterKind, Availability, Home, Reload, availability, find_adapter, open,
};
use countersign::domain::{Allowed, Narrowing, Value};
use countersign::engine::{Options, run};
use countersign::implementation::{Implementation, SettingsEdit, Signal};
use countersign::spec::{Spec, shipped};
use libtest_mimic::Trial;

use crate::support::{ask, basic, identities, installation, policy, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        wanting(
            "nginx",
            trial("nginx::its_answers_are_those_in_its_readme", nginx_answers),
        ),
        wanting(
            "nginx",
            trial(
                "nginx::a_hundred_installs_and_no_stale_answer",
                nginx_hundred,
            ),
        ),
        wanting(
            "nginx",
            trial("nginx::edits_by_reload_leave_no_stale_answer", nginx_edited),
        ),
        wanting(
            "envoy",
            trial("envoy::edits_by_files_leave_no_stale_answer", envoy_edited),
        ),
        wanting(
            "django-rest-framework",
            trial(
                "django_rest_framework::its_answers_are_those_in_its_readme",
                drf_answers,
            ),
        ),
        wanting(
            "django-rest-framework",
            trial(
                "django_rest_framework::many_installs_and_no_stale_answer",
                drf_many,
            ),
        ),
    ]
}

/// The trial; ignored, with the reason on standard error, where the implementation is missing.
pub(crate) fn wanting(adapter: &str, trial: Trial) -> Trial {
    match availability(&find_adapter(adapter).unwrap(), &Home::from_environment()) {
        Availability::Available { .. } => trial,
        Availability::Missing { reason, remedy } => {
            eprintln!("ignored: {}: {reason}; remedy: {remedy}", trial.name());
            trial.with_ignored_flag(true)
        }
    }
}

async fn opened(adapter: &str) -> Box<dyn Implementation> {
    open(adapter, &Home::from_environment()).await.unwrap()
}

const BASIC: &str = r#"Basic realm="countersign""#;
const BEARER: &str = r#"Bearer realm="countersign""#;

async fn nginx_answers() {
    let mut nginx = opened("nginx").await;
    let policies = [
        &["basic"][..],
        &["bearer"],
        &["basic", "bearer"],
        &["bearer", "basic"],
        &[],
    ];
    let set = installation(1, policies.iter().map(|schemes| policy(schemes)).collect());
    let placements = nginx.install(&set).await.unwrap();
    let expected: [&[&str]; 4] = [&[BASIC], &[BEARER], &[BASIC, BEARER], &[BASIC, BEARER]];
    for (placement, challenges) in placements.iter().zip(expected) {
        assert_eq!(ask(placement, "/resource", ""), (401, owned(challenges)));
    }
    let closed = &placements[4];
    for credentials in ["", &basic("alice", "secret"), "Bearer token"] {
        assert_eq!(ask(closed, "/resource", credentials).0, 403);
    }
    let accepts = |slot: usize, credentials: &str| {
        ask(&placements[slot], "/any/path?at=all", credentials).0 == 200
    };
    for (slot, schemes) in policies.iter().enumerate().take(4) {
        let has = |scheme| schemes.contains(&scheme);
        assert_eq!(
            accepts(slot, &basic("alice", "secret")),
            has("basic"),
            "{slot}"
        );
        assert_eq!(accepts(slot, "Bearer token"), has("bearer"), "{slot}");
        for wrong in [
            &basic("alice", "wrong"),
            &basic("bob", "bob"),
            "Basic !!",
            "Bearer token-old",
            "Bearer token-of-bob",
            "Bearer",
            "Digest x",
        ] {
            assert!(!accepts(slot, wrong), "{slot}: {wrong}");
        }
    }
    nginx.stop().await;
}

async fn nginx_hundred() {
    let mut nginx = opened("nginx").await;
    many(100, &mut *nginx, basic_before_bearer).await;
    nginx.stop().await;
}

/// Edits of what is in force: old and new workers side by side. Then the relation about them is judged, as a run does.
async fn nginx_edited() {
    let AdapterKind::Process(recipe) = find_adapter("nginx").unwrap().kind else {
        panic!("another kind")
    };
    assert_eq!(recipe.edit, Some(Reload::Signal(Signal::Hup)));
    let mut nginx = opened("nginx").await;
    many_of(20, true, &mut *nginx, basic_before_bearer).await;
    edits_leave_nothing_behind(&mut *nginx).await;
    nginx.stop().await;
}

/// Edits by files that are moved into place, in the Envoy that runs.
async fn envoy_edited() {
    let mut envoy = opened("envoy").await;
    assert!(envoy.description().edits);
    edits_leave_nothing_behind(&mut *envoy).await;
    envoy.stop().await;
}

/// The relation about edits, judged as a run does, of few cases.
async fn edits_leave_nothing_behind(implementation: &mut dyn Implementation) {
    const RULE: &str = "an-edit-of-the-profiles-leaves-nothing-behind";
    let source = shipped("api-access-policy").unwrap();
    let mut few = Narrowing::default();
    few.fix("policy.profiles.active", Value::Bool(true));
    few.fix("client.credential", Value::symbol("valid"));
    let range = Allowed::Range {
        min: None,
        max: Some(1),
    };
    few.by_path.insert("policy.profiles".to_owned(), range);
    let spec = Spec::read(&source).unwrap().narrow(&few, false).unwrap();
    let options = Options {
        rules: vec![RULE.to_owned()],
        ..Options::default()
    };
    let report = run(&spec, implementation, &options, &mut |_| {}).await;
    let judged = report.rules.iter().find(|rule| rule.id == RULE).unwrap();
    assert!(judged.held > 0 && judged.broke == 0, "{judged:?}");
}

fn basic_before_bearer(schemes: &[&str]) -> Vec<String> {
    let mut sorted = schemes.to_vec();
    sorted.sort_unstable();
    sorted
        .iter()
        .map(|scheme| if *scheme == "basic" { BASIC } else { BEARER }.to_owned())
        .collect()
}

/// Many installs, each with other policies, another password and another token than the one
/// before, and each checked at once.
async fn many(
    installs: usize,
    implementation: &mut dyn Implementation,
    advertised: impl Fn(&[&str]) -> Vec<String>,
) {
    many_of(installs, false, implementation, advertised).await;
}

/// The same; each but the first may be an edit of the one before.
async fn many_of(
    installs: usize,
    edits: bool,
    implementation: &mut dyn Implementation,
    advertised: impl Fn(&[&str]) -> Vec<String>,
) {
    const KINDS: [&[&str]; 5] = [
        &[],
        &["basic"],
        &["bearer"],
        &["basic", "bearer"],
        &["bearer", "basic"],
    ];
    for generation in 0..installs {
        let schemes = |slot: usize| KINDS[(generation + slot) % KINDS.len()];
        let mut set = installation(
            generation as u64 + 1,
            (0..8).map(|slot| policy(schemes(slot))).collect(),
        );
        set.edit_of = (edits && generation > 0).then(|| SettingsEdit {
            of: generation as u64,
            slots: Vec::new(),
        });
        set.identities = identities(
            &format!("secret-{generation}"),
            &format!("token-{generation}"),
        );
        let placements = implementation.install(&set).await.unwrap();
        assert_eq!(placements.len(), 8);
        let earlier = generation.wrapping_sub(1);
        for (slot, placement) in placements.iter().enumerate() {
            let schemes = schemes(slot);
            let shown = format!("generation {generation}, slot {slot}, {schemes:?}");
            let status = if schemes.is_empty() { 403 } else { 401 };
            assert_eq!(
                ask(placement, "/resource", ""),
                (status, advertised(schemes)),
                "{shown}"
            );
            let accepts = |credentials: &str| ask(placement, "/resource", credentials).0 == 200;
            let password = |of: usize| basic("alice", &format!("secret-{of}"));
            let token = |of: usize| format!("Bearer token-{of}");
            assert_eq!(
                accepts(&password(generation)),
                schemes.contains(&"basic"),
                "{shown}"
            );
            assert_eq!(
                accepts(&token(generation)),
                schemes.contains(&"bearer"),
                "{shown}"
            );
            assert!(
                !accepts(&password(earlier)) && !accepts(&token(earlier)),
                "{shown}"
            );
        }
    }
}

async fn drf_answers() {
    let mut drf = opened("django-rest-framework").await;
    assert_eq!(
        drf.description().alternatives["advertised-profile"],
        "first"
    );
    let policies = [
        &["basic"][..],
        &["bearer"],
        &["basic", "bearer"],
        &["bearer", "basic"],
        &[],
    ];
    let set = installation(1, policies.iter().map(|schemes| policy(schemes)).collect());
    let placements = drf.install(&set).await.unwrap();
    for (placement, schemes) in placements.iter().zip(policies) {
        let status = if schemes.is_empty() { 403 } else { 401 };
        assert_eq!(
            ask(placement, "/resource", ""),
            (status, first_only(schemes))
        );
        for wrong in [
            &basic("alice", "wrong"),
            &basic("bob", "bob"),
            "Basic !!",
            "Bearer token-old",
            "Bearer token-of-bob",
            "Bearer",
            "Digest x",
        ] {
            assert_eq!(
                ask(placement, "/x", wrong),
                (status, first_only(schemes)),
                "{wrong}"
            );
        }
    }
    drf.stop().await;
}

async fn drf_many() {
    let mut drf = opened("django-rest-framework").await;
    many(20, &mut *drf, first_only).await;
    assert!(drf.description().edits);
    many_of(10, true, &mut *drf, first_only).await;
    edits_leave_nothing_behind(&mut *drf).await;
    drf.stop().await;
}

fn first_only(schemes: &[&str]) -> Vec<String> {
    match schemes.first() {
        Some(&"basic") => owned(&[r#"Basic realm="api""#]),
        Some(_) => owned(&["Bearer"]),
        None => Vec::new(),
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
