//! The test issuer: a small authorisation server on loopback for implementations that judge tokens by
//! its keys or by asking it. It gives no tokens; those are made beforehand.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, PoisonError, RwLock};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::Installation;
use super::accept::accept;
use super::introspection::{Tokens, good, introspected, json};
use crate::credentials::{AUDIENCE, ISSUER, Identity, IssuerUrls, jwks};
use crate::observation::SetupFault;

/// Where its metadata is (RFC 8414 §3), and where OpenID Connect Discovery 1.0 §4 looks for it.
const METADATA: [&str; 2] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
];

/// Where its key set is.
const JWKS: &str = "/jwks";

/// Where it would give tokens, if it had clients that it knew.
const TOKEN: &str = "/token";

/// The path that tells of a token whether it is good (RFC 7662 §2).
const INTROSPECTION: &str = "/introspect";

/// Where the issuer is. Its JSON form is that of the control protocol, and what templates see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct IssuerPlace {
    /// Its identifier: the `iss` of its tokens. A name, and not where it is reached.
    pub(super) issuer: &'static str,
    /// Whom its tokens are meant for: their `aud`.
    pub(super) audience: &'static str,
    /// Its key set (RFC 7517 §5).
    pub(super) jwks_uri: String,
    /// Tells whether a token is good (RFC 7662).
    pub(super) introspection_endpoint: String,
    /// Its metadata (RFC 8414).
    pub(super) metadata: String,
}

/// A running issuer; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Issuer {
    place: IssuerPlace,
    tokens: Arc<Tokens>,
    server: JoinHandle<()>,
}

