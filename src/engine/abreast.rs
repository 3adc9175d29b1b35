//! Packs that are run beside each other, each against an implementation of its own: the first here, the others in
//! threads of their own.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle, available_parallelism};
use std::time::Duration;

use tokio::runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::domain::Case;
use crate::implementation::{Implementation, Opener, Upstreams};
use crate::observation::SetupFault;
use crate::results::{Coverage, Event, Finding, PackReport, Stopped, Subscriber};
use crate::spec::Spec;

use super::options::Options;
use super::pulse::Pulse;
use super::run::{judged, not_begun};

/// How often it is shown how far the pack has come that is told of.
const SHOWN_EACH: Duration = Duration::from_millis(50);

/// A pack to be run, and where its events go.
struct PackOrder {
    spec: Spec,
    case: Option<Case>,
    /// Nothing once it was made use of.
    opening: Option<Opener>,
    pulse: Pulse,
    told: UnboundedSender<PackEvent>,
}

/// An [`Event`] that keeps what it tells.
enum PackEvent {
    Planned(String, u32, Coverage),
    Progress(u64, u64, u64),
    Found(Box<Finding>),
    Done(Box<PackReport>),
}

impl PackEvent {
    fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Planned {
                pack,
                version,
                coverage,
            } => Self::Planned((*pack).to_owned(), *version, (*coverage).clone()),
            Event::Progress {
                judged,
                of,
                failures,
            } => Self::Progress(*judged, *of, *failures),
            Event::Found(finding) => Self::Found(Box::new((*finding).clone())),
            Event::Done(report) => Self::Done(Box::new((*report).clone())),
        }
    }

    /// Hands it on, and the report where it is one.
    fn tell(self, subscriber: &mut Subscriber<'_>) -> Option<PackReport> {
        match self {
            Self::Planned(pack, version, coverage) => subscriber(Event::Planned {
                pack: &pack,
                version,
                coverage: &coverage,
            }),
            Self::Progress(judged, of, failures) => subscriber(Event::Progress {
                judged,
                of,
                failures,
            }),
            Self::Found(finding) => subscriber(Event::Found(&finding)),
            Self::Done(report) => {
                subscriber(Event::Done(&report));
                return Some(*report);
            }
        }
        None
    }
}

/// How to open an implementation like this one for each pack but the first; nothing where it is the only one, or
/// there is nothing to be gained.
pub(super) fn others(implementation: &dyn Implementation, packs: usize) -> Vec<Opener> {
    let cores = available_parallelism().map_or(1, usize::from);
    if packs < 2 || cores < 2 {
        return Vec::new();
    }
    let others: Option<Vec<_>> = (1..packs).map(|_| implementation.another()).collect();
    others.unwrap_or_default()
}

