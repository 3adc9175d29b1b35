//! Ctrl-C and SIGTERM: the first ends the run in order, the second at once.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use countersign::engine::Stop;
use countersign::implementation::Implementation;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long an interrupted run may take to end in order.
const IN_ORDER: Duration = Duration::from_secs(5);

/// The exit code of a command that was interrupted: 128 and the number of SIGINT.
pub(super) const CODE: u8 = 130;

/// The exit code of a command that was interrupted.
pub(super) fn code() -> ExitCode {
    ExitCode::from(CODE)
}

/// Interruptions, from now on: one that comes while nobody waits for it is not lost.
#[derive(Debug)]
pub(super) struct Interruptions {
    signals: [Option<Signal>; 2],
}

impl Interruptions {
    /// Watches for them. Where a handler cannot be had, the signal ends the command by itself.
    pub(super) fn watch() -> Self {
        Self {
            signals: [SignalKind::interrupt(), SignalKind::terminate()]
                .map(|kind| signal(kind).ok()),
        }
    }

    /// Waits for the next.
    pub(super) async fn next(&mut self) {
        async fn one(signal: &mut Option<Signal>) {
            let came = match signal {
                Some(signal) => signal.recv().await.is_some(),
                None => false,
            };
            if !came {
                std::future::pending::<()>().await;
            }
        }
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            () = one(interrupt) => {}
            () = one(terminate) => {}
        }
    }

    /// Does what comes before anything is played; nothing where that is interrupted.
    pub(super) async fn before<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            result = work => Some(result),
            () = self.next() => None,
        }
    }

    /// Does the work; asks it to stop when interrupted, and gives it up when interrupted again or when
    /// it does not end in time, as it may not where the implementation hangs.
    pub(super) async fn during<T>(
        &mut self,
        work: impl Future<Output = T>,
        stop: &Stop,
    ) -> Option<T> {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            result = &mut work => return Some(result),
            () = self.next() => {}
        }
        anstream::eprintln!("interrupted: ending in order; once more to end at once");
        stop.stop();
        tokio::select! {
            result = &mut work => Some(result),
            () = self.next() => None,
            () = tokio::time::sleep(IN_ORDER) => {
                anstream::eprintln!("what was under way did not end in time, and is given up");
                None
            }
        }
    }
}

/// Says that nothing was played yet.
pub(super) fn early() -> ExitCode {
    anstream::eprintln!("interrupted before anything was played");
    code()
}

/// Waits for one interruption.
pub(super) async fn interrupted() {
    Interruptions::watch().next().await;
}

/// Does the work as [`Interruptions::during`] does.
pub(super) async fn unless_interrupted<T>(work: impl Future<Output = T>, stop: &Stop) -> Option<T> {
    Interruptions::watch().during(work, stop).await
}

/// Stops an implementation, unless interrupted meanwhile: what is left of it is then killed when it
/// is dropped.
pub(super) async fn end(mut implementation: Box<dyn Implementation>) {
    tokio::select! {
        () = implementation.stop() => {}
        () = interrupted() => {}
    }
}
