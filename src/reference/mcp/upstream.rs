//! What a tool of the server asks of the server behind: with a token of its own, and never with its client's.

use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::AUTHORIZATION;
use hyper::{Request, Response};
use serde_json::Value as Json;

use super::McpServer;
use crate::reference::fault::Fault;
use crate::reference::gateway_parts::{GatewayRequest, RequestForm, exchange, line};
use crate::reference::seeded::Faults;
use crate::wire::Endpoint;

/// The tool that asks.
const TOOL: &str = "ask_upstream";

/// The token of the server's own.
const OWN: &str = "Bearer a-token-of-the-servers-own";

/// How long the server behind may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// A request to the server behind that a message of a client asks for.
#[derive(Debug)]
pub(in crate::reference) struct UpstreamCall {
    at: Endpoint,
    request: GatewayRequest,
    /// Whether it is made whatever is answered to the client.
    whoever: bool,
}

impl McpServer {
    /// What a client's message has asked of the server behind, if there is one and that tool is called.
    pub(in crate::reference) fn call_of(
        &self,
        asked: &Request<Bytes>,
        faults: &Faults,
    ) -> Option<UpstreamCall> {
        let at = self.upstream.clone()?;
        let message: Json = serde_json::from_slice(asked.body()).ok()?;
        (message.pointer("/params/name")?.as_str()? == TOOL).then_some(())?;
        let token = asked.headers().get(AUTHORIZATION);
        let token = token.and_then(|token| token.to_str().ok());
        let own = line("Authorization", OWN);
        let passed = token.filter(|_| faults.has(Fault::McpTokenPassedOn));
        let beside = token.filter(|_| faults.has(Fault::McpTokenPassedBeside));
        let mut fields = vec![passed.map_or(own, |token| line("Authorization", token))];
        fields.extend(beside.map(|token| line("X-Forwarded-Authorization", token)));
        let request = GatewayRequest {
            method: "GET".to_owned(),
            target: "/upstream".to_owned(),
            host: at.authority.clone(),
            form: RequestForm::default(),
            fields,
            content: Bytes::new(),
        };
        Some(UpstreamCall {
            at,
            request,
            whoever: faults.has(Fault::McpAsksBeforeItChecks),
        })
    }
}

impl UpstreamCall {
    /// Makes it, where the client's message is answered.
    pub(in crate::reference) async fn make(self, answer: &Response<Full<Bytes>>) {
        if self.whoever || answer.status().is_success() {
            // What comes back is no matter of the client's, and neither is whether something does.
            let _ = exchange(&self.at, &self.request, PATIENCE).await;
        }
    }
}
