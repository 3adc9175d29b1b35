//! Ctrl-C, SIGTERM, SIGQUIT and a terminal that is closed: the first ends the run in order, the second at once.

use std::future::Future;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::task::Poll;
use std::time::Duration;

use countersign::engine::Stop;
use countersign::implementation::Implementation;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::say;

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
    signals: Vec<Signal>,
}

impl Interruptions {
    /// Watches for them. Where a handler cannot be had, the signal ends the command by itself.
    pub(super) fn watch() -> Self {
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        // Whoever starts the command so that it outlives its terminal, as `nohup` does, has these ignored.
        let others = [SignalKind::hangup(), SignalKind::quit()];
        kinds.extend(others.into_iter().filter(|kind| !is_ignored(*kind)));
        Self {
            signals: kinds
                .into_iter()
                .filter_map(|kind| signal(kind).ok())
                .collect(),
        }
    }

    /// Waits for the next.
    pub(super) async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let mut signals = self.signals.iter_mut();
            match signals.any(|one| matches!(one.poll_recv(context), Poll::Ready(Some(())))) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
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
        say("interrupted: ending in order; once more to end at once");
        stop.stop();
        tokio::select! {
            result = &mut work => Some(result),
            () = self.next() => None,
            () = tokio::time::sleep(IN_ORDER) => {
                say("what was under way did not end in time, and is given up");
                None
            }
        }
    }
}

/// Whether a signal was ignored when the command began; of systems that do not tell, it is taken for ignored.
fn is_ignored(kind: SignalKind) -> bool {
    // Once a signal is watched for, it is not ignored any more.
    static IGNORED: OnceLock<u64> = OnceLock::new();
    let ignored = IGNORED.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        ignored_in(&status).unwrap_or(u64::MAX)
    });
    let bit = u32::try_from(kind.as_raw_value().saturating_sub(1)).unwrap_or_default();
    ignored.checked_shr(bit).unwrap_or_default() & 1 == 1
}

/// The signals that are ignored by a process of this status, the first in the lowest bit (proc_pid_status(5)).
fn ignored_in(status: &str) -> Option<u64> {
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Says that nothing was played yet.
pub(super) fn early() -> ExitCode {
    say("interrupted before anything was played");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_is_ignored_is_seen_in_the_status() {
        // SIGHUP is 1, SIGQUIT 3.
        let status = "Name:\tx\nSigIgn:\t0000000000000005\nSigCgt:\t0000000000000002\n";
        assert_eq!(ignored_in(status), Some(5));
        assert_eq!(ignored_in("Name:\tx\n"), None);
    }
}
