//! By which ways an implementation can be reached.

use super::{Description, Placement};
use crate::domain::{Allowed, Narrowing, Value};
use crate::wire::Way;

/// The path under which a description says so.
pub(crate) const WAYS: &str = "client.way";

/// Ways as what a path allows.
pub(crate) fn allowed_ways(ways: impl IntoIterator<Item = Way>) -> Allowed {
    let words = ways.into_iter().map(|way| Value::symbol(way.word()));
    Allowed::Values(words.collect())
}

impl Description {
    /// The paths that it names: of what they name, and of no other extension, it is told.
    pub fn named(&self) -> impl Iterator<Item = &str> + Clone {
        let supported = self.supports.by_path.keys().map(String::as_str);
        supported.chain(self.knows.iter().map(String::as_str))
    }

    /// The part of a domain that it can express, ways included: what it does not say of them is
    /// HTTP/1.1 only. Anything else would have cases judged that nobody said can be played.
    pub fn supported(&self) -> Narrowing {
        let mut supported = self.supports.clone();
        supported
            .by_path
            .entry(WAYS.to_owned())
            .or_insert_with(|| allowed_ways([Way::default()]));
        supported
    }

    /// The ways by which it can be reached.
    pub fn ways(&self) -> Vec<Way> {
        match self.supports.by_path.get(WAYS) {
            Some(Allowed::Values(values)) => values
                .iter()
                .filter_map(|value| value.as_symbol().and_then(Way::from_word))
                .collect(),
            _ => vec![Way::default()],
        }
    }

    /// Makes sure that every endpoint is reached by all ways that are claimed.
    ///
    /// # Errors
    ///
    /// In words, with the first that is not.
    pub(super) fn reached(&self, placements: &[Placement]) -> Result<(), String> {
        let ways = self.ways();
        for (slot, placement) in placements.iter().enumerate() {
            let Placement::Endpoint(endpoint) = placement else {
                continue;
            };
            if let Some(way) = ways.iter().find(|way| endpoint.address(**way).is_none()) {
                return Err(format!(
                    "it supports `{WAYS}: {way}`, and the endpoint of slot {slot} does not say where \
                     under `ways`"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Endpoint;

    #[test]
    fn who_says_nothing_of_ways_speaks_http_1() {
        let mut description = Description::default();
        assert_eq!(description.ways(), [Way::Http1]);
        assert_eq!(
            description.supported().by_path[WAYS].to_string(),
            "http/1.1"
        );
        let ways = allowed_ways([Way::Http1, Way::H2c]);
        description.supports.by_path.insert(WAYS.to_owned(), ways);
        assert_eq!(description.ways(), [Way::Http1, Way::H2c]);
        assert_eq!(description.supported(), description.supports);
        let plain = Placement::Endpoint(Endpoint::new("127.0.0.1:1", ""));
        let why = description.reached(&[plain]).unwrap_err();
        assert!(
            why.contains("`client.way: h2c`") && why.contains("slot 0"),
            "{why}"
        );
    }
}
