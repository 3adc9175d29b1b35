//! Answers seen before: an implementation gives the same few over and over, and reading one takes
//! longer than recognising it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::observation::Answer;
use crate::wire::{BodyEnd, Received, WireFault};

/// The most bytes of responses that are remembered; then all are forgotten, which costs one reading
/// of each that is still in use.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Answers by the bytes they were read from.
///
/// Equal bytes are an equal answer because all requests have the same method, which is the only part
/// of a request that the reading of a response depends on (RFC 9112 §6.3).
#[derive(Debug, Default)]
pub(super) struct Answers {
    by_bytes: HashMap<Box<[u8]>, Arc<Answer>>,
    /// The sum of the keys' lengths.
    bytes: usize,
}

impl Answers {
    /// The answer that a response is: the one seen before, or a new one.
    ///
    /// # Errors
    ///
    /// As for [`Received::to_response`].
    pub(super) fn answer(&mut self, received: &Received<'_>) -> Result<Arc<Answer>, WireFault> {
        let complete = received.whole && received.body_end == BodyEnd::Complete;
        if complete && let Some(answer) = self.by_bytes.get(received.raw) {
            return Ok(Arc::clone(answer));
        }
        let answer = Arc::new(Answer::new(received.to_response()?));
        if complete {
            self.bytes += received.raw.len();
            if self.bytes > MOST_BYTES {
                self.by_bytes.clear();
                self.bytes = received.raw.len();
            }
            self.by_bytes
                .insert(received.raw.into(), Arc::clone(&answer));
        }
        Ok(answer)
    }
}
