//! The gateway: it asks an auth service about each request, and passes on to the server behind what that lets
//! through.
//!
//! It follows the `ExternalAuth` filter of the Gateway API where that says something, and is careful where it does
//! not:
//!
//! | what the service does | what the client gets |
//! |---|---|
//! | 200 | the answer of the server behind, which is told who asks as the service tells it |
//! | 304, 407, 1xx, another 2xx | 403: it would mean something else from a gateway |
//! | any other status | that status, with the service's challenges, `Location` and `Retry-After` |
//! | no answer, or none that can be read, in time | 503 |
//!
//! The check has the client's method, target and `Authorization`, and what was asked in `X-Forwarded-*` as well; its
//! content where the policy says so, of which 64 bytes are the most, and 413 is the answer to more. By gRPC it has every
//! field, and a call that fails, or has anything but one answer, is none (`gateway_calls.rs`).
//! The server behind gets the client's request without fields that are for one hop (RFC 9110 §7.6.1) and without
//! whatever calls itself an identity.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};

use super::gateway_calls::call;
use super::gateway_cors;
use super::gateway_faults as faulty;
use super::gateway_parts::{
    CorsPlace, FieldLines, Gateway, GatewayReply, GatewayRequest, USER, exchange, line,
};
use super::left_over;
use super::seeded::Faults;
use crate::domain::Value;
use crate::wire::{Endpoint, FieldLine, UpstreamPlaces};

/// How long an auth service may take, and how long a backend.
const PATIENCE: Duration = Duration::from_millis(250);

/// The most bytes of content that go to a service where a policy has them go there.
const SMALL: usize = 64;

