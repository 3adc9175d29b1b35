//! The answer to a request, by what is in force.

use std::sync::{Arc, PoisonError, RwLock};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use super::decision::{Decision, DecisionInput, WELCOME};
use super::fault::Fault;
use super::installed::Installed;
use super::issuer;
use super::log_ins::Whence;
use super::mcp::METADATA;
use super::origin::WELL_KNOWN;

/// The platform's body of a 401 (*Add an OIDC entity*).
const NOT_AUTHENTICATED: &[u8] = br#"{"error":{"message":"User Not Authenticated","detail":"Required to provide Auth information"},"status":"failure"}"#;

/// The body of any other answer that refuses.
const REFUSED: &[u8] =
    br#"{"error":{"message":"Request Refused","detail":null},"status":"failure"}"#;

/// What is in force, shared with every connection; replaced as a whole.
pub(super) type InForce = Arc<RwLock<Arc<Installed>>>;

pub(super) fn current(in_force: &InForce) -> Arc<Installed> {
    Arc::clone(&in_force.read().unwrap_or_else(PoisonError::into_inner))
}

/// Decides on a request and words the answer, as an origin server by HTTP/1.1 does.
pub(super) fn answer(
    in_force: &InForce,
    request: &Request<Bytes>,
    by_proxy: bool,
    whence: &Whence,
) -> Response<Full<Bytes>> {
    let installed = current(in_force);
    if *request.method() == Method::CONNECT && installed.faults().has(Fault::ConnectLetIn) {
        return Response::default();
    }
    if let Some(path) = request.uri().path().strip_prefix(WELL_KNOWN)
        && let Some(response) = slot_of(path).and_then(|slot| installed.metadata(slot))
    {
        return response;
    }
    if let Some(path) = request.uri().path().strip_prefix(issuer::WELL_KNOWN)
        && let Some(response) = slot_of(path).and_then(|slot| installed.issuer_metadata(slot))
    {
        return response;
    }
    let slot = slot_of(request.uri().path()).unwrap_or(usize::MAX);
    if request.uri().path().ends_with(METADATA)
        && let Some(response) = installed.metadata_elsewhere(slot)
    {
        return response;
    }
    let asked = DecisionInput {
        method: request.method(),
        target: request
            .uri()
            .path_and_query()
            .map_or("/", |target| target.as_str()),
        headers: request.headers(),
        by_proxy,
        whence,
        content: request.body(),
    };
    worded(installed.decide(slot, &asked))
}

/// Words a decision, as an origin server by HTTP/1.1 does.
pub(super) fn worded(decision: Decision) -> Response<Full<Bytes>> {
    let body = match decision.status {
        StatusCode::OK => WELCOME,
        StatusCode::UNAUTHORIZED => NOT_AUTHENTICATED,
        _ => REFUSED,
    };
    let body = match decision.content {
        Some(content) => Bytes::from(content),
        None => Bytes::from_static(body),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = decision.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in decision.fields {
        match name {
            // One that the decision has is in place of the usual one.
            CONTENT_TYPE => drop(headers.insert(name, value)),
            name => drop(headers.append(name, value)),
        }
    }
    response
}

/// The slot of `/s{slot}` and of any path below it.
pub(super) fn slot_of(path: &str) -> Option<usize> {
    let rest = path.strip_prefix("/s")?;
    let (number, _) = rest.split_once('/').unwrap_or((rest, ""));
    number.parse().ok()
}
