//! How long, and for how much, an exchange waits.

use std::time::Duration;

/// The most field lines of a response head. RFC 9110 §5.4 sets no limit, so these are more than fit into
/// what servers send: what bounds a head is its bytes.
pub(super) const MOST_FIELDS: usize = 512;

/// The same for a peer that never sent more: room for so many lies on the stack, and for more it would have to be
/// found anew for each response.
pub(super) const USUAL_FIELDS: usize = 100;

/// Deadlines and bounds of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time to make a connection.
    pub connect: Duration,
    /// Time from sending the request to the end of the response head.
    pub head: Duration,
    /// Time from the end of the head to the end of the body.
    pub body: Duration,
    /// Time from the end of the head of an answer to `HEAD` in which content is looked for that must not
    /// follow it (RFC 9110 §9.3.2): servers that send it may send it a little later. The first answers are
    /// looked behind for 160 times as long, and so are all once something was found. Zero, the default, stands
    /// for what came with the head.
    pub behind_head: Duration,
    /// The most bytes of a response head; at least 8192, below which it has no effect.
    pub head_bytes: usize,
    /// The most bytes of a body, after transfer codings are undone.
    pub body_bytes: usize,
}

impl Default for Limits {
    /// 5 s to connect, 5 s for the head, 2 s for the body, 64 KiB each for head and body.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            head: Duration::from_secs(5),
            body: Duration::from_secs(2),
            behind_head: Duration::ZERO,
            head_bytes: 64 * 1024,
            body_bytes: 64 * 1024,
        }
    }
}

impl Limits {
    /// The most bytes of one exchange that are recorded; beyond that the body is too long anyway,
    /// save for what chunk sizes and interim responses take.
    pub(super) fn tape_bytes(&self) -> usize {
        self.head_bytes
            .saturating_add(self.body_bytes)
            .saturating_add(16 * 1024)
    }
}
