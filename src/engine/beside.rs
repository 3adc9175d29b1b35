//! Others who are at work while a client asks.

use std::sync::atomic::{AtomicU32, Ordering};

use super::act::Asker;

/// Others who are at work while a client asks.
#[derive(Clone)]
pub(super) struct Beside {
    pub(super) who: Asker,
    pub(super) clients: u32,
    /// How often the client asks at most.
    pub(super) tries: u32,
    /// Whether it goes on asking when it was let in, so that it is known how often it is.
    pub(super) to_the_end: bool,
}

impl Beside {
    /// Takes one of the tries, where one is left.
    pub(super) fn takes_one(&self, taken: &AtomicU32) -> bool {
        taken.fetch_add(1, Ordering::Relaxed) < self.tries
    }
}
