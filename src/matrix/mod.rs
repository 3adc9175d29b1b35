//! The matrix: every seeded fault against every rule, and who kills whom.
//!
//! A rule *kills* a fault where it breaks with the fault and holds without it, on one and the same
//! case. A fault that nothing kills measures nothing; a rule that kills nothing has not been shown to
//! be able to fail. [`measure()`] finds out by running the packs against the reference implementation
//! with one fault after the other; the rest says it: as a table, as JSON, and as pages about the rules.

mod job;
mod json;
mod kill;
mod measure;
mod pages;
mod stance;
mod text;
mod witness;

pub use kill::{Kill, Matrix, Tried};
pub use measure::{Options, PAGE_CASES, Progress, measure};
