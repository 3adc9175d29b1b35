//! The issuer's key, and that of a stranger.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};

/// The name of the issuer's key in tokens and in its key set (RFC 7515 §4.1.4).
pub const KEY_ID: &str = "countersign-test-key";

/// The key pair of the issuer. Everybody may know it.
pub(super) static ISSUER_KEY: LazyLock<Option<KeyPair>> =
    LazyLock::new(|| read(include_str!("issuer.pem")));

/// A key pair that no key set has.
pub(super) static STRANGER_KEY: LazyLock<Option<KeyPair>> =
    LazyLock::new(|| read(include_str!("stranger.pem")));

/// A key pair out of a PEM file (RFC 7468 §10).
fn read(pem: &str) -> Option<KeyPair> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    KeyPair::from_pkcs8(&STANDARD.decode(text).ok()?).ok()
}

/// The signature of a message: RSASSA-PKCS1-v1_5 with SHA-256.
pub(super) fn sign(key: &KeyPair, message: &[u8]) -> Option<Vec<u8>> {
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    )
    .ok()?;
    Some(signature)
}

/// Whether a signature is the issuer's.
pub(super) fn is_issuers(message: &[u8], signature: &[u8]) -> bool {
    let Some(key) = ISSUER_KEY.as_ref() else {
        return false;
    };
    PublicKeyComponents::<Vec<u8>>::from(key.public())
        .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        .is_ok()
}

/// The issuer's key set (RFC 7517 §5): its public key and no other.
pub fn jwks() -> serde_json::Value {
    let keys: Vec<serde_json::Value> = ISSUER_KEY
        .iter()
        .map(|key| {
            let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(key.public());
            serde_json::json!({
                "kty": "RSA",
                "use": "sig",
                "alg": "RS256",
                "kid": KEY_ID,
                "n": URL_SAFE_NO_PAD.encode(n),
                "e": URL_SAFE_NO_PAD.encode(e),
            })
        })
        .collect();
    serde_json::json!({ "keys": keys })
}
