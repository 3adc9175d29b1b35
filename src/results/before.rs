//! What went before: why answers do not depend on requests alone.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::credentials::CredentialState;
use crate::domain::{Case, counted, grouped};
use crate::vocabulary::ClientCase;

use super::finding::Transcript;

/// A case that was answered otherwise when it was asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The case.
    pub case: Case,
    /// The status of its last answer when it was asked first.
    pub then: u16,
    /// The same, when it was asked again.
    pub now: u16,
    /// What is likely.
    pub likely: Likely,
    /// How many requests had been sent when it was asked first, and when it was asked again.
    pub requests: (u64, u64),
    /// How many clients with credentials that are not to be let in came between.
    pub wrong: u64,
    /// What the second answer says of when to come again (`Retry-After`, RFC 9110 §10.2.3).
    pub retry_after: Option<String>,
    /// What went over the wire when it was asked again.
    pub transcript: Transcript,
}

/// What is likely to make answers depend on what went before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likely {
    /// Whoever was let in is not any more.
    LockOut,
    /// Nor is anybody asked for credentials as before.
    Ban,
    /// Whoever is not to be let in was, as where a log-in is remembered for others.
    Remembered,
    /// Too much was asked.
    RateLimit,
    /// The answer comes and goes, so it is no memory.
    Chance,
    /// Nobody can tell.
    Unknown,
}

impl Before {
    /// Whether its client has no credentials.
    fn is_bare(&self) -> bool {
        let client = ClientCase::from_value(&self.case.client);
        client.is_ok_and(|client| client.credential == CredentialState::None)
    }

    /// What is so, without the details.
    pub fn headline(&self) -> &'static str {
        match self.likely {
            Likely::Chance => "answers come and go",
            _ => "answers depend on what went before",
        }
    }
}

impl fmt::Display for Before {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (then, now) = (self.then, self.now);
        let (first, last) = self.requests;
        let likely = match self.likely {
            Likely::LockOut => "likely a lock-out, for a client with valid credentials was",
            Likely::Remembered => {
                "likely a log-in that lets others in, for a client that is not to be let in was"
            }
            Likely::Ban if self.is_bare() => {
                "likely a ban of whoever asks, for a client without credentials was"
            }
            Likely::Ban => {
                "likely a ban of whoever asks, for clients without credentials are refused otherwise than \
                 before as well; a client with valid credentials was"
            }
            Likely::RateLimit => "likely a rate limit, for the same client was",
            Likely::Chance | Likely::Unknown => "the same client was",
        };
        write!(out, "{likely} answered {then} ")?;
        if first == 0 {
            out.write_str("for an earlier pack")?;
        } else {
            let requests = counted(first, "request", "requests");
            write!(out, "when {requests} had been sent")?;
        }
        if then == now {
            write!(out, ", and otherwise now, after {}", grouped(last))?;
        } else {
            write!(out, ", and is answered {now} now, after {}", grouped(last))?;
        }
        if self.likely == Likely::Chance {
            return out.write_str(", and as at first when it was asked once more");
        }
        if let Some(when) = &self.retry_after {
            write!(out, " (Retry-After: {when})")?;
        }
        if self.wrong > 0 {
            let wrong = counted(self.wrong, "client", "clients");
            write!(out, "; {wrong} with wrong credentials came between")?;
        }
        Ok(())
    }
}
