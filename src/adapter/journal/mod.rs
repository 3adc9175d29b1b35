//! The log of a program as audit events: which of its lines are events, and what has been read of it.

mod pattern;
mod reader;

pub use pattern::{EventLine, Pattern};
pub(super) use reader::Journal;
