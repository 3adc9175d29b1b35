//! The client's key, and that of a stranger.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

/// The file of [`OWN_KEY`].
pub(super) const OWN_PEM: &str = include_str!("client.pem");

/// The file of [`STRANGER_KEY`].
pub(super) const STRANGER_PEM: &str = include_str!("stranger.pem");

/// The key pair that the client's tokens are bound to. Everybody may know it.
pub(super) static OWN_KEY: LazyLock<Option<EcdsaKeyPair>> = LazyLock::new(|| read(OWN_PEM));

/// A key pair that no token is bound to.
pub(super) static STRANGER_KEY: LazyLock<Option<EcdsaKeyPair>> =
    LazyLock::new(|| read(STRANGER_PEM));

/// How many bytes each coordinate of a point of P-256 has.
const COORDINATE: usize = 32;

/// A key pair out of a PEM file (RFC 7468 §10).
fn read(pem: &str) -> Option<EcdsaKeyPair> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let bytes = STANDARD.decode(text).ok()?;
    let random = SystemRandom::new();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &random).ok()
}

/// The public key as a JWK (RFC 7517, RFC 7518 §6.2.1). Its members are in lexical order and no more
/// than those that a thumbprint is made of.
pub(super) fn jwk(key: &EcdsaKeyPair) -> Option<Value> {
    let point = key.public_key().as_ref();
    let (x, y) = point.strip_prefix(&[4])?.split_at_checked(COORDINATE)?;
    let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Some(json!({ "crv": "P-256", "kty": "EC", "x": encoded(x), "y": encoded(y) }))
}

/// The point of a JWK of P-256, as signatures are verified with it; nothing where it is none.
pub(super) fn point(jwk: &Value) -> Option<Vec<u8>> {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    if member("kty") != Some("EC") || member("crv") != Some("P-256") {
        return None;
    }
    let mut point = vec![4];
    for name in ["x", "y"] {
        let coordinate = URL_SAFE_NO_PAD.decode(member(name)?).ok()?;
        point.extend(Some(coordinate).filter(|bytes| bytes.len() == COORDINATE)?);
    }
    Some(point)
}

/// The SHA-256 thumbprint of a JWK of P-256 (RFC 7638 §3): the `jkt` of a token that is bound to it
/// (RFC 9449 §6.1).
pub(super) fn thumbprint(jwk: &Value) -> Option<String> {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let (x, y) = (member("x")?, member("y")?);
    let members = json!({ "crv": member("crv")?, "kty": member("kty")?, "x": x, "y": y });
    let hash = digest(&SHA256, members.to_string().as_bytes());
    Some(URL_SAFE_NO_PAD.encode(hash))
}

/// The thumbprint of the client's own key.
///
/// # Errors
///
/// When the test key cannot be read.
pub(in crate::credentials) fn own_thumbprint() -> Result<String, &'static str> {
    let jwk = OWN_KEY.as_ref().and_then(jwk);
    jwk.as_ref()
        .and_then(thumbprint)
        .ok_or("the test key cannot be read")
}
