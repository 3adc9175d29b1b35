//! Exchanges that take no parser: of a request whose bytes are known because it was sent before, and of a response that
//! is, byte for byte, one that was read before.
//!
//! Equal bytes are an equal response, save that the response to a `HEAD` ends with its head (RFC 9112 §6.3). Whatever
//! else comes is left to hyper, with what was read of it.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::time::Sleep;

use crate::wire::tape::{ReadAhead, SharedTape};

/// The most bytes of a response that is remembered, which is also the most that are read at once.
pub(super) const MOST_OF_ONE: usize = 4 * 1024;

/// The most bytes of responses that are remembered; then all are forgotten.
const MOST_BYTES: usize = 256 * 1024;

/// Responses that left their connection as it was, by their bytes.
#[derive(Debug, Default)]
pub(in crate::wire) struct KnownResponses {
    by_bytes: HashMap<Box<[u8]>, KnownResponse>,
    /// The same for responses to `HEAD`.
    to_head: HashMap<Box<[u8]>, KnownResponse>,
    bytes: usize,
}

/// What a response was read into.
#[derive(Debug)]
struct KnownResponse {
    status: u16,
    body: Box<[u8]>,
}

/// A response that was read, and is known once its connection turns out to have outlived it.
#[derive(Debug)]
pub(super) struct Candidate {
    bytes: Box<[u8]>,
    to_head: bool,
    response: KnownResponse,
}

impl Candidate {
    /// A response that ended well, to a `HEAD` or to another request.
    pub(super) fn new(bytes: &[u8], to_head: bool, status: u16, body: &[u8]) -> Self {
        Self {
            bytes: bytes.into(),
            to_head,
            response: KnownResponse {
                status,
                body: body.into(),
            },
        }
    }
}

impl KnownResponses {
    /// Remembers a response.
    pub(super) fn add(&mut self, candidate: Candidate) {
        let length = candidate.bytes.len();
        if self.bytes + length > MOST_BYTES {
            *self = Self::default();
        }
        let known = match candidate.to_head {
            true => &mut self.to_head,
            false => &mut self.by_bytes,
        };
        if known.insert(candidate.bytes, candidate.response).is_none() {
            self.bytes += length;
        }
    }

    /// Status and body of a response that is known.
    pub(in crate::wire) fn get(&self, bytes: &[u8], to_head: bool) -> Option<(u16, &[u8])> {
        let known = match to_head {
            true => &self.to_head,
            false => &self.by_bytes,
        };
        known.get(bytes).map(|known| (known.status, &*known.body))
    }
}

/// How far an exchange came without a parser.
pub(super) enum Shortcut {
    /// To a response that is known, of this status; its body is where it was to go.
    Known(u16),
    /// Not to its end: somebody else goes on with it.
    Open,
    /// Nothing came in time.
    Late,
}

/// Sends a request and reads the beginning of the response, which the tape keeps.
pub(super) async fn attempt(
    tape: &SharedTape,
    request: &[u8],
    to_head: bool,
    known: &KnownResponses,
    clock: &mut Pin<Box<Sleep>>,
    room: &mut [u8],
    body: &mut Vec<u8>,
) -> Shortcut {
    let mut sent = false;
    poll_fn(|cx| {
        let mut tape = tape.lock();
        if !sent {
            // Bytes or an end that came while the connection was idle are no answer to this.
            if let Poll::Ready(met) = tape.poll_read_before(cx, room) {
                tape.hand_over(met, false);
                return Poll::Ready(Shortcut::Open);
            }
            let mut written = 0;
            match tape.poll_write_before(cx, request, &mut written) {
                Poll::Ready(Ok(())) => sent = true,
                Poll::Ready(Err(_)) | Poll::Pending => {
                    if written > 0 {
                        tape.send_instead(Arc::from(request), written);
                    }
                    return Poll::Ready(Shortcut::Open);
                }
            }
        }
        let Poll::Ready(met) = tape.poll_read_before(cx, room) else {
            return clock.as_mut().poll(cx).map(|()| Shortcut::Late);
        };
        let found = match met {
            ReadAhead::Bytes => known.get(&tape.received, to_head),
            ReadAhead::End(_) => None,
        };
        Poll::Ready(match found {
            Some((status, content)) => {
                body.extend_from_slice(content);
                Shortcut::Known(status)
            }
            None => {
                tape.hand_over(met, true);
                Shortcut::Open
            }
        })
    })
    .await
}
