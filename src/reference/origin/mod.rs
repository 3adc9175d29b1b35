//! An origin server by the RFCs: a resource that is protected with the schemes of a policy's active
//! profiles, all of them advertised.
//!
//! The platform of `policy.rs` has switches for what it advertises, and spells schemes its own way. Here
//! is [`Behaviour::Origin`](super::Behaviour::Origin).
//!
//! | request | answer |
//! |---|---|
//! | to a resource without an active profile | 403: no credentials could help (RFC 9110 §15.5.4) |
//! | the same where it takes a key | 401 with a challenge that nobody registered (RFC 9110 §11.6.1) |
//! | without credentials, or with bad ones | 401, a challenge for each scheme (RFC 9110 §11.6.1) |
//! | a token without the required scope | 403 `insufficient_scope` (RFC 6750 §3.1) |
//! | a token of too weak a log-in | 401 `insufficient_user_authentication` (RFC 9470 §3) |
//! | a JWT that is not good, a token that is bound to a key without proof of it | 401 `invalid_token` (RFC 9068 §4, RFC 9449 §7) |
//! | a DPoP proof that is not good | 401 `invalid_dpop_proof` (RFC 9449 §7.1) |
//! | a DPoP proof without this server's nonce, where it is asked for | 401 `use_dpop_nonce` (RFC 9449 §9) |
//! | a token in a field and in the query | 400 `invalid_request` (RFC 6750 §3.1) |
//! | two `Authorization` lines, improper Digest parameters | 400 (RFC 9110 §5.3, RFC 7616 §3.4) |
//! | more than 8 KiB of `Authorization` | 431 (RFC 6585 §5) |
//! | good credentials | 200; 204 for OPTIONS, 405 for what is neither that nor GET nor HEAD |
//!
//! DPoP is for origin servers only (RFC 9449 §7.1): asked as a proxy, it neither offers nor takes it.
//!
//! Where its policy says so, challenges tell where the metadata of the resource is, and everybody may read it
//! there (RFC 9728 §3.1 and §5.1).
//!
//! It keeps no state between requests, save where a policy asks for it (`memory.rs`): a nonce is good for as long as its policy is in force, and
//! replayed credentials are not told from fresh ones, so that equal requests get equal answers.

mod challenges;
mod decide;
mod digest;
pub(super) mod echo;
mod faulty;
pub(super) mod key;
mod kinds;
mod login;
mod metadata;
mod proof;
mod protection_space;
mod realm;
pub(super) mod token;
mod trouble;

use hyper::header::HeaderValue;

use self::digest::DigestExtra;
use self::key::Taken;
use self::metadata::ResourcePlace;
pub(super) use self::metadata::WELL_KNOWN;
use self::realm::Realm;
use self::trouble::Trouble;
use super::fault::Fault;
use super::memory::WantedMemory;
use super::policy::{Configured, distinct, flag};
use super::seeded::Faults;
use crate::credentials::Scheme;
use crate::domain::Value;
use crate::wire::Endpoint;

/// The schemes that a resource can be protected with.
const SCHEMES: [Scheme; 4] = [Scheme::Basic, Scheme::Bearer, Scheme::Digest, Scheme::Dpop];

/// A resource and what it asks for, worked out once, when its policy is installed.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// The schemes of the active profiles, each once, in the order of configuration.
    schemes: Vec<Scheme>,
    /// The scope that a token must have (RFC 6750 §3.1).
    required_scope: Option<String>,
    /// Its realm.
    realm: Realm,
    /// Whether everybody is let in, whatever is sent.
    open: bool,
    /// Whether something in front ends TLS, and says so.
    behind_tls: bool,
    /// Whether a stronger log-in is asked for than tokens here stand for (RFC 9470).
    step_up: bool,
    /// Whether challenges say where the resource's metadata is (RFC 9728 §5.1).
    metadata: Option<ResourcePlace>,
    /// Whether pages of other origins may ask: preflights are answered (Fetch, CORS protocol).
    cross_origin: bool,
    /// Whether a DPoP proof must have a nonce of this server (RFC 9449 §9).
    dpop_nonce: bool,
    /// What Digest has beside the usual.
    digest: DigestExtra,
    /// What is taken beside the credentials of the profiles.
    key: Option<Taken>,
    /// What is remembered between requests.
    pub(in crate::reference) remembers: WantedMemory,
    /// The challenges for a request without credentials, by far the most of what is answered.
    unasked: Vec<HeaderValue>,
}

impl Resource {
    /// The schemes that are asked for, and taken, by an origin server or as a proxy.
    fn asked_for(&self, by_proxy: bool, faults: &Faults) -> impl Iterator<Item = Scheme> {
        let hidden = by_proxy && !faults.has(Fault::DpopAtTheProxy);
        let schemes = self.schemes.iter().copied();
        schemes.filter(move |scheme| !(hidden && *scheme == Scheme::Dpop))
    }

    /// Works out what a policy record asks for. Fields that are not there ask for nothing.
    ///
    /// # Errors
    ///
    /// In words, when a profile has a scheme, Digest something or a key a place that the reference
    /// implementation does not have.
    pub(super) fn of(policy: &Value, at: &Endpoint, faults: &Faults) -> Result<Self, String> {
        let configured = Configured::read(policy, "profiles", &SCHEMES)?;
        let scope = policy.field("required_scope").and_then(Value::as_symbol);
        let mut resource = Self {
            schemes: distinct(configured.active.iter().copied()),
            required_scope: scope.filter(|scope| *scope != "none").map(str::to_owned),
            realm: Realm::of(policy)?,
            open: flag(policy, "open", false),
            behind_tls: flag(policy, "behind_tls", false),
            step_up: flag(policy, "step_up", false),
            metadata: flag(policy, "metadata", false).then(|| ResourcePlace::of(at)),
            cross_origin: flag(policy, "cross_origin", false),
            dpop_nonce: flag(policy, "dpop_nonce", false),
            digest: DigestExtra::of(policy)?,
            key: Taken::of(policy)?,
            remembers: WantedMemory::of(policy),
            unasked: Vec::new(),
        };
        resource.unasked = resource.written(Trouble::Nothing, (false, false), faults);
        Ok(resource)
    }
}
