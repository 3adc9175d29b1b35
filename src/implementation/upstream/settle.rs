//! Waiting until whoever is played has read what was sent to it so far.
//!
//! A gateway that gives up on a request answers its client without an answer to that request, which may lie unread in a
//! queue where this program had no turn for a while. What is read only then would be taken for a request of whoever asks
//! next. So a connection of our own is sent behind those that wait: who answers it has taken the others.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::message::UpstreamRequest;

/// The method of such a request, which nobody else has.
const METHOD: &str = "COUNTERSIGN-SETTLE";

/// What is answered to it.
pub(super) const SETTLED: &[u8] = b"HTTP/1.1 204 Settled\r\nConnection: close\r\n\r\n";

/// How long is waited for that.
const LONGEST: Duration = Duration::from_secs(1);

/// Whether a request is such a one.
pub(super) fn is_settling(asked: &UpstreamRequest) -> bool {
    asked.method == METHOD
}

/// Waits until whoever is played at a place has taken what was sent before, or for a second.
pub(super) async fn settle(place: &str) {
    let asking = async {
        let mut stream = TcpStream::connect(place).await.ok()?;
        let request = format!("{METHOD} / HTTP/1.1\r\nHost: {place}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        stream.read_u8().await.ok()
    };
    // Where nobody listens, nothing can have come.
    let _ = timeout(LONGEST, asking).await;
}
