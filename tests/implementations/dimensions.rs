//! What an adapter claims to express is expressed: for each dimension of the packs' domains for which it
//! supports more than one value, there are two cases that differ in it alone and are answered in two
//! ways. A claim that changes nothing would count what the product never did against it, or for it.
//!
//! Where nothing may change, or the packs' cases show nothing, the adapter's README.md says so and why.

use std::collections::{BTreeMap, BTreeSet};

use countersign::adapter::{Home, open, open_adapter, shipped_names};
use countersign::client::Player;
use countersign::credentials::Identity;
use countersign::domain::Setting;
use countersign::domain::{Action, Case, Change, Value, covering};
use countersign::engine::supported;
use countersign::implementation::{Implementation, Installation, Placement};
use countersign::spec::{SHIPPED, Spec, shipped};
use countersign::vocabulary::{ClientCase, identities_for};
use countersign::wire::Limits;
use libtest_mimic::Trial;

use crate::gateways::{CONFIGURATION, adapter_with};
use crate::real::wanting;
use crate::support::{steady, trial, trial_beside_others};

/// So many cases of a covering array are varied at once, and so often, until every dimension has shown.
const BASES: usize = 12;
const ROUNDS: usize = 6;

/// So many of the simplest settings come first: enough for one profile in every combination.
const SIMPLE: usize = 24;

/// So many pairs of cases are tried for one dimension at once.
const PAIRS: usize = 24;

/// What begins a line of a README.md that says which dimension changes nothing: the path and the reason
/// follow.
const UNCHANGED: &str = "- No answer changes with `";

pub(crate) fn trials() -> Vec<Trial> {
    let real = shipped_names().into_iter().map(|name| {
        let title = format!("dimensions::{name}");
        let trial = trial_beside_others(&title, move || every_claim_shows(name));
        wanting(name, trial)
    });
    let false_claims = trial(
        "dimensions::a_claim_that_changes_nothing_is_seen",
        false_claims,
    );
    real.chain([false_claims]).collect()
}

/// The gateway that the tests play lets everybody in, whatever its adapter claims.
async fn false_claims() {
    let (_folder, adapter) = adapter_with("good", CONFIGURATION, |text| {
        text.replace("count: 2", "count: 64")
    });
    let mut gateway = open_adapter(adapter, &Home::at("unused")).await.unwrap();
    let shown = dimensions(&mut *gateway).await;
    gateway.stop().await;
    for path in [
        "policy.advertise_all",
        "policy.profiles (how many)",
        "client.credential",
    ] {
        assert_eq!(shown.get(path), Some(&false), "{path}: {shown:?}");
    }
}

async fn every_claim_shows(name: &'static str) {
    let mut implementation = open(name, &Home::from_environment()).await.unwrap();
    let shown = dimensions(&mut *implementation).await;
    implementation.stop().await;
    assert!(!shown.is_empty(), "nothing can be told apart");
    let silent: BTreeSet<String> = shown
        .into_iter()
        .filter_map(|(path, shows)| (!shows).then_some(path))
        .collect();
    let path = format!("{}/adapters/{name}/README.md", env!("CARGO_MANIFEST_DIR"));
    let explained = explained(&std::fs::read_to_string(path).unwrap());
    assert_eq!(
        silent, explained,
        "on the left, what is supported and changes no answer; on the right, what README.md says \
         changes none (`{UNCHANGED}PATH`: why)"
    );
}

/// The dimensions that a README.md says change nothing; each with a reason.
fn explained(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix(UNCHANGED))
        .map(|rest| {
            let (path, reason) = rest.split_once("`: ").unwrap_or((rest, ""));
            assert!(!reason.trim().is_empty(), "`{path}` has no reason");
            path.to_owned()
        })
        .collect()
}

