//! What an adapter claims to express is expressed: for each dimension of a policy for which it supports
//! more than one value, the product's answers change with it. A claim that changes nothing would count
//! what the product never did against it, or for it.

use std::collections::{BTreeMap, BTreeSet};

use countersign::auth::{CredentialState, Scheme};
use countersign::client::{ClientCase, Player, identities_for};
use countersign::domain::Value;
use countersign::implementation::{Home, Installation, Placement, SlotPolicy, open, shipped_names};
use countersign::spec::{Spec, shipped};
use countersign::wire::Limits;
use libtest_mimic::Trial;

use crate::real::wanting;
use crate::support::trial;

/// So many of the simplest settings are tried: enough for two profiles in every combination.
const SETTINGS: usize = 160;

pub(crate) fn trials() -> Vec<Trial> {
    shipped_names()
        .into_iter()
        .map(|name| {
            let title = format!("dimensions::{name}");
            wanting(name, trial(&title, move || every_claim_shows(name)))
        })
        .collect()
}

async fn every_claim_shows(name: &'static str) {
    let mut implementation = open(name, &Home::from_environment()).await.unwrap();
    let spec = Spec::read(&shipped("reachability").unwrap()).unwrap();
    let description = implementation.description().clone();
    let narrowed = spec.narrow(&description.supports, true).unwrap();
    let mut settings = narrowed.domain.settings(u64::MAX).unwrap();
    settings.truncate(SETTINGS);
    let identities = identities_for(&narrowed.domain, description.tokens);
    let mut answers: Vec<Option<Vec<String>>> = Vec::new();
    for (chunk, generation) in settings.chunks(description.slots.min(64)).zip(1..) {
        let installation = Installation {
            generation,
            identities: identities.clone(),
            policies: chunk
                .iter()
                .map(|(policy, instance)| SlotPolicy {
                    policy: policy.clone(),
                    instance: instance.clone(),
                })
                .collect(),
        };
        let placements = implementation.install(&installation).await.unwrap();
        let mut player = Player::of(identities.clone(), Limits::default());
        for placement in &placements {
            answers.push(match placement {
                Placement::Endpoint(_) => Some(answered(&mut player, placement).await),
                Placement::Unsupported(_) => None,
            });
        }
    }
    implementation.stop().await;

    let leaves: Vec<BTreeMap<String, Value>> = settings
        .iter()
        .map(|(policy, instance)| {
            let mut leaves = BTreeMap::new();
            flatten("policy", policy, &mut leaves);
            flatten("instance", instance, &mut leaves);
            leaves
        })
        .collect();
    let (mut claimed, mut shown) = (BTreeSet::new(), BTreeSet::new());
    for (one, of_one) in leaves.iter().zip(&answers) {
        for (other, of_other) in leaves.iter().zip(&answers) {
            if let (Some(path), Some(of_one), Some(of_other)) =
                (only_difference(one, other), of_one, of_other)
            {
                if of_one != of_other {
                    shown.insert(path.clone());
                }
                claimed.insert(path);
            }
        }
    }
    assert!(!claimed.is_empty(), "nothing can be told apart");
    let silent: Vec<&String> = claimed.difference(&shown).collect();
    assert!(
        silent.is_empty(),
        "supported, and no answer changes with it: {silent:?}"
    );
}

/// Status and challenges for no credentials, and for good ones of each scheme.
async fn answered(player: &mut Player, placement: &Placement) -> Vec<String> {
    let Placement::Endpoint(endpoint) = placement else {
        return Vec::new();
    };
    let mut answers = Vec::new();
    for (scheme, credential) in [
        (Scheme::Basic, CredentialState::None),
        (Scheme::Basic, CredentialState::Valid),
        (Scheme::Bearer, CredentialState::Valid),
    ] {
        let client = ClientCase {
            scheme,
            credential,
            way: endpoint.usual(),
            ..ClientCase::default()
        };
        let play = player.play(endpoint, &client).await.unwrap();
        let answer = &play.exchanges.last().unwrap().answer;
        let schemes: Vec<&str> = answer
            .challenges
            .list
            .iter()
            .map(|challenge| challenge.scheme.as_str())
            .collect();
        answers.push(format!("{} {}", answer.response.status, schemes.join(" ")));
    }
    answers
}

/// Every scalar of a value by its path; items of a list by their place.
fn flatten(path: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Record(fields) => {
            for (name, value) in fields {
                flatten(&format!("{path}.{name}"), value, leaves);
            }
        }
        Value::List(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(&format!("{path}[{index}]"), value, leaves);
            }
        }
        scalar => {
            leaves.insert(path.to_owned(), scalar.clone());
        }
    }
}

/// The path, without places in lists, of the one scalar in which two settings differ.
fn only_difference(
    one: &BTreeMap<String, Value>,
    other: &BTreeMap<String, Value>,
) -> Option<String> {
    if one.len() != other.len() || !one.keys().eq(other.keys()) {
        return None;
    }
    let mut differing = one
        .iter()
        .filter(|(path, value)| other.get(*path) != Some(*value));
    let (path, _) = differing.next()?;
    if differing.next().is_some() {
        return None;
    }
    let plain: String = path
        .chars()
        .filter(|c| !c.is_ascii_digit() && *c != '[' && *c != ']')
        .collect();
    Some(plain)
}
