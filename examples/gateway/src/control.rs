//! Version 1 of Countersign's control protocol: JSON over HTTP on an address of its own.

use std::error::Error;
use std::io;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::gateway::{self, Gateway, Identity, Instance, Policy};

const SLOTS: usize = 512;

/// The body of `PUT /v1/policies`.
#[derive(Deserialize)]
struct Installation {
    generation: u64,
    identities: Vec<Identity>,
    policies: Vec<Slot>,
}

#[derive(Deserialize)]
struct Slot {
    policy: Policy,
    instance: Instance,
}

/// Serves the control protocol, and the gateway beside it, until standard input closes.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let gateway = Arc::new(Gateway::default());
    let requests = TcpListener::bind("127.0.0.1:0").await?;
    let served = format!("http://{}", requests.local_addr()?);
    let control = TcpListener::bind("127.0.0.1:0").await?;
    println!("countersign-control: http://{}", control.local_addr()?);
    std::thread::spawn(|| {
        // Whoever started us is gone, or wants us gone, when this ends.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0)
    });
    tokio::select! {
        ended = gateway::serve(requests, Arc::clone(&gateway)) => ended,
        ended = listen(control, gateway, served) => ended,
    }
}

async fn listen(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    served: String,
) -> Result<(), Box<dyn Error>> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (gateway, served) = (Arc::clone(&gateway), served.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let (gateway, served) = (Arc::clone(&gateway), served.clone());
                async move { answer(request, &gateway, &served).await }
            });
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    gateway: &Gateway,
    served: &str,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let answer = match (&parts.method, parts.uri.path()) {
        (&Method::GET, "/v1/implementation") => Ok(json!({
            "protocol": 1,
            "name": "gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "slots": SLOTS,
            // Of what the packs ask about it knows two schemes, and beside `profiles` three fields.
            "supports": {"policy.profiles.scheme": ["basic", "bearer"], "events": true},
            "knows": ["policy.active", "policy.advertise_all", "instance.first_scheme_only"],
            "claims": ["api-access-policy"],
        })),
        (&Method::PUT, "/v1/policies") => {
            let body = body.collect().await?.to_bytes();
            serde_json::from_slice(&body)
                .map(|installation| install(gateway, installation, served))
                .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
        }
        (&Method::GET, "/v1/events") => {
            let query = parts.uri.query().unwrap_or_default();
            match query.strip_prefix("generation=").map(str::parse) {
                Some(Ok(generation)) => Ok(json!({"events": gateway.log(generation)})),
                _ => Err((StatusCode::BAD_REQUEST, "which generation?".to_owned())),
            }
        }
        (method, path) => Err((StatusCode::NOT_FOUND, format!("{method} {path}"))),
    };
    Ok(match answer {
        Ok(value) => Response::new(Full::new(Bytes::from(value.to_string()))),
        Err((status, why)) => {
            let mut response = Response::new(Full::new(Bytes::from(why)));
            *response.status_mut() = status;
            response
        }
    })
}

/// Puts the policies in force. They are when this returns.
fn install(gateway: &Gateway, installation: Installation, served: &str) -> Value {
    let endpoint = |slot: usize| json!({"slot": slot, "url": format!("{served}/s{slot}")});
    let answer = json!({
        "generation": installation.generation,
        "endpoints": (0..installation.policies.len()).map(endpoint).collect::<Vec<_>>(),
        "unsupported": [],
    });
    let policies = installation.policies.into_iter().map(|slot| Policy {
        first_scheme_only: slot.instance.first_scheme_only,
        ..slot.policy
    });
    gateway.replace(
        installation.generation,
        installation.identities,
        policies.collect(),
    );
    answer
}
