//! A connection that is closed without an answer, where that is what comes of an exchange and no fault.

use std::sync::Arc;

use super::player::{Play, Player};
use crate::observation::{Exchange, Outcome};
use crate::wire::{PreparedRequest, WireFault};

impl Play {
    /// Whether the last request had no answer: the connection was closed.
    pub fn is_unanswered(&self) -> bool {
        let last = self.exchanges.last();
        last.is_some_and(|exchange| exchange.answer.is_missing())
    }
}

impl Player {
    /// Takes a fault for what came of an exchange, where it is heeded that a connection is closed: the request was the
    /// first on it, so it is none that was let go of between two requests (RFC 9112 §9.3.1).
    pub(super) fn closed_on(
        &self,
        request: &PreparedRequest,
        base: Arc<str>,
        fault: WireFault,
        play: &mut Play,
    ) -> Result<Result<(), &'static str>, WireFault> {
        if !self.heeds_closing || !self.transport.was_closed_on() {
            return Err(fault);
        }
        if self.recording {
            play.sent.push(self.transport.sent().to_vec());
        }
        play.outcome = Outcome::Failed;
        play.exchanges.push(Exchange {
            request: Arc::clone(request.request()),
            answer: self.answers.missing(),
            base,
        });
        Ok(Ok(()))
    }
}
