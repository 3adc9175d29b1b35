//! Care for a server that other people use: how many requests it is sent, how fast, and how many log-ins
//! that fail, since platforms lock accounts after some.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The requests that are kept back for running findings again.
const KEPT_REQUESTS: u64 = 20;

/// The failed log-ins that are kept back for the same, of few of them half: a finding is run again three times.
const KEPT_LOG_INS: u64 = 3;

/// What is said of a play for which no requests are left.
pub const NO_REQUESTS: &str = "no requests were left for it";

/// What is said of a play that would cost a failed log-in, where none is left.
pub const NO_LOG_INS: &str = "it may end in a failed log-in, and none was left";

/// What is said of a play after the server asked for an end.
pub const HALTED: &str = "the server was not to be asked any more";

/// Bounds on what a server is asked, shared by all who ask it.
#[derive(Clone, Debug)]
pub struct Care(Arc<Mutex<Spent>>);

/// What is spent, and of how much.
#[derive(Debug)]
struct Spent {
    most_requests: u64,
    most_failed: u64,
    apart: Duration,
    last: Option<Instant>,
    requests: u64,
    failed: u64,
    left_out: LeftOut,
    /// Why nothing more is asked.
    halted: Option<String>,
}

/// How many plays were left out, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// No requests were left.
    pub requests: u64,
    /// They might have ended in a failed log-in, and none was left.
    pub log_ins: u64,
    /// The server was not to be asked any more.
    pub halted: u64,
}

/// What a request carries, as far as the account is in danger by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// No credentials.
    Bare,
    /// Credentials of which it is known that they are let in.
    Known,
    /// Credentials that may be refused.
    Unknown,
}

impl Care {
    /// At most so many requests, of them so many failed log-ins, and so many a second.
    pub fn new(most_requests: u64, most_failed: u64, rate: u32) -> Self {
        Self(Arc::new(Mutex::new(Spent {
            most_requests,
            most_failed,
            apart: Duration::from_secs(1) / rate.max(1),
            last: None,
            requests: 0,
            failed: 0,
            left_out: LeftOut::default(),
            halted: None,
        })))
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a play may begin; `again` where a finding is run again, for which some is kept back.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn may_begin(&self, risk: Risk, again: bool) -> Result<(), &'static str> {
        let mut spent = self.spent();
        let (requests, log_ins) = match again {
            true => (0, 0),
            false => (
                KEPT_REQUESTS.min(spent.most_requests / 2),
                KEPT_LOG_INS.min(spent.most_failed / 2),
            ),
        };
        if spent.halted.is_some() {
            spent.left_out.halted += 1;
            return Err(HALTED);
        }
        let why = if spent.requests.saturating_add(requests) >= spent.most_requests {
            spent.left_out.requests += 1;
            NO_REQUESTS
        } else if risk == Risk::Unknown && spent.failed.saturating_add(log_ins) >= spent.most_failed
        {
            spent.left_out.log_ins += 1;
            NO_LOG_INS
        } else {
            return Ok(());
        };
        if again {
            spent.halted = Some(match why {
                NO_REQUESTS => format!(
                    "the limit of {} requests is reached, and what was seen could not be run again",
                    spent.most_requests
                ),
                _ => format!(
                    "the limit of {} failed log-ins is reached, and what was seen could not be run again",
                    spent.most_failed
                ),
            });
        }
        Err(why)
    }

    /// Whether one more request may be sent, by a play that has begun.
    pub fn may_send(&self, risk: Risk) -> bool {
        let spent = self.spent();
        let has_log_in = risk != Risk::Unknown || spent.failed < spent.most_failed;
        spent.halted.is_none() && spent.requests < spent.most_requests && has_log_in
    }

    /// Waits until a request is due, and counts it.
    pub async fn take_turn(&self) {
        let due = {
            let mut spent = self.spent();
            let now = Instant::now();
            let due = spent.last.map_or(now, |last| (last + spent.apart).max(now));
            spent.last = Some(due);
            spent.requests += 1;
            due
        };
        tokio::time::sleep_until(due).await;
    }

    /// Takes note of an answer.
    pub fn answered(&self, risk: Risk, status: u16) {
        let mut spent = self.spent();
        let is_refusal = matches!(status, 401 | 403 | 407);
        if is_refusal && risk != Risk::Bare {
            spent.failed += 1;
        }
        let halt = match status {
            429 => Some("it answered 429 (too many requests, RFC 6585 §4)".to_owned()),
            423 => Some("it answered 423, as where an account is locked".to_owned()),
            _ if is_refusal && risk == Risk::Known && status != 407 => Some(format!(
                "credentials that were let in before were answered with {status}, as where an account is locked"
            )),
            _ => None,
        };
        if spent.halted.is_none() {
            spent.halted = halt;
        }
    }

    /// Why nothing more is asked, if that is so.
    pub fn halted(&self) -> Option<String> {
        self.spent().halted.clone()
    }

    /// How many requests were sent, and how many log-ins failed.
    pub fn counts(&self) -> (u64, u64) {
        let spent = self.spent();
        (spent.requests, spent.failed)
    }

    /// How many plays were left out.
    pub fn left_out(&self) -> LeftOut {
        self.spent().left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_log_in_fails_beyond_the_budget() {
        let care = Care::new(100, 2, 1000);
        let mut failed = 0;
        while care.may_begin(Risk::Unknown, true).is_ok() {
            care.answered(Risk::Unknown, 401);
            failed += 1;
        }
        assert_eq!((failed, care.counts().1), (2, 2));
        // What cannot be run again ends everything.
        assert!(care.halted().unwrap().contains("2 failed log-ins"));
        assert_eq!(care.may_begin(Risk::Bare, false), Err(HALTED));
    }

    #[test]
    fn some_is_kept_back_for_running_again() {
        let care = Care::new(100, 6, 1000);
        care.answered(Risk::Unknown, 401);
        care.answered(Risk::Unknown, 401);
        assert_eq!(care.may_begin(Risk::Unknown, false), Ok(()));
        care.answered(Risk::Unknown, 401);
        assert_eq!(care.may_begin(Risk::Unknown, false), Err(NO_LOG_INS));
        assert_eq!(care.may_begin(Risk::Unknown, true), Ok(()));
        assert_eq!(care.may_begin(Risk::Known, false), Ok(()));
        assert_eq!(care.left_out().log_ins, 1);
        assert_eq!(care.halted(), None);
    }

    #[test]
    fn a_locked_account_ends_it() {
        for (risk, status, ends) in [
            (Risk::Known, 401, true),
            (Risk::Unknown, 401, false),
            (Risk::Bare, 429, true),
            (Risk::Unknown, 423, true),
            (Risk::Known, 200, false),
        ] {
            let care = Care::new(9, 9, 9);
            care.answered(risk, status);
            assert_eq!(care.halted().is_some(), ends, "{risk:?} {status}");
        }
    }
}
