//! Patience: an implementation that is gone is waited for, once; and what a run should say of its exchanges
//! beside the verdicts.

use std::time::{Duration, Instant};

use crate::client::Player;
use crate::domain::{counted, grouped};
use crate::implementation::Nature;
use crate::wire::{Irregular, comes_back};

use super::lab::Lab;

/// How long new connections are listened on for bytes that nobody asked for.
const LISTENING: Duration = Duration::from_millis(60);

/// The same where the server is a part of this program: what it sends is there when it had its turn.
const LISTENING_TO_ITSELF: Duration = Duration::from_millis(2);

impl Lab<'_> {
    /// Waits for an implementation that is gone, once a run: it may be starting again.
    pub(super) async fn came_back(&mut self) -> bool {
        if self.waited.is_some() {
            return false;
        }
        self.waited = Some(None);
        let Some(endpoint) = &self.met_at else {
            return false;
        };
        let begun = Instant::now();
        let waiting = comes_back(endpoint, self.options.patience);
        let back = self.options.stop.or(waiting).await == Some(true);
        if back {
            self.waited = Some(Some((self.requests(), begun.elapsed())));
            self.faults.forget();
        }
        back && !self.options.stop.is_stopped()
    }

    /// Whoever takes connections and gives no response all the same was never gone: then nothing is told.
    pub(super) fn came_back_in_vain(&mut self, in_vain: bool) {
        if in_vain {
            self.waited = Some(None);
        }
    }

    /// What was said on a connection on which nothing had been asked yet; listened for once a run.
    pub(super) async fn unasked(&mut self) -> Option<String> {
        if self.unasked.is_none() {
            let long = match self.implementation.description().nature {
                Nature::Embedded => LISTENING_TO_ITSELF,
                Nature::Configured | Nature::Told | Nature::Deployed => LISTENING,
            };
            let (player, endpoint) = self.players.first().zip(self.met_at.as_ref())?;
            let fault = player.listen(endpoint, long).await;
            self.unasked = Some(fault.map(|fault| fault.to_string()));
        }
        self.unasked.clone().flatten()
    }

    /// What came on a connection and was the answer to no request, where anything did.
    pub(super) fn stray(&self) -> Option<String> {
        self.faults.stray()
    }

    /// What a reader should know of the exchanges beside the verdicts: one sentence each.
    pub(super) fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        if let Some(Some((requests, took))) = self.waited {
            notices.push(format!(
                "after {} requests the implementation gave no response any more; it took connections again \
                 {:.1} s later, and what was under way was played again",
                grouped(requests),
                took.as_secs_f64()
            ));
        }
        if let Some((states, steadied)) = self.faults.states() {
            let states: Vec<String> = (states.into_iter())
                .map(|(status, count)| format!("{} had status {status}", grouped(count)))
                .collect();
            notices.push(format!(
                "of {} answers {}, which speaks of the server's state and not of the request; the clients \
                 were played again, and {} got another answer, which was judged",
                grouped(self.requests()),
                states.join(", "),
                grouped(steadied)
            ));
        }
        if let Some((count, first)) = self.faults.mended() {
            notices.push(format!(
                "{} got no response at first and one when it was played again; the first time: {first}",
                counted(count, "client", "clients")
            ));
        }
        let given_up = self.given_up;
        if given_up > 0 {
            notices.push(format!(
                "{} given up on before the auth service or the backend, which Countersign plays, came to answer: this \
                 machine has too much to do for how long the implementation waits; what was under way was played again",
                match given_up {
                    1 => "1 request was".to_owned(),
                    more => format!("{} requests were", grouped(more)),
                }
            ));
        }
        let unanswered = self.faults.unanswered();
        if unanswered > 0 {
            notices.push(format!(
                "{} got no answer, twice, while others did: the connection was closed; that was held against the \
                 rules that say how such a client is answered, and no other rule speaks of it",
                counted(unanswered, "client", "clients")
            ));
        }
        for (kind, count) in self.faults.irregular() {
            notices.push(format!(
                "in {} {}; the head was judged as it is",
                counted(count, "answer", "answers"),
                Irregular::words(kind)
            ));
        }
        let left_over = self.players.iter().map(Player::left_over).sum();
        if left_over > 0 {
            notices.push(format!(
                "behind {} bytes came late that begin no response and were for nobody (RFC 9112 §9.2), as a \
                 body does behind the answer to a HEAD (RFC 9110 §9.3.2); the next request took another \
                 connection",
                counted(left_over, "answer", "answers")
            ));
        }
        notices
    }
}
