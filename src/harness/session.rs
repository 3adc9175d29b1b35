//! Sessions: one run of the engine for each implementation and pack, shared by the trials of its
//! rules.
//!
//! The first trial that needs a session runs it, in its own thread; the others read their verdict. A
//! trial whose session is being run by somebody else does not only wait: it runs another session
//! meanwhile, so that the test threads that the user allows are put to use.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::target::Target;
use crate::engine::{Options, run_packs, vocabulary};
use crate::implementation::{Implementation, Nature, Vocabulary};
use crate::observation::SetupFault;
use crate::results::Run;
use crate::spec::{SHIPPED, Spec};

/// How long an implementation may take to stop; afterwards it is dropped, which ends it as well.
const STOP: Duration = Duration::from_secs(10);

/// How long what is left in the runtime may take to end.
const WIND_DOWN: Duration = Duration::from_secs(1);

/// An implementation and a pack.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) target: Arc<Target>,
    pub(super) spec: Arc<Spec>,
}

/// What a session came to: a run, or why there is none.
pub(super) type SessionOutcome = Result<Run, String>;

/// Every session of a test.
#[derive(Debug)]
pub(super) struct Sessions {
    sessions: Vec<Session>,
    options: Options,
    states: Mutex<Vec<SessionState>>,
    changed: Condvar,
}

/// What is to be judged in a session, and how far that is.
#[derive(Debug, Default)]
struct SessionState {
    rules: Vec<String>,
    progress: SessionProgress,
}

#[derive(Debug, Default)]
enum SessionProgress {
    #[default]
    Waiting,
    Running,
    Done(Arc<SessionOutcome>),
}

impl Sessions {
    pub(super) fn new(sessions: Vec<Session>, options: Options) -> Self {
        let states = sessions.iter().map(|_| SessionState::default()).collect();
        Self {
            sessions,
            options,
            states: Mutex::new(states),
            changed: Condvar::new(),
        }
    }

    /// All of them, in order.
    pub(super) fn list(&self) -> &[Session] {
        &self.sessions
    }

    /// Says that a rule will be asked for.
    pub(super) fn select(&self, session: usize, rule: &str) {
        if let Some(state) = self.states().get_mut(session) {
            state.rules.push(rule.to_owned());
        }
    }

    /// The first rule that is asked for in a session.
    pub(super) fn first(&self, session: usize) -> Option<String> {
        let states = self.states();
        states.get(session)?.rules.first().cloned()
    }

    /// What a session came to. Runs it if nobody has, and waits for it if somebody does. Every wait
    /// ends: the engine has a deadline for each step, and a run that panics is over too.
    pub(super) fn outcome(&self, index: usize) -> Arc<SessionOutcome> {
        loop {
            let Some((turn, rules)) = self.next(index) else {
                return match self.states().get(index).map(|state| &state.progress) {
                    Some(SessionProgress::Done(outcome)) => Arc::clone(outcome),
                    _ => Arc::new(Err("there is no such session".to_owned())),
                };
            };
            let outcome = match self.sessions.get(turn) {
                Some(session) => perform(session, &self.sessions, &self.options, rules),
                None => Err("there is no such session".to_owned()),
            };
            if let Some(state) = self.states().get_mut(turn) {
                state.progress = SessionProgress::Done(Arc::new(outcome));
            }
            self.changed.notify_all();
        }
    }

