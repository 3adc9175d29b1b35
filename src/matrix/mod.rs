//! The matrix: every seeded fault against every rule, and who kills whom.
//!
//! A rule *kills* a fault where it breaks with the fault and holds without it, on one and the same
//! case. A fault that nothing kills measures nothing; a rule that kills nothing has not been shown to
//! be able to fail. [`measure()`] finds out by running the packs against the reference implementation
//! with one fault after the other; what comes of it is a [`Matrix`](crate::results::Matrix).

mod choice_set;
mod job;
mod measure;
mod published;
mod witness;

pub use measure::{MatrixOptions, MatrixProgress, PAGE_CASES, measure};
pub use published::{PublishedKill, published_kills};
