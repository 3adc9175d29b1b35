//! The embedded reference implementation: a server that obeys the API access policy in full, and
//! the faults that can be seeded in it to measure the harness.
//!
//! # What it does
//!
//! It is several servers behind one door: [`Behaviour`] names them, and says which of them a policy asks
//! for. What follows is the platform, [`Behaviour::AccessPolicy`]; the origin server by the RFCs,
//! [`Behaviour::Origin`], is described in `origin/`, the gateway, [`Behaviour::Gateway`], in `gateway.rs`, the server of the
//! Model Context Protocol, [`Behaviour::Mcp`], in `mcp/`, and the authorization server, [`Behaviour::Issuer`], in `issuer/`.
//!
//! The platform's documentation of REST API access policies is the source (*Create REST API access
//! policy*, *Create an authentication profile*), with RFC 9110 where that is silent.
//!
//! | policy | request | answer |
//! |---|---|---|
//! | not active | valid credentials | 200: the policy is ignored, Basic and bearer are accepted |
//! | not active | anything else | 401, both advertised |
//! | no active profile | any | 403 without a challenge (RFC 9110 §15.5.4) |
//! | active profiles | valid credentials of an accepted scheme | 200 |
//! | active profiles | anything else | 401 with challenges |
//!
//! The accepted schemes are those of the active profiles. Where `advertise_all` is true or the
//! instance's `first_scheme_only` is false, all of them are advertised, each in a field line of its
//! own, the most recently configured first; otherwise only the most recently configured, which is the
//! last active one of the list. What is advertised never changes what is accepted.
//!
//! Where there are several policies (`others`), the most specific decides, alone: see `selection.rs`. Of two that are as
//! specific as each other, that one does which was created first.
//!
//! What comes behind a log-in, and before one, is in `outcomes.rs`: the auth scope that a token must have, the access control of
//! the API, the global blocking policy.
//!
//! What is most recent is so by the edits that a policy came to be by: a profile that is attached is more recent than
//! all others, and one that moves in the list, or is changed, is not. See `history.rs`.
//!
//! The log has `LOGIN_SUCCESS` for a log-in that succeeded, `LOGIN_FAILED` for credentials that were
//! presented and refused, and nothing otherwise. Equal requests get equal bytes: there is no `Date`.

mod answer;
mod auth_parameter;
mod behaviour;
mod certificate_login;
mod condition;
#[cfg_attr(not(feature = "http3"), path = "datagrams_left_out.rs")]
mod datagrams;
mod decision;
mod declare_faults;
mod declare_gateway_faults;
mod fault;
mod fields;
#[cfg_attr(not(feature = "http2"), path = "frames_left_out.rs")]
mod frames;
mod gateway;
#[cfg_attr(not(feature = "http2"), path = "gateway_calls_left_out.rs")]
mod gateway_calls;
mod gateway_cors;
mod gateway_faults;
mod gateway_parts;
mod head_content;
mod history;
mod installed;
mod issuer;
mod left_over;
mod listeners;
mod log_ins;
mod login;
mod mcp;
mod memory;
mod mixed;
mod origin;
mod others;
mod outcomes;
mod peer_certificate;
mod platform;
mod policy;
mod proxied_origin;
mod refuse;
mod respond;
mod seeded;
mod selection;
mod served;
mod server;
mod session;
#[cfg(test)]
mod tests;
#[cfg_attr(not(feature = "tls"), path = "tls_left_out.rs")]
mod tls;
mod tunnel;
mod way;
mod whole_request;

pub use behaviour::Behaviour;
pub use fault::Fault;
pub(crate) use fields::{OF_NO_PACK, paths};
pub use installed::LogEntry;
#[cfg(feature = "process")]
pub(crate) use proxied_origin::{describe_request, mark};
pub(crate) use seeded::FaultsLookedFor;
pub use served::Served;
pub use server::Reference;
#[cfg(feature = "process")]
pub(crate) use tls::http1_acceptor;
