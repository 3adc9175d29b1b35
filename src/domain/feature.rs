//! Features of cases: the single values that a case has, for counting what of a domain was tried.

use std::collections::HashMap;

use super::case::Part;
use super::space::Domain;
use super::types::Type;
use super::value::Value;

/// The most values of one field that are told apart; of more, those that come first.
const MOST_VALUES: usize = 256;

/// A value of a field; in a list, of the field of some item, or the number of its items.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Feature {
    /// The field, through lists.
    pub path: String,
    /// Its value; of a list how many items there are.
    pub value: Value,
}

/// The features that cases of a domain can have, each with a number.
#[derive(Clone, Debug, Default)]
pub struct Features {
    all: Vec<Feature>,
    numbers: HashMap<Feature, usize>,
}

impl Features {
    /// Those of a domain, of fields with more than one value, in the order of the fields.
    pub fn of(domain: &Domain) -> Self {
        let mut features = Self::default();
        for part in Part::ALL {
            features.add(part.word(), domain.part(part));
        }
        features
    }

    fn add(&mut self, path: &str, ty: &Type) {
        match ty {
            Type::Record(fields) => {
                for field in fields {
                    self.add(&format!("{path}.{}", field.name), &field.ty);
                }
            }
            Type::List(list) => {
                let lengths = (list.min..=list.max).filter_map(|one| i64::try_from(one).ok());
                self.add_values(path, lengths.map(Value::Int));
                self.add(path, &list.of);
            }
            Type::Optional(inner) => {
                self.add_values(path, [Value::Absent]);
                self.add(path, inner);
            }
            Type::Bool { .. } | Type::OneOf(_) | Type::Int { .. } | Type::Among(_) => {
                self.add_values(path, ty.values());
            }
        }
    }

    fn add_values(&mut self, path: &str, values: impl IntoIterator<Item = Value>) {
        let mut values = values.into_iter().take(MOST_VALUES).peekable();
        let Some(first) = values.next() else {
            return;
        };
        // What is the same in every case is not tried.
        if values.peek().is_none() && first != Value::Absent {
            return;
        }
        for value in std::iter::once(first).chain(values) {
            let feature = Feature {
                path: path.to_owned(),
                value,
            };
            self.numbers.insert(feature.clone(), self.all.len());
            self.all.push(feature);
        }
    }

    /// Each by its number.
    pub fn all(&self) -> &[Feature] {
        &self.all
    }

    /// The numbers of those that a value has, of a part or of what stands at a path.
    pub fn in_value(&self, path: &str, value: &Value, found: &mut Vec<usize>) {
        match value {
            Value::Record(fields) => {
                for (name, value) in fields {
                    self.in_value(&format!("{path}.{name}"), value, found);
                }
                return;
            }
            Value::List(items) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                self.note(path, Value::Int(length), found);
                for item in items {
                    self.in_value(path, item, found);
                }
            }
            Value::Absent | Value::Bool(_) | Value::Int(_) | Value::Symbol(_) => {}
        }
        self.note(path, value.clone(), found);
    }

    fn note(&self, path: &str, value: Value, found: &mut Vec<usize>) {
        let path = path.to_owned();
        let number = self.numbers.get(&Feature { path, value });
        found.extend(number.filter(|number| !found.contains(number)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_case_has_a_feature_of_each_field() {
        let domain = samples::domain();
        let features = Features::of(&domain);
        let shown = |found: &[usize]| -> Vec<String> {
            let shown = |at: &usize| {
                let Feature { path, value } = &features.all()[*at];
                format!("{path}: {value}")
            };
            found.iter().map(shown).collect()
        };
        let mut found = Vec::new();
        let policy = domain.policy.values().nth(40).unwrap();
        features.in_value("policy", &policy, &mut found);
        assert_eq!(
            shown(&found),
            [
                "policy.active: true",
                "policy.profiles: 2",
                "policy.profiles.scheme: bearer",
                "policy.profiles.active: false",
                "policy.advertise_all: false",
            ]
        );
    }

    #[test]
    fn every_value_of_a_domain_is_known() {
        let domain = samples::domain();
        let features = Features::of(&domain);
        let mut found = Vec::new();
        for part in Part::ALL {
            for value in domain.part(part).values() {
                features.in_value(part.word(), &value, &mut found);
            }
        }
        assert_eq!(found.len(), features.all().len());
    }
}
