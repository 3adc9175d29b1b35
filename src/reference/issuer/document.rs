//! The metadata of the authorization server (RFC 8414).

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};

use super::AuthorizationServer;
use crate::credentials::{IssuerUrls, Scheme};
use crate::reference::fault::Fault;
use crate::reference::seeded::Faults;

/// What stands before the path of an issuer (RFC 8414 §3).
pub(in crate::reference) const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";

impl AuthorizationServer {
    /// What is at the well-known URI.
    pub(in crate::reference) fn metadata(&self, faults: &Faults) -> Response<Full<Bytes>> {
        if faults.has(Fault::IssuerMetadataNowhere) {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        }
        if faults.has(Fault::IssuerMetadataChallenged) {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            let challenge = HeaderValue::from_static("Basic realm=\"issuer\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            return response;
        }
        let Self { root, path, .. } = self;
        let issuer = match faults.has(Fault::IssuerMetadataOfHost) {
            true => root.clone(),
            false => format!("{root}{path}"),
        };
        let authorization_endpoint = format!("{root}{path}/authorize");
        let urls = IssuerUrls {
            issuer: &issuer,
            token_endpoint: &format!("{root}{path}/token"),
            authorization_endpoint: self.has_code_grant.then_some(&authorization_endpoint),
            jwks_uri: None,
            introspection_endpoint: &format!("{root}{path}"),
            introspection_by: match self.by {
                Scheme::Basic => "client_secret_basic",
                // RFC 8414 §2: or a registered type of tokens.
                _ => "Bearer",
            },
        };
        let mut metadata = urls.metadata();
        let lacks = [
            (Fault::IssuerMetadataLacksToken, "token_endpoint"),
            (
                Fault::IssuerMetadataLacksAuthorization,
                "authorization_endpoint",
            ),
            (Fault::IssuerMetadataLacksTypes, "response_types_supported"),
        ];
        if let Some(members) = metadata.as_object_mut() {
            for (fault, name) in lacks {
                if faults.has(fault) {
                    members.remove(name);
                }
            }
        }
        let kind = match faults.has(Fault::IssuerMetadataAsText) {
            true => "text/plain",
            false => "application/json",
        };
        let mut response = Response::new(Full::new(Bytes::from(metadata.to_string())));
        let kind = HeaderValue::from_static(kind);
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}
