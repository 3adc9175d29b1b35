//! Events: what a run tells its subscribers, who compute nothing.

use super::coverage::Coverage;
use super::finding::Finding;
use super::report::PackReport;

/// Something that happened in a run.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A pack is about to run.
    Planned {
        /// The pack's name.
        pack: &'a str,
        /// Its version.
        version: u32,
        /// What will be covered.
        coverage: &'a Coverage,
    },
    /// Cases were judged.
    Progress {
        /// So many so far.
        judged: u64,
        /// Out of so many.
        of: u64,
        /// So many failures among them.
        failures: u64,
    },
    /// A failure was shrunk, explained and confirmed.
    Found(&'a Finding),
    /// A pack is done.
    Done(&'a PackReport),
}

/// Whoever is told of events.
pub type Subscriber<'a> = dyn FnMut(Event<'_>) + Send + 'a;