/// Fields for one hop, whether or not `Connection` names them (RFC 9110 §7.6.1).
const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Gateway {
    /// One that does what a policy says, before these.
    pub(super) fn new(policy: &Value, places: &UpstreamPlaces) -> Self {
        let asks = policy.field("external_auth").and_then(Value::as_bool);
        let forwards = policy.field("forward_body").and_then(Value::as_symbol);
        Self {
            reads: (forwards == Some("small")).then_some(SMALL),
            stored: Mutex::default(),
            left_over: Mutex::default(),
            asks: asks.unwrap_or(true),
            cors: CorsPlace::of(policy),
            allowed: match policy.field("allowed_headers").and_then(Value::as_symbol) {
                Some("cookie") => &["cookie"],
                _ => &[],
            },
            service: Endpoint::new(places.auth_service.clone(), ""),
            by_grpc: policy.field("protocol").and_then(Value::as_symbol) == Some("grpc"),
            backend: Endpoint::new(places.backend.clone(), ""),
            decided: Mutex::default(),
        }
    }

    /// Answers a client.
    pub(super) async fn answer(
        &self,
        request: &Request<Bytes>,
        faults: &Faults,
    ) -> Response<Full<Bytes>> {
        let asked = GatewayRequest::of(request);
        let reply = self.reply(&asked, faults).await;
        response(reply)
    }

    async fn reply(&self, asked: &GatewayRequest, faults: &Faults) -> GatewayReply {
        if faulty::refuses(asked, faults) {
            return bare(400);
        }
        let is_first = self.cors == CorsPlace::Before;
        if let Some(answer) = gateway_cors::preflight(asked)
            && !faulty::checks_preflights(self.cors, faults)
        {
            return answer;
        }
        let mut reply = self.checked(asked, faults).await;
        if is_first && !faulty::hides_refusal(&reply, faults) {
            gateway_cors::opened(asked, &mut reply);
        }
        reply
    }

    /// What comes of a request once it is checked.
    async fn checked(&self, asked: &GatewayRequest, faults: &Faults) -> GatewayReply {
        if !faulty::asks_about(self, asked, faults) {
            return self.let_in(asked, &GatewayReply::default(), faults).await;
        }
        let is_long = self.reads.is_some_and(|most| asked.content.len() > most);
        if is_long && !faulty::takes_long_content(faults) {
            return bare(413);
        }
        let decision = match faulty::remembered(self, faults) {
            Some(decision) => Some(decision),
            None => self.check(asked, faults).await,
        };
        if let Some(decision) = &decision {
            let mut decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
            *decided = Some(decision.clone());
        }
        if faulty::lets_through(decision.as_ref(), asked, faults) {
            let told = decision.unwrap_or_default();
            if let Some(stored) = faulty::stored(self, faults) {
                return stored;
            }
            return self.let_in(asked, &told, faults).await;
        }
        if faulty::passes_on_first(faults) {
            let _ = self
                .passed_on(asked, &GatewayReply::default(), faults)
                .await;
        }
        match decision {
            Some(decision) if faulty::passes_on(&decision, faults) => decision,
            Some(decision) => faulty::relayed(relayed(decision), faults),
            None => bare(503),
        }
    }

    /// What comes of a request that the service let in.
    async fn let_in(
        &self,
        asked: &GatewayRequest,
        told: &GatewayReply,
        faults: &Faults,
    ) -> GatewayReply {
        if self.cors != CorsPlace::Behind {
            return self.passed_on(asked, told, faults).await;
        }
        match gateway_cors::preflight(asked) {
            Some(answer) => answer,
            None => {
                let mut reply = self.passed_on(asked, told, faults).await;
                gateway_cors::opened(asked, &mut reply);
                reply
            }
        }
    }

    /// What the service answers; nothing where it does not.
    async fn check(&self, asked: &GatewayRequest, faults: &Faults) -> Option<GatewayReply> {
        let with_content = self.reads.is_some();
        if self.by_grpc {
            let check = faulty::call(call_for(asked, with_content), asked, faults);
            if faulty::asks_twice(faults) {
                let _ = call(&self.service, &check, PATIENCE, faults).await;
            }
            return call(&self.service, &check, PATIENCE, faults).await;
        }
        let check = check_for(asked, self.allowed, with_content);
        let check = faulty::check(check, asked, self.allowed, faults);
        if faulty::asks_twice(faults) {
            let _ = exchange(&self.service, &check, PATIENCE).await;
        }
        let reply = match faulty::misreads_service(faults) {
            true => left_over::misread(&self.service, &check, &self.left_over, faults).await,
            false => exchange(&self.service, &check, PATIENCE).await,
        };
        faulty::followed(self, reply?, faults).await
    }

    /// What the server behind answers to the client's request, of which the service told this.
    async fn passed_on(
        &self,
        asked: &GatewayRequest,
        told: &GatewayReply,
        faults: &Faults,
    ) -> GatewayReply {
        let named = named_by_connection(&asked.fields);
        let is_for_one_hop = |name: &str| {
            let name = name.to_ascii_lowercase();
            // What the client waited for was said to it; credentials for a proxy are for the one before.
            let is_done = matches!(&*name, "expect" | "proxy-authorization");
            HOP_BY_HOP.contains(&&*name) || is_done || named.contains(&name)
        };
        let mut fields: FieldLines = asked.fields.clone();
        // What stays though `Connection` names it.
        let is_left = |field: &FieldLine| {
            let name = field.name.to_ascii_lowercase();
            let is_named = named.contains(&name) && !HOP_BY_HOP.contains(&&*name);
            is_named && faulty::lets_named(field, faults)
        };
        fields.retain(|field| {
            is_left(field)
                || !is_for_one_hop(&field.name)
                || faulty::lets_upgrade(field, faults)
                || faulty::lets_proxy_credentials(field, faults)
        });
        fields.retain(|field| !told.takes_out(field) || faulty::lets_taken_out(faults));
        let forged = |field: &FieldLine| field.name.replace('_', "-").eq_ignore_ascii_case(USER);
        let stays = |field: &FieldLine| is_left(field) || faulty::lets_forged(field, told, faults);
        fields.retain(|field| !forged(field) || stays(field));
        // By gRPC all that a service tells is for the server behind, and by HTTP what the policy has.
        let tells = told.fields.iter().filter(|field| {
            let is_for_it = self.by_grpc || field.name.eq_ignore_ascii_case(USER);
            is_for_it || faulty::tells_what_is_not_allowed(faults)
        });
        fields.extend(tells.cloned());
        faulty::behind(&mut fields, &named, faults);
        let content = faulty::content_behind(&asked.content, faults);
        let request = GatewayRequest {
            fields,
            content,
            target: faulty::target_behind(&asked.target, faults),
            ..asked.clone()
        };
        if faulty::passes_on_twice(faults) {
            let _ = exchange(&self.backend, &request, PATIENCE).await;
        }
        let since = Instant::now();
        let mut reply = match faulty::misreads_backend(faults) {
            true => left_over::misread(&self.backend, &request, &self.left_over, faults).await,
            false => exchange(&self.backend, &request, PATIENCE).await,
        };
        if reply.is_none() && faulty::repeats(faults) {
            reply = exchange(&self.backend, &request, PATIENCE).await;
        }
        let mut reply = reply
            .unwrap_or_else(|| bare(faulty::trouble_behind(since.elapsed() >= PATIENCE, faults)));
        reply.fields.retain(|field| {
            let is_length = field.name.eq_ignore_ascii_case("content-length");
            !is_length
                && !HOP_BY_HOP
                    .iter()
                    .any(|name| field.name.eq_ignore_ascii_case(name))
        });
        faulty::answered(self, reply, faults)
    }
}

