//! Token introspection (RFC 7662), for a gateway that asks the authorisation server about a token.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use http_body_util::{BodyExt, Full, Limited};
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};

use crate::credentials::{AUDIENCE, ISSUER, Identity, TokenState, claims_of};

/// The most bytes of a request.
const MOST_BYTES: usize = 16 * 1024;

/// What is known of a token that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownToken {
    /// Whose it is.
    pub(crate) user: String,
    scopes: Vec<String>,
    /// The thumbprint of the key that it is bound to, if any.
    key: Option<String>,
}

/// The good tokens, by their value.
pub(crate) type Tokens = RwLock<BTreeMap<String, KnownToken>>;

/// The valid tokens of enabled identities, and no others.
pub(crate) fn good(identities: &[Identity]) -> BTreeMap<String, KnownToken> {
    let mut good = BTreeMap::new();
    for identity in identities.iter().filter(|identity| identity.enabled) {
        for token in &identity.tokens {
            if token.state == TokenState::Valid {
                let known = KnownToken {
                    user: identity.user.clone(),
                    scopes: token.scopes.clone(),
                    key: claims_of(token.value.expose()).and_then(|claims| claims.key),
                };
                good.insert(token.value.expose().to_owned(), known);
            }
        }
    }
    good
}

/// Whether a token is good, by its value in the form (RFC 7662 §2.2). A token
/// that is not good is not active, and nothing else is said of it; so is a request without any.
pub(crate) async fn introspected(body: Incoming, tokens: &Tokens) -> Response<Full<Bytes>> {
    let form = Limited::new(body, MOST_BYTES).collect().await;
    let form = form.map(|form| form.to_bytes()).unwrap_or_default();
    let token = form_field(&form, "token").unwrap_or_default();
    let known = tokens.read().unwrap_or_else(PoisonError::into_inner);
    let said = match known.get(&token) {
        Some(KnownToken { user, scopes, key }) => {
            let mut said = serde_json::json!({
                "active": true,
                "token_type": "Bearer",
                "iss": ISSUER,
                "aud": AUDIENCE,
                "sub": user,
                "username": user,
                "scope": scopes.join(" "),
            });
            // RFC 9449 §6.2.
            if let (Some(key), Some(said)) = (key, said.as_object_mut()) {
                said.insert("token_type".to_owned(), "DPoP".into());
                said.insert("cnf".to_owned(), serde_json::json!({ "jkt": key }));
            }
            said
        }
        None => serde_json::json!({ "active": false }),
    };
    json(&said)
}

/// An answer in JSON.
pub(super) fn json(value: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(value.to_string())));
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// A field of a form (`application/x-www-form-urlencoded`), decoded.
fn form_field(form: &[u8], name: &str) -> Option<String> {
    let form = std::str::from_utf8(form).ok()?;
    let (_, value) = form
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)?;
    let mut decoded = Vec::new();
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded() {
        let form = b"token_type_hint=a&token=a%2Fb+c%25&x=";
        assert_eq!(form_field(form, "token").as_deref(), Some("a/b c%"));
        assert_eq!(form_field(form, "x").as_deref(), Some(""));
        for broken in [&b"token=%2"[..], b"token=%zz", b"token=%ff", b"tok=a", b""] {
            assert_eq!(form_field(broken, "token"), None);
        }
    }
}
