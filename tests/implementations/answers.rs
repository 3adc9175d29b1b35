//! What each installed implementation answers to a fixed set of policies and credentials, as a table:
//! `adapters/NAME/answers.txt`, each with the audit events that the log has of it. A new version of a
//! product, or a careless change of its adapter, shows there first.

use std::fmt::Write;

use countersign::adapter::{Home, availability, find_adapter, open, shipped_names};
use countersign::credentials::{Identity, Scheme, Token, TokenKind};
use countersign::domain::Setting;
use countersign::domain::{Allowed, Narrowing, Value};
use countersign::implementation::{Installation, Placement};
use libtest_mimic::Trial;
use snapbox::{Data, IntoData, assert_data_eq};

use crate::real::wanting;
use crate::support::{ask, basic, identities, policy, steady, trial_beside_others};

const PASSWORD: &str = "open-sesame";

const SETS: [&[&str]; 8] = [
    &[],
    &["basic"],
    &["bearer"],
    &["basic", "bearer"],
    &["bearer", "basic"],
    &["digest"],
    &["basic", "digest"],
    &["digest", "basic"],
];

pub(crate) fn trials() -> Vec<Trial> {
    shipped_names()
        .into_iter()
        .map(|name| {
            let title = format!("answers::{name}");
            let trial = trial_beside_others(&title, move || compare(name));
            wanting(name, trial)
        })
        .collect()
}

async fn compare(name: &'static str) {
    let path = format!("{}/adapters/{name}/answers.txt", env!("CARGO_MANIFEST_DIR"));
    let answers = table(name).await;
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let other = other_version(&known, &answers);
    if let (Some(why), None) = (other, std::env::var_os("SNAPSHOTS")) {
        panic!("{why}");
    }
    assert_data_eq!(
        answers.into_data().raw(),
        Data::read_from(path.as_ref(), None).raw()
    );
}

/// What to say where the product is another than the one that the table was made with: then it is not
/// Countersign that has changed.
fn other_version(known: &str, answers: &str) -> Option<String> {
    let (old, old_answers) = known.split_once('\n')?;
    let (new, new_answers) = answers.split_once('\n')?;
    if old == new {
        return None;
    }
    let told = match old_answers == new_answers {
        true => "it answers the same".to_owned(),
        false => {
            let lines = new_answers.lines();
            let changed = lines.filter(|line| !old_answers.lines().any(|old| old == *line));
            let changed: Vec<&str> = changed.collect();
            format!("it answers otherwise:\n{}", changed.join("\n"))
        }
    };
    Some(format!(
        "this is {new}, and the table was made with {old}; {told}\nSee by hand what has changed, bring \
         known.yaml up to date, and write the table with SNAPSHOTS=overwrite cargo test --test \
         implementations answers"
    ))
}

