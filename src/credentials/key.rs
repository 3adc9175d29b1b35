//! API keys and signatures: what has no registered scheme, and no challenge.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use super::inputs::Inputs;
use super::signature_hash::SignatureHash;
use super::state::{CredentialState, UNMADE};
use crate::credentials::TokenState;

/// The field that an API key stands in, and its name in a query.
pub const KEY: (&str, &str) = ("X-API-Key", "api_key");

/// The field that a signature stands in, and its name in a query.
pub const SIGNATURE: (&str, &str) = ("X-HMAC-Signature", "signature");

/// What stands before an API key where a server wants a prefix.
pub const KEY_PREFIX: &str = "Token";

/// The API key, as the state has it.
///
/// # Errors
///
/// What the state or the identity lacks.
pub(super) fn key(inputs: &Inputs<'_>) -> Result<String, &'static str> {
    let keys = &inputs.identity.api_keys;
    if let Some(alike) = alike(inputs.state) {
        let mut good = keys.iter().filter(|key| key.state == TokenState::Valid);
        let good = good.next().ok_or("the identity has none that is so")?;
        let good = good.value.expose();
        let made = alike(good);
        let is_another = !made.is_empty() && keys.iter().all(|key| key.value.expose() != made);
        return is_another
            .then_some(made)
            .ok_or("no other key is made of it so");
    }
    let listed = inputs.listed(keys);
    listed.unwrap_or_else(|| inputs.listed_nowhere(keys).ok_or(UNMADE))
}

/// How a key is made that is like a good one and another, where the state asks for one.
fn alike(state: CredentialState) -> Option<fn(&str) -> String> {
    let other_case = |key: &str| -> String {
        let turned = key.chars().map(|c| match c.is_ascii_lowercase() {
            true => c.to_ascii_uppercase(),
            false => c.to_ascii_lowercase(),
        });
        turned.collect()
    };
    let cut_short = |key: &str| {
        let mut chars = key.chars();
        chars.next_back();
        chars.as_str().to_owned()
    };
    match state {
        CredentialState::OtherCase => Some(other_case),
        CredentialState::CutShort => Some(cut_short),
        CredentialState::Lengthened => Some(|key| format!("{key}x")),
        _ => None,
    }
}

/// The signature of a request: the base64 of the HMAC (RFC 2104) by the hash of the context, keyed with the password, of
/// method, line feed and request target without its query.
///
/// # Errors
///
/// What the state lacks.
pub(super) fn signature(inputs: &Inputs<'_>) -> Result<String, &'static str> {
    if inputs.state != CredentialState::Valid {
        return Err(UNMADE);
    }
    let path = inputs.context.target.split('?').next().unwrap_or_default();
    let key = inputs.context.hash.key(&inputs.password);
    let message = format!("{}\n{path}", inputs.context.method);
    Ok(STANDARD.encode(hmac::sign(&key, message.as_bytes())))
}

/// Whether a signature by SHA-256 is right for a user's password, the method and the request target.
pub fn is_signed(signature: &str, user: &str, password: &str, method: &str, target: &str) -> bool {
    let signed = (method, target);
    is_signed_by(SignatureHash::Sha256, signature, user, password, signed)
}

/// The same of a signature by a hash, for a method and a request target.
pub fn is_signed_by(
    hash: SignatureHash,
    signature: &str,
    user: &str,
    password: &str,
    (method, target): (&str, &str),
) -> bool {
    let Some((claimed, tag)) = signature.split_once(':') else {
        return false;
    };
    let path = target.split('?').next().unwrap_or_default();
    let key = hash.key(password);
    let message = format!("{method}\n{path}");
    let tag = STANDARD.decode(tag);
    claimed == user && tag.is_ok_and(|tag| hmac::verify(&key, message.as_bytes(), &tag).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{Context, Identity};
    use crate::credentials::{Scheme, TokenKind, mint};

    fn signed(state: CredentialState) -> String {
        let cast = Identity::needed_for(&[Scheme::Hmac], CredentialState::ALL, TokenKind::Opaque);
        let context = Context {
            method: "GET",
            target: "/s0/resource?a=b",
            ..Context::default()
        };
        let minted = mint(Scheme::Hmac, state, &cast, &context).unwrap().unwrap();
        assert_eq!(minted.authorization(), None);
        minted.fields[0].1.clone()
    }

    #[test]
    fn a_signature_is_of_one_user_method_and_path() {
        let good = |signature: &str, user: &str, method: &str, target: &str| {
            is_signed(signature, user, "open-sesame", method, target)
        };
        let right = signed(CredentialState::Valid);
        assert!(good(&right, "alice", "GET", "/s0/resource"));
        assert!(!good(&right, "bob", "GET", "/s0/resource"));
        assert!(!good(&right, "alice", "POST", "/s0/resource"));
        assert!(!good(&right, "alice", "GET", "/elsewhere"));
        for state in [
            CredentialState::WrongSecret,
            CredentialState::WrongUri,
            CredentialState::WrongMethod,
            CredentialState::MissingParameter,
            CredentialState::Malformed,
            CredentialState::UnknownUser,
        ] {
            let signature = signed(state);
            assert!(!good(&signature, "alice", "GET", "/s0/resource"), "{state}");
        }
        assert!(good(
            &signed(CredentialState::WrongUri),
            "alice",
            "GET",
            "/elsewhere"
        ));
    }

    #[test]
    fn a_key_is_one_that_the_identity_has_or_has_not() {
        let cast = Identity::needed_for(&[Scheme::ApiKey], CredentialState::ALL, TokenKind::Opaque);
        let sent = |state| {
            let minted = mint(Scheme::ApiKey, state, &cast, &Context::default());
            minted.unwrap().unwrap().fields[0].clone()
        };
        let valid = ("X-API-Key", "alice-key-valid".to_owned());
        assert_eq!(sent(CredentialState::Valid), valid);
        assert_eq!(sent(CredentialState::DisabledUser).1, "mallory-key-valid");
        for (state, alike) in [
            (CredentialState::OtherCase, "ALICE-KEY-VALID"),
            (CredentialState::CutShort, "alice-key-vali"),
            (CredentialState::Lengthened, "alice-key-validx"),
        ] {
            assert_eq!(sent(state).1, alike);
        }
        for state in CredentialState::ALL {
            let is_none_of_theirs = matches!(
                state,
                CredentialState::WrongSecret
                    | CredentialState::OtherCase
                    | CredentialState::CutShort
                    | CredentialState::Lengthened
            );
            if is_none_of_theirs {
                let unknown = sent(*state).1;
                let mut known = cast.iter().flat_map(|identity| &identity.api_keys);
                assert!(known.all(|key| key.value != unknown));
            }
        }
    }
}
