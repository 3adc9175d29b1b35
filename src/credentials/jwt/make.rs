//! Making tokens, good ones and others.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::keys::{ISSUER_KEY, KEY_ID, STRANGER_KEY, sign};
use crate::credentials::CredentialState;
use crate::credentials::state::UNMADE;

/// The issuer's identifier. It is a name and no address, so that tokens do not depend on the port of a
/// run; where the issuer is reached is said beside it.
pub const ISSUER: &str = "https://issuer.example";

/// Whom the tokens are meant for.
pub const AUDIENCE: &str = "https://resource.example";

/// 2025-01-01: when tokens were issued.
const ISSUED: u64 = 1_735_689_600;

/// One day later: when those ended that are past their time.
const PAST: u64 = ISSUED + 86_400;

/// 2099-01-01: when those begin that are not good yet.
const FUTURE: u64 = 4_070_908_800;

/// 2100-01-01: when the others end.
const LATE: u64 = 4_102_444_800;

/// The most tokens that are kept.
const MOST_KEPT: usize = 256;

/// What a token is made of: state, user, scopes, and the thumbprint of a key.
type TokenParts = (CredentialState, String, Vec<String>, Option<String>);

/// A token of a user in a state (RFC 9068 §2.2), bound to the key of a thumbprint if there is one
/// (RFC 9449 §6.1). A token is made of nothing else, and its signature is the same each time (RFC 8017 §8.2), so
/// that it is made once: an RSA signature costs more than twenty exchanges.
///
/// # Errors
///
/// What the state lacks.
pub(in crate::credentials) fn token(
    state: CredentialState,
    user: &str,
    scopes: &[String],
    key: Option<&str>,
) -> Result<String, &'static str> {
    static KEPT: Mutex<BTreeMap<TokenParts, String>> = Mutex::new(BTreeMap::new());
    let parts = (
        state,
        user.to_owned(),
        scopes.to_vec(),
        key.map(str::to_owned),
    );
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept().get(&parts) {
        return Ok(known.clone());
    }
    let made = made(state, user, scopes, key)?;
    let mut kept = kept();
    if kept.len() < MOST_KEPT {
        kept.insert(parts, made.clone());
    }
    Ok(made)
}

fn made(
    state: CredentialState,
    user: &str,
    scopes: &[String],
    key: Option<&str>,
) -> Result<String, &'static str> {
    use CredentialState as State;
    let mut claims = json!({
        "iss": ISSUER,
        "sub": user,
        "aud": AUDIENCE,
        "client_id": "countersign",
        "iat": ISSUED,
        "exp": LATE,
        "jti": format!("{user}-{}", state.word()),
        "scope": scopes.join(" "),
    });
    let mut set = |name: &str, value: Value| {
        if let Some(claims) = claims.as_object_mut() {
            claims.insert(name.to_owned(), value);
        }
    };
    if let Some(key) = key {
        set("cnf", json!({ "jkt": key }));
        set("jti", format!("{user}-{}-bound", state.word()).into());
    }
    let mut header = json!({ "typ": "at+jwt", "alg": "RS256", "kid": KEY_ID });
    let mut signing = ISSUER_KEY.as_ref();
    match state {
        State::Expired => set("exp", PAST.into()),
        State::NotYetValid => set("nbf", FUTURE.into()),
        State::WrongAudience => set("aud", "https://elsewhere.example".into()),
        State::NoAudience => {
            if let Some(claims) = claims.as_object_mut() {
                claims.remove("aud");
            }
        }
        State::WrongIssuer => set("iss", "https://another-issuer.example".into()),
        State::WrongKey => signing = STRANGER_KEY.as_ref(),
        State::WrongTyp => header = json!({ "typ": "JWT", "alg": "RS256", "kid": KEY_ID }),
        State::AlgNone => header = json!({ "typ": "at+jwt", "alg": "none" }),
        // It says nothing of itself that is not so.
        state if state == State::WrongSecret || state.is_listed() => {}
        _ => return Err(UNMADE),
    }
    let mut signed = format!("{}.{}", encoded(&header), encoded(&claims));
    if state == State::AlgNone {
        return Ok(format!("{signed}."));
    }
    let signing = signing.ok_or("the test keys cannot be read")?;
    let signature = sign(signing, signed.as_bytes()).ok_or("the test keys cannot sign")?;
    if state == State::WrongSecret {
        // What was signed is another user's.
        if let Some(claims) = claims.as_object_mut() {
            claims.insert("sub".to_owned(), format!("nobody-{user}").into());
        }
        signed = format!("{}.{}", encoded(&header), encoded(&claims));
    }
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn encoded(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// Whether a token has the look of a JWT: three parts, the first of which is an object.
pub(in crate::credentials) fn is_jwt(token: &str) -> bool {
    token.split('.').count() == 3 && token.starts_with("eyJ")
}

/// Whether a JWT names the test issuer.
pub(in crate::credentials) fn is_of_test_issuer(token: &str) -> bool {
    let claims = token.split('.').nth(1).and_then(read);
    claims.is_some_and(|claims| claims.get("iss").and_then(Value::as_str) == Some(ISSUER))
}

fn read(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A JWT of another issuer, altered as anybody can who has one: signed with a key that nobody trusts, for another user
/// too, or not signed. Nothing of its own signature is in it. Nothing for other states, for which one would have to be
/// the issuer, and where the issuer signs in another way than is done here.
pub(in crate::credentials) fn altered(state: CredentialState, own: &str) -> Option<String> {
    use CredentialState as State;
    let mut parts = own.split('.').map(read);
    let (mut header, mut claims) = (parts.next()??, parts.next()??);
    match state {
        State::AlgNone => {
            header
                .as_object_mut()?
                .insert("alg".to_owned(), "none".into());
            return Some(format!("{}.{}.", encoded(&header), encoded(&claims)));
        }
        State::WrongKey if header.get("alg").and_then(Value::as_str) == Some("RS256") => {}
        State::WrongSecret => {
            let user = claims
                .get("sub")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let nobody = format!("nobody-{user}");
            claims
                .as_object_mut()?
                .insert("sub".to_owned(), nobody.into());
        }
        _ => return None,
    }
    let signed = format!("{}.{}", encoded(&header), encoded(&claims));
    let signature = sign(STRANGER_KEY.as_ref()?, signed.as_bytes())?;
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
