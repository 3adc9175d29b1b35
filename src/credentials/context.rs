//! What credentials are made for.

use super::signature_hash::SignatureHash;
use crate::auth::Challenge;

/// The request that credentials go with, and what was answered before it.
///
/// Some credentials are the same whatever they go with (Basic, Bearer): see
/// [`Scheme::is_bound`](crate::credentials::Scheme::is_bound).
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The request's method, such as `GET`.
    pub method: &'a str,
    /// Host and port that the request goes to.
    pub authority: &'a str,
    /// Whether TLS is between client and server.
    pub secure: bool,
    /// The request target as sent: path and query.
    pub target: &'a str,
    /// The request's body.
    pub body: &'a [u8],
    /// The challenge that is answered; nothing where credentials are sent unasked.
    pub challenge: Option<&'a Challenge>,
    /// How many requests before this one carried credentials for the same challenge.
    pub uses: u32,
    /// Another number for each request: what nonces of the client's own are made from.
    pub serial: u64,
    /// The nonce that the server wants in a DPoP proof (RFC 9449 §9), where it told one.
    pub nonce: Option<&'a str>,
    /// The hash that a signature is made with.
    pub hash: SignatureHash,
    /// The time of the request, in seconds since 1970 (a NumericDate of RFC 7519 §2).
    pub now: u64,
}
