//! The catalogue of real clients: for each way to use one, its traits, how it was driven, and the
//! measurements that the traits are held against.

mod measured;
mod places;
mod read;
mod read_runs;
mod real_runs;
mod runs;
mod shipped;
#[cfg(test)]
mod tests;
mod write;

pub use measured::{Measurement, measurements, notes, scripts, without_marks};
pub use places::{PLACES, PlaceSlip, filled, place_slips, places_told};
pub use real_runs::{RealClient, RealRun, real_runs};
pub use runs::{ExitCodes, PlayedBy, Registry, Runs};
pub use shipped::{LATER, LAYOUTS, MEASUREMENTS, driver, everything, shipped};
pub use write::written;

use crate::user_agents::model::Traits;

/// A way to use a real client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// What a person would call it: `curl --anyauth`. Specs name it so.
    pub name: String,
    /// Its name in the measurements: `curl-anyauth`.
    pub mode: String,
    /// Name and version of the program or library that was measured.
    pub version: String,
    /// How it is driven: a command line, or the call in its own language. `URL`, `USER`, `PASSWORD`
    /// and `TOKEN` stand for what they say.
    pub driven: String,
    /// How its program is run, where it can be run from here.
    pub runs: Option<Runs>,
    /// What the traits do not say, or get wrong.
    pub note: Option<String>,
    /// Its traits.
    pub traits: Traits,
}

/// Real clients, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The entries in the order of their files.
    pub entries: Vec<CatalogueEntry>,
}

impl Catalogue {
    /// The entry of this name, or of this mode of the measurements.
    pub fn find(&self, name: &str) -> Option<&CatalogueEntry> {
        self.entries
            .iter()
            .find(|entry| entry.name == name || entry.mode == name)
    }
}
