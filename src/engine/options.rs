//! What a run may spend, and what it looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::wire::Limits;

use super::pulse::Pulse;

/// What a run may spend, and what it looks at. [`Options::default`] suits a loopback implementation.
#[derive(Clone, Debug)]
pub struct Options {
    /// The greatest space that is enumerated whole, and the number of cases that are judged of a
    /// larger one.
    pub cases: u64,
    /// What random cases are drawn from; the same seed gives the same cases.
    pub seed: u64,
    /// Only rules with these ids are judged; all where it is empty.
    pub rules: Vec<String>,
    /// How many connections play cases side by side; at least 1.
    pub connections: usize,
    /// Bounds on each exchange.
    pub limits: Limits,
    /// How long an implementation may take to install a set of policies or hand over events.
    pub setup_deadline: Duration,
    /// The most requests that shrinking and explaining one failure may send.
    pub shrink_requests: u64,
    /// Of how many cases the report keeps what was answered, the simplest first; 0 keeps none.
    pub keep_answers: usize,
    /// Set to end the run early.
    pub stop: Stop,
    /// How far the run has come, for whoever shows it meanwhile.
    pub pulse: Pulse,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cases: 100_000,
            seed: 7,
            rules: Vec::new(),
            connections: 4,
            limits: Limits::default(),
            setup_deadline: Duration::from_secs(60),
            shrink_requests: 2_000,
            keep_answers: 0,
            stop: Stop::default(),
            pulse: Pulse::default(),
        }
    }
}

impl Options {
    /// Whether a rule is to be judged.
    pub(super) fn selects(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|one| one == rule)
    }
}

/// A switch that ends a run early, from another task.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the run to end: it finishes the requests under way and reports what it has.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the run was asked to end.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
