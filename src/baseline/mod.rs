//! Baselines: the known departures of one implementation, each with a reason.
//!
//! A [`Baseline`] is one YAML file, `known.yaml` in the folder of an adapter. What it lists does not
//! fail a run; what it lists and no longer shows does, so that a defect cannot come back unseen.
//! [`Baseline::read`] reads it with diagnostics, [`Baseline::compare`] holds it against what a run
//! found, and [`write()`] makes the skeleton of one. `adapters/README.md` explains the format to people.

mod compare;
mod day;
mod held;
mod read;

mod write;

#[cfg(test)]
mod tests;

pub use compare::BaselineComparison;
pub use day::Day;
pub use held::{Meant, Presence, presence};
pub use write::{changes, write};

use crate::domain::Case;
use crate::results::Whose;

/// The name of a baseline in the folder of an adapter.
pub const BASELINE_FILE: &str = "known.yaml";

/// The known departures of one implementation.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// The name of its file, for messages.
    pub file: String,
    /// The implementation's name.
    pub implementation: String,
    /// The version of the implementation in which the departures were confirmed.
    pub version: String,
    /// Known departures.
    pub departures: Vec<KnownDeparture>,
    /// Rules that never apply to it.
    pub never_apply: Vec<NeverApplies>,
}

/// One defect, one documented default, or one limit of an adapter, and everything that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDeparture {
    /// The title of its headline, as a report gives it: defect and sentence.
    pub finding: String,
    /// Whose doing it is.
    pub whose: Whose,
    /// Why it is so.
    pub reason: String,
    /// The project's own documentation or issue, where there is one.
    pub link: Option<String>,
    /// How it was confirmed by hand, in one sentence.
    pub confirmed: String,
    /// The last day on which it is known, as `2026-12-31`; always, where nothing is said.
    pub until: Option<Day>,
    /// The rules and minimal cases in which it shows.
    pub shows: Vec<Showing>,
}

/// A rule and the minimal case in which it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showing {
    /// The pack's name.
    pub pack: String,
    /// The rule's id.
    pub rule: String,
    /// The case as it is written.
    pub brief: String,
    /// The case, where its pack is at hand.
    pub case: Option<Case>,
}

/// Rules that never apply to an implementation, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeverApplies {
    /// Why.
    pub because: String,
    /// Packs and rules.
    pub rules: Vec<(String, String)>,
}
