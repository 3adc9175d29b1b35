//! Kind *deployed*: an endpoint that is there and cannot be configured, only asked. It has one slot and one
//! setting, which follows from what it lets in.

use std::collections::BTreeMap;
use std::fmt;

use super::{BoxFuture, Description, Implementation, Installation, Nature, Placement, TokenKind};
use crate::credentials::{CredentialState, Identity, KeyPlace, Scheme, check};
use crate::domain::{Allowed, Narrowing, Setting, Value};
use crate::observation::{AuditEvent, SetupFault};
use crate::vocabulary::{Method, SourceAddress};
use crate::wire::{Care, Endpoint, Trust, Way};

/// What a deployed endpoint is called, whatever it is.
pub const ENDPOINT: &str = "the endpoint";

/// As whom and with what care a deployed endpoint is asked. The secrets are somebody's own.
#[derive(Clone)]
pub struct Guest {
    /// Whose credentials there are.
    pub identities: Vec<Identity>,
    /// The schemes whose credentials are known to be let in.
    pub let_in: Vec<Scheme>,
    /// The bounds on what is asked.
    pub care: Care,
    /// Who may be asked, and is believed.
    pub trust: Trust,
    /// How whoever asks calls itself.
    pub agent: String,
    /// Whether methods with effects are sent too.
    pub unsafe_methods: bool,
    /// What stands before a parameter that is added to the query: `?`, or `&` where the URL has one.
    pub joint: char,
    /// Where the server looks for API keys and signatures, where it has its own name for that.
    pub key: Option<KeyPlace>,
}

/// What is known of the policy of a deployed endpoint.
#[derive(Clone, Debug, Default)]
pub struct DeployedPolicy {
    /// The schemes of its profiles.
    pub profiles: Vec<Scheme>,
    /// Whether a token must allow something that not every token does.
    pub has_scope: bool,
    /// What is taken beside the credentials of the profiles: a word of the field `key`.
    pub key: Option<&'static str>,
    /// The states of credentials that are sent, where it is not every one that can be made.
    pub states: Option<Vec<CredentialState>>,
}

impl DeployedPolicy {
    /// Its fields beside the profiles that are not as they are at first.
    fn others(&self) -> Vec<(&'static str, Value)> {
        let scope = self
            .has_scope
            .then(|| ("required_scope", Value::symbol("write")));
        let key = self.key.map(|word| ("key", Value::symbol(word)));
        scope.into_iter().chain(key).collect()
    }
}

/// Without the secrets.
impl fmt::Debug for Guest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Guest")
            .field("let_in", &self.let_in)
            .field("care", &self.care)
            .finish_non_exhaustive()
    }
}

/// A deployed endpoint.
#[derive(Debug)]
pub struct Deployed {
    description: Description,
    guest: Guest,
    endpoint: Endpoint,
    policy: DeployedPolicy,
}

impl Deployed {
    /// The endpoint at `authority` with this path, which has this policy. It is asked by clients of
    /// the schemes that are let in, and by a client without credentials.
    pub fn new(
        authority: &str,
        path: &str,
        secure: bool,
        policy: DeployedPolicy,
        guest: Guest,
    ) -> Self {
        let plain = Endpoint::new(authority, path);
        let endpoint = match secure {
            false => plain,
            true => Endpoint {
                ways: [(Way::Https, authority.to_owned())].into(),
                ..plain
            },
        };
        let description = Description {
            name: ENDPOINT.to_owned(),
            version: "as deployed".to_owned(),
            slots: 1,
            supports: narrowing(&policy, &guest),
            nature: Nature::Deployed,
            tokens: match guest.identities.first() {
                Some(own) if own.foreign_jwt().is_some() || own.has_tokens_of_others() => {
                    TokenKind::Either
                }
                _ => TokenKind::Opaque,
            },
            alternatives: BTreeMap::new(),
            ..Description::default()
        };
        Self {
            description,
            guest,
            endpoint,
            policy,
        }
    }

