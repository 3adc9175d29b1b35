//! Answering a request by whatever way it came.

use std::convert::Infallible;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};

use super::answer::{current, slot_of};
use super::way::ConnectionState;
use super::whole_request::whole;
use crate::wire::Way;

/// The answer of whoever stands in the slot, once the request is there with its content.
pub(super) async fn respond(
    state: &ConnectionState,
    way: Way,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let request = whole(request).await;
    Ok(respond_to_whole(state, way, request).await)
}

/// The answer of whoever stands in the slot: a gateway asks others first, and so does what a message has it do.
pub(super) async fn respond_to_whole(
    state: &ConnectionState,
    way: Way,
    request: Request<Bytes>,
) -> Response<Full<Bytes>> {
    let installed = current(&state.in_force);
    let slot = slot_of(request.uri().path()).unwrap_or(usize::MAX);
    match installed.gateway(slot) {
        Some(gateway) => gateway.answer(&request, installed.faults()).await,
        None => {
            let call = installed.call_of(slot, &request);
            let answer = state.answer(way, request);
            if let Some(call) = call {
                call.make(&answer).await;
            }
            answer
        }
    }
}
