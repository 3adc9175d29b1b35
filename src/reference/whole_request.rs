//! A request with its content, which a server reads before it decides.

use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::Request;
use hyper::body::{Body, Bytes, Incoming};

/// How long a client may take to begin: to say whether it speaks HTTP/2, to shake hands, and by HTTP/3 to send its request.
pub(super) const BEGINNING: Duration = Duration::from_secs(5);

/// The most content that is read, in bytes; more is as good as none.
pub(super) const MOST: usize = 64 * 1024;

/// A request with its content.
pub(super) async fn whole(request: Request<Incoming>) -> Request<Bytes> {
    let (head, body) = request.into_parts();
    if body.is_end_stream() {
        return Request::from_parts(head, Bytes::new());
    }
    let read = Limited::new(body, MOST).collect().await;
    let content = read.map(|read| read.to_bytes()).unwrap_or_default();
    Request::from_parts(head, content)
}
