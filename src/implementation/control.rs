//! The control protocol, version 1: its messages as bytes and as checked values. No I/O.
//!
//! `docs/control-protocol.md` fixes the protocol. What a program answers is checked as strictly
//! as a stranger's word deserves, because a slip here would be counted against the implementation.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::issuer::IssuerPlace;
use super::supports::{Supports, supports_from_json};
use super::{Description, Installation, Nature, Placement};
use crate::credentials::{Identity, Scheme, TokenKind, ToldIdentity, client_authority_pem};
use crate::domain::Value;
use crate::observation::AuditEvent;
use crate::wire::{Endpoint, Way};

/// The version of the control protocol that Countersign speaks.
pub const PROTOCOL: u64 = 1;

/// What stands before the control URL in the line that a started program prints on its standard
/// output: `countersign-control: http://127.0.0.1:43210`.
pub const CONTROL_LINE: &str = "countersign-control:";

/// The most slots that a program may offer: more cannot be meant, and each costs a policy.
const MOST_SLOTS: usize = 4096;

/// The body of `PUT /v1/policies`.
#[derive(Serialize)]
struct Policies<'a> {
    generation: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    edit_of: Option<u64>,
    identities: Vec<ToldIdentity<'a>>,
    issuer: &'a IssuerPlace,
    /// The authority of clients' certificates, as a PEM file, where a policy has profiles of certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_authority: Option<String>,
    policies: Vec<Policy<'a>>,
}

#[derive(Serialize)]
struct Policy<'a> {
    slot: usize,
    policy: &'a Value,
    instance: &'a Value,
    /// What was edited since, by path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    edit: BTreeMap<&'a str, &'a Value>,
    /// Where the service is that a gateway asks, and the server behind, where the policy has it ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backend: Option<String>,
}

