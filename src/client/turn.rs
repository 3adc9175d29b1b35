//! Turns: what a client knows when it may act, and what it can do.

use super::case::ClientCase;
use crate::auth::{CredentialState, Scheme, can_answer};
use crate::observation::Exchange;

/// What a client knows when it is its turn.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// The client.
    pub client: &'a ClientCase,
    /// Every exchange so far, in order.
    pub exchanges: &'a [Exchange],
    /// How many of their requests carried credentials.
    pub authorized: usize,
}

/// What a client does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Asks without credentials.
    Bare,
    /// Asks with credentials.
    Credentials {
        /// Of this scheme.
        scheme: Scheme,
        /// Made for the challenge of this place in the last answer's list; nothing where they are
        /// sent unasked.
        challenge: Option<usize>,
    },
    /// Sends the last request once more, as it is.
    Again,
    /// Nothing more: the last answer stands.
    Stop,
}

impl Turn<'_> {
    /// Whether the client has any credentials.
    pub fn has_credentials(&self) -> bool {
        self.client.credential != CredentialState::None
    }

    /// Whether the state of the credentials asks for a second showing of those that were sent.
    pub fn must_repeat(&self) -> bool {
        self.authorized == 1 && self.client.credential == CredentialState::Replayed
    }

    /// The place of the first challenge in the last answer that a client of the scheme can answer, if
    /// that asks for credentials: with 401, or with 407 where the client asks through a proxy.
    pub fn challenge(&self, scheme: Scheme) -> Option<usize> {
        let answer = &self.exchanges.last()?.answer;
        if answer.response.status != self.client.way.challenge_status() {
            return None;
        }
        let list = &answer.challenges.list;
        list.iter()
            .position(|challenge| can_answer(scheme, challenge))
    }
}
