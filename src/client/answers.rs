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
    /// The same for responses whose bodies were longer than what was kept of them.
    cut: HashMap<Box<[u8]>, Arc<Answer>>,
    /// The sum of the keys' lengths.
    bytes: usize,
    /// The most bytes of a body that an answer keeps.
    most_body: usize,
    missing: Arc<Answer>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            by_bytes: HashMap::new(),
            to_head: HashMap::new(),
            cut: HashMap::new(),
            bytes: 0,
            most_body: usize::MAX,
            missing: Arc::new(Answer::missing()),
        }
    }
}

impl Answers {
    /// Answers keep so many bytes of their bodies from now on, and no more. They are cut at one length only, or
    /// not at all.
    pub(super) fn keep_bodies(&mut self, most: usize) {
        self.most_body = most;
    }

    /// The most bytes of a body that an answer keeps.
    pub(super) fn most_body(&self) -> usize {
        self.most_body
    }

    /// That there is no answer; one for all.
    pub(super) fn missing(&self) -> Arc<Answer> {
        Arc::clone(&self.missing)
    }

    /// The answer that a response is, to a `HEAD` request or to another: the one seen before, or a new
    /// one.
    ///
    /// # Errors
    ///
    /// As for [`Received::read`].
    pub(super) fn answer(&mut self, received: &Received<'_>) -> Result<Arc<Answer>, WireFault> {
        let complete = received.whole && received.body_end == BodyEnd::Complete;
        let is_cut = received.body.len() > self.most_body;
        let known = match (received.to_head, is_cut) {
            (true, _) => &mut self.to_head,
            (false, false) => &mut self.by_bytes,
            (false, true) => &mut self.cut,
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
                self.cut.clear();
                self.bytes = 0;
            }
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_cut_is_not_taken_for_one_that_is_whole() {
        let raw = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n12345678";
        let received = Received {
            status: 200,
            raw,
            sent: b"",
            body: b"12345678",
            body_end: BodyEnd::Complete,
            to_head: false,
            opens: false,
            whole: true,
        };
        let mut answers = Answers::default();
        let mut bodies = Vec::new();
        for most in [4, usize::MAX, 4, usize::MAX] {
            answers.keep_bodies(most);
            let answer = answers.answer(&received).unwrap();
            bodies.push((answer.response.body.len(), Arc::as_ptr(&answer)));
        }
        let lengths: Vec<usize> = bodies.iter().map(|(length, _)| *length).collect();
        assert_eq!(lengths, [4, 8, 4, 8]);
        // Each is kept once.
        assert_eq!(bodies[0], bodies[2]);
        assert_eq!(bodies[1], bodies[3]);
    }
}
