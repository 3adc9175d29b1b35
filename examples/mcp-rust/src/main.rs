//! Servers of rmcp, the Rust SDK of the Model Context Protocol, under Countersign's control protocol, version 1.
//!
//! Each policy is a `StreamableHttpService` behind a check of bearer tokens. rmcp has none for servers, so that the check
//! ([`guard`]) and the metadata are what whoever writes such a server writes himself, as a middleware and a route of axum.
//! Sessions, messages, the check of `Origin` and all else are rmcp's.

mod control;
mod fetch;
mod guard;
mod tools;

use std::error::Error;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::control::{Installation, PolicyOfSlot};
use crate::guard::{Guard, Issuer, guarded, metadata_of};
use crate::tools::Tools;

/// What is served: each installation replaces it.
type InForce = Arc<RwLock<Router>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let in_force = InForce::default();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let served = Arc::clone(&in_force);
    let all = Router::new().fallback(move |request: Request| {
        let router = served
            .read()
            .map(|router| router.clone())
            .unwrap_or_default();
        async move { router.oneshot(request).await.into_response() }
    });
    tokio::spawn(async move { axum::serve(listener, all).await });
    let install = move |installation: Installation| {
        let (in_force, origin) = (Arc::clone(&in_force), origin.clone());
        async move {
            let issuer = Issuer::of(&installation.issuer).await?;
            let issuer = Arc::new(issuer);
            let mut router = Router::new();
            let mut endpoints = Vec::new();
            for one in &installation.policies {
                let prefix = format!("/g{}s{}", installation.generation, one.slot);
                router = router.merge(server_of(one, &origin, &prefix, &issuer));
                endpoints.push((one.slot, format!("{origin}{prefix}")));
            }
            if let Ok(mut in_force) = in_force.write() {
                *in_force = router;
            }
            Ok(endpoints)
        }
    };
    control::announce(install).await?;
    // Until standard input closes.
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

/// The server of a policy: rmcp's, behind the check of tokens, and its metadata.
fn server_of(one: &PolicyOfSlot, origin: &str, prefix: &str, issuer: &Arc<Issuer>) -> Router {
    let path = format!("{prefix}/resource");
    let well_known = format!("/.well-known/oauth-protected-resource{path}");
    let scopes: &[&str] = match one.policy.required_scope.as_deref() {
        Some("write") => &["write"],
        Some("read-and-write") => &["read", "write"],
        _ => &[],
    };
    let metadata = metadata_of(&format!("{origin}{path}"), &issuer.issuer, scopes);
    let guard = Arc::new(Guard {
        issuer: Arc::clone(issuer),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        metadata: (one.policy.metadata_at.as_deref() != Some("well-known"))
            .then(|| format!("{origin}{well_known}")),
    });
    let behind = one.backend.clone().unwrap_or_default();
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(one.policy.sessions.unwrap_or(true))
        .with_json_response(true)
        .with_allowed_origins([origin]);
    let service = StreamableHttpService::new(
        move || {
            Ok(Tools {
                behind: behind.clone(),
            })
        },
        Arc::new(LocalSessionManager::default()),
        config,
    );
    guarded(Router::new().route_service(&path, service), guard).merge(Router::new().route(
        &well_known,
        axum::routing::get(|| async { axum::Json(metadata) }),
    ))
}