impl Issuer {
    /// Starts it on a free loopback port; it knows no token yet.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let place = IssuerPlace {
            issuer: ISSUER,
            audience: AUDIENCE,
            jwks_uri: format!("http://{address}{JWKS}"),
            introspection_endpoint: format!("http://{address}{INTROSPECTION}"),
            metadata: format!("http://{address}{}", METADATA[0]),
        };
        let tokens = Arc::new(RwLock::new(BTreeMap::new()));
        let server = tokio::spawn(serve(listener, place.clone(), Arc::clone(&tokens)));
        Ok(Self {
            place,
            tokens,
            server,
        })
    }

    /// Where it is.
    pub(super) fn place(&self) -> &IssuerPlace {
        &self.place
    }

    /// Makes it know the valid tokens of enabled identities, and no others.
    pub(super) fn know(&self, identities: &[Identity]) {
        let good = good(identities);
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = good;
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The issuer that an implementation has, started when first needed, which knows the tokens of an
/// installation; answers with where it is.
///
/// # Errors
///
/// When it cannot be started.
pub(crate) async fn issuer_for(
    kept: &mut Option<Issuer>,
    installation: &Installation,
) -> Result<IssuerPlace, SetupFault> {
    let issuer = match kept.take() {
        Some(running) => running,
        None => Issuer::start().await.map_err(|error| SetupFault {
            doing: "start the test issuer".to_owned(),
            why: error.to_string(),
            remedy: None,
        })?,
    };
    issuer.know(&installation.identities);
    Ok(kept.insert(issuer).place().clone())
}

/// Serves until it is aborted; its connections end with it.
async fn serve(listener: TcpListener, place: IssuerPlace, tokens: Arc<Tokens>) {
    let place = Arc::new(place);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = accept(&listener) => {
                let Ok(stream) = accepted else { continue };
                let (place, tokens) = (Arc::clone(&place), Arc::clone(&tokens));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (place, tokens) = (Arc::clone(&place), Arc::clone(&tokens));
                    async move { Ok::<_, Infallible>(answer(request, &place, &tokens).await) }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                connections.spawn(async { drop(connection.await) });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    place: &IssuerPlace,
    tokens: &Tokens,
) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    if path == INTROSPECTION {
        if request.method() != Method::POST {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            let allowed = HeaderValue::from_static("POST");
            response.headers_mut().insert(ALLOW, allowed);
            return response;
        }
        return introspected(request.into_body(), tokens).await;
    }
    if path == JWKS {
        return json(&jwks());
    }
    if path == TOKEN {
        // It knows no client (RFC 6749 §5.2).
        let mut response = json(&serde_json::json!({ "error": "invalid_client" }));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    }
    if METADATA.contains(&path) {
        return json(&metadata(place));
    }
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Its metadata (RFC 8414 §2). Its endpoint for tokens is there, as one is required, and gives none.
fn metadata(place: &IssuerPlace) -> serde_json::Value {
    let endpoint = &place.introspection_endpoint;
    let urls = IssuerUrls {
        issuer: place.issuer,
        token_endpoint: &endpoint.replace(INTROSPECTION, TOKEN),
        authorization_endpoint: None,
        jwks_uri: Some(&place.jwks_uri),
        introspection_endpoint: endpoint,
        introspection_by: "none",
    };
    let mut metadata = urls.metadata();
    if let Some(members) = metadata.as_object_mut() {
        // OpenID Connect Discovery 1.0 §3.
        let signed = serde_json::json!(["RS256"]);
        members.insert("id_token_signing_alg_values_supported".to_owned(), signed);
    }
    metadata
}

#[cfg(test)]
mod tests {
    use hyper::header::CONTENT_TYPE;

    use super::*;
    use crate::credentials::{CredentialState, Scheme, TokenKind, TokenState, read_jwt};

    async fn get(url: &str) -> serde_json::Value {
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
        answer.json().await.unwrap()
    }

    async fn asked(issuer: &Issuer, form: String) -> serde_json::Value {
        let client = reqwest::Client::new();
        let asking = client.post(&issuer.place().introspection_endpoint);
        asking
            .body(form)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn says_where_its_keys_are_and_who_it_is() {
        let issuer = Issuer::start().await.unwrap();
        let metadata = get(&issuer.place().metadata).await;
        assert_eq!(metadata["issuer"], ISSUER);
        assert_eq!(metadata["jwks_uri"], issuer.place().jwks_uri.as_str());
        assert_eq!(get(&issuer.place().jwks_uri).await, jwks());
        // RFC 8414 §2 and §3.2: there is an endpoint for tokens, and no list is empty.
        let token = issuer.place().jwks_uri.replace(JWKS, TOKEN);
        assert_eq!(metadata["token_endpoint"], token.as_str());
        assert_eq!(reqwest::get(token).await.unwrap().status(), 400);
        assert_eq!(metadata["response_types_supported"][0], "code");
        let elsewhere = issuer.place().jwks_uri.replace(JWKS, "/elsewhere");
        assert_eq!(reqwest::get(elsewhere).await.unwrap().status(), 404);
        let asked = reqwest::get(&issuer.place().introspection_endpoint).await;
        assert_eq!(asked.unwrap().status(), 405);
    }

    #[tokio::test]
    async fn knows_the_good_tokens_of_who_may_log_in() {
        let states = [CredentialState::Revoked, CredentialState::DisabledUser];
        let issuer = Issuer::start().await.unwrap();
        for kind in TokenKind::ALL {
            let cast = Identity::needed_for(&[Scheme::Bearer], &states, kind);
            issuer.know(&cast);
            for identity in &cast {
                for token in &identity.tokens {
                    let said = asked(&issuer, format!("a=b&token={}", token.value.expose())).await;
                    let good = identity.enabled && token.state == TokenState::Valid;
                    assert_eq!(said["active"], good, "{token:?}");
                    assert_eq!(said.get("sub").is_some(), good, "{token:?}");
                    let jwt = read_jwt(token.value.expose(), 1_795_564_800).is_ok();
                    let current = token.state != TokenState::Expired;
                    assert_eq!(jwt, kind == TokenKind::Jwt && current, "{token:?}");
                }
            }
        }
        assert_eq!(asked(&issuer, "token=".to_owned()).await["active"], false);
        assert_eq!(asked(&issuer, String::new()).await["active"], false);
    }
}
