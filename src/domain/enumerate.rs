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
fn products<'a>(types: &[&'a Type]) -> Products<'a> {
    let wheels: Option<Vec<Wheel<'a>>> = types.iter().copied().map(Wheel::new).collect();
    Products { wheels }
}

/// The choices of [`products`]: as a counter's wheels turn, each when those behind it came round.
struct Products<'a> {
    /// Nothing at the end.
    wheels: Option<Vec<Wheel<'a>>>,
}

/// The values of one type, and the one that it shows.
struct Wheel<'a> {
    of: &'a Type,
    shows: Value,
    rest: Box<dyn Iterator<Item = Value> + 'a>,
}

impl<'a> Wheel<'a> {
    /// The first value; nothing where there is none.
    fn new(of: &'a Type) -> Option<Self> {
        let mut rest = of.values();
        let shows = rest.next()?;
        Some(Self { of, shows, rest })
    }

    /// Goes on to the next value, and from the last to the first: then it came round.
    fn turn(&mut self) -> bool {
        let next = self.rest.next();
        let came_round = next.is_none();
        if let Some(next) = next {
            self.shows = next;
        } else if let Some(anew) = Self::new(self.of) {
            *self = anew;
        }
        came_round
    }
}

impl Iterator for Products<'_> {
    type Item = Vec<Value>;

    fn next(&mut self) -> Option<Vec<Value>> {
        let wheels = self.wheels.as_mut()?;
        let values = wheels.iter().map(|wheel| wheel.shows.clone()).collect();
        if wheels.iter_mut().rev().all(Wheel::turn) {
            self.wheels = None;
        }
        Some(values)
    }
}