    /// Whether a setting is the one that the endpoint has.
    pub fn has(&self, setting: &Setting) -> bool {
        let profiles = setting.policy.field("profiles").and_then(Value::items);
        let schemes = profiles.unwrap_or_default().iter();
        let schemes: Option<Vec<Scheme>> = schemes
            .map(|profile| {
                let is_active = profile.field("active") != Some(&Value::Bool(false));
                let scheme = profile.field("scheme").and_then(Value::as_symbol)?;
                Scheme::from_word(scheme).filter(|_| is_active)
            })
            .collect();
        // A spec that has no such field says nothing of it.
        let has = |(name, value): &(&str, Value)| {
            let own = setting.policy.field(name);
            own.is_none_or(|own| own == value)
        };
        schemes.is_some_and(|schemes| schemes == self.policy.profiles)
            && self.policy.others().iter().all(has)
            && setting.policy.field("active") != Some(&Value::Bool(false))
    }
}

/// The part of a domain that one setting and these credentials allow.
fn narrowing(policy: &DeployedPolicy, guest: &Guest) -> Narrowing {
    let profiles = policy.profiles.as_slice();
    let words = |words: &mut dyn Iterator<Item = &'static str>| {
        Allowed::Values(words.map(Value::symbol).collect())
    };
    let count = i64::try_from(profiles.len()).ok();
    let range = Allowed::Range {
        min: count,
        max: count,
    };
    // Somebody without credentials is a client of some scheme too, and of one that has a challenge.
    let is_keyed = |scheme: &Scheme| matches!(scheme, Scheme::ApiKey | Scheme::Hmac);
    let mut clients = guest.let_in.clone();
    if clients.iter().all(is_keyed) {
        clients.insert(0, profiles.first().copied().unwrap_or(Scheme::Basic));
    }
    let is_wanted = |state: &CredentialState| {
        { policy.states.as_ref() }.is_none_or(|states| states.contains(state))
    };
    let can_be = |state: &CredentialState| match state {
        CredentialState::None => true,
        state if !is_wanted(state) => false,
        state => guest
            .let_in
            .iter()
            .any(|scheme| check(*scheme, *state, &guest.identities).is_ok()),
    };
    let states = CredentialState::ALL.iter().copied();
    // What may have effects is not sent unless told, whatever methods clients learn to ask by.
    let is_harmless = |method: &&Method| method.is_harmless();
    let methods = { Method::ALL.iter() }.filter(|one| guest.unsafe_methods || is_harmless(one));
    let mut by_path = BTreeMap::from([
        ("policy.profiles".to_owned(), range),
        (
            "policy.profiles.scheme".to_owned(),
            words(&mut profiles.iter().map(|scheme| scheme.word())),
        ),
        (
            "client.scheme".to_owned(),
            words(&mut clients.iter().map(|scheme| scheme.word())),
        ),
        (
            "client.credential".to_owned(),
            words(&mut states.filter(can_be).map(CredentialState::word)),
        ),
        (
            "client.from".to_owned(),
            words(&mut std::iter::once(SourceAddress::Usual.word())),
        ),
        (
            "client.method".to_owned(),
            words(&mut methods.map(|method| method.word())),
        ),
    ]);
    if profiles.is_empty() {
        by_path.remove("policy.profiles.scheme");
    }
    for (name, value) in policy.others() {
        by_path.insert(format!("policy.{name}"), Allowed::Values(vec![value]));
    }
    for path in ["policy.active", "policy.profiles.active"] {
        by_path.insert(path.to_owned(), Allowed::Values(vec![Value::Bool(true)]));
    }
    Narrowing { by_path }
}

impl Implementation for Deployed {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        let place = |setting: &Setting| match self.has(setting) {
            true => Placement::Endpoint(self.endpoint.clone()),
            false => {
                Placement::Unsupported("a deployed endpoint has the policy that it has".to_owned())
            }
        };
        let placements = installation.policies.iter().map(place).collect();
        Box::pin(async move { Ok(placements) })
    }

    fn events(&mut self, _: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn guest(&self) -> Option<Guest> {
        Some(self.guest.clone())
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
