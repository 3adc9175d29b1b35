//! Why a run ends before its plan does.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::observation::SetupFault;

/// After how many exchanges in a row without a response the implementation is asked whether it is
/// still there.
pub const FAULTS_IN_A_ROW: u32 = 6;

/// After how many exchanges that ran into a deadline a run ends: each costs seconds, and a client that
/// always hangs would cost them for every one of its cases.
pub const SLOW_EXCHANGES: u32 = 60;

/// After how many exchanges in a row of which nothing could be read the implementation is asked whether
/// anything can: whoever sends something is there, but a run of nothing else shows nothing.
pub const UNREAD_IN_A_ROW: u32 = 200;

/// Why a run ended before its plan did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// The implementation could not be set up.
    Setup(SetupFault),
    /// It stopped answering.
    Silent {
        /// The last fault met.
        fault: String,
        /// Whether connections ended or could not be had, as of somebody who is gone; otherwise it keeps
        /// them, and everybody waiting.
        gone: bool,
    },
    /// It answers, and nothing of what it answers can be read.
    Unread {
        /// The last fault met.
        fault: String,
    },
    /// Too many exchanges ran into a deadline.
    Slow,
    /// A case cannot be played: a mistake of Countersign or of a spec.
    Unplayable(String),
    /// Somebody asked the run to end.
    Asked,
}

impl fmt::Display for Stopped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(fault) => fault.fmt(out),
            Self::Silent { fault, .. } => write!(
                out,
                "the implementation stopped answering ({FAULTS_IN_A_ROW} exchanges in a row had no \
                 response, nor had the simplest requests): {fault}"
            ),
            Self::Unread { fault } => write!(
                out,
                "no answer can be read ({UNREAD_IN_A_ROW} exchanges in a row gave none that can, nor did the \
                 simplest requests): {fault}"
            ),
            Self::Slow => write!(
                out,
                "the implementation is too slow to go on: {SLOW_EXCHANGES} exchanges had no response, \
                 or no end of its body, within their deadlines"
            ),
            Self::Unplayable(why) => write!(out, "a case cannot be played: {why}"),
            Self::Asked => out.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Stopped {}

impl From<SetupFault> for Stopped {
    fn from(fault: SetupFault) -> Self {
        Self::Setup(fault)
    }
}
