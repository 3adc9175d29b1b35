//! DPoP proofs (RFC 9449): that the sender of a token has the key that it is bound to.

use std::fmt;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use super::credentials::Context;

/// The seed of the client's key. Everybody may know it. Ed25519 (RFC 8037) has no random part and is
/// quick.
const SEED: &[u8; 32] = b"countersign: a test key for DPoP";

static KEY: LazyLock<Option<Ed25519KeyPair>> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(SEED).ok());

/// The proof that goes with a token in a request (RFC 9449 §4.2), for another resource where `elsewhere`
/// is true.
///
/// # Errors
///
/// When the test key cannot be read.
pub(super) fn proof(
    token: &str,
    context: &Context<'_>,
    elsewhere: bool,
) -> Result<String, &'static str> {
    let key = KEY.as_ref().ok_or("the test key cannot be read")?;
    let public = URL_SAFE_NO_PAD.encode(key.public_key());
    let header = json!({
        "typ": "dpop+jwt",
        "alg": "EdDSA",
        "jwk": { "kty": "OKP", "crv": "Ed25519", "x": public },
    });
    let scheme = if context.secure { "https" } else { "http" };
    let path = if elsewhere {
        "/elsewhere"
    } else {
        context.target.split('?').next().unwrap_or_default()
    };
    let claims = json!({
        "jti": format!("countersign-{:x}-{:x}", context.now, context.serial),
        "htm": context.method,
        "htu": format!("{scheme}://{}{path}", context.authority),
        "iat": context.now,
        "ath": hashed(token),
    });
    let encoded = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", encoded(&header), encoded(&claims));
    let signature = key.sign(signed.as_bytes());
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn hashed(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}

/// Why a proof proves nothing (RFC 9449 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofFault {
    /// It is no signed JWT of the right type with an Ed25519 key in it.
    Unreadable,
    /// It is not signed with that key.
    Signature,
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
            Self::Unreadable => "it is no proof that is signed with Ed25519",
            Self::Signature => "its signature is not of its key",
            Self::Method => "it is for another method",
            Self::Target => "it is for another resource",
            Self::Token => "it is for another token",
        })
    }
}

impl std::error::Error for ProofFault {}

/// What a proof says that only a server can judge, which remembers and has a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Its identifier, which no other proof may have.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub made: u64,
}

/// Judges a proof for a token, the method and the URI of the request without its query.
///
/// # Errors
///
/// The first [`ProofFault`].
pub fn read_dpop(proof: &str, token: &str, method: &str, uri: &str) -> Result<Proof, ProofFault> {
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
    if !is(&header, "typ", "dpop+jwt") || !is(&header, "alg", "EdDSA") {
        return Err(unreadable);
    }
    let key = header.pointer("/jwk/x").and_then(Value::as_str);
    let key = key.and_then(|key| URL_SAFE_NO_PAD.decode(key).ok());
    let key = key.ok_or(unreadable)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| unreadable)?;
    UnparsedPublicKey::new(&ED25519, key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| ProofFault::Signature)?;
    if !is(&claims, "htm", method) {
        return Err(ProofFault::Method);
    }
    if !is(&claims, "htu", uri) {
        return Err(ProofFault::Target);
    }
    if !is(&claims, "ath", &hashed(token)) {
        return Err(ProofFault::Token);
    }
    let id = claims.get("jti").and_then(Value::as_str);
    let made = claims.get("iat").and_then(Value::as_u64);
    Ok(Proof {
        id: id.ok_or(unreadable)?.to_owned(),
        made: made.ok_or(unreadable)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{CredentialState, Identity, Scheme, TokenKind, mint};

    fn minted(state: CredentialState) -> (String, Option<String>) {
        let cast = Identity::cast(Scheme::ALL, CredentialState::ALL, TokenKind::Opaque);
        let context = Context {
            method: "GET",
            authority: "127.0.0.1:80",
            target: "/s0/resource?a=b",
            serial: 7,
            now: 1_795_564_800,
            ..Context::default()
        };
        let minted = mint(Scheme::Dpop, state, &cast, &context).unwrap().unwrap();
        let token = minted
            .authorization()
            .unwrap()
            .strip_prefix("DPoP ")
            .unwrap()
            .to_owned();
        let proof = minted.fields.iter().find(|(name, _)| *name == "DPoP");
        (token, proof.map(|(_, proof)| proof.clone()))
    }

    const HERE: &str = "http://127.0.0.1:80/s0/resource";

    #[test]
    fn a_proof_is_for_one_token_method_and_resource() {
        let (token, proof) = minted(CredentialState::Valid);
        let proof = proof.unwrap();
        let read = read_dpop(&proof, &token, "GET", HERE).unwrap();
        assert_eq!(read.made, 1_795_564_800);
        assert_eq!(
            read_dpop(&proof, &token, "POST", HERE),
            Err(ProofFault::Method)
        );
        assert_eq!(
            read_dpop(&proof, &token, "GET", "http://x/"),
            Err(ProofFault::Target)
        );
        assert_eq!(
            read_dpop(&proof, "other", "GET", HERE),
            Err(ProofFault::Token)
        );
        let (head, signature) = proof.rsplit_once('.').unwrap();
        let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
        assert!(read_dpop(&forged, &token, "GET", HERE).is_err());
        assert_eq!(
            read_dpop("a.b.c", &token, "GET", HERE),
            Err(ProofFault::Unreadable)
        );
    }

    #[test]
    fn a_proof_for_another_resource_or_none_is_sent_where_the_state_says_so() {
        let (token, proof) = minted(CredentialState::WrongUri);
        let read = read_dpop(&proof.unwrap(), &token, "GET", HERE);
        assert_eq!(read, Err(ProofFault::Target));
        assert_eq!(minted(CredentialState::MissingParameter).1, None);
        assert_eq!(minted(CredentialState::Expired).0, "alice-token-expired");
    }
}
