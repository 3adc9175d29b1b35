//! What stands for HTTP/2 at a listener where Countersign is built without it: the reference implementation does
//! not say that it would speak it, and closes the connection of who tries.

use super::way::ConnectionState;
use crate::wire::Way;

/// Serves nothing.
#[allow(clippy::unused_async)] // the one that this stands for waits
pub(super) async fn converse_in_frames<S>(_: S, _: ConnectionState, _: Way) {}
