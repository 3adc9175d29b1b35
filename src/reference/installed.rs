//! A generation: the policies in force, who may log in, and what was logged.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::StatusCode;
use hyper::header::HeaderValue;

use super::fault::{Fault, Faults};
use super::login::{Login, judge};
use super::policy::{Enforced, Refusal};
use crate::auth::{Identity, Scheme};

/// The most entries of one generation's log; later ones are counted only.
const MOST_ENTRIES: usize = 1 << 20;

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The slot in which it happened.
    pub slot: usize,
    /// `LOGIN_SUCCESS` or `LOGIN_FAILED`.
    pub name: &'static str,
    /// Whose log-in it was, or was claimed to be.
    pub user: Option<String>,
    /// The scheme that was used, where it is one that the reference implementation knows.
    pub scheme: Option<Scheme>,
}

/// The entries of a log, and how many found no room in it.
#[derive(Debug, Default)]
struct Log {
    entries: Vec<LogEntry>,
    dropped: u64,
}

/// Everything that one installation puts in force.
#[derive(Debug)]
pub(super) struct Installed {
    /// Its number.
    pub(super) generation: u64,
    slots: Vec<Option<Enforced>>,
    identities: Vec<Identity>,
    faults: Faults,
    log: Mutex<Log>,
}

/// What a request is answered.
#[derive(Debug)]
pub(super) struct Decision<'a> {
    /// The status.
    pub(super) status: StatusCode,
    /// The challenges, one for each field line.
    pub(super) challenges: &'a [HeaderValue],
}

impl Installed {
    /// Puts policies in force; a slot without one answers 404.
    pub(super) fn new(
        generation: u64,
        slots: Vec<Option<Enforced>>,
        identities: &[Identity],
        faults: Faults,
    ) -> Self {
        Self {
            generation,
            slots,
            identities: identities.to_vec(),
            faults,
            log: Mutex::default(),
        }
    }

    /// Decides on a request to a slot by the values of its `Authorization` field lines, and logs it.
    pub(super) fn decide<'a>(
        &self,
        slot: usize,
        authorization: impl Iterator<Item = &'a [u8]>,
    ) -> Decision<'_> {
        let bare = |status| Decision {
            status,
            challenges: &[],
        };
        let Some(Some(policy)) = self.slots.get(slot) else {
            return bare(StatusCode::NOT_FOUND);
        };
        let login = judge(
            authorization,
            &policy.accepted,
            &self.identities,
            &self.faults,
        );
        let let_in = match (&policy.refusal, &login) {
            (Refusal::Forbidden, _) => false,
            (Refusal::Open, _) | (_, Login::Succeeded { .. }) => true,
            (_, Login::Anonymous) => self.faults.has(Fault::AcceptsAnonymous),
            (_, Login::Failed { .. }) => false,
        };
        let decision = if let_in {
            bare(StatusCode::OK)
        } else {
            self.refuse(&policy.refusal, &login)
        };
        self.log(slot, login, decision.status);
        decision
    }

    fn refuse<'a>(&'a self, refusal: &'a Refusal, login: &Login) -> Decision<'a> {
        let presented = *login != Login::Anonymous;
        let malformed = matches!(
            login,
            Login::Failed {
                malformed: true,
                ..
            }
        );
        let (status, challenges): (_, &[HeaderValue]) = match refusal {
            _ if malformed && self.faults.has(Fault::FailsOnMalformed) => {
                (StatusCode::INTERNAL_SERVER_ERROR, &[])
            }
            Refusal::Unauthorized(_)
                if presented && self.faults.has(Fault::ForbiddenInsteadOfUnauthorized) =>
            {
                (StatusCode::FORBIDDEN, &[])
            }
            Refusal::Unauthorized(_)
                if presented && self.faults.has(Fault::NoChallengeAfterCredentials) =>
            {
                (StatusCode::UNAUTHORIZED, &[])
            }
            Refusal::Unauthorized(challenges) => (StatusCode::UNAUTHORIZED, challenges),
            Refusal::Forbidden | Refusal::Open => (StatusCode::FORBIDDEN, &[]),
        };
        Decision { status, challenges }
    }

    /// Logs a log-in that succeeded or was refused, and nothing for a request without credentials.
    fn log(&self, slot: usize, login: Login, status: StatusCode) {
        let (user, scheme, good) = match login {
            Login::Anonymous => return,
            Login::Succeeded { user, scheme } => (user, Some(scheme), status == StatusCode::OK),
            // Only a fault lets a stranger in, and then nobody has logged in or been refused.
            Login::Failed { .. } if status == StatusCode::OK => return,
            Login::Failed { user, scheme, .. } => (user, scheme, false),
        };
        let entry = |name| LogEntry {
            slot,
            name,
            user: user.clone(),
            scheme,
        };
        let mut log = self.lock();
        if good {
            if !self.faults.has(Fault::SuccessNotLogged) {
                log.push(entry("LOGIN_SUCCESS"));
            }
            return;
        }
        if status == StatusCode::UNAUTHORIZED && self.faults.has(Fault::SuccessLoggedBeside401) {
            log.push(entry("LOGIN_SUCCESS"));
        }
        log.push(entry("LOGIN_FAILED"));
    }

    /// Everything logged so far, in order, without the first `known` entries.
    pub(super) fn entries(&self, known: usize) -> Vec<LogEntry> {
        self.lock().entries.iter().skip(known).cloned().collect()
    }

    /// How many entries found no room.
    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn push(&mut self, entry: LogEntry) {
        if self.entries.len() < MOST_ENTRIES {
            self.entries.push(entry);
        } else {
            self.dropped += 1;
        }
    }
}
