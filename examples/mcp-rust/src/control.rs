//! The control address: JSON over HTTP/1.1 on loopback (docs/control-protocol.md).

use std::future::Future;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The version of rmcp that Cargo.toml names.
const VERSION: &str = "3.11.0";

/// What is to be put in force.
#[derive(Deserialize)]
pub struct Installation {
    pub generation: u64,
    pub policies: Vec<PolicyOfSlot>,
    pub issuer: IssuerTold,
}

/// The test issuer.
#[derive(Deserialize)]
pub struct IssuerTold {
    pub issuer: String,
    pub audience: String,
    pub jwks_uri: String,
}

/// A policy, for a slot.
#[derive(Deserialize)]
pub struct PolicyOfSlot {
    pub slot: u64,
    pub policy: Policy,
    pub backend: Option<String>,
}

#[derive(Deserialize)]
pub struct Policy {
    pub required_scope: Option<String>,
    pub metadata_at: Option<String>,
    pub sessions: Option<bool>,
}

/// Serves the control address, and says where it is.
pub async fn announce<F, R>(install: F) -> std::io::Result<()>
where
    F: Fn(Installation) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<Vec<(u64, String)>, String>> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let at = listener.local_addr()?;
    let router = Router::new()
        .route("/v1/implementation", get(|| async { Json(introduction()) }))
        .route("/v1/policies", put(installed::<F, R>))
        .with_state(install);
    tokio::spawn(async move { axum::serve(listener, router).await });
    println!("countersign-control: http://{at}");
    Ok(())
}

async fn installed<F, R>(
    State(install): State<F>,
    Json(installation): Json<Installation>,
) -> (StatusCode, Json<Value>)
where
    F: Fn(Installation) -> R,
    R: Future<Output = Result<Vec<(u64, String)>, String>>,
{
    let generation = installation.generation;
    match install(installation).await {
        Ok(endpoints) => {
            let endpoints: Vec<Value> = { endpoints.into_iter() }
                .map(|(slot, url)| json!({"slot": slot, "url": url}))
                .collect();
            let told = json!({"generation": generation, "endpoints": endpoints, "unsupported": []});
            (StatusCode::OK, Json(told))
        }
        Err(why) => (StatusCode::BAD_REQUEST, Json(json!({"error": why}))),
    }
}

fn introduction() -> Value {
    json!({
        "protocol": 1,
        "name": "mcp-rust",
        "version": VERSION,
        "slots": 16,
        "supports": {
            "policy.profiles.scheme": ["bearer"],
            "policy.profiles": {"max": 1},
            "policy.required_scope": ["none", "write", "read-and-write"],
            "policy.metadata_at": ["everywhere", "well-known"],
            "policy.sessions": [true, false],
            "policy.upstream": [true, false],
            "events": false,
        },
        "tokens": "jwt",
        "claims": ["mcp-authorization"],
    })
}
