//! Types: the declared, bounded space of a field, with its simplest value and its words.

use super::value::{Symbol, Value};

/// What values a field can have. Every type is bounded, so its values can be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// True or false; `simplest` is tried first and shrunk to.
    Bool {
        /// The simplest of the two.
        simplest: bool,
    },
    /// One of the listed symbols, simplest first. Never empty.
    OneOf(Vec<Symbol>),
    /// A whole number between two bounds, both included; the least is the simplest.
    Int {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// Named fields.
    Record(Vec<Field>),
    /// Several items of one type, in order; the shortest is the simplest.
    List(Box<ListType>),
    /// A value of this type, or [`Value::Absent`], which is the simplest.
    Optional(Box<Type>),
    /// One of these values, simplest first: what a narrowing leaves of another type. Never empty.
    Among(Vec<Value>),
}

/// A list's items and bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListType {
    /// The type of every item.
    pub of: Type,
    /// The least number of items.
    pub min: usize,
    /// The greatest number of items.
    pub max: usize,
    /// Whether two items may be equal.
    pub distinct: bool,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Symbol,
    /// Its values.
    pub ty: Type,
    /// The words for its values.
    pub say: Say,
}

/// The words for a field's values, as a sentence uses them. A value without words is passed over in
/// silence, which is right for what a reader takes for granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Say {
    /// Words by value (a list's value is its number of items).
    pub by_value: Vec<(String, String)>,
    /// Words for every other value; `{value}` and `{count}` stand for the value and, spelled out,
    /// the number of items.
    pub other: Option<String>,
}

impl Type {
    /// The type of a course where no step is declared: the empty list and nothing else.
    pub fn no_course() -> Self {
        Self::List(Box::new(ListType {
            of: Self::Among(Vec::new()),
            min: 0,
            max: 0,
            distinct: false,
        }))
    }

    /// The simplest value.
    pub fn simplest(&self) -> Value {
        match self {
            Self::Bool { simplest } => Value::Bool(*simplest),
            Self::OneOf(symbols) => symbols
                .first()
                .map_or(Value::Absent, |symbol| Value::Symbol(symbol.clone())),
            Self::Int { min, .. } => Value::Int(*min),
            Self::Record(fields) => Value::Record(
                fields
                    .iter()
                    .map(|field| (field.name.clone(), field.ty.simplest()))
                    .collect(),
            ),
            Self::List(list) => {
                if list.distinct {
                    Value::List(list.of.values().take(list.min).collect())
                } else {
                    Value::List(vec![list.of.simplest(); list.min])
                }
            }
            Self::Optional(_) => Value::Absent,
            Self::Among(values) => values.first().cloned().unwrap_or(Value::Absent),
        }
    }

    /// How many values there are; saturates.
    pub fn count(&self) -> u64 {
        match self {
            Self::Bool { .. } => 2,
            Self::OneOf(symbols) => symbols.len() as u64,
            Self::Int { min, max } => max.abs_diff(*min).saturating_add(1),
            Self::Record(fields) => fields.iter().fold(1, |product: u64, field| {
                product.saturating_mul(field.ty.count())
            }),
            Self::List(list) => {
                let items = list.of.count();
                let of_length = |length: usize| {
                    (0..length as u64).fold(1_u64, |product, taken| {
                        let choices = if list.distinct {
                            items.saturating_sub(taken)
                        } else {
                            items
                        };
                        product.saturating_mul(choices)
                    })
                };
                (list.min..=list.max)
                    .fold(0, |sum: u64, length| sum.saturating_add(of_length(length)))
            }
            Self::Optional(inner) => inner.count().saturating_add(1),
            Self::Among(values) => values.len() as u64,
        }
    }

    /// Whether a value is of this type.
    pub fn contains(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Among(values), value) => values.contains(value),
            (Self::Bool { .. }, Value::Bool(_)) | (Self::Optional(_), Value::Absent) => true,
            (Self::OneOf(symbols), Value::Symbol(symbol)) => symbols.contains(symbol),
            (Self::Int { min, max }, Value::Int(number)) => (min..=max).contains(&number),
            (Self::Record(fields), Value::Record(values)) => {
                fields.len() == values.len()
                    && fields.iter().zip(values).all(|(field, (name, value))| {
                        field.name == *name && field.ty.contains(value)
                    })
            }
            (Self::List(list), Value::List(items)) => {
                (list.min..=list.max).contains(&items.len())
                    && items.iter().all(|item| list.of.contains(item))
                    && (!list.distinct || all_distinct(items))
            }
            (Self::Optional(inner), value) => inner.contains(value),
            _ => false,
        }
    }

    /// The type at a path of field names; a list is looked through to its items.
    pub fn at(&self, path: &[&str]) -> Option<&Type> {
        let Some((first, rest)) = path.split_first() else {
            return Some(self);
        };
        match self {
            Self::Record(fields) => fields
                .iter()
                .find(|field| &*field.name == *first)?
                .ty
                .at(rest),
            Self::List(list) => list.of.at(path),
            Self::Optional(inner) => inner.at(path),
            _ => None,
        }
    }

    /// The fields of a record, looking through lists and options.
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Record(fields) => fields,
            Self::List(list) => list.of.fields(),
            Self::Optional(inner) => inner.fields(),
            _ => &[],
        }
    }
}

/// Whether no two of the items are equal.
pub(super) fn all_distinct(items: &[Value]) -> bool {
    items
        .iter()
        .enumerate()
        .all(|(index, item)| !items.iter().take(index).any(|other| other == item))
}
