//! What is remembered between requests, where a policy asks for it: who failed to log in, and what reached the
//! backend. No shipped pack has these fields; the tests of conversations have.
//!
//! | field of the policy | what it asks for |
//! |---|---|
//! | `lock_out: user` | who fails three times in a row is refused from then on |
//! | `lock_out: everybody` | the same, and everybody else is refused as well, which is a departure |
//! | `backend: decided` | the backend is reached by whoever is let in, and told who that is |
//! | `backend: forwards` | the same, and it is given their credentials, which is a departure |
//! | `backend: always` | it is reached whatever is decided, which is a departure |
//! | `opens: yes` | everybody is let in |
//! | `opens: picky` | the same, but for whoever shows credentials, which is a departure |

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hyper::StatusCode;
use hyper::header::AUTHORIZATION;

use super::decision::{Decision, DecisionInput};
use super::login::{Login, Why};
use crate::domain::Value;
use crate::observation::{Arrival, Upstream};

/// After how many failures in a row a user is locked out.
const FAILURES: u32 = 3;

/// The most arrivals that are kept; later ones are passed over.
const MOST_ARRIVALS: usize = 1 << 16;

/// What a policy asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct WantedMemory {
    lock_out: Option<Whom>,
    backend: Option<Reached>,
    open: Option<Open>,
}

/// Who is locked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whom {
    User,
    Everybody,
}

/// When the backend is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    Decided,
    Forwards,
    Always,
}

/// Who is let in without credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    ToAll,
    ToTheSilent,
}

impl WantedMemory {
    /// What a policy record asks for; nothing where it has none of the fields.
    pub(super) fn of(policy: &Value) -> Self {
        let word = |name: &str| policy.field(name).and_then(Value::as_symbol);
        Self {
            lock_out: match word("lock_out") {
                Some("user") => Some(Whom::User),
                Some("everybody") => Some(Whom::Everybody),
                _ => None,
            },
            backend: match word("backend") {
                Some("decided") => Some(Reached::Decided),
                Some("forwards") => Some(Reached::Forwards),
                Some("always") => Some(Reached::Always),
                _ => None,
            },
            open: match word("opens") {
                Some("yes") => Some(Open::ToAll),
                Some("picky") => Some(Open::ToTheSilent),
                _ => None,
            },
        }
    }
}

/// What is remembered of one slot.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// How often each user failed in a row.
    failed: Mutex<HashMap<String, u32>>,
}

/// What reached the backend, in order, whatever the slot.
#[derive(Debug, Default)]
pub(super) struct Arrivals(Mutex<Vec<Arrival>>);

impl Memory {
    /// The failures are what an edit leaves as it was.
    pub(super) fn edited(&self) -> Self {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            failed: Mutex::new(failed.clone()),
        }
    }

    /// Takes note of a log-in, and turns one that is good into one that is not where its user is locked out.
    pub(super) fn note(&self, wanted: WantedMemory, login: Login) -> Login {
        let Some(whom) = wanted.lock_out else {
            return login;
        };
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match login {
            Login::Failed { ref user, .. } => {
                if let Some(user) = user {
                    *failed.entry(user.clone()).or_default() += 1;
                }
                login
            }
            Login::Succeeded { user, scheme, .. } if is_locked_out(whom, &failed, &user) => {
                Login::Failed {
                    user,
                    scheme: Some(scheme),
                    why: Why::Wrong,
                }
            }
            Login::Succeeded { ref user, .. } => {
                if let Some(user) = user {
                    failed.remove(user);
                }
                login
            }
            Login::Anonymous => login,
        }
    }

    /// The decision on a resource that is open, if this one is.
    pub(super) fn opened(wanted: WantedMemory, login: &Login) -> Option<Decision> {
        match (wanted.open?, login) {
            (Open::ToTheSilent, Login::Failed { .. }) => None,
            _ => Some(Decision::bare(StatusCode::OK)),
        }
    }
}

impl Arrivals {
    /// Reaches the backend, where the decision lets it or the policy asks for it anyhow.
    pub(super) fn reach(
        &self,
        wanted: WantedMemory,
        slot: usize,
        asked: &DecisionInput<'_>,
        login: &Login,
        status: StatusCode,
    ) {
        let reached = match wanted.backend {
            None => false,
            Some(Reached::Always) => true,
            Some(Reached::Decided | Reached::Forwards) => status.is_success(),
        };
        let mut arrivals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !reached || arrivals.len() >= MOST_ARRIVALS {
            return;
        }
        let user = match login {
            Login::Succeeded { user, .. } => user.clone(),
            Login::Anonymous | Login::Failed { .. } => None,
        };
        arrivals.push(Arrival {
            slot,
            at: Upstream::Backend,
            seen: None,
            method: asked.method.to_string(),
            target: asked.target.to_owned(),
            user,
            authorization: wanted.backend == Some(Reached::Forwards)
                && asked.headers.contains_key(AUTHORIZATION),
        });
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Arrival> {
        let arrivals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.clone()
    }
}

/// Whether a user is locked out.
fn is_locked_out(whom: Whom, failed: &HashMap<String, u32>, user: &Option<String>) -> bool {
    let often = |count: &u32| *count >= FAILURES;
    match whom {
        Whom::User => (user.as_ref()).is_some_and(|user| failed.get(user).is_some_and(often)),
        Whom::Everybody => failed.values().any(often),
    }
}
