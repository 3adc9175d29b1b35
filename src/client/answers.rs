//! Answers seen before: an implementation gives the same few over and over, and reading one takes
//! longer than recognising it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::observation::Answer;
use crate::wire::{BodyEnd, Received, WireFault};

/// The most bytes of responses that are remembered; then all are forgotten, which costs one reading
/// of each that is still in use.
const MOST_BYTES: usize = 1024 * 1024;

/// Answers by the bytes they were read from.
///
/// Equal bytes are an equal answer, save that the response to a `HEAD` request ends with its head: that
/// is the only thing in a request of ours that the reading of a response depends on (RFC 9112 §6.3).
#[derive(Debug)]
pub(super) struct Answers {
    by_bytes: HashMap<Box<[u8]>, Arc<Answer>>,
    /// The same for responses to `HEAD`.
    to_head: HashMap<Box<[u8]>, Arc<Answer>>,
    /// The sum of the keys' lengths.
    bytes: usize,
    /// The most bytes of a body that an answer keeps.
    most_body: usize,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            by_bytes: HashMap::new(),
            to_head: HashMap::new(),
            bytes: 0,
            most_body: usize::MAX,
        }
    }
}

impl Answers {
    /// Answers keep so many bytes of their bodies from now on, and no more.
    pub(super) fn keep_bodies(&mut self, most: usize) {
        self.most_body = most;
    }

    /// The most bytes of a body that an answer keeps.
    pub(super) fn most_body(&self) -> usize {
        self.most_body
    }

    /// The answer that a response is, to a `HEAD` request or to another: the one seen before, or a new
    /// one.
    ///
    /// # Errors
    ///
    /// As for [`Received::read`].
    pub(super) fn answer(&mut self, received: &Received<'_>) -> Result<Arc<Answer>, WireFault> {
        let complete = received.whole && received.body_end == BodyEnd::Complete;
        let known = if received.to_head {
            &mut self.to_head
        } else {
            &mut self.by_bytes
        };
        if complete && let Some(answer) = known.get(received.raw) {
            return Ok(Arc::clone(answer));
        }
        // What is not kept is not copied: cut behind the copying, each body would leave a hole in the heap in
        // which the next does not fit.
        let kept = Received {
            body: received.body.get(..self.most_body).unwrap_or(received.body),
            ..*received
        };
        let (response, irregular) = kept.read()?;
        let answer = Arc::new(Answer {
            irregular,
            ..Answer::new(response)
        });
        if complete {
            self.bytes += received.raw.len();
            known.insert(received.raw.into(), Arc::clone(&answer));
            if self.bytes > MOST_BYTES {
                self.by_bytes.clear();
                self.to_head.clear();
                self.bytes = 0;
            }
        }
        Ok(answer)
    }
}
