//! What a run may spend, and what it looks at.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::client::RealClients;
use crate::results::{Invocation, LetIn, PlanPart};
use crate::spec::Level;
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
    /// Rules with these ids are not judged, whatever `rules` says.
    pub excluded: Vec<String>,
    /// No case is begun after that moment, so that what is judged is a smaller part of the plan. Failures that
    /// were met are looked into all the same.
    pub until: Option<Instant>,
    /// The most findings of a pack: with so many, nothing more is played or looked into.
    pub most_findings: Option<u32>,
    /// How many connections play cases side by side; at least 1.
    pub connections: usize,
    /// Bounds on each exchange.
    pub limits: Limits,
    /// How long an implementation is waited for, once a run, that takes no connections any more: it may be
    /// starting again.
    pub patience: Duration,
    /// How long an implementation may take to install a set of policies or hand over events.
    pub setup_deadline: Duration,
    /// How long a failure may wait to be looked into. Meanwhile other cases of the plan are played, and most of
    /// those that shrinking and explaining need are among them: with less patience the first finding comes
    /// sooner, and costs more requests. The embedded reference is fast, and all of its failures wait.
    pub unexplained: Duration,
    /// The most requests that shrinking and explaining one failure may send.
    pub shrink_requests: u64,
    /// Of how many cases the report keeps what was answered, the simplest first; 0 keeps none.
    pub keep_answers: usize,
    /// Who was let in by earlier runs against the same implementation: see
    /// [`PackReport::let_in`](crate::results::PackReport::let_in).
    pub let_in: Vec<LetIn>,
    /// Only this part of the plan is played: see [`merge`](crate::results::merge).
    pub part: Option<PlanPart>,
    /// Real programs that play the clients that they can be: only cases of such a client are in the plan then.
    pub programs: Option<Arc<dyn RealClients>>,
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
            excluded: Vec::new(),
            until: None,
            most_findings: None,
            connections: 4,
            limits: Limits::default(),
            patience: Duration::from_secs(2),
            setup_deadline: Duration::from_secs(60),
            unexplained: Duration::from_secs(2),
            shrink_requests: 2_000,
            keep_answers: 0,
            let_in: Vec::new(),
            part: None,
            programs: None,
            stop: Stop::default(),
            pulse: Pulse::default(),
        }
    }
}

impl Options {
    /// The part of the plan that is played, where it is not all of it.
    pub(super) fn part(&self) -> Option<PlanPart> {
        self.part.filter(|part| part.of > 1)
    }

    /// What a run with these options is asked for by who calls the library and has no command line.
    pub fn asked(&self, against: &str) -> Invocation {
        Invocation {
            program: "countersign".to_owned(),
            against: against.to_owned(),
            faults: Vec::new(),
            specs: Vec::new(),
            claims: Vec::new(),
            rules: self.rules.clone(),
            excluded: self.excluded.clone(),
            set: Vec::new(),
            clients: Vec::new(),
            catalogue: None,
            case: None,
            cases: self.cases,
            seed: self.seed,
            baseline: None,
            fail_on: Level::Should,
        }
    }

    /// Whether a rule is to be judged.
    pub(super) fn selects(&self, rule: &str) -> bool {
        let has = |rules: &[String]| rules.iter().any(|one| one == rule);
        (self.rules.is_empty() || has(&self.rules)) && !has(&self.excluded)
    }
}

/// A switch that ends a run early, from another task.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Switch>);

#[derive(Debug, Default)]
struct Switch {
    on: AtomicBool,
    thrown: Notify,
}

/// How long what is under way may still take when a run is asked to end.
const GRACE: Duration = Duration::from_secs(1);

impl Stop {
    /// Asks the run to end: it finishes the requests under way, if they do not take long, and reports what
    /// it has.
    pub fn stop(&self) {
        self.0.on.store(true, Ordering::Relaxed);
        self.0.thrown.notify_waiters();
    }

    /// Whether the run was asked to end.
    pub fn is_stopped(&self) -> bool {
        self.0.on.load(Ordering::Relaxed)
    }

    /// Does some work, and gives it up where the run was asked to end and it takes long.
    pub(super) async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        let thrown = self.0.thrown.notified();
        if !self.is_stopped() {
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                () = thrown => {}
            }
        }
        timeout(GRACE, work).await.ok()
    }
}