#[derive(Deserialize)]
struct Introduction {
    protocol: u64,
    name: String,
    version: String,
    slots: usize,
    #[serde(default)]
    supports: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    knows: Vec<String>,
    #[serde(default)]
    own: Vec<String>,
    #[serde(default)]
    claims: Vec<String>,
    #[serde(default)]
    edits: bool,
    #[serde(default)]
    tokens: TokenKind,
    #[serde(default)]
    alternatives: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct InstalledReply {
    generation: u64,
    #[serde(default)]
    endpoints: Vec<ReachedReply>,
    #[serde(default)]
    unsupported: Vec<RefusedReply>,
}

#[derive(Deserialize)]
struct ReachedReply {
    slot: usize,
    url: String,
    /// What is asked for below the URL; nothing for the usual path.
    resource: Option<String>,
    /// To which host and port a tunnel is asked for; nothing for those of the URL.
    tunnel: Option<String>,
    /// By which ways, and at which host and port; nothing for HTTP/1.1 at the URL.
    #[serde(default)]
    ways: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RefusedReply {
    slot: usize,
    reason: String,
}

#[derive(Deserialize)]
struct LoggedReply {
    events: Vec<AuditEvent>,
}

/// The body of `PUT /v1/policies` for an installation.
///
/// # Errors
///
/// In words, when the installation cannot be written as JSON.
pub(super) fn write_policies(
    installation: &Installation,
    issuer: &IssuerPlace,
) -> Result<Vec<u8>, String> {
    let edit = installation.edit_of.as_ref();
    let edited = |slot: usize| {
        let fields = edit.and_then(|edit| edit.slots.get(slot));
        let fields = fields.into_iter().flatten();
        fields.map(|(path, value)| (path.as_str(), value)).collect()
    };
    let message = Policies {
        generation: installation.generation,
        edit_of: edit.map(|edit| edit.of),
        identities: installation.identities.iter().map(Identity::told).collect(),
        issuer,
        client_authority: { installation.policies.iter() }
            .any(|given| takes_certificates(&given.policy))
            .then(client_authority_pem)
            .flatten(),
        policies: installation
            .policies
            .iter()
            .enumerate()
            .map(|(slot, given)| Policy {
                slot,
                policy: &given.policy,
                instance: &given.instance,
                edit: edited(slot),
                auth_service: installation
                    .upstreams_of(slot)
                    .map(|places| format!("http://{}", places.auth_service)),
                backend: installation
                    .upstreams_of(slot)
                    .map(|places| format!("http://{}", places.backend)),
            })
            .collect(),
    };
    serde_json::to_vec(&message).map_err(|error| error.to_string())
}

/// Whether a policy has a profile of certificates.
fn takes_certificates(policy: &Value) -> bool {
    let profiles = policy.field("profiles").and_then(Value::items);
    let scheme = |profile: &Value| profile.field("scheme").cloned();
    let certificate = Value::symbol(Scheme::Certificate.word());
    let mut profiles = profiles.unwrap_or_default().iter();
    profiles.any(|profile| scheme(profile).as_ref() == Some(&certificate))
}

/// Reads the answer to `GET /v1/implementation`.
///
/// # Errors
///
/// In words, when it is not JSON of that form, speaks another protocol, or cannot be meant.
pub(super) fn read_introduction(body: &[u8]) -> Result<Description, String> {
    let said: Introduction = from_json(body)?;
    if said.protocol != PROTOCOL {
        return Err(format!(
            "it speaks control protocol {}, and this Countersign speaks {PROTOCOL}",
            said.protocol
        ));
    }
    if said.name.trim().is_empty() {
        return Err("`name` is empty".to_owned());
    }
    if !(1..=MOST_SLOTS).contains(&said.slots) {
        return Err(format!(
            "`slots` is {}, and must be between 1 and {MOST_SLOTS}",
            said.slots
        ));
    }
    let Supports { narrowing, events } = supports_from_json(&said.supports)?;
    Ok(Description {
        arrivals: false,
        edits: said.edits,
        name: said.name,
        version: said.version,
        slots: said.slots,
        supports: narrowing,
        knows: said.knows,
        own: said.own,
        claims: said.claims,
        nature: Nature::Told,
        events,
        tokens: said.tokens,
        alternatives: said.alternatives,
    })
}

/// Reads the answer to `PUT /v1/policies`: one placement for each of the `count` slots, in order.
///
/// # Errors
///
/// In words, when it is not JSON of that form, echoes another generation, names a slot that was not
/// asked for, names one twice or not at all, or gives an endpoint that is not loopback HTTP.
pub(super) fn read_placements(
    body: &[u8],
    generation: u64,
    count: usize,
) -> Result<Vec<Placement>, String> {
    let said: InstalledReply = from_json(body)?;
    if said.generation != generation {
        return Err(format!(
            "it echoes generation {}, and {generation} was to be installed: its endpoints may serve \
             older policies",
            said.generation
        ));
    }
    let mut placements: Vec<Option<Placement>> = vec![None; count];
    for ReachedReply {
        slot,
        url,
        resource,
        tunnel,
        ways,
    } in said.endpoints
    {
        let mut endpoint = read_endpoint(&url)
            .map_err(|why| format!("the endpoint of slot {slot}, `{url}`, {why}"))?;
        endpoint.resource = { resource.map(|resource| read_resource(&resource, &endpoint)) }
            .transpose()
            .map_err(|why| format!("the resource of slot {slot} {why}"))?;
        endpoint.tunnel = { tunnel.map(|tunnel| read_tunnel(&tunnel)) }
            .transpose()
            .map_err(|why| format!("the tunnel of slot {slot} {why}"))?;
        endpoint.ways =
            read_ways(ways).map_err(|why| format!("among the ways of slot {slot}, {why}"))?;
        place(&mut placements, slot, Placement::Endpoint(endpoint))?;
    }
    for RefusedReply { slot, reason } in said.unsupported {
        place(&mut placements, slot, Placement::Unsupported(reason))?;
    }
    placements
        .into_iter()
        .enumerate()
        .map(|(slot, placement)| {
            placement.ok_or_else(|| {
                format!("slot {slot} has neither an endpoint nor a reason under `unsupported`")
            })
        })
        .collect()
}

/// Reads the answer to `GET /v1/events`; `count` is the number of installed slots.
///
/// # Errors
///
/// In words, when it is not JSON of that form or speaks of a slot that does not exist.
pub(super) fn read_events(body: &[u8], count: usize) -> Result<Vec<AuditEvent>, String> {
    let said: LoggedReply = from_json(body)?;
    match said.events.iter().find(|event| event.slot >= count) {
        Some(event) => Err(format!(
            "the event `{}` is said to be of slot {}, and {count} are installed",
            event.name, event.slot
        )),
        None => Ok(said.events),
    }
}

/// Reads a URL under which a slot is reached: HTTP on a loopback address, with a path at most.
///
/// # Errors
///
/// In words that follow the URL, such as `is not on a loopback address`.
pub(super) fn read_endpoint(url: &str) -> Result<Endpoint, String> {
    let address = Address::loopback(url)?;
    if address.goes_on {
        return Err(
            "has a query or fragment, and what is asked for cannot follow it: say it in `resource`, \
             such as `\"resource\": \"?page=1\"`"
                .to_owned(),
        );
    }
    Ok(Endpoint::new(
        address.authority(),
        address.path.trim_end_matches('/'),
    ))
}

/// Reads what is asked for below an endpoint: a path, a query, or both.
///
/// # Errors
///
/// In words that follow `the resource`, when no request can ask for it.
pub(crate) fn read_resource(resource: &str, endpoint: &Endpoint) -> Result<Arc<str>, String> {
    let target = format!("{}{resource}", endpoint.prefix);
    let begins = resource.is_empty() || resource.starts_with(['/', '?']);
    if !begins || !target.starts_with('/') || resource.contains('#') {
        return Err(format!(
            "is `{resource}`, which does not begin with `/`, nor with `?` behind a path"
        ));
    }
    if !resource.is_ascii() {
        return Err(format!(
            "is `{resource}`, and what is beyond ASCII stands in a URL as `%C3%A4` does"
        ));
    }
    match format!("http://{}{target}", endpoint.authority).parse::<hyper::Uri>() {
        Ok(_) => Ok(resource.into()),
        Err(why) => Err(format!(
            "is `{resource}`, which no request can ask for: {why}"
        )),
    }
}

/// Reads to which host and port a tunnel is asked for. Nobody here connects to it.
///
/// # Errors
///
/// In words that follow `the tunnel`, when it is none.
fn read_tunnel(tunnel: &str) -> Result<Arc<str>, String> {
    match tunnel.parse::<hyper::http::uri::Authority>() {
        Ok(read) if read.port_u16().is_some() && !tunnel.contains('@') => Ok(tunnel.into()),
        _ => Err(format!(
            "is `{tunnel}`, which is no host and port such as `s0.localhost:443`"
        )),
    }
}

/// Reads the ways by which a slot is reached, the usual one first.
///
/// # Errors
///
/// In words, when one is unknown or not at a host and port of loopback.
fn read_ways(said: BTreeMap<String, String>) -> Result<Arc<[(Way, String)]>, String> {
    let mut ways = said
        .into_iter()
        .map(|(word, address)| {
            let Some(way) = Way::from_word(&word) else {
                let known = Way::ALL.map(Way::word).join(", ");
                return Err(format!("`{word}` is none of: {known}"));
            };
            Address::loopback(&format!("http://{address}"))
                .ok()
                .filter(|read| read.path == "/" && !read.goes_on)
                .and_then(|read| read.port)
                .map(|_| (way, address.clone()))
                .ok_or_else(|| format!("`{address}` is not a host and port on loopback"))
        })
        .collect::<Result<Vec<(Way, String)>, String>>()?;
    ways.sort_by_key(|(way, _)| *way);
    Ok(ways.into())
}

fn place(
    placements: &mut [Option<Placement>],
    slot: usize,
    placement: Placement,
) -> Result<(), String> {
    let count = placements.len();
    match placements.get_mut(slot) {
        None => Err(format!("it speaks of slot {slot}, and {count} were sent")),
        Some(Some(_)) => Err(format!("slot {slot} is answered twice")),
        Some(empty) => {
            *empty = Some(placement);
            Ok(())
        }
    }
}

fn from_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => error.to_string(),
        _ => format!("it is not JSON ({error})"),
    })
}

#[cfg(test)]
mod tests;
