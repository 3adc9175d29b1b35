//! Judging tokens as a resource server does (RFC 9068 §4, RFC 8725).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::keys::is_issuers;
use super::make::{AUDIENCE, ISSUER};

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whose it is.
    pub user: String,
    /// What it allows.
    pub scopes: Vec<String>,
    /// The thumbprint of the key that it is bound to, if any (`cnf` with `jkt`, RFC 9449 §6.1).
    pub key: Option<String>,
}

/// Why a token is not good. The first that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// It is no JWT, or lacks a claim that an access token needs.
    Unreadable,
    /// It is signed in another way than the issuer signs, or not at all.
    Algorithm,
    /// The signature is not the issuer's.
    Signature,
    /// It is not said to be an access token (RFC 9068 §4).
    Type,
    /// It is of another issuer.
    Issuer,
    /// It is meant for another.
    Audience,
    /// It does not say for whom it is meant.
    NoAudience,
    /// It is past its time.
    Expired,
    /// Its time has not come.
    NotYetValid,
}

impl fmt::Display for TokenFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Unreadable => "it is no JWT",
            Self::Algorithm => "it is not signed with RS256",
            Self::Signature => "its signature is not the issuer's",
            Self::Type => "it is of another type",
            Self::Issuer => "it is of another issuer",
            Self::Audience => "it is meant for another",
            Self::NoAudience => "it is meant for nobody in particular",
            Self::Expired => "it is past its time",
            Self::NotYetValid => "its time has not come",
        })
    }
}

impl std::error::Error for TokenFault {}

/// Reads a token of the test issuer at a time, in seconds since 1970.
///
/// # Errors
///
/// The first [`TokenFault`]. Whether the token was withdrawn, only the issuer knows.
pub fn read_jwt(token: &str, now: u64) -> Result<Claims, TokenFault> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Unreadable)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenFault::Unreadable)?;
    let (header, claims) = (object(header)?, object(claims)?);
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    if text(&header, "alg").as_deref() != Some("RS256") {
        return Err(TokenFault::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| TokenFault::Signature)?;
    if !is_issuers(signed.as_bytes(), &signature) {
        return Err(TokenFault::Signature);
    }
    let typ = text(&header, "typ").unwrap_or_default();
    let types = ["at+jwt", "application/at+jwt"];
    if !types.iter().any(|one| typ.eq_ignore_ascii_case(one)) {
        return Err(TokenFault::Type);
    }
    if text(&claims, "iss").as_deref() != Some(ISSUER) {
        return Err(TokenFault::Issuer);
    }
    if claims.get("aud").is_none() {
        return Err(TokenFault::NoAudience);
    }
    if text(&claims, "aud").as_deref() != Some(AUDIENCE) {
        return Err(TokenFault::Audience);
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_u64);
    if now >= time("exp").ok_or(TokenFault::Unreadable)? {
        return Err(TokenFault::Expired);
    }
    if time("nbf").is_some_and(|begin| now < begin) {
        return Err(TokenFault::NotYetValid);
    }
    claims_from_object(&claims).ok_or(TokenFault::Unreadable)
}

/// What a token says, whether or not it is good. Nothing where it is no JWT that names a user.
pub fn claims_of(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    claims_from_object(&object(claims).ok()?)
}

fn claims_from_object(claims: &Value) -> Option<Claims> {
    let text = |pointer: &str| claims.pointer(pointer).and_then(Value::as_str);
    let scopes = text("/scope").unwrap_or_default();
    Some(Claims {
        user: text("/sub")?.to_owned(),
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        key: text("/cnf/jkt").map(str::to_owned),
    })
}

fn object(part: &str) -> Result<Value, TokenFault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .filter(Value::is_object)
        .ok_or(TokenFault::Unreadable)
}
