//! `gateway policy.json` serves one policy; `gateway --control` lets a test install policies.

mod control;
mod gateway;

use std::error::Error;
use std::sync::Arc;

use gateway::{Gateway, Rules};

const ADDRESS: &str = "127.0.0.1:8080";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let argument = std::env::args().nth(1);
    match argument.as_deref() {
        Some("--control") => control::run().await,
        Some(file) => {
            let rules: Rules = serde_json::from_slice(&std::fs::read(file)?)?;
            let gateway = Arc::new(Gateway::default());
            gateway.replace(0, rules.identities.clone(), vec![rules.policy()]);
            let listener = tokio::net::TcpListener::bind(ADDRESS).await?;
            println!("http://{ADDRESS}/");
            gateway::serve(listener, gateway).await
        }
        None => Err("usage: gateway policy.json | --control".into()),
    }
}
