//! Sentences: the words in which a person would describe a case.

use serde::{Deserialize, Serialize};

use super::case::{Case, Part};
use super::space::Domain;
use super::step::Step;
use super::types::{Say, Type};
use super::value::Value;

/// One fact of a case in words, such as `flag false`, and the field that it speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The field, such as `policy.advertise_all`.
    pub path: String,
    /// The words.
    pub words: String,
}

impl Domain {
    /// The facts of a case for which the domain has words, in the order of declaration, about the
    /// fields that `mention` picks by path.
    pub fn facts(&self, case: &Case, mention: impl Fn(&str) -> bool) -> Vec<Fact> {
        let mut facts = Vec::new();
        for part in Part::ALL {
            if part == Part::Course {
                if mention(part.word()) {
                    facts.extend(self.course_facts(case));
                }
                continue;
            }
            collect(
                self.part(part),
                case.part(part),
                part.word(),
                &mention,
                &mut facts,
            );
        }
        let mut distinct: Vec<Fact> = Vec::new();
        for fact in facts {
            if !distinct.iter().any(|other| other.words == fact.words) {
                distinct.push(fact);
            }
        }
        distinct
    }
}

impl Domain {
    /// What happens before the client asks, in order: *flag set*, *then flag unset*.
    fn course_facts(&self, case: &Case) -> impl Iterator<Item = Fact> {
        let words = case.steps().iter().filter_map(|step| {
            let words = self.steps.words(step);
            words.or_else(|| Some(Step::from_value(step).ok()?.to_string()))
        });
        words.enumerate().map(|(at, words)| Fact {
            path: format!("{}[{at}]", Part::Course.word()),
            words: match at {
                0 => words,
                _ => format!("then {words}"),
            },
        })
    }
}

/// The facts as one sentence: *two profiles, flag false, Basic client*.
pub fn sentence(facts: &[Fact]) -> String {
    let words: Vec<&str> = facts.iter().map(|fact| fact.words.as_str()).collect();
    if words.is_empty() {
        "the simplest case".to_owned()
    } else {
        words.join(", ")
    }
}

fn collect(
    ty: &Type,
    value: &Value,
    path: &str,
    mention: &dyn Fn(&str) -> bool,
    facts: &mut Vec<Fact>,
) {
    match (ty, value) {
        (Type::Record(fields), Value::Record(values)) => {
            for (field, (name, value)) in fields.iter().zip(values) {
                let path = format!("{path}.{name}");
                if mention(&path)
                    && let Some(words) = field.say.words(value)
                {
                    facts.push(Fact {
                        path: path.clone(),
                        words,
                    });
                }
                collect(&field.ty, value, &path, mention, facts);
            }
        }
        (Type::List(list), Value::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                collect(&list.of, item, &format!("{path}[{index}]"), mention, facts);
            }
        }
        (Type::Optional(inner), value) if *value != Value::Absent => {
            collect(inner, value, path, mention, facts);
        }
        _ => {}
    }
}

impl Say {
    /// The words for a value; a list is spoken of by its number of items.
    pub fn words(&self, value: &Value) -> Option<String> {
        let key = match value.items() {
            Some(items) => items.len().to_string(),
            None => value.to_string(),
        };
        let words = self
            .by_value
            .iter()
            .find(|(have, _)| *have == key)
            .map(|(_, words)| words)
            .or(self.other.as_ref())?;
        let count = value
            .items()
            .map_or_else(|| key.clone(), |items| number_word(items.len()));
        Some(words.replace("{count}", &count).replace("{value}", &key))
    }
}

/// A small number as a word: `two`; figures from thirteen on.
pub fn number_word(number: usize) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS
        .get(number)
        .map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_seed_sentence() {
        let domain = samples::domain();
        let mut case = domain.simplest();
        let profile = |scheme| {
            Value::record([
                ("scheme", Value::symbol(scheme)),
                ("active", Value::Bool(true)),
            ])
        };
        case.policy = Value::record([
            ("active", Value::Bool(true)),
            (
                "profiles",
                Value::List(vec![profile("basic"), profile("bearer")]),
            ),
            ("advertise_all", Value::Bool(false)),
        ]);
        let facts = domain.facts(&case, |_| true);
        assert_eq!(sentence(&facts), "two profiles, flag false, Basic client");
        let facts = domain.facts(&case, |path| path == "policy.profiles");
        assert_eq!(sentence(&facts), "two profiles");
        assert_eq!(sentence(&[]), "the simplest case");
    }
}
