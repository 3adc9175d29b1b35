//! Words about a broken rule, which may depend on what happened.

use crate::observation::Outcome;

/// Words about a broken rule: what is wrong, or who is hurt. Where it can break in several ways, what
/// happened decides: whoever was let in is spoken of otherwise than whoever met an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeText {
    /// The text where the client that is accused came to this outcome.
    pub by_outcome: Vec<(Outcome, String)>,
    /// The text otherwise.
    pub other: String,
}

impl OutcomeText {
    /// The same words of whatever departure.
    pub fn of_all(text: impl Into<String>) -> Self {
        Self {
            by_outcome: Vec::new(),
            other: text.into(),
        }
    }

    /// The text for a departure in which the client came to this outcome, if that is known.
    pub fn of(&self, outcome: Option<Outcome>) -> &str {
        self.by_outcome
            .iter()
            .find(|(of, _)| Some(*of) == outcome)
            .map_or(self.other.as_str(), |(_, text)| text)
    }

    /// All words, each after its outcome; the last is for all others.
    pub fn all(&self) -> impl Iterator<Item = (Option<Outcome>, &str)> {
        let by_outcome = self.by_outcome.iter();
        by_outcome
            .map(|(of, text)| (Some(*of), text.as_str()))
            .chain([(None, self.other.as_str())])
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SHIPPED, Spec, shipped};
    use super::*;

    #[test]
    fn the_words_are_those_of_the_outcome() {
        let text = OutcomeText {
            by_outcome: vec![(Outcome::Accepted, "it opens".to_owned())],
            other: "it fails".to_owned(),
        };
        assert_eq!(text.of(Some(Outcome::Accepted)), "it opens");
        assert_eq!(text.of(None), "it fails");
        assert_eq!(OutcomeText::of_all("so").of(Some(Outcome::Failed)), "so");
    }

    #[test]
    fn every_rule_that_ships_names_its_defect() {
        for (name, _) in SHIPPED {
            let spec = Spec::read(&shipped(name).unwrap()).unwrap();
            for rule in &spec.rules {
                let Some(text) = &rule.defect else {
                    panic!("{name}: {} has no `defect`", rule.id);
                };
                for (_, words) in text.all() {
                    let count = words.split(' ').count();
                    let whole = (3..=9).contains(&count) && words.len() <= 64;
                    assert!(
                        whole && !words.ends_with('.'),
                        "{name}: {}: {words}",
                        rule.id
                    );
                    // Names keep their letters: Digest, HEAD, a 401.
                    let first = words.split(' ').next().unwrap();
                    let articles = ["A", "An", "The", "No", "Two", "Several", "Some"];
                    assert!(!articles.contains(&first), "{name}: {}: {words}", rule.id);
                }
            }
        }
    }
}
