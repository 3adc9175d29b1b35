//! What stands for a service that is asked by gRPC where Countersign is built without HTTP/2: it is never opened, and a
//! policy that wants it is told why.

use std::sync::Arc;

use tokio::net::TcpStream;

use super::played::PlayedUpstream;

/// Serves nothing.
#[allow(clippy::unused_async)] // the one that this stands for waits
pub(super) async fn converse_in_calls(_: Arc<PlayedUpstream>, _: TcpStream, _: Arc<str>) {}
