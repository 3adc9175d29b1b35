//! Where requests go.

use std::fmt;

/// Where requests of a case go: plain HTTP at `authority`, below the path `prefix`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Host and port, such as `127.0.0.1:9000`.
    pub authority: String,
    /// A path without a slash at its end, such as `/s0`; may be empty.
    pub prefix: String,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "http://{}{}", self.authority, self.prefix)
    }
}
