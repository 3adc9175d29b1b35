//! Judging proofs as a resource server does (RFC 9449 §4.3).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

use super::keys::{point, thumbprint};
use super::make::hashed;

/// Why a proof proves nothing. The first that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofFault {
    /// It is no JWT with a public key of P-256.
    Unreadable,
    /// It is not said to be a proof.
    Type,
    /// It is signed in another way than with ES256, or not at all.
    Algorithm,
    /// It tells a private key.
    PrivateKey,
    /// It is not signed with that key.
    Signature,
    /// It lacks something that it has to say.
    Claims,
    /// It is for another method.
    Method,
    /// It is for another resource.
    Target,
    /// It is for another token.
    Token,
}

impl fmt::Display for ProofFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Unreadable => "it is no JWT with a key",
            Self::Type => "it is of another type",
            Self::Algorithm => "it is not signed with ES256",
            Self::PrivateKey => "it tells a private key",
            Self::Signature => "its signature is not of its key",
            Self::Claims => "it does not say all that it has to",
            Self::Method => "it is for another method",
            Self::Target => "it is for another resource",
            Self::Token => "it is for another token",
        })
    }
}

impl std::error::Error for ProofFault {}

/// What a proof says that only a server can judge, which knows the token and its own nonces, remembers
/// and has a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopProof {
    /// The thumbprint of its key, which the token must be bound to (RFC 9449 §6.1).
    pub key: String,
    /// Its identifier, which no other proof may have.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub made: u64,
    /// The server's nonce, where it has one (RFC 9449 §9).
    pub nonce: Option<String>,
}

/// Judges a proof for a token, the method and the URI of the request without its query.
///
/// # Errors
///
/// The first [`ProofFault`].
pub fn read_dpop(
    proof: &str,
    token: &str,
    method: &str,
    uri: &str,
) -> Result<DpopProof, ProofFault> {
    let unreadable = ProofFault::Unreadable;
    let (signed, signature) = proof.rsplit_once('.').ok_or(unreadable)?;
    let (header, claims) = signed.split_once('.').ok_or(unreadable)?;
    let json = |part: &str| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let header = json(header).ok_or(unreadable)?;
    let claims = json(claims).ok_or(unreadable)?;
    let is =
        |of: &Value, name: &str, wanted: &str| of.get(name).and_then(Value::as_str) == Some(wanted);
    let jwk = header.get("jwk").ok_or(unreadable)?;
    let key = point(jwk).ok_or(unreadable)?;
    if !is(&header, "typ", "dpop+jwt") {
        return Err(ProofFault::Type);
    }
    if !is(&header, "alg", "ES256") {
        return Err(ProofFault::Algorithm);
    }
    if jwk.get("d").is_some() {
        return Err(ProofFault::PrivateKey);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| unreadable)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| ProofFault::Signature)?;
    let has = |name: &&str| claims.get(*name).is_some();
    if !["jti", "htm", "htu", "iat", "ath"].iter().all(has) {
        return Err(ProofFault::Claims);
    }
    if !is(&claims, "htm", method) {
        return Err(ProofFault::Method);
    }
    if !is(&claims, "htu", uri) {
        return Err(ProofFault::Target);
    }
    if !is(&claims, "ath", &hashed(token)) {
        return Err(ProofFault::Token);
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let made = claims.get("iat").and_then(Value::as_u64);
    Ok(DpopProof {
        key: thumbprint(jwk).ok_or(unreadable)?,
        id: text("jti").ok_or(unreadable)?,
        made: made.ok_or(unreadable)?,
        nonce: text("nonce"),
    })
}
