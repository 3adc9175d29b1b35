//! What of the inside of an implementation is looked at, and what of it is known.

use std::collections::HashMap;
use std::sync::Arc;

use crate::observation::{Arrival, LoggedEvent};

/// What of the inside of an implementation is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watching {
    /// Its audit events.
    pub(crate) events: bool,
    /// What they say, beside their names.
    pub(crate) log: bool,
    /// What reaches the backend.
    pub(crate) arrivals: bool,
    /// Whether content follows where none may.
    pub(crate) content: bool,
}

impl Watching {
    /// Whether anything is, so that one client at a time asks in a slot.
    pub(super) fn is_on(self) -> bool {
        self.events || self.arrivals
    }
}

/// How much of it is known already.
#[derive(Default)]
pub(super) struct Logged {
    pub(super) events: usize,
    pub(super) arrivals: usize,
}

/// What happened in a slot.
#[derive(Default)]
pub(super) struct Happened {
    pub(super) events: Vec<LoggedEvent>,
    pub(super) arrivals: Vec<Arrival>,
    /// Whether the auth service or the backend was given up on before it could answer.
    pub(super) is_given_up: bool,
}

/// Sequences of events, each kept once.
#[derive(Default)]
pub(super) struct SharedEvents(HashMap<Vec<LoggedEvent>, Arc<[LoggedEvent]>>);

impl SharedEvents {
    pub(super) fn share(&mut self, events: Vec<LoggedEvent>) -> Arc<[LoggedEvent]> {
        // Few sequences occur; a log that invents names is not worth remembering.
        if self.0.len() > 1000 {
            self.0.clear();
        }
        self.0
            .entry(events)
            .or_insert_with_key(|events| events.as_slice().into())
            .clone()
    }
}
