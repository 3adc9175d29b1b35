//! A connection that ends without an answer, where that is what comes of an exchange and no fault: it is closed, or TLS
//! refuses who the client says it is.

use std::sync::Arc;

use super::player::{Play, Player};
use crate::observation::{Exchange, Outcome};
use crate::wire::{PreparedRequest, WireFault};

impl Play {
    /// Whether the last request had no answer: the connection was closed, or never came to be.
    pub fn is_unanswered(&self) -> bool {
        let last = self.exchanges.last();
        last.is_some_and(|exchange| exchange.answer.is_missing())
    }
}

impl Player {
    /// Takes a fault for what came of an exchange, where it is heeded that a connection is closed: the request was the
    /// first on it, so it is none that was let go of between two requests (RFC 9112 §9.3.1). That TLS refuses the client's
    /// certificate, or that there is none, is a decision in any case, also where a client learns of it behind the
    /// handshake; of a server that other people use it may be one of what stands before it.
    pub(super) fn closed_on(
        &self,
        request: &PreparedRequest,
        base: Arc<str>,
        fault: WireFault,
        play: &mut Play,
    ) -> Result<Result<(), &'static str>, WireFault> {
        let is_refused = fault.is_refusal() && self.guest.is_none();
        let is_closed = self.heeds_closing && self.transport.was_closed_on();
        if !is_refused && !is_closed {
            return Err(fault);
        }
        if self.recording {
            play.sent.push(self.transport.sent().to_vec());
        }
        play.outcome = match is_refused {
            true => Outcome::Refused,
            false => Outcome::Failed,
        };
        play.exchanges.push(Exchange {
            request: Arc::clone(request.request()),
            answer: self.answers.missing(),
            base,
        });
        Ok(Ok(()))
    }
}