/// Each policy that the adapter claims to express, with the answers to each credentials.
async fn table(name: &str) -> String {
    let mut implementation = open(name, &Home::from_environment()).await.unwrap();
    let supports = implementation.description().supports.clone();
    let mut identities = identities(PASSWORD, "token");
    if implementation.description().tokens == TokenKind::Jwt {
        // What it is told of is a name of ours; what it judges says itself whose it is.
        let cast = Identity::needed_for(&[Scheme::Bearer], &[], TokenKind::Jwt);
        for (identity, other) in identities.iter_mut().zip(cast) {
            identity.tokens = other.tokens;
        }
    }
    let tokens = identities[0].tokens.clone();
    let sets: Vec<&[&str]> = SETS
        .into_iter()
        .filter(|schemes| schemes.iter().all(|scheme| allows(&supports, scheme)))
        .collect();
    let slots = implementation.description().slots;
    let has_log = implementation.description().events;
    let mut text = format!("{}\n", version(name));
    for (sets, generation) in sets.chunks(slots).zip(1..) {
        let installation = Installation {
            upstreams: Vec::new(),
            edit_of: None,
            generation,
            identities: identities.clone(),
            policies: sets.iter().map(|set| within(&supports, set)).collect(),
        };
        let placements = implementation.install(&installation).await.unwrap();
        let mut logged = 0;
        for ((schemes, placement), slot) in sets.iter().zip(placements).zip(0..) {
            writeln!(text, "\n[{}]", schemes.join(", ")).unwrap();
            if let Placement::Unsupported(reason) = &placement {
                writeln!(text, "  not expressed: {reason}").unwrap();
                continue;
            }
            for (words, value) in credentials(&tokens) {
                let (status, challenges) = ask(&placement, "/resource", &value);
                let line = format!("  {words:<28} {status}  {}", challenges.join(" | "));
                writeln!(text, "{}", steady(line.trim_end(), &placement)).unwrap();
                if !has_log {
                    continue;
                }
                let events = implementation.events_after(generation, logged).await;
                for event in events.unwrap() {
                    logged += 1;
                    assert_eq!(event.slot, slot, "{event:?}");
                    let user = event.user.as_deref().unwrap_or("somebody");
                    let scheme = event.scheme.as_deref().unwrap_or("some scheme");
                    let name = event.name;
                    writeln!(text, "  {:<28} log  {name} {user} by {scheme}", "").unwrap();
                }
            }
        }
    }
    implementation.stop().await;
    text
}

fn credentials(tokens: &[Token]) -> Vec<(&'static str, String)> {
    let [valid, expired] = tokens else {
        panic!("{tokens:?}");
    };
    let (valid, expired) = (valid.value.expose(), expired.value.expose());
    let right = basic("alice", PASSWORD);
    let lower = right.replacen("Basic", "basic", 1);
    vec![
        ("no credentials", String::new()),
        ("Basic, right", right),
        ("basic, right", lower),
        ("Basic, wrong password", basic("alice", "wrong")),
        ("Basic, unknown user", basic("nobody", PASSWORD)),
        ("Basic, a user switched off", basic("bob", "bob")),
        ("Basic, no base64", "Basic !!".to_owned()),
        ("Bearer, right", format!("Bearer {valid}")),
        ("bearer, right", format!("bearer {valid}")),
        ("Bearer, unknown token", "Bearer nobody".to_owned()),
        ("Bearer, expired", format!("Bearer {expired}")),
        ("Bearer, no token", "Bearer".to_owned()),
        ("Digest", "Digest x".to_owned()),
    ]
}

fn version(name: &str) -> String {
    let adapter = find_adapter(name).unwrap();
    match availability(&adapter, &Home::from_environment()) {
        countersign::adapter::Availability::Available { version } => {
            format!("{} {version}", adapter.title)
        }
        countersign::adapter::Availability::Missing { reason, .. } => panic!("{reason}"),
    }
}

/// Whether a profile may have this scheme.
fn allows(supports: &Narrowing, scheme: &str) -> bool {
    match supports.by_path.get("policy.profiles.scheme") {
        Some(Allowed::Values(values)) => values.contains(&Value::symbol(scheme)),
        _ => true,
    }
}

/// The policy with these profiles, its flags at what the adapter allows.
fn within(supports: &Narrowing, schemes: &[&str]) -> Setting {
    let first = |path: &str, usual: bool| match supports.by_path.get(path) {
        Some(Allowed::Values(values)) => values.first().cloned().unwrap_or(Value::Bool(usual)),
        _ => Value::Bool(usual),
    };
    let mut made = policy(schemes);
    let profiles = made.policy.field("profiles").cloned().unwrap();
    made.policy = Value::record([
        ("active", Value::Bool(true)),
        ("profiles", profiles),
        ("advertise_all", first("policy.advertise_all", true)),
    ]);
    made.instance = Value::record([(
        "first_scheme_only",
        first("instance.first_scheme_only", false),
    )]);
    made
}
