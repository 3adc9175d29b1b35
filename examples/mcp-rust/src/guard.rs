//! The check of bearer tokens before a server, and the metadata that tells where such tokens are had: what rmcp leaves to
//! whoever writes a server.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::IssuerTold;
use crate::fetch::fetch;

/// Who asks.
#[derive(Clone, Debug)]
pub struct User(pub String);

/// Who gives tokens, and for whom.
pub struct Issuer {
    pub issuer: String,
    keys: JwkSet,
    validation: Validation,
}

/// What has to be shown before a server is asked.
pub struct Guard {
    pub issuer: Arc<Issuer>,
    pub scopes: Vec<String>,
    /// Where the metadata is, where challenges tell it.
    pub metadata: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    scope: String,
}

impl Issuer {
    /// An issuer with its keys.
    pub async fn of(told: &IssuerTold) -> Result<Self, String> {
        let keys = fetch(&told.jwks_uri)
            .await
            .ok_or("the issuer's keys could not be read")?;
        let keys = serde_json::from_str(&keys).map_err(|error| error.to_string())?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[&told.audience]);
        validation.set_issuer(&[&told.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        Ok(Self {
            issuer: told.issuer.clone(),
            keys,
            validation,
        })
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        let head = decode_header(token).ok()?;
        let typ = head.typ?.to_ascii_lowercase();
        let is_access_token = matches!(&*typ, "at+jwt" | "application/at+jwt");
        let key = self.keys.find(&head.kid?).filter(|_| is_access_token)?;
        let key = DecodingKey::from_jwk(key).ok()?;
        Some(decode(token, &key, &self.validation).ok()?.claims)
    }
}

impl Guard {
    fn challenge(&self, status: StatusCode, error: Option<&str>) -> Response {
        let mut parameters: Vec<String> = Vec::new();
        parameters.extend(error.map(|error| format!("error=\"{error}\"")));
        if !self.scopes.is_empty() {
            parameters.push(format!("scope=\"{}\"", self.scopes.join(" ")));
        }
        let metadata = self.metadata.iter();
        parameters.extend(metadata.map(|url| format!("resource_metadata=\"{url}\"")));
        let challenge = match parameters.is_empty() {
            true => "Bearer".to_owned(),
            false => format!("Bearer {}", parameters.join(", ")),
        };
        (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
    }
}

/// A router behind the check.
pub fn guarded(router: Router, guard: Arc<Guard>) -> Router {
    router.layer(from_fn_with_state(guard, check))
}

async fn check(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let Some(token) = token_of(request.headers()) else {
        return guard.challenge(StatusCode::UNAUTHORIZED, None);
    };
    let Some(claims) = guard.issuer.claims(token) else {
        return guard.challenge(StatusCode::UNAUTHORIZED, Some("invalid_token"));
    };
    let has = |scope: &String| claims.scope.split(' ').any(|one| one == scope);
    if !guard.scopes.iter().all(has) {
        return guard.challenge(StatusCode::FORBIDDEN, Some("insufficient_scope"));
    }
    // The tools are told who asks, and not the token.
    request.headers_mut().remove(header::AUTHORIZATION);
    request.extensions_mut().insert(User(claims.sub));
    next.run(request).await
}

fn token_of(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let (line, None) = (lines.next()?.to_str().ok()?, lines.next()) else {
        return None;
    };
    let (scheme, token) = line.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The metadata of a server (RFC 9728 §2).
pub fn metadata_of(resource: &str, issuer: &str, scopes: &[&str]) -> Value {
    json!({
        "resource": resource,
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
        "scopes_supported": scopes,
    })
}
