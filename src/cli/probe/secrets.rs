//! Secrets that were given, taken out of what is told.

use countersign::wire::{Dressed, MASK};
use serde_json::Value;

use super::holdings::Holdings;
use crate::cli::reach::place::ServerUrl;

/// The shortest secret that is looked for in what is told: shorter ones stand in any text by chance.
const SHORTEST: usize = 4;

/// Every secret that was given.
pub(super) struct Secrets(Dressed);

impl Secrets {
    pub(super) fn of(holdings: &Holdings, place: &ServerUrl) -> Self {
        let mut secrets = holdings.secrets();
        secrets.extend(
            place
                .path
                .split_once('?')
                .map(|(_, query)| query.to_owned()),
        );
        secrets.retain(|secret| secret.chars().count() >= SHORTEST);
        Self(Dressed::new(secrets.iter().map(String::as_str)))
    }

    /// A text without them, in whatever dress they stand there.
    pub(super) fn hidden(&self, text: &str) -> String {
        self.0.hidden(text, MASK)
    }

    /// The same in every text of a JSON value.
    pub(super) fn hidden_in(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.hidden(&text)),
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.hidden_in(item)).collect())
            }
            Value::Object(fields) => {
                let hidden = fields
                    .into_iter()
                    .map(|(name, value)| (name, self.hidden_in(value)));
                Value::Object(hidden.collect())
            }
            other => other,
        }
    }
}
