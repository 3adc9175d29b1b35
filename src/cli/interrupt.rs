//! Ctrl-C and SIGTERM: the first ends the run in order, the second at once.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use countersign::engine::Stop;
use countersign::implementation::Implementation;

/// How long an interrupted run may take to end in order.
const IN_ORDER: Duration = Duration::from_secs(5);

/// The exit code of a command that was interrupted: 128 and the number of SIGINT.
pub(super) fn code() -> ExitCode {
    ExitCode::from(130)
}

/// Waits for one interruption.
pub(super) async fn interrupted() {
    let kind = tokio::signal::unix::SignalKind::terminate();
    let Ok(mut terminate) = tokio::signal::unix::signal(kind) else {
        // Without a handler for SIGTERM, Ctrl-C still works.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        return;
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => {
            if result.is_err() {
                std::future::pending::<()>().await;
            }
        }
        _ = terminate.recv() => {}
    }
}

/// Does the work; asks it to stop when interrupted, and gives it up when interrupted again or when it
/// does not end in time, as it may not where the implementation hangs.
pub(super) async fn unless_interrupted<T>(work: impl Future<Output = T>, stop: &Stop) -> Option<T> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        result = &mut work => return Some(result),
        () = interrupted() => {}
    }
    anstream::eprintln!("interrupted: ending in order; once more to end at once");
    stop.stop();
    tokio::select! {
        result = &mut work => Some(result),
        () = interrupted() => None,
        () = tokio::time::sleep(IN_ORDER) => {
            anstream::eprintln!("what was under way did not end in time, and is given up");
            None
        }
    }
}

/// Stops an implementation, unless interrupted meanwhile: what is left of it is then killed when it
/// is dropped.
pub(super) async fn end(mut implementation: Box<dyn Implementation>) {
    tokio::select! {
        () = implementation.stop() => {}
        () = interrupted() => {}
    }
}
