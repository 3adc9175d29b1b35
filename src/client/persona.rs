//! Personas: how a user agent reacts to challenges.

use std::fmt;

use crate::auth::Scheme;
use crate::observation::Answer;

/// How a user agent that can speak one scheme uses its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Persona {
    /// Sends its credentials with the first request, unasked, and never again.
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

    /// Whether its first request carries its credentials.
    pub fn volunteers(self) -> bool {
        self == Self::Preemptive
    }

    /// Whether it answers what came to its bare request with credentials of its scheme.
    pub fn responds(self, scheme: Scheme, to: &Answer) -> bool {
        match self {
            Self::Preemptive => false,
            Self::ChallengeDriven => {
                to.response.status == 401 && to.challenges.offers(scheme.name())
            }
        }
    }
}

impl fmt::Display for Persona {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
