//! Who was let in, and what had been sent by then.

use serde::{Deserialize, Serialize};

use crate::credentials::Scheme;
use crate::domain::Case;
use crate::observation::Outcome;

/// Somebody who was let in with valid credentials, to be asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetIn {
    /// The scheme of its credentials.
    pub scheme: Scheme,
    /// What was answered.
    pub then: Then,
}

/// A case and what was answered to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Then {
    /// The case.
    pub case: Case,
    /// The status of its last answer.
    pub status: u16,
    /// Where its client stood then.
    pub outcome: Outcome,
    /// What had been sent by then.
    pub sent: SentSoFar,
}

/// What was sent up to some moment of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentSoFar {
    /// How many requests.
    pub requests: u64,
    /// How many clients came whose credentials are not to be let in.
    pub wrong: u64,
}
