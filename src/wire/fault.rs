//! What can go wrong in an exchange, told apart by who may be at fault.

use std::fmt;
use std::time::Duration;

/// Why an exchange gave no response. None of these is a finding against the implementation: each is
/// a verdict of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireFault {
    /// No connection could be made.
    Connect {
        /// Where to.
        address: String,
        /// The operating system's words.
        why: String,
    },
    /// The connection ended before a complete response head came.
    Closed {
        /// What had come by then.
        received: Vec<u8>,
    },
    /// What came is not an HTTP/1 response.
    Malformed {
        /// What came, up to the bound on a head.
        received: Vec<u8>,
        /// The parser's words.
        why: String,
    },
    /// No complete response head came in time.
    Deadline {
        /// How long was waited.
        waited: Duration,
        /// What had come by then.
        received: Vec<u8>,
    },
    /// The request cannot be put on the wire: a mistake of Countersign or of a spec.
    Unsendable {
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for WireFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { address, why } => write!(out, "no connection to {address}: {why}"),
            Self::Closed { received } if received.is_empty() => {
                out.write_str("the connection was closed without a response")
            }
            Self::Closed { received } => write!(
                out,
                "the connection was closed inside the response head, after {} bytes: {}",
                received.len(),
                received.escape_ascii()
            ),
            Self::Malformed { received, why } => write!(
                out,
                "the answer is not an HTTP response ({why}): {}",
                received
                    .get(..received.len().min(200))
                    .unwrap_or_default()
                    .escape_ascii()
            ),
            Self::Deadline { waited, received } => write!(
                out,
                "no response head within {:.1} s ({} bytes came)",
                waited.as_secs_f64(),
                received.len()
            ),
            Self::Unsendable { why } => write!(out, "the request cannot be sent: {why}"),
        }
    }
}

impl std::error::Error for WireFault {}
