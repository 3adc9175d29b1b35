//! Simplicity: which of two values a person would rather read in a bug report.

use serde::{Deserialize, Serialize};

use super::case::CaseRef;
use super::space::Domain;
use super::types::Type;
use super::value::Value;

/// What one more list item weighs: more than any change within an item.
const ITEM: u64 = 1 << 20;

/// How simple a value is; the lesser is the simpler. Two values of one type have the same key only
/// if they are equal, so that "simplest" names one value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Simplicity {
    weight: u64,
    digits: Vec<u64>,
}

impl Simplicity {
    /// How simple `value` is among the values of `ty`.
    pub fn of(ty: &Type, value: &Value) -> Self {
        let mut key = Self {
            weight: 0,
            digits: Vec::new(),
        };
        key.add(ty, value);
        key
    }

    /// How simple a case is. What comes before counts first: a step is the first thing that a reader
    /// would leave out. Then the policy, because installing one is what costs, in a run and for the
    /// reader who tries it, and then the client.
    pub fn of_case<'a>(domain: &Domain, case: impl Into<CaseRef<'a>>) -> [Self; 3] {
        let case = case.into();
        [
            Self::of(&domain.course, case.course),
            Self::of_setting(domain, case),
            Self::of(&domain.client, case.client),
        ]
    }

    /// How simple the setting of a case is.
    pub fn of_setting(domain: &Domain, case: CaseRef<'_>) -> Self {
        let mut setting = Self::of(&domain.policy, case.policy);
        setting.add(&domain.instance, case.instance);
        setting
    }

    fn add(&mut self, ty: &Type, value: &Value) {
        match (ty, value) {
            (Type::Bool { simplest }, Value::Bool(have)) => self.digit(u64::from(have != simplest)),
            (Type::OneOf(symbols), Value::Symbol(have)) => {
                self.position(symbols.iter().position(|symbol| symbol == have));
            }
            (Type::Among(values), have) => {
                self.position(values.iter().position(|value| value == have));
            }
            (Type::Int { min, .. }, Value::Int(have)) => self.digit(have.abs_diff(*min)),
            (Type::Record(fields), Value::Record(values)) => {
                for (field, (_, value)) in fields.iter().zip(values) {
                    self.add(&field.ty, value);
                }
            }
            (Type::List(list), Value::List(items)) => {
                let length = items.len() as u64;
                self.weight = self.weight.saturating_add(length.saturating_mul(ITEM));
                self.digits.push(length);
                for item in items {
                    self.add(&list.of, item);
                }
            }
            (Type::Optional(_), Value::Absent) => self.digit(0),
            (Type::Optional(inner), value) => {
                self.digit(1);
                self.add(inner, value);
            }
            // A value of another type is the least simple of all, and never generated.
            _ => self.weight = u64::MAX,
        }
    }

    fn digit(&mut self, digit: u64) {
        self.weight = self.weight.saturating_add(digit);
        self.digits.push(digit);
    }

    fn position(&mut self, position: Option<usize>) {
        self.digit(position.map_or(ITEM, |at| at as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn enumeration_meets_the_simplest_first_and_every_value_once() {
        let domain = samples::domain();
        let values: Vec<Value> = domain.policy.values().collect();
        assert_eq!(values.len() as u64, domain.policy.count());
        assert_eq!(values[0], domain.policy.simplest());
        let mut keys: Vec<Simplicity> = values
            .iter()
            .map(|value| Simplicity::of(&domain.policy, value))
            .collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), values.len(), "no two values are equally simple");
        assert_eq!(keys[0], Simplicity::of(&domain.policy, &values[0]));
        assert!(values.iter().all(|value| domain.policy.contains(value)));
    }
}
