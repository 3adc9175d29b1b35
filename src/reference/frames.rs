//! HTTP/2 at a listener of the reference implementation.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Full;
use hyper::Method;
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
        async move {
            let is_connect = *request.method() == Method::CONNECT;
            let mut response = respond(&state, way, request).await?;
            if is_connect && response.status().is_success() {
                // What follows is no content (RFC 8441 §4). Nobody goes on here, so it ends at once.
                *response.body_mut() = Full::default();
            }
            Ok::<_, Infallible>(response)
        }
    });
    // What it spawns is over with the request's content.
    let _ = http2::Builder::new(TokioExecutor::new())
        .auto_date_header(false)
        .enable_connect_protocol()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
