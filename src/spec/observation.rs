//! What of a case that was played a rule may look at.

use crate::observation::{Answer, Arrival, Asked, Exchange, LoggedEvent, Outcome};

/// What a rule may look at in what was seen.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// Where the client stands.
    pub outcome: Outcome,
    /// The last answer.
    pub answer: &'a Answer,
    /// The audit events, in order, where the implementation hands them over.
    pub events: Option<&'a [LoggedEvent]>,
    /// The exchanges of the client that asked last, in order; the last of them has the answer.
    pub exchanges: &'a [Exchange],
    /// What came of the asks before, in order.
    pub before: &'a [Asked],
    /// What reached the backend for the client that asked last, where the implementation tells.
    pub arrivals: Option<&'a [Arrival]>,
    /// In how many of several tries the client was let in, where it asked beside others.
    pub rate: Option<(u32, u32)>,
}

impl<'a> Observation<'a> {
    /// One answer, and nothing of what led to it.
    pub fn of(outcome: Outcome, answer: &'a Answer, events: Option<&'a [LoggedEvent]>) -> Self {
        Self {
            outcome,
            answer,
            events,
            exchanges: &[],
            before: &[],
            arrivals: None,
            rate: None,
        }
    }
}
