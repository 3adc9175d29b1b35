//! What was seen of a client held against what traits predict.

use crate::user_agents::catalogue::{Catalogue, CatalogueEntry, Measurement};
use crate::user_agents::model::{ClientPlay, Script, Traits, play};

/// What one client did on one layout.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r> {
    /// The layout.
    pub script: &'r Script,
    /// What was seen.
    pub seen: &'r Measurement,
}

impl Row<'_> {
    /// Whether a play of the model is what was seen, to the last request.
    fn is(&self, played: &ClientPlay<'_>) -> bool {
        played.status == self.seen.final_status
            && played.requests == self.seen.requests
            && played.steps.len() == self.seen.schemes_sent.len()
            && played
                .steps
                .iter()
                .zip(&self.seen.schemes_sent)
                .all(|(step, seen)| step.to_string() == *seen)
    }
}

/// On how many of these layouts traits predict what was seen.
pub fn agreed(traits: &Traits, rows: &[Row<'_>]) -> usize {
    let hits = rows.iter().filter(|row| row.is(&play(traits, row.script)));
    hits.count()
}

/// The layouts on which traits predict something else, each with that.
pub fn misses<'r>(
    traits: &'r Traits,
    rows: &'r [Row<'r>],
) -> impl Iterator<Item = (&'r Row<'r>, ClientPlay<'r>)> {
    rows.iter().filter_map(move |row| {
        let played = play(traits, row.script);
        (!row.is(&played)).then_some((row, played))
    })
}

/// How like a client of the catalogue is to what was seen.
#[derive(Clone, Copy, Debug)]
pub struct Likeness<'c> {
    /// The client.
    pub entry: &'c CatalogueEntry,
    /// On how many layouts it does what was seen.
    pub agreed: usize,
}

/// The clients of the catalogue, the likest first; of those that are equally like, the one with fewer
/// peculiarities, and then the first.
pub fn alike<'c>(catalogue: &'c Catalogue, rows: &[Row<'_>]) -> Vec<Likeness<'c>> {
    let entries = catalogue.entries.iter();
    let mut all: Vec<Likeness<'c>> = entries
        .map(|entry| Likeness {
            entry,
            agreed: agreed(&entry.traits, rows),
        })
        .collect();
    all.sort_by_key(|like| {
        let peculiar = like.entry.traits.describe().len();
        (std::cmp::Reverse(like.agreed), peculiar)
    });
    all
}
