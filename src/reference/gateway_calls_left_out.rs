//! What stands for checks by gRPC where Countersign is built without HTTP/2: the reference implementation does not claim
//! them, and no service answers.

use std::time::Duration;

use super::gateway_parts::{GatewayReply, GatewayRequest};
use super::seeded::Faults;
use crate::wire::Endpoint;

/// Nothing.
#[allow(clippy::unused_async)] // the one that this stands for waits
pub(super) async fn call(
    _: &Endpoint,
    _: &GatewayRequest,
    _: Duration,
    _: &Faults,
) -> Option<GatewayReply> {
    None
}