/// Every dimension for which the implementation supports several values, and whether any answer
/// changes with it.
async fn dimensions(implementation: &mut dyn Implementation) -> BTreeMap<String, bool> {
    let description = implementation.description().clone();
    let mut shown: BTreeMap<String, bool> = BTreeMap::new();
    let mut generation = 0;
    for (pack, _) in SHIPPED {
        // Of these, an auth service and a backend have to be played, or the server speaks a protocol of its own.
        let of_others = [
            "authorization-server",
            "external-authorization",
            "mcp-authorization",
        ];
        if of_others.contains(&pack) {
            continue;
        }
        let spec = Spec::read(&shipped(pack).unwrap()).unwrap();
        let Ok(spec) = supported(&spec, &description) else {
            continue;
        };
        let identities = identities_for(&spec.domain, description.tokens);
        let allowed = |case: &Case| {
            let client = ClientCase::from_value(&case.client);
            spec.allows(case) && client.is_ok_and(|client| client.check(&identities).is_ok())
        };
        let cover = covering(&spec.domain, &allowed).cases;
        // The simplest settings, each with the simplest client and with another, and then cases of which
        // each covers much.
        let mut settings = spec.domain.settings(u64::MAX).unwrap_or_default();
        settings.truncate(SIMPLE);
        let simplest = spec.domain.simplest();
        let simplest = settings.iter().zip(std::iter::repeat(&simplest));
        let simple = simplest.chain(settings.iter().zip(cover.iter().cycle()));
        let simple = simple.map(|(setting, case)| Case::of(setting.clone(), case.conversation()));
        let bases: Vec<Case> = simple.chain(cover.iter().cloned()).collect();
        for bases in bases.chunks(BASES).take(ROUNDS) {
            let mut pairs: BTreeMap<String, Vec<(&Case, Case)>> = BTreeMap::new();
            for base in bases.iter().filter(|base| allowed(base)) {
                let mut changes = spec.domain.variations(base);
                let simpler = spec.domain.simplifications(base);
                // A list that is shorter is a value of its length, which `variations` leaves alone.
                changes.extend(simpler.into_iter().filter(|c| c.action == Action::Drop));
                for change in changes {
                    let path = dimension(&change);
                    if allowed(&change.case) && !*shown.entry(path.clone()).or_default() {
                        let of_path = pairs.entry(path).or_default();
                        if of_path.len() < PAIRS {
                            of_path.push((base, change.case));
                        }
                    }
                }
            }
            let mut cases: Vec<&Case> = Vec::new();
            for (one, other) in pairs.values().flatten() {
                for case in [*one, other] {
                    if !cases.contains(&case) {
                        cases.push(case);
                    }
                }
            }
            if cases.is_empty() {
                break;
            }
            let answers = played(implementation, &cases, &identities, &mut generation).await;
            let answer = |case: &Case| {
                let at = cases.iter().position(|known| *known == case).unwrap();
                answers[at].as_ref()
            };
            for (path, pairs) in &pairs {
                let differs = |(one, other): &(&Case, Case)| matches!((answer(one), answer(other)), (Some(one), Some(other)) if one != other);
                *shown.get_mut(path).unwrap() |= pairs.iter().any(differs);
            }
        }
    }
    shown
}

/// The dimension that a changed path belongs to: without places in lists.
fn dimension(change: &Change) -> String {
    let mut plain = String::new();
    // A change of several items says which: `all policy.profiles`, `the later policy.profiles`.
    let path = change.path.rsplit(' ').next().unwrap_or_default();
    for part in path.split('[') {
        plain.push_str(part.split_once(']').map_or(part, |(_, rest)| rest));
    }
    let is_list = matches!(change.case.at(path), Some(Value::List(_)));
    match change.action == Action::Drop || is_list {
        true => format!("{plain} (how many)"),
        false => plain,
    }
}

/// What is answered to each case; nothing where the policy cannot be expressed.
async fn played(
    implementation: &mut dyn Implementation,
    cases: &[&Case],
    identities: &[Identity],
    generation: &mut u64,
) -> Vec<Option<String>> {
    let slots = implementation.description().slots.min(64);
    let mut settings: Vec<(&Value, &Value)> = Vec::new();
    for case in cases {
        let setting = (&case.policy, &case.instance);
        if !settings.contains(&setting) {
            settings.push(setting);
        }
    }
    let mut answers = vec![None; cases.len()];
    for chunk in settings.chunks(slots) {
        *generation += 1;
        let policies = chunk.iter().map(|(policy, instance)| Setting {
            policy: (*policy).clone(),
            instance: (*instance).clone(),
        });
        let installation = Installation {
            upstreams: Vec::new(),
            edit_of: None,
            generation: *generation,
            identities: identities.to_vec(),
            policies: policies.collect(),
        };
        let placements = implementation.install(&installation).await.unwrap();
        let mut player = Player::of(identities.to_vec(), Limits::default());
        for (setting, placement) in chunk.iter().zip(&placements) {
            let Placement::Endpoint(endpoint) = placement else {
                continue;
            };
            for (case, answer) in cases.iter().zip(&mut answers) {
                if (&case.policy, &case.instance) != *setting {
                    continue;
                }
                let client = ClientCase::from_value(&case.client).unwrap();
                // A connection that breaks says nothing of the product.
                let Ok(play) = player.play(endpoint, &client).await else {
                    continue;
                };
                let exchanges = play.exchanges.iter();
                let said = exchanges.map(|exchange| said(&exchange.answer.response));
                let said = said.collect::<Vec<_>>().join("\n");
                *answer = Some(steady(&said, placement));
            }
        }
    }
    answers
}

/// Status, challenges, and the other fields by which access shows.
fn said(response: &countersign::wire::Response) -> String {
    let mut said = response.status.to_string();
    for name in [
        "WWW-Authenticate",
        "Proxy-Authenticate",
        "Authentication-Info",
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Headers",
    ] {
        for value in response.fields_named(name) {
            said.push_str(&format!("\n  {name}: {}", String::from_utf8_lossy(value)));
        }
    }
    said
}
