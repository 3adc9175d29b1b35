//! Why an exchange gave no response.

use crate::wire::WireFault;

/// Why an exchange gave no response, and whether it may be played once more.
pub(in crate::wire) struct ExchangeFailure {
    /// The fault.
    pub(in crate::wire) fault: WireFault,
    /// Whether the peer let go of an idle connection before it can have read the request.
    pub(in crate::wire) stale: bool,
    /// Whether anything of the request may have reached the peer.
    pub(in crate::wire) sent: bool,
}

impl ExchangeFailure {
    /// What kept a request from being sent at all.
    pub(super) fn unsent(fault: WireFault) -> Self {
        Self {
            fault,
            stale: false,
            sent: false,
        }
    }
}

/// The words of the innermost cause: hyper wraps what stopped it in `operation was canceled`.
pub(super) fn innermost(error: &hyper::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
