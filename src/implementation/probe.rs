//! Ports: which are free, and whose answer comes from one, and of which configuration.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::tail::excerpt;

/// How long one probe may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most bytes of an answer that are read.
const MOST_BYTES: usize = 16 * 1024;

/// What a probe saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
    /// The configuration asked for is in force.
    Ready,
    /// Somebody answers, and it is not that configuration: the first line of the answer.
    Other(String),
    /// Nobody answers.
    Nobody,
}

/// Asks for `path` on a loopback port and looks for `token` in the answer's body.
pub(super) async fn probe(port: u16, path: &str, token: &str) -> Sighting {
    let answer = tokio::time::timeout(PATIENCE, ask(port, path)).await;
    let Ok(Ok(answer)) = answer else {
        return Sighting::Nobody;
    };
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    // A whole word: the token of generation 1 must not be found in that of generation 12. Where the
    // body is chunked, the sizes are words of their own.
    if body.split_whitespace().any(|word| word == token) {
        return Sighting::Ready;
    }
    match head.lines().next() {
        Some(line) => Sighting::Other(excerpt(line, 100)),
        None => Sighting::Nobody,
    }
}

/// Whether every one of these loopback ports takes connections.
pub(super) async fn listens(ports: &[u16]) -> bool {
    for port in ports {
        let connect = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, *port)));
        if !matches!(tokio::time::timeout(PATIENCE, connect).await, Ok(Ok(_))) {
            return false;
        }
    }
    true
}

/// So many different loopback ports that were free a moment ago.
pub(super) fn free_ports(count: usize) -> std::io::Result<Vec<u16>> {
    let held = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<std::io::Result<Vec<_>>>()?;
    held.iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect()
}

async fn ask(port: u16, path: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    let mut buffer = [0_u8; 4096];
    while answer.len() < MOST_BYTES {
        match stream.read(&mut buffer).await? {
            0 => break,
            count => answer.extend_from_slice(buffer.get(..count).unwrap_or_default()),
        }
    }
    Ok(answer)
}
