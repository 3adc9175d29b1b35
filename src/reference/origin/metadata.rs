//! The metadata of a resource (RFC 9728).

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, FORWARDED, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde_json::json;

use super::Resource;
use crate::credentials::ISSUER;
use crate::reference::fault::Fault;
use crate::reference::seeded::Faults;
use crate::wire::Endpoint;

/// What stands between the host and the path of a resource (RFC 9728 §3.1).
pub(in crate::reference) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Where a resource is.
#[derive(Clone, Debug)]
pub(super) struct ResourcePlace {
    authority: String,
    path: String,
}

impl ResourcePlace {
    /// The place of the resource of an endpoint, over HTTP/1.1.
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        Self {
            authority: endpoint.authority.clone(),
            path: format!("{}/resource", endpoint.prefix),
        }
    }

    /// Host and port.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// The URL of its metadata, for a client that came by https or not.
    pub(super) fn url(&self, secured: bool) -> String {
        let scheme = if secured { "https" } else { "http" };
        format!("{scheme}://{}{WELL_KNOWN}{}", self.authority, self.path)
    }
}

/// Whether what ended TLS in front says that the client came by https (RFC 7239 §5.4).
pub(super) fn came_by_https(headers: &HeaderMap) -> bool {
    let says = |field: Option<&HeaderValue>, word: &[u8]| {
        field.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(word))
    };
    says(headers.get("x-forwarded-proto"), b"https") || says(headers.get(FORWARDED), b"proto=https")
}

impl Resource {
    /// What is at the URL of its metadata, for whoever asks; nothing where there is none.
    pub(in crate::reference) fn document(&self, faults: &Faults) -> Option<Response<Full<Bytes>>> {
        let place = self.metadata.as_ref()?;
        let path = match faults.has(Fault::MetadataOfAnother) {
            true => "/",
            false => &place.path,
        };
        let document = json!({
            "resource": format!("http://{}{path}", place.authority),
            "authorization_servers": [ISSUER],
            "bearer_methods_supported": ["header", "query"],
        });
        if faults.has(Fault::MetadataChallenged) {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            let challenge = HeaderValue::from_static("Bearer realm=\"countersign\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            return Some(response);
        }
        let (kind, text) = match () {
            () if faults.has(Fault::MetadataNotFound) => return None,
            () if faults.has(Fault::MetadataAsText) => ("text/plain", document.to_string()),
            () if faults.has(Fault::MetadataNoJson) => {
                ("application/json", "<title>Log in</title>".to_owned())
            }
            () => ("application/json", document.to_string()),
        };
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = StatusCode::OK;
        let kind = HeaderValue::from_static(kind);
        response.headers_mut().insert(CONTENT_TYPE, kind);
        Some(response)
    }
}
