//! HTTP/2 at a listener of the reference implementation.

use std::convert::Infallible;
use std::future::ready;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};

use super::way::ConnectionState;
use crate::wire::Way;

/// Serves a connection to its end.
pub(super) async fn converse_in_frames(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    state: ConnectionState,
    way: Way,
) {
    let service = service_fn(|request| ready(Ok::<_, Infallible>(state.answer(way, request))));
    // What it spawns are answers that are ready already.
    let _ = http2::Builder::new(TokioExecutor::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
