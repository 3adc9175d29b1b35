//! Making proofs, good ones and others.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::hmac;
use ring::rand::SystemRandom;
use serde_json::{Value, json};

use super::keys::{OWN_KEY, STRANGER_KEY, jwk, point};
use crate::credentials::CredentialState;
use crate::credentials::inputs::{Finish, Inputs};
use crate::credentials::unlike::foreign;

/// How long ago a proof was made that is too old, in seconds: a day.
const LONG_AGO: u64 = 86_400;

/// A nonce that no server issued, where it told none that another could be made of.
const OF_NOBODY: &str = "countersign-a-nonce-of-nobody";

/// The proofs that go with a token in a request (RFC 9449 §4.2), as the state has it: one, or none, or two.
///
/// # Errors
///
/// When the test keys cannot be read.
pub(in crate::credentials) fn proofs(
    inputs: &Inputs<'_>,
    token: &str,
) -> Result<Vec<String>, &'static str> {
    let count = match inputs.state {
        _ if inputs.finish == Finish::Lacking => 0,
        CredentialState::TwoProofs => 2,
        _ => 1,
    };
    (0..count)
        .map(|number| proof(inputs, token, number))
        .collect()
}

fn proof(inputs: &Inputs<'_>, token: &str, number: u8) -> Result<String, &'static str> {
    use CredentialState as State;
    let Inputs { state, context, .. } = inputs;
    let missing = "the test keys cannot be read";
    let own = OWN_KEY.as_ref().ok_or(missing)?;
    let stranger = STRANGER_KEY.as_ref().ok_or(missing)?;
    let signing = match signs_as_stranger(*state) {
        true => stranger,
        false => own,
    };
    let named = match state {
        State::WrongKey => stranger,
        _ => own,
    };
    let path = context.target.split('?').next().unwrap_or_default();
    let scheme = if context.secure { "https" } else { "http" };
    let made = match state {
        State::OldProof => context.now.saturating_sub(LONG_AGO),
        State::FutureProof => context.now.saturating_add(LONG_AGO),
        _ => context.now,
    };
    let token = match state {
        State::WrongToken => "another token",
        _ => token,
    };
    let mut claims = json!({
        "jti": format!("countersign-{:x}-{:x}-{number}", context.now, context.serial),
        "htm": context.method,
        "htu": format!("{scheme}://{}{path}", context.authority),
        "iat": made,
        "ath": hashed(token),
    });
    let nonce = match state {
        State::StaleNonce => Some(context.nonce.map_or(OF_NOBODY.to_owned(), foreign)),
        _ => context.nonce.map(str::to_owned),
    };
    let lacks = match state {
        State::ProofWithoutId => "jti",
        State::ProofWithoutMethod => "htm",
        State::ProofWithoutUri => "htu",
        State::ProofWithoutTime => "iat",
        State::ProofWithoutToken => "ath",
        _ => "",
    };
    if let Some(claims) = claims.as_object_mut() {
        claims.remove(lacks);
        claims.extend(nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
    }
    let mut key = jwk(named).ok_or(missing)?;
    let typ = match state {
        State::WrongProofTyp => "JWT",
        _ => "dpop+jwt",
    };
    let alg = match state {
        State::UnsignedProof => "none",
        State::SymmetricProof => "HS256",
        _ => "ES256",
    };
    if let (State::PrivateKeyTold, Some(key)) = (state, key.as_object_mut()) {
        key.insert("d".to_owned(), URL_SAFE_NO_PAD.encode([7; 32]).into());
    }
    let header = json!({ "typ": typ, "alg": alg, "jwk": key });
    let encoded = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", encoded(&header), encoded(&claims));
    let signature = match state {
        State::UnsignedProof => Vec::new(),
        State::SymmetricProof => {
            let public = point(&key).ok_or(missing)?;
            let secret = hmac::Key::new(hmac::HMAC_SHA256, &public);
            hmac::sign(&secret, signed.as_bytes()).as_ref().to_vec()
        }
        _ => signing
            .sign(&SystemRandom::new(), signed.as_bytes())
            .map_err(|_| "the test keys cannot sign")?
            .as_ref()
            .to_vec(),
    };
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Whether another key signs a proof than the one that is its owner's.
pub(super) fn signs_as_stranger(state: CredentialState) -> bool {
    matches!(
        state,
        CredentialState::WrongKey | CredentialState::ForgedProof
    )
}

/// The `ath` of a token.
pub(super) fn hashed(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}
