//! HTTP/2 at a listener of the reference implementation.

use std::sync::Arc;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};

use super::respond::respond;
use super::way::ConnectionState;
use crate::wire::Way;

/// Serves a connection to its end.
pub(super) async fn converse_in_frames(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    state: ConnectionState,
    way: Way,
) {
    let state = Arc::new(state);
    let service = service_fn(|request| {
        let state = Arc::clone(&state);
        async move { respond(&state, way, request).await }
    });
    // What it spawns is over with the request's content.
    let _ = http2::Builder::new(TokioExecutor::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
