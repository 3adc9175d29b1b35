//! The metadata of the server as a protected resource (RFC 9728 §2).

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde_json::json;

use super::{McpServer, MetadataPlace};
use crate::credentials::ISSUER;
use crate::reference::fault::Fault;
use crate::reference::origin::WELL_KNOWN;
use crate::reference::seeded::Faults;

/// The path of the document, below the prefix of a slot, where it is not at the well-known URI.
pub(in crate::reference) const METADATA: &str = "/metadata";

impl McpServer {
    /// The URL that challenges name.
    pub(super) fn url(&self) -> String {
        let Self {
            authority, prefix, ..
        } = self;
        match self.metadata {
            MetadataPlace::Challenge => format!("http://{authority}{prefix}{METADATA}"),
            _ => format!("http://{authority}{WELL_KNOWN}{}", self.path),
        }
    }

    /// What is at the well-known URI, if anything is.
    pub(in crate::reference) fn well_known(
        &self,
        faults: &Faults,
    ) -> Option<Response<Full<Bytes>>> {
        let is_there = self.metadata != MetadataPlace::Challenge;
        is_there.then(|| self.document(faults)).flatten()
    }

    /// What is at the URL of its own, if anything is.
    pub(in crate::reference) fn elsewhere(&self, faults: &Faults) -> Option<Response<Full<Bytes>>> {
        let is_there = self.metadata == MetadataPlace::Challenge;
        is_there.then(|| self.document(faults)).flatten()
    }

    fn document(&self, faults: &Faults) -> Option<Response<Full<Bytes>>> {
        if faults.has(Fault::McpMetadataNowhere) {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::NOT_FOUND;
            return Some(response);
        }
        if faults.has(Fault::McpMetadataChallenged) {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            let challenge = HeaderValue::from_static("Bearer realm=\"countersign\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            return Some(response);
        }
        let is_of_another = match self.metadata {
            MetadataPlace::WellKnown => faults.has(Fault::McpWellKnownOfAnother),
            _ => faults.has(Fault::McpMetadataOfAnother),
        };
        let path = if is_of_another {
            ""
        } else {
            self.path.as_str()
        };
        let servers: &[&str] = match faults.has(Fault::McpNoAuthorizationServer) {
            true => &[],
            false => &[ISSUER],
        };
        let document = json!({
            "resource": format!("http://{}{path}", self.authority),
            "authorization_servers": servers,
            "scopes_supported": ["read", "write"],
            "bearer_methods_supported": ["header"],
        });
        let kind = match faults.has(Fault::McpMetadataAsText) {
            true => "text/plain",
            false => "application/json",
        };
        let mut response = Response::new(Full::new(Bytes::from(document.to_string())));
        let kind = HeaderValue::from_static(kind);
        response.headers_mut().insert(CONTENT_TYPE, kind);
        Some(response)
    }
}
