//! What was seen at a deployed endpoint, tried again there.

use countersign::corpus::Entry;
use countersign::credentials::{CredentialState, Identity, Scheme, Secret, Token, TokenState};
use countersign::domain::{Case, Value};
use countersign::engine::Options;
use countersign::export::VARIABLES;
use countersign::implementation::{Deployed, DeployedPolicy, Guest};
use countersign::wire::{Bounds, Care};

use super::{Entries, Sum, all};
use crate::cli::arguments::ReplayOptions;
use crate::cli::failure::CommandFailure;
use crate::cli::reach::ask::{Leave, allowed};
use crate::cli::reach::place::ServerUrl;

/// The most requests, and how many a second.
const REQUESTS: u64 = 200;
const RATE: u32 = 10;

/// Tries them again, each by the policy that it was seen under.
pub(super) async fn tried(
    options: &ReplayOptions,
    url: &str,
    entries: Entries,
    wrong: &mut Vec<CommandFailure>,
    sum: &mut Sum,
) {
    let place = match ServerUrl::of(url) {
        Ok(place) => place,
        Err(failure) => return wrong.push(failure),
    };
    let leave = Leave {
        hosts: &options.hosts,
        proxy: options.proxy.as_deref(),
        ca: options.ca.as_deref(),
        client: None,
    };
    let trust = match allowed(&place, &leave).await {
        Ok(trust) => trust,
        Err(failure) => return wrong.push(failure),
    };
    let limits = Options {
        connections: 1,
        ..Options::default()
    };
    let care = Care::new(Bounds {
        requests: REQUESTS,
        failed: u64::from(options.failed_log_ins),
        rate: RATE,
    });
    for (path, entry) in entries {
        let identities = match identities(&entry, &|name| std::env::var(name).ok()) {
            Ok(identities) => identities,
            Err(missing) => {
                wrong.push(CommandFailure::input(format!(
                    "{}: these environment variables are to hold the secrets, and are not there: {}",
                    path.display(),
                    missing.join(", ")
                )));
                continue;
            }
        };
        let guest = Guest {
            identities,
            let_in: schemes(&entry),
            care: care.clone(),
            trust: trust.clone(),
            agent: format!(
                "countersign/{} (countersign replay, a conformance check of HTTP authentication)",
                env!("CARGO_PKG_VERSION")
            ),
            unsafe_methods: false,
            joint: match place.path.contains('?') {
                true => '&',
                false => '?',
            },
            key: { options.key_in.clone() }.or_else(|| entry.seen_on.key_in.clone()),
        };
        let policy = policy(&entry.case);
        let mut endpoint =
            Deployed::new(&place.authority, &place.path, place.secure, policy, guest);
        all(&[(path, entry)], &mut endpoint, &limits, sum).await;
    }
}

/// Whoever can log in, with secrets in place of variables.
///
/// # Errors
///
/// The variables that are not there.
fn identities(
    entry: &Entry,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Identity>, Vec<String>> {
    let mut missing = Vec::new();
    let mut resolve = |secret: &mut Secret| {
        let text = secret.expose();
        let is_variable = text.starts_with(VARIABLES);
        let Some(name) = text.strip_prefix('$').filter(|_| is_variable) else {
            return;
        };
        match variables(name).filter(|value| !value.is_empty()) {
            Some(value) => *secret = Secret::new(value),
            None => missing.push(name.to_owned()),
        }
    };
    let mut identities = entry.identities.clone();
    // A case needs what its clients send, and no more.
    let needed = schemes(entry);
    let has = |some: &[Scheme]| some.iter().any(|scheme| needed.contains(scheme));
    let is_played = |state: CredentialState| {
        cases(entry).any(|case| {
            let played = case.client.field("credential").and_then(Value::as_symbol);
            played == Some(state.word())
        })
    };
    let is_needed = |token: &Token| match token.state {
        TokenState::Valid => true,
        TokenState::Expired => is_played(CredentialState::Expired),
        TokenState::Revoked => is_played(CredentialState::Revoked),
        TokenState::OtherAudience => is_played(CredentialState::WrongAudience),
        TokenState::OtherIssuer => is_played(CredentialState::WrongIssuer),
    };
    let mut is_first = true;
    identities.retain(|identity| {
        let own = std::mem::take(&mut is_first);
        match identity.enabled {
            _ if own => true,
            true => is_played(CredentialState::InsufficientScope),
            false => is_played(CredentialState::DisabledUser),
        }
    });
    for identity in &mut identities {
        match has(&[Scheme::Basic, Scheme::Digest, Scheme::Hmac]) {
            true => resolve(&mut identity.password),
            false => identity.password = Secret::default(),
        }
        let mut all = |tokens: &mut Vec<Token>, is_sent: bool| {
            tokens.retain(|token| is_sent && is_needed(token));
            tokens
                .iter_mut()
                .for_each(|token| resolve(&mut token.value));
        };
        all(&mut identity.tokens, has(&[Scheme::Bearer]));
        all(&mut identity.api_keys, has(&[Scheme::ApiKey]));
    }
    match missing.is_empty() {
        true => Ok(identities),
        false => Err(missing),
    }
}

/// The cases that are played.
fn cases(entry: &Entry) -> impl Iterator<Item = &Case> {
    let sibling = entry.sibling.as_ref().map(|sibling| &sibling.case);
    std::iter::once(&entry.case).chain(sibling)
}

/// The schemes of clients that have credentials.
fn schemes(entry: &Entry) -> Vec<Scheme> {
    let mut schemes = Vec::new();
    for case in cases(entry) {
        let symbol = |name: &str| case.client.field(name).and_then(Value::as_symbol);
        let scheme = symbol("scheme").and_then(Scheme::from_word);
        let has = symbol("credential") != Some("none");
        schemes.extend(scheme.filter(|scheme| has && !schemes.contains(scheme)));
    }
    schemes
}

/// The policy under which a case was seen.
fn policy(case: &Case) -> DeployedPolicy {
    let profiles = case.policy.field("profiles").and_then(Value::items);
    let profiles = profiles.unwrap_or_default().iter();
    let scheme = |profile: &Value| Scheme::from_word(profile.field("scheme")?.as_symbol()?);
    let symbol = |name: &str| case.policy.field(name).and_then(Value::as_symbol);
    let keys = ["field", "query", "signature"];
    DeployedPolicy {
        profiles: profiles.filter_map(scheme).collect(),
        has_scope: symbol("required_scope") == Some("write"),
        key: keys.into_iter().find(|word| symbol("key") == Some(*word)),
        states: None,
    }
}
