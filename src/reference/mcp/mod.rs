//! A server of the Model Context Protocol over HTTP, as its pages about authorization have it (revisions 2025-11-25 and
//! 2026-07-28; what 2025-06-18 asks for beside those it does too).
//!
//! Here is [`Behaviour::Mcp`](super::Behaviour::Mcp). It is asked by messages of JSON-RPC, and does what it takes to
//! tell who is let in: it begins sessions, has a tool or two, and no stream. One of them asks a server behind, where its
//! policy has that.
//!
//! | request | answer |
//! |---|---|
//! | with an `Origin` that is not its own | 403 |
//! | without a token, or with one in the query alone | 401, a challenge that names metadata and scope |
//! | a token that is not good: expired, of another audience, issuer, key or type, of none | 401 `invalid_token` |
//! | a token without what is asked for | 403 `insufficient_scope` |
//! | several `Authorization` lines, an auth-scheme alone | 400 `invalid_request` |
//! | `GET`, `DELETE` with a good token | 405: it has no stream, and ends no session |
//! | `initialize` | 200, with a session where its policy has sessions |
//! | another message in a session of the token's user | 200 |
//! | the same in a session of somebody else | 404 |
//! | the same without a session, where there are some | 400 |
//!
//! Who has a session is told by its identifier, so that equal requests get equal answers; those of a server that is in
//! use must not be guessed.

mod challenge;
mod decide;
mod document;
mod upstream;

pub(super) use self::document::METADATA;
pub(super) use self::upstream::UpstreamCall;
use super::policy::flag;
use crate::domain::Value;
use crate::wire::{Endpoint, UpstreamPlaces};

/// Where a policy has the metadata of the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MetadataPlace {
    /// At the well-known URI, which challenges name too.
    Everywhere,
    /// At the well-known URI, of which challenges say nothing.
    WellKnown,
    /// At a URL of its own, which challenges name.
    Challenge,
}

/// A server and what it asks for, worked out once, when its policy is installed.
#[derive(Clone, Debug)]
pub(super) struct McpServer {
    authority: String,
    prefix: String,
    /// Its path.
    path: String,
    /// The scopes that a token must have.
    scopes: Vec<&'static str>,
    /// Whether it begins sessions.
    sessions: bool,
    metadata: MetadataPlace,
    /// The server behind, which a tool asks.
    upstream: Option<Endpoint>,
}

impl McpServer {
    /// Works out what a policy record asks for. Fields that are not there have the simplest values.
    ///
    /// # Errors
    ///
    /// In words, when it asks for something that the reference implementation does not have.
    pub(super) fn of(policy: &Value, at: &Endpoint) -> Result<Self, String> {
        let word = |field: &str| policy.field(field).and_then(Value::as_symbol);
        let profiles = policy.field("profiles").and_then(Value::items);
        let mut schemes = profiles.unwrap_or_default().iter();
        let schemes = schemes.try_fold(0, |count, profile| {
            let scheme = profile.field("scheme").and_then(Value::as_symbol);
            (scheme == Some("bearer")).then_some(count + 1)
        });
        if !matches!(schemes, Some(1..)) {
            return Err("the server of the Model Context Protocol takes bearer tokens".to_owned());
        }
        let unknown = |what: &str, word: &str| format!("there is no {what} `{word}` here");
        let scopes: &[&'static str] = match word("required_scope") {
            None | Some("none") => &[],
            Some("write") => &["write"],
            Some("read-and-write") => &["read", "write"],
            Some(other) => return Err(unknown("scope", other)),
        };
        let metadata = match word("metadata_at") {
            None | Some("everywhere") => MetadataPlace::Everywhere,
            Some("well-known") => MetadataPlace::WellKnown,
            Some("challenge") => MetadataPlace::Challenge,
            Some(other) => return Err(unknown("place of metadata", other)),
        };
        Ok(Self {
            authority: at.authority.clone(),
            prefix: at.prefix.clone(),
            path: format!("{}/resource", at.prefix),
            scopes: scopes.to_vec(),
            sessions: flag(policy, "sessions", true),
            metadata,
            upstream: None,
        })
    }

    /// The same before a server behind.
    pub(super) fn before(self, places: &UpstreamPlaces) -> Self {
        Self {
            upstream: Some(Endpoint::new(places.backend.clone(), "")),
            ..self
        }
    }
}
