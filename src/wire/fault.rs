//! What can go wrong in an exchange, told apart by who may be at fault.

use std::fmt;
use std::time::Duration;

/// The most bytes of what was received that a fault keeps: a run may meet many faults, and whoever reads
/// of one needs its beginning.
pub(super) const KEPT: usize = 2048;

/// The most bytes of what was received that are shown.
const SHOWN: usize = 200;

/// The most interim responses that are read before a final one (RFC 9110 §15.2): beyond any use of them.
pub(super) const MOST_INTERIM: usize = 100;

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
        /// What had come by then, or its beginning.
        received: Vec<u8>,
    },
    /// What came is not an HTTP/1 response.
    Malformed {
        /// What came, or its beginning.
        received: Vec<u8>,
        /// The parser's words.
        why: String,
    },
    /// No complete response head came in time.
    Deadline {
        /// How long was waited.
        waited: Duration,
        /// What had come by then, or its beginning.
        received: Vec<u8>,
    },
    /// The head is longer than is read.
    Oversized {
        /// Whether it is its field lines that are too many, not its bytes.
        lines: bool,
        /// The most that is read: of lines or of bytes.
        most: usize,
    },
    /// Interim responses (1xx) came, more than are read, and no final one.
    Interim,
    /// Bytes came on a new connection before anything was asked on it. They belong to no request
    /// (RFC 9112 §9.2).
    Unasked {
        /// What came, or its beginning.
        received: Vec<u8>,
    },
    /// Bytes came behind an answer that had ended, without another request. They belong to no request
    /// (RFC 9112 §9.2), and whoever takes them for the next answer takes one that is another's.
    Surplus {
        /// What came, or its beginning.
        received: Vec<u8>,
    },
    /// The server refused the client's certificate, or that it showed none, by an alert of TLS (RFC 8446 §6.2): a decision
    /// of its.
    Refused {
        /// The alert.
        alert: String,
    },
    /// The request is for servers that say that they take such, and this one does not: nothing was sent, and it is judged on
    /// nothing.
    Unannounced {
        /// What it does not say.
        why: &'static str,
    },
    /// The request cannot be put on the wire: a mistake of Countersign or of a spec.
    Unsendable {
        /// What is wrong with it.
        why: String,
    },
}

impl WireFault {
    /// Whether bytes came that belong to no request: answers on that connection cannot be put down to
    /// requests.
    pub fn is_stray(&self) -> bool {
        matches!(self, Self::Unasked { .. } | Self::Surplus { .. })
    }

    /// Whether the connection was closed before a single byte of an answer came.
    pub fn is_closing(&self) -> bool {
        matches!(self, Self::Closed { received } if received.is_empty())
    }

    /// Whether it is what a server decided of the client, before any request.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// Whether nothing was sent, and nothing is wrong with the connection for it.
    pub fn is_unsent(&self) -> bool {
        matches!(self, Self::Unannounced { .. } | Self::Unsendable { .. })
    }

    /// Whether somebody is there, although what came is no answer.
    pub fn shows_life(&self) -> bool {
        matches!(
            self,
            Self::Malformed { .. } | Self::Oversized { .. } | Self::Interim
        ) || self.is_stray()
    }
}

/// The beginning of what was received, as a fault keeps it.
pub(super) fn evidence(received: &[u8]) -> Vec<u8> {
    received.get(..KEPT).unwrap_or(received).to_vec()
}

/// How many bytes came, as far as they were kept.
fn bytes(received: &[u8]) -> String {
    let more = if received.len() < KEPT {
        ""
    } else {
        " or more"
    };
    format!("{}{more} bytes", received.len())
}

/// The first line of what came, so that alike faults have like words.
fn first_line(received: &[u8]) -> impl fmt::Display {
    let line = received.split(|byte| *byte == b'\n').next();
    let line = line.unwrap_or_default().trim_ascii();
    line.get(..60).unwrap_or(line).escape_ascii().to_string()
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
                "the connection was closed inside the response head, after {}: {}",
                bytes(received),
                received.get(..SHOWN).unwrap_or(received).escape_ascii()
            ),
            Self::Malformed { received, why } if received.is_empty() => {
                write!(out, "the answer is not an HTTP response ({why})")
            }
            Self::Malformed { received, why } => write!(
                out,
                "the answer is not an HTTP response ({why}): {}",
                received.get(..SHOWN).unwrap_or(received).escape_ascii()
            ),
            Self::Deadline { waited, received } => write!(
                out,
                "no response head within {:.1} s ({} came)",
                waited.as_secs_f64(),
                bytes(received)
            ),
            Self::Oversized { lines: true, most } => write!(
                out,
                "the answer has more than {most} field lines, which is more than is read"
            ),
            Self::Oversized { lines: false, most } => write!(
                out,
                "the head of the answer is longer than {most} bytes, which is more than is read"
            ),
            Self::Interim => write!(
                out,
                "more than {MOST_INTERIM} interim responses (1xx) came, and no final one"
            ),
            Self::Unasked { received } => write!(
                out,
                "it answered before it was asked: bytes came on a new connection before any request \
                 (RFC 9112 §9.2), beginning {}",
                first_line(received)
            ),
            Self::Surplus { received } => write!(
                out,
                "bytes came after the answer had ended, without another request (RFC 9112 §9.2), \
                 beginning {}",
                first_line(received)
            ),
            Self::Refused { alert } => write!(
                out,
                "the server refused the client's certificate, or that it showed none, by the TLS alert {alert} \
                 (RFC 8446 §6.2)"
            ),
            Self::Unannounced { why } => out.write_str(why),
            Self::Unsendable { why } => write!(out, "the request cannot be sent: {why}"),
        }
    }
}

impl std::error::Error for WireFault {}
