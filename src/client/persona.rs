//! Personas: how a user agent reacts to challenges.

use std::fmt;

use super::turn::{Next, Turn};

/// How a user agent that can speak one scheme uses its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Persona {
    /// Sends its credentials with the first request, unasked, and never again. Where the scheme's
    /// credentials cannot be made without a challenge (Digest), it asks for one first, as a user agent
    /// did that was there before (RFC 7616 §3.6).
    Preemptive,
    /// Sends a bare request and, on a 401 that has a challenge of its scheme anywhere in the whole
    /// list, its credentials once (RFC 9110 §11.6.1).
    ChallengeDriven,
}

impl Persona {
    /// Every persona.
    pub const ALL: [Self; 2] = [Self::Preemptive, Self::ChallengeDriven];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Preemptive => "preemptive",
            Self::ChallengeDriven => "challenge-driven",
        }
    }

    /// The persona that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|persona| persona.word() == word)
    }

    /// What it does when it is its turn: a function of nothing but what was answered so far.
    pub fn next(self, turn: &Turn<'_>) -> Next {
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
            return if turn.must_repeat() {
                Next::Again
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

impl fmt::Display for Persona {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
