//! Reactions: what a persona does when it is its turn.

use super::modelled;
use super::turn::{Next, Turn};
use crate::vocabulary::Persona;

impl Persona {
    /// What it does when it is its turn: a function of nothing but what was answered so far.
    pub fn next(self, turn: &Turn<'_>) -> Next {
        let scheme = turn.client.scheme;
        match self {
            Self::Preemptive | Self::ChallengeDriven => self.usual(turn),
            _ => match self.traits(scheme) {
                Ok(traits) => modelled::next(&traits, turn),
                Err(_) => Next::Stop,
            },
        }
    }

    /// What the two personas do that read challenges as the grammar has them.
    fn usual(self, turn: &Turn<'_>) -> Next {
        let scheme = turn.client.scheme;
        if turn.exchanges.is_empty() {
            let volunteers = self == Self::Preemptive && !scheme.needs_challenge();
            return if turn.has_credentials() && volunteers {
                Next::Credentials {
                    scheme,
                    challenge: None,
                }
            } else {
                Next::Bare
            };
        }
        if turn.authorized > 0 || !turn.has_credentials() {
            return if let Some(at) = turn.wants_renewal().or_else(|| turn.wants_nonce()) {
                Next::Credentials {
                    scheme,
                    challenge: Some(at),
                }
            } else if turn.must_repeat() {
                Next::Again
            } else if turn.next_challenge().is_some() {
                Next::Onward
            } else {
                Next::Stop
            };
        }
        match turn.challenge(scheme) {
            Some(at) => Next::Credentials {
                scheme,
                challenge: Some(at),
            },
            None => Next::Stop,
        }
    }
}