/// Runs packs beside each other, the first here and each other against an implementation of its own, and tells of
/// them one after the other. A pack that was not begun when another ended early is not among the reports. Nothing
/// where no thread is to be had for it.
pub(super) async fn abreast(
    chosen: &[(&Spec, Option<&Case>)],
    implementation: &mut dyn Implementation,
    others: Vec<Opener>,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> Option<Vec<PackReport>> {
    let ((spec, case), rest) = chosen.split_first()?;
    let mut orders = Vec::new();
    let mut told: Vec<(Pulse, UnboundedReceiver<PackEvent>)> = Vec::new();
    for ((spec, case), opening) in rest.iter().zip(others) {
        let (sender, receiver) = unbounded_channel();
        let pulse = Pulse::default();
        orders.push(PackOrder {
            spec: (*spec).clone(),
            case: case.cloned(),
            opening: Some(opening),
            pulse: pulse.clone(),
            told: sender,
        });
        told.push((pulse, receiver));
    }
    // Beside the first. What waits for an auth service that is silent leaves its processor to the others.
    let threads = available_parallelism().map_or(1, usize::from);
    let threads = threads.min(orders.len());
    // A long one that is begun last is waited for alone. How long one takes is known only once it was planned; that it
    // waits for upstreams, and that it has many settings, is known before.
    orders.sort_by_key(|order| {
        let domain = &order.spec.domain;
        Reverse((Upstreams::are_of(domain), domain.policies()))
    });
    let orders = Arc::new(Mutex::new(VecDeque::from(orders)));
    let ended = Arc::new(AtomicBool::new(false));
    let workers: Vec<JoinHandle<()>> = (0..threads)
        .map_while(|_| {
            let (orders, ended) = (Arc::clone(&orders), Arc::clone(&ended));
            let options = options.clone();
            let work = move || work_off(&orders, &ended, &options);
            Builder::new().name("pack".to_owned()).spawn(work).ok()
        })
        .collect();
    if workers.is_empty() {
        return None;
    }
    let first = judged(spec, *case, implementation, options, subscriber).await;
    ended.fetch_or(first.stopped.is_some(), Ordering::Relaxed);
    let mut reports = vec![first];
    for (pulse, mut events) in told {
        loop {
            match timeout(SHOWN_EACH, events.recv()).await {
                Ok(Some(event)) => reports.extend(event.tell(subscriber)),
                Ok(None) => break,
                Err(_) => options.pulse.show(&pulse),
            }
        }
    }
    for worker in workers {
        if let Err(panic) = worker.join() {
            resume_unwind(panic);
        }
    }
    Some(reports)
}

/// Runs packs until none is left.
fn work_off(orders: &Mutex<VecDeque<PackOrder>>, ended: &AtomicBool, options: &Options) {
    loop {
        let order = orders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        let Some(order) = order else { return };
        if ended.load(Ordering::Relaxed) {
            continue;
        }
        let report_ended = match runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(carry_out(order, options)),
            Err(error) => {
                let fault = SetupFault {
                    doing: "begin a pack beside the others".to_owned(),
                    why: error.to_string(),
                    remedy: Some("run one pack at a time, with `--spec`".to_owned()),
                };
                order.gives_up(Stopped::Setup(fault), options);
                true
            }
        };
        ended.fetch_or(report_ended, Ordering::Relaxed);
    }
}

impl PackOrder {
    /// Tells why its pack was not begun.
    fn gives_up(&self, stopped: Stopped, options: &Options) {
        let report = not_begun(&self.spec, stopped, options);
        // Who is told may have gone away.
        drop(self.told.send(PackEvent::Done(Box::new(report))));
    }
}

