//! Token introspection (RFC 7662), for a gateway that asks the authorisation server about a token.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use http_body_util::{BodyExt, Full, Limited};
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};

/// The most bytes of a request.
const MOST_BYTES: usize = 16 * 1024;

/// Whether a token is good, by its value in the form (RFC 7662 §2.2). A token
/// that is not good is not active, and nothing else is said of it; so is a request without any.
pub(super) async fn introspected(
    body: Incoming,
    tokens: &RwLock<BTreeMap<String, String>>,
) -> Response<Full<Bytes>> {
    let form = Limited::new(body, MOST_BYTES).collect().await;
    let form = form.map(|form| form.to_bytes()).unwrap_or_default();
    let token = form_field(&form, "token").unwrap_or_default();
    let known = tokens.read().unwrap_or_else(PoisonError::into_inner);
    let said = match known.get(&token) {
        Some(user) => serde_json::json!({
            "active": true, "token_type": "Bearer", "sub": user, "username": user,
        }),
        None => serde_json::json!({ "active": false }),
    };
    let mut response = Response::new(Full::new(Bytes::from(said.to_string())));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
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
