//! Token introspection (RFC 7662), for a gateway that asks the authorisation server about a token.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use http_body_util::{BodyExt, Full, Limited};
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};

use crate::credentials::{Identity, KnownToken};

/// The most bytes of a request.
const MOST_BYTES: usize = 16 * 1024;

/// The good tokens, by their value.
pub(crate) type Tokens = RwLock<BTreeMap<String, KnownToken>>;

/// The valid tokens of enabled identities, and no others.
pub(crate) fn good(identities: &[Identity]) -> BTreeMap<String, KnownToken> {
    KnownToken::good(identities)
}

/// Whether a token is good, by its value in the form (RFC 7662 §2.2). A token
/// that is not good is not active, and nothing else is said of it; so is a request without any.
pub(crate) async fn introspected(body: Incoming, tokens: &Tokens) -> Response<Full<Bytes>> {
    let form = Limited::new(body, MOST_BYTES).collect().await;
    let form = form.map(|form| form.to_bytes()).unwrap_or_default();
    let token = KnownToken::asked_about(&form).unwrap_or_default();
    let known = tokens.read().unwrap_or_else(PoisonError::into_inner);
    let said = known.get(&token).map(KnownToken::told);
    json(&said.unwrap_or_else(KnownToken::told_of_others))
}

/// An answer in JSON.
pub(super) fn json(value: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(value.to_string())));
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