/// Runs one pack; whether that ended early.
async fn carry_out(mut order: PackOrder, options: &Options) -> bool {
    let Some(opening) = order.opening.take() else {
        return false;
    };
    let mut implementation = match options.stop.or(opening()).await {
        Some(Ok(implementation)) => implementation,
        Some(Err(fault)) => {
            order.gives_up(Stopped::Setup(fault), options);
            return true;
        }
        None => {
            order.gives_up(Stopped::Asked, options);
            return true;
        }
    };
    let options = Options {
        pulse: order.pulse,
        ..options.clone()
    };
    // Who is told may have gone away.
    let mut subscriber = |event: Event<'_>| drop(order.told.send(PackEvent::of(&event)));
    let (case, subscriber) = (order.case.as_ref(), &mut subscriber);
    let report = judged(
        &order.spec,
        case,
        &mut *implementation,
        &options,
        subscriber,
    )
    .await;
    implementation.stop().await;
    report.stopped.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{run, run_packs};
    use crate::implementation::{
        BoxFuture, Description, Installation, Placement, ReferenceImplementation,
    };
    use crate::observation::AuditEvent;
    use crate::reference::Fault;
    use crate::results::RunVerdict;
    use crate::spec::shipped;

    /// What was found, whenever that was.
    fn told(report: &PackReport) -> String {
        let findings = report.findings.iter();
        let findings: Vec<_> = findings
            .map(|one| (one.rule.clone(), one.sentence.clone(), one.requests))
            .collect();
        format!(
            "{:?}",
            (
                &report.pack,
                report.judged,
                report.requests,
                findings,
                &report.rules
            )
        )
    }

    #[tokio::test]
    async fn packs_beside_each_other_come_to_what_each_comes_to() {
        let specs = ["api-access-policy", "reachability"].map(|name| {
            let source = shipped(name).unwrap();
            Spec::read(&source).unwrap()
        });
        let options = Options {
            cases: 200,
            ..Options::default()
        };
        let faulty = || ReferenceImplementation::with_faults(&[Fault::AcceptsWrongSecret]);
        let mut alone = Vec::new();
        for spec in &specs {
            let mut reference = faulty();
            let report = run(spec, &mut reference, &options, &mut |_| {}).await;
            reference.stop().await;
            alone.push(told(&report));
        }
        let chosen: Vec<_> = specs.iter().map(|spec| (spec, None)).collect();
        let mut events = Vec::new();
        let mut subscriber = |event: Event<'_>| match event {
            Event::Planned { pack, .. } => events.push(format!("planned {pack}")),
            Event::Done(report) => events.push(format!("done {}", report.pack.0)),
            Event::Progress { .. } | Event::Found(_) => {}
        };
        let asked = options.asked("reference");
        let mut reference = faulty();
        let run = run_packs(&chosen, asked, &mut reference, &options, &mut subscriber).await;
        assert_eq!(run.packs.iter().map(told).collect::<Vec<_>>(), alone);
        assert_eq!(run.not_begun, [""; 0]);
        let in_order = specs.iter().flat_map(|spec| {
            let name = &spec.pack.name;
            [format!("planned {name}"), format!("done {name}")]
        });
        assert_eq!(events, in_order.collect::<Vec<_>>());
        assert!(run.packs.iter().all(|report| !report.findings.is_empty()));

        // Whoever is asked to end before it began tells so.
        let options = Options::default();
        options.stop.stop();
        let asked = options.asked("reference");
        let run = run_packs(&chosen, asked, &mut reference, &options, &mut |_| {}).await;
        let stopped = run
            .packs
            .iter()
            .filter(|report| report.stopped == Some(Stopped::Asked));
        assert_eq!(
            (stopped.count(), run.verdict()),
            (run.packs.len(), RunVerdict::Interrupted)
        );
        assert_eq!(run.packs.len() + run.not_begun.len(), 2);
    }

    /// A reference of which no other can be had.
    struct Single(ReferenceImplementation);

    impl Implementation for Single {
        fn description(&self) -> &Description {
            self.0.description()
        }

        fn install<'a>(
            &'a mut self,
            installation: &'a Installation,
        ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
            self.0.install(installation)
        }

        fn events(&mut self, from: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
            self.0.events(from)
        }

        fn another(&self) -> Option<Opener> {
            let fault = SetupFault {
                doing: "open another".to_owned(),
                why: "there is none".to_owned(),
                remedy: None,
            };
            Some(Box::new(|| Box::pin(async { Err(fault) })))
        }

        fn stop(&mut self) -> BoxFuture<'_, ()> {
            self.0.stop()
        }
    }

    #[tokio::test]
    async fn what_could_not_be_begun_is_no_pass() {
        let spec = Spec::read(&shipped("api-access-policy").unwrap()).unwrap();
        let options = Options {
            cases: 50,
            ..Options::default()
        };
        let chosen = [(&spec, None), (&spec, None)];
        let mut single = Single(ReferenceImplementation::new());
        let asked = options.asked("reference");
        let run = run_packs(&chosen, asked, &mut single, &options, &mut |_| {}).await;
        let stopped: Vec<_> = run
            .packs
            .iter()
            .map(|report| report.stopped.is_some())
            .collect();
        assert_eq!(stopped, [false, true]);
        assert_eq!(run.verdict(), RunVerdict::Unknown);

        // Nor is what was not begun and says nothing of why.
        let mut run = run;
        run.packs.truncate(1);
        assert_eq!(run.verdict(), RunVerdict::Conforms);
        run.not_begun.push("reachability 2".to_owned());
        assert_eq!(run.verdict(), RunVerdict::Unknown);
    }
}
