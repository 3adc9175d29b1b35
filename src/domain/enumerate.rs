//! Enumeration: every value of a type, simplest first.

use super::types::{ListType, Type, all_distinct};
use super::value::Value;

impl Type {
    /// Every value of the type in a fixed order: shorter lists first, each field's simplest value
    /// first. The first is [`Type::simplest`]. Produced one by one, however many there are.
    pub fn values(&self) -> Box<dyn Iterator<Item = Value> + '_> {
        match self {
            Self::Bool { simplest } => {
                Box::new([*simplest, !*simplest].into_iter().map(Value::Bool))
            }
            Self::OneOf(symbols) => Box::new(symbols.iter().cloned().map(Value::Symbol)),
            Self::Int { min, max } => Box::new((*min..=*max).map(Value::Int)),
            Self::Record(fields) => {
                let types: Vec<&Type> = fields.iter().map(|field| &field.ty).collect();
                Box::new(products(&types).map(|values| {
                    Value::Record(
                        fields
                            .iter()
                            .map(|field| field.name.clone())
                            .zip(values)
                            .collect(),
                    )
                }))
            }
            Self::List(list) => Box::new(lists(list)),
            Self::Optional(inner) => Box::new(std::iter::once(Value::Absent).chain(inner.values())),
            Self::Among(values) => Box::new(values.iter().cloned()),
        }
    }
}

fn lists(list: &ListType) -> impl Iterator<Item = Value> + '_ {
    (list.min..=list.max)
        .flat_map(|length| products(&vec![&list.of; length]))
        .filter(|items| !list.distinct || all_distinct(items))
        .map(Value::List)
}

/// Every choice of one value for each type; the last type's value changes fastest.
fn products<'a>(types: &[&'a Type]) -> Box<dyn Iterator<Item = Vec<Value>> + 'a> {
    match types.split_first() {
        None => Box::new(std::iter::once(Vec::new())),
        Some((first, rest)) => {
            let rest = rest.to_vec();
            Box::new(first.values().flat_map(move |head| {
                products(&rest).map(move |tail| {
                    let mut values = Vec::with_capacity(tail.len() + 1);
                    values.push(head.clone());
                    values.extend(tail);
                    values
                })
            }))
        }
    }
}
