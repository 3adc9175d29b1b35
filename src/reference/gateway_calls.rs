//! A check by gRPC: Envoy's `ext_authz`, over a connection of its own, on HTTP/2 with prior knowledge.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http2;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, TE};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::gateway_faults as faulty;
use super::gateway_parts::{GatewayReply, GatewayRequest};
use super::seeded::Faults;
use crate::wire::{CHECK_PATH, CheckRequest, CheckResponse, Endpoint, FieldLine, framed, unframed};

/// The field in which gRPC says how a call ended: 0 where it ended well.
const STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// The most bytes that are read of an answer.
const MOST: usize = 64 * 1024;

/// What the service answers to a check; nothing where the call fails, or its answer is not one message that can be read.
pub(super) async fn call(
    at: &Endpoint,
    check: &GatewayRequest,
    patience: Duration,
    faults: &Faults,
) -> Option<GatewayReply> {
    let called = timeout(patience, called(at, check));
    let stream = called.await.ok().flatten()?;
    let message = match unframed(&stream) {
        Some(message) => Some(message),
        None => faulty::last_of_several(&stream, faults),
    };
    Some(reply(CheckResponse::read(message?)?))
}

/// The bytes of the answer, where the call ends well.
async fn called(at: &Endpoint, check: &GatewayRequest) -> Option<Bytes> {
    let stream = TcpStream::connect(&at.authority).await.ok()?;
    let shaken = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.ok()?;
    let request = Request::post(format!("http://{}{CHECK_PATH}", at.authority))
        .header(CONTENT_TYPE, "application/grpc")
        .header(TE, "trailers")
        .body(Full::new(Bytes::from(framed(&message(check)))))
        .ok()?;
    let answer = async {
        let (head, body) = sender.send_request(request).await.ok()?.into_parts();
        let body = Limited::new(body, MOST).collect().await.ok()?;
        let is_done = |fields: &HeaderMap| fields.get(STATUS).map(|status| status == "0");
        let ended = is_done(&head.headers).or_else(|| is_done(body.trailers()?));
        (head.status == StatusCode::OK && ended == Some(true)).then(|| body.to_bytes())
    };
    tokio::select! {
        biased;
        answer = answer => answer,
        _ = connection => None,
    }
}

/// The message of a check: of several lines of a field one, as the message has a map (RFC 9110 §5.3).
fn message(check: &GatewayRequest) -> Vec<u8> {
    let mut fields: Vec<FieldLine> = Vec::new();
    for line in &check.fields {
        let known = fields
            .iter_mut()
            .find(|field| field.name.eq_ignore_ascii_case(&line.name));
        match known {
            Some(field) => field.value = [&field.value[..], &line.value].join(&b","[..]),
            None => fields.push(line.clone()),
        }
    }
    let message = CheckRequest {
        method: check.method.clone(),
        target: check.target.clone(),
        host: check.host.clone(),
        fields,
        content: check.content.to_vec(),
    };
    message.write()
}

fn reply(response: CheckResponse) -> GatewayReply {
    match response {
        CheckResponse::Ok { fields, removes } => GatewayReply {
            status: StatusCode::OK.as_u16(),
            fields,
            removes,
            ..GatewayReply::default()
        },
        CheckResponse::Denied {
            status,
            fields,
            body,
        } => GatewayReply {
            // Whatever status it has, it is a refusal.
            status: match status {
                200..=299 => StatusCode::FORBIDDEN.as_u16(),
                status => status,
            },
            fields,
            body: body.into_bytes(),
            ..GatewayReply::default()
        },
    }
}
