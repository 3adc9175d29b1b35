//! Ports: which are free, and whose answer comes from one, and of which configuration.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::implementation::excerpt;

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
    let answer = tokio::time::timeout(PATIENCE, ask(port, path, is_whole)).await;
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

/// Asks for `path` on a loopback port and waits for the beginning of an answer, whatever it is.
pub(super) async fn knock(port: u16, path: &str) {
    let begun = |answer: &[u8]| !answer.is_empty();
    let _ = tokio::time::timeout(PATIENCE, ask(port, path, begun)).await;
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

/// Whether this is all of an answer, by its own account (RFC 9112 §6.3). Some servers hold a connection for
/// a second behind the answer, although they were asked to close it.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let field = |name: &str| {
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    if field("transfer-encoding").is_some() {
        return body == "0\r\n\r\n" || body.ends_with("\r\n0\r\n\r\n");
    }
    let length = field("content-length").and_then(|value| value.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

/// What is answered, as far as it is `enough`, or to its end.
async fn ask(port: u16, path: &str, enough: impl Fn(&[u8]) -> bool) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    let mut buffer = [0_u8; 4096];
    while answer.len() < MOST_BYTES && !enough(&answer) {
        match stream.read(&mut buffer).await? {
            0 => break,
            count => answer.extend_from_slice(buffer.get(..count).unwrap_or_default()),
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_it_says_so() {
        for (answer, whole) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", false),
            ("HTTP/1.1 200 OK\r\ncontent-length:3\r\n\r\nabc", true),
            ("HTTP/1.1 200 OK\r\n\r\nabc", false),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                false,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                true,
            ),
        ] {
            assert_eq!(is_whole(answer.as_bytes()), whole, "{answer}");
        }
    }
}
