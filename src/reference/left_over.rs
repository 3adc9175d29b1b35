//! Asking as who reads a connection wrongly does: for faults that take for an answer what is none.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::fault::Fault;
use super::gateway_parts::{GatewayReply, GatewayRequest};
use super::seeded::Faults;
use crate::wire::{Endpoint, FieldLine};

/// How long somebody may take to answer.
const PATIENCE: Duration = Duration::from_millis(250);

/// The most bytes that are read of answers.
const MOST: usize = 64 * 1024;

/// Asks somebody; what was left over before is taken for the answer, and what comes behind the answer is left over.
pub(super) async fn misread(
    at: &Endpoint,
    request: &GatewayRequest,
    left_over: &Mutex<Option<GatewayReply>>,
    faults: &Faults,
) -> Option<GatewayReply> {
    let mut bytes = Vec::new();
    let ended = timeout(PATIENCE, asked(at, request, &mut bytes)).await;
    let has_body = request.method != "HEAD";
    let takes_half = faults.has(Fault::HalfAnAnswerLetsThrough);
    let takes_stalled =
        faults.has(Fault::StalledSuccessLetsThrough) || faults.has(Fault::HalfAContentIsWhole);
    let Ok(asked) = ended else {
        return begun(&bytes).filter(|_| takes_stalled);
    };
    asked?;
    let Some((reply, rest)) = first_of(&bytes, has_body) else {
        return status_of(&bytes).filter(|_| takes_half).map(bare);
    };
    if takes_half || takes_stalled {
        return Some(reply);
    }
    let mut left = left_over.lock().unwrap_or_else(PoisonError::into_inner);
    let before = left.take();
    *left = first_of(rest, has_body).map(|(more, _)| more);
    Some(before.unwrap_or(reply))
}

/// What comes back on a connection until it ends.
async fn asked(at: &Endpoint, request: &GatewayRequest, read: &mut Vec<u8>) -> Option<()> {
    let mut stream = TcpStream::connect(&at.authority).await.ok()?;
    let GatewayRequest { method, target, .. } = request;
    let mut bytes = format!(
        "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
        at.authority,
        request.content.len()
    )
    .into_bytes();
    let fields = request.fields.iter();
    for field in fields.filter(|field| !field.name.eq_ignore_ascii_case("content-length")) {
        bytes.extend([field.name.as_bytes(), b": ", &field.value, b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes.extend_from_slice(&request.content);
    stream.write_all(&bytes).await.ok()?;
    while read.len() < MOST {
        match stream.read_buf(read).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    Some(())
}

/// An answer with what came of its content.
fn begun(bytes: &[u8]) -> Option<GatewayReply> {
    let (mut reply, rest) = first_of(bytes, false)?;
    reply.body = rest.to_vec();
    Some(reply)
}

/// The first answer in these bytes, and what comes behind it.
fn first_of(bytes: &[u8], has_body: bool) -> Option<(GatewayReply, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, rest) = bytes.split_at_checked(end + 4)?;
    let text = String::from_utf8_lossy(head).into_owned();
    let lines = text.lines().skip(1);
    let lines = lines.filter_map(|line| line.split_once(": "));
    let mut length = 0;
    let mut reply = bare(status_of(head)?);
    for (name, value) in lines {
        if has_body && name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
        reply.fields.push(FieldLine {
            name: name.to_owned(),
            value: value.as_bytes().to_vec(),
        });
    }
    let (body, rest) = rest.split_at_checked(length)?;
    reply.body = body.to_vec();
    Some((reply, rest))
}

/// The status in the first line of these bytes.
fn status_of(bytes: &[u8]) -> Option<u16> {
    let rest = bytes.strip_prefix(b"HTTP/1.1 ")?;
    std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok()
}

fn bare(status: u16) -> GatewayReply {
    GatewayReply {
        status,
        ..GatewayReply::default()
    }
}
