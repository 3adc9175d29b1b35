//! What the gateway works with: requests, answers, and who is asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Version};

use crate::wire::{BodyEnd, Endpoint, FieldLine, Limits, PreparedRequest, Transport};

/// The field in which it tells who asks.
pub(super) const USER: &str = "x-user";

/// Where a gateway's filter for CORS stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum CorsPlace {
    /// There is none.
    #[default]
    Nowhere,
    /// Before the check: who asks whether a page may ask is answered unchecked, and every answer can be read.
    Before,
    /// Behind it: all are checked, and what is let through can be read.
    Behind,
}

/// A gateway of one slot.
#[derive(Debug)]
pub(super) struct Gateway {
    /// Whether its route is one of those that are asked about.
    pub(super) asks: bool,
    pub(super) cors: CorsPlace,
    /// The names, in small letters, of fields that a check has beside those that it always has.
    pub(super) allowed: &'static [&'static str],
    pub(super) service: Endpoint,
    /// Whether the service is asked by gRPC.
    pub(super) by_grpc: bool,
    pub(super) backend: Endpoint,
    /// What was decided before, for a fault that takes it for what is decided now.
    pub(super) decided: Mutex<Option<GatewayReply>>,
    /// The most bytes of content that a check has; nothing where it has none.
    pub(super) reads: Option<usize>,
    /// What was answered before, for a fault that answers others so.
    pub(super) stored: Mutex<Option<GatewayReply>>,
    /// What was left over of answers, for faults that take it for others.
    pub(super) left_over: Mutex<Option<GatewayReply>>,
}

/// A request or an answer, as a gateway looks at it.
pub(super) type FieldLines = Vec<FieldLine>;

/// An answer that a gateway got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GatewayReply {
    pub(super) status: u16,
    pub(super) fields: FieldLines,
    pub(super) body: Vec<u8>,
    /// The names of fields that a service has taken out of the request, which it can by gRPC alone.
    pub(super) removes: Vec<String>,
}

impl GatewayReply {
    /// Whether a service has taken a field out of the request.
    pub(super) fn takes_out(&self, field: &FieldLine) -> bool {
        let mut names = self.removes.iter();
        names.any(|name| name.eq_ignore_ascii_case(&field.name))
    }
}

/// How a client put what it asked.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestForm {
    /// What `Host` says, where it is there.
    pub(super) named: Option<String>,
    /// Whether it is for a whole URL.
    pub(super) is_absolute: bool,
    /// Whether it came by HTTP/2.
    pub(super) is_http2: bool,
}

/// What a client asked.
#[derive(Clone, Debug)]
pub(super) struct GatewayRequest {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) host: String,
    pub(super) form: RequestForm,
    /// Every field line but `Host`.
    pub(super) fields: FieldLines,
    pub(super) content: Bytes,
}

impl GatewayRequest {
    /// That of a client.
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        let line = |(name, value): (&HeaderName, &HeaderValue)| FieldLine {
            name: name.as_str().to_owned(),
            value: value.as_bytes().to_vec(),
        };
        let host = request.headers().get("host");
        // RFC 9112 §3.2.2: of a target that is a whole URL the host is there, whatever `Host` says; and HTTP/2 has it there.
        let authority = request.uri().authority();
        let target = request.uri().path_and_query();
        let mut fields: FieldLines = request.headers().iter().map(line).collect();
        fields.retain(|field| field.name != "host");
        Self {
            method: request.method().to_string(),
            target: target.map_or("/", |target| target.as_str()).to_owned(),
            host: match (authority, host) {
                (Some(authority), _) => authority.to_string(),
                (None, Some(host)) => String::from_utf8_lossy(host.as_bytes()).into_owned(),
                (None, None) => String::new(),
            },
            form: RequestForm {
                named: host.map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned()),
                is_absolute: authority.is_some() && request.version() < Version::HTTP_2,
                is_http2: request.version() == Version::HTTP_2,
            },
            fields,
            content: request.body().clone(),
        }
    }
}

/// A field line.
pub(super) fn line(name: &str, value: &str) -> FieldLine {
    FieldLine {
        name: name.to_owned(),
        value: value.as_bytes().to_vec(),
    }
}

/// Asks somebody, over a connection of its own; nothing where no answer comes that can be read.
pub(super) async fn exchange(
    at: &Endpoint,
    request: &GatewayRequest,
    patience: Duration,
) -> Option<GatewayReply> {
    let mut fields = request.fields.clone();
    fields.retain(|field| !field.name.eq_ignore_ascii_case("content-length"));
    let is_expected = matches!(&*request.method, "POST" | "PUT" | "PATCH");
    if is_expected || !request.content.is_empty() {
        fields.push(line("Content-Length", &request.content.len().to_string()));
    }
    let request = Arc::new(crate::wire::Request {
        content: request.content.clone(),
        method: request.method.clone(),
        path: request.target.clone(),
        fields,
    });
    let prepared = PreparedRequest::new(request).ok()?;
    let mut transport = Transport::new(Limits {
        connect: patience,
        head: patience,
        body: patience,
        ..Limits::default()
    });
    let received = transport.exchange(at, &prepared).await.ok()?;
    let response = received.to_response().ok()?;
    // Of what breaks off or stalls, a part is no answer (RFC 9112 §6.3).
    if matches!(response.body_end, BodyEnd::Broken | BodyEnd::TooSlow) {
        return None;
    }
    Some(GatewayReply {
        status: response.status,
        fields: response.fields,
        body: response.body,
        removes: Vec::new(),
    })
}