/// The check for a request: its method and target, its `Authorization`, and what was asked in fields of their own.
fn check_for(asked: &GatewayRequest, allowed: &[&str], with_content: bool) -> GatewayRequest {
    let goes = |field: &&FieldLine| {
        let mut names = allowed.iter().copied().chain(["authorization"]);
        names.any(|name| field.name.eq_ignore_ascii_case(name))
    };
    let mut fields: FieldLines = asked.fields.iter().filter(goes).cloned().collect();
    fields.extend([
        line("X-Forwarded-Method", &asked.method),
        line("X-Forwarded-Host", &asked.host),
        line("X-Forwarded-Uri", &asked.target),
    ]);
    let content = match with_content {
        true => asked.content.clone(),
        false => Bytes::new(),
    };
    GatewayRequest {
        fields,
        content,
        ..asked.clone()
    }
}

/// The check by gRPC for a request: its method, target and host, and every field (Gateway API, `GRPCAuthConfig`).
fn call_for(asked: &GatewayRequest, with_content: bool) -> GatewayRequest {
    let content = match with_content {
        true => asked.content.clone(),
        false => Bytes::new(),
    };
    GatewayRequest {
        content,
        ..asked.clone()
    }
}

/// The names that `Connection` has, in lower case, save those that are no business of one hop: who sends them
/// cannot have a request lose its credentials.
fn named_by_connection(fields: &[FieldLine]) -> Vec<String> {
    let lines = fields
        .iter()
        .filter(|field| field.name.eq_ignore_ascii_case("connection"));
    let text: Vec<String> = lines
        .map(|field| String::from_utf8_lossy(&field.value).to_ascii_lowercase())
        .collect();
    let names = text.iter().flat_map(|text| text.split(','));
    names.map(|name| name.trim().to_owned()).collect()
}

/// What of a refusal of the service a client gets.
fn relayed(decision: GatewayReply) -> GatewayReply {
    if !matches!(decision.status, 300..=303 | 305..=406 | 408..=599) {
        return bare(403);
    }
    let relayed = [
        "www-authenticate",
        "location",
        "retry-after",
        "content-type",
    ];
    let is_relayed = |name: &str| relayed.iter().any(|one| name.eq_ignore_ascii_case(one));
    GatewayReply {
        fields: decision
            .fields
            .into_iter()
            .filter(|field| is_relayed(&field.name))
            .collect(),
        ..decision
    }
}

fn bare(status: u16) -> GatewayReply {
    GatewayReply {
        status,
        ..GatewayReply::default()
    }
}

fn response(reply: GatewayReply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for field in reply.fields {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&field.value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
