//! What is kept of what reached upstreams.

use std::collections::BTreeSet;

use crate::observation::Arrival;

/// The most requests that are kept of one installation.
pub(super) const MOST_ARRIVALS: usize = 1 << 16;

/// What reached them, in order, whatever the slot.
#[derive(Debug, Default)]
pub(super) struct ReachedSoFar {
    pub(super) arrivals: Vec<Arrival>,
    /// How many more there were.
    pub(super) dropped: usize,
    /// The slots in which somebody who asked had gone before an answer could be sent, each once.
    pub(super) given_up: BTreeSet<usize>,
}

impl ReachedSoFar {
    /// Keeps one, if there is room.
    pub(super) fn push(&mut self, arrival: Arrival) {
        match self.arrivals.len() < MOST_ARRIVALS {
            true => self.arrivals.push(arrival),
            false => self.dropped += 1,
        }
    }
}