    /// The session that whoever needs `index` is to run next, marked as running, with its rules;
    /// none once `index` is done.
    fn next(&self, index: usize) -> Option<(usize, Vec<String>)> {
        let mut states = self.states();
        loop {
            let is_waiting =
                |state: &SessionState| matches!(state.progress, SessionProgress::Waiting);
            let turn = match &states.get(index)?.progress {
                SessionProgress::Done(_) => return None,
                SessionProgress::Waiting => Some(index),
                SessionProgress::Running => states
                    .iter()
                    .position(|state| is_waiting(state) && !state.rules.is_empty()),
            };
            if let Some(turn) = turn {
                let state = states.get_mut(turn)?;
                state.progress = SessionProgress::Running;
                return Some((turn, state.rules.clone()));
            }
            states = self
                .changed
                .wait(states)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn states(&self) -> MutexGuard<'_, Vec<SessionState>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs one session over these rules.
fn perform(
    session: &Session,
    all: &[Session],
    options: &Options,
    rules: Vec<String>,
) -> SessionOutcome {
    let options = Options {
        rules,
        ..options.clone()
    };
    let judged = catch_unwind(AssertUnwindSafe(|| {
        with_implementation(&session.target, options.setup_deadline, async |opened| {
            let description = opened.description();
            if description.nature != Nature::Embedded {
                description.check(&words(all))?;
            }
            let chosen = [(&*session.spec, None)];
            let asked = options.asked(session.target.name());
            Ok(run_packs(&chosen, asked, opened, &options, &mut |_| {}).await)
        })
    }));
    match judged {
        Ok(Ok(Ok(run))) => Ok(run),
        Ok(Err(fault) | Ok(Err(fault))) => Err(fault.to_string()),
        Err(panic) => Err(format!("Countersign panicked: {}", panic_message(&*panic))),
    }
}

/// What the implementations of a test may speak of. Shipped packs are there whole, whatever a target keeps to.
fn words(sessions: &[Session]) -> Vocabulary {
    let is_shipped = |spec: &Spec| SHIPPED.iter().any(|(_, text)| *spec.source.text == **text);
    let specs = sessions.iter().map(|session| &*session.spec);
    vocabulary(specs.filter(|spec| !is_shipped(spec)))
}

/// Opens a target in a runtime of its own, hands it over, and stops it. The runtime has one thread,
/// this one: waking another for each request costs several times what the request does.
pub(super) fn with_implementation<T>(
    target: &Target,
    deadline: Duration,
    work: impl AsyncFnOnce(&mut dyn Implementation) -> T,
) -> Result<T, SetupFault> {
    let doing = || format!("open {}", target.name());
    if let Some(reason) = target.reason_missing() {
        return Err(SetupFault {
            doing: doing(),
            why: reason.to_owned(),
            remedy: None,
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| SetupFault {
            doing: "start a tokio runtime".to_owned(),
            why: error.to_string(),
            remedy: None,
        })?;
    let result = runtime.block_on(async {
        let opened = timeout(deadline, target.open()).await;
        let mut implementation = opened.unwrap_or_else(|_| {
            Err(SetupFault {
                doing: doing(),
                why: format!("it was not ready within {} s", deadline.as_secs()),
                remedy: None,
            })
        })?;
        let result = work(&mut *implementation).await;
        // It is dropped next, whether or not it stopped in time.
        let _ = timeout(STOP, implementation.stop()).await;
        Ok(result)
    });
    runtime.shutdown_timeout(WIND_DOWN);
    result
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::thread;
    use std::time::Instant;

    use super::*;
    use crate::implementation::{
        BoxFuture, Description, Installation, Placement, ReferenceImplementation,
    };
    use crate::observation::AuditEvent;
    use crate::spec::shipped;

    fn spec() -> Arc<Spec> {
        let mut source = shipped("reachability").unwrap();
        source.text = source.text.replace("max: 4", "max: 1").into();
        Arc::new(Spec::read(&source).unwrap())
    }

    fn sessions(targets: impl IntoIterator<Item = Target>) -> Sessions {
        let (spec, rule) = (spec(), "advertised-schemes-are-accepted");
        let sessions: Vec<Session> = targets
            .into_iter()
            .map(|target| Session {
                target: Arc::new(target),
                spec: Arc::clone(&spec),
            })
            .collect();
        let count = sessions.len();
        let sessions = Sessions::new(sessions, Options::default());
        for session in 0..count {
            sessions.select(session, rule);
        }
        sessions
    }

    #[test]
    fn whoever_would_only_wait_runs_another_session() {
        let open = Arc::new(AtomicUsize::new(0));
        // Each is ready only once both are being opened, or after a time that fails the test.
        let target = |name: &str| {
            let open = Arc::clone(&open);
            Target::new(name, move || {
                let open = Arc::clone(&open);
                Box::pin(async move {
                    open.fetch_add(1, Ordering::SeqCst);
                    let begun = Instant::now();
                    while open.load(Ordering::SeqCst) < 2 {
                        assert!(begun.elapsed() < Duration::from_secs(20), "left alone");
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                    Ok(Box::new(ReferenceImplementation::new()) as Box<dyn Implementation>)
                })
            })
        };
        let sessions = sessions([target("one"), target("other")]);
        let outcomes = thread::scope(|scope| {
            let both = [0, 1].map(|_| scope.spawn(|| sessions.outcome(0)));
            both.map(|thread| thread.join().unwrap())
        });
        assert!(Arc::ptr_eq(&outcomes[0], &outcomes[1]));
        assert!(outcomes[0].is_ok(), "{outcomes:?}");
        assert!(sessions.outcome(1).is_ok());
        assert_eq!(open.load(Ordering::SeqCst), 2);
    }

    /// Panics when it is used; says when it is gone.
    struct Fragile(Description, Arc<AtomicBool>);

    impl Implementation for Fragile {
        fn description(&self) -> &Description {
            &self.0
        }

        fn install<'a>(
            &'a mut self,
            _: &'a Installation,
        ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
            panic!("crack")
        }

        fn events(&mut self, _: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
            Box::pin(async { Ok(Vec::new()) })
        }

        fn stop(&mut self) -> BoxFuture<'_, ()> {
            Box::pin(async {})
        }
    }

    impl Drop for Fragile {
        fn drop(&mut self) {
            // What children need to be ended is there: dropping happens within the runtime.
            let is_within = tokio::runtime::Handle::try_current().is_ok();
            self.1.store(is_within, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_panic_ends_the_implementation_too() {
        let gone = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&gone);
        let target = Target::new("fragile", move || {
            let fragile = Fragile(Description::default(), Arc::clone(&flag));
            Box::pin(async { Ok(Box::new(fragile) as Box<dyn Implementation>) })
        });
        let outcome = sessions([target]).outcome(0);
        let why = outcome.as_ref().as_ref().unwrap_err();
        assert_eq!(why, "Countersign panicked: crack");
        assert!(gone.load(Ordering::SeqCst));
    }

    #[test]
    fn what_cannot_be_opened_is_told_with_its_remedy() {
        let target = Target::remote("gateway", ["/no/such/program"]);
        let outcome = sessions([target]).outcome(0);
        let why = outcome.as_ref().as_ref().unwrap_err();
        assert!(why.contains("could not start gateway"), "{why}");
        assert!(why.contains("remedy: "), "{why}");
    }
}
