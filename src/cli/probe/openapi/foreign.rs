//! Fields of an OpenAPI document that are not OpenAPI's own: they are told, and nobody guesses what they mean.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// How many fields of others are told by name.
const MOST_FOREIGN: usize = 12;

/// Fields that OpenAPI leaves to others (`x-`), each with how often it was met.
#[derive(Default)]
pub(super) struct ForeignFields(BTreeMap<String, usize>);

impl ForeignFields {
    /// Takes note of those of an object.
    pub(super) fn note(&mut self, object: &Value) {
        let names = object.as_object().into_iter().flat_map(Map::keys);
        for name in names.filter(|name| name.starts_with("x-")) {
            self.add(name);
        }
    }

    /// Takes note of one.
    pub(super) fn add(&mut self, name: &str) {
        *self.0.entry(name.to_owned()).or_default() += 1;
    }

    /// In words, where there are any.
    pub(super) fn in_words(&self) -> Option<String> {
        let told = self.0.iter().take(MOST_FOREIGN);
        let told: Vec<String> = told
            .map(|(name, count)| match count {
                1 => format!("`{name}`"),
                count => format!("`{name}` ({count} times)"),
            })
            .collect();
        let more = match self.0.len() - told.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (!told.is_empty()).then(|| {
            format!(
                "fields that are no words of OpenAPI, whatever they say of who gets in: {}{more}",
                told.join(", ")
            )
        })
    }
}
