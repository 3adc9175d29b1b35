//! Enumeration: every value of a type, simplest first.

use std::fmt;

use super::types::{Field, ListType, Type, all_distinct};
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
            Self::Record(_) => Box::new(self.enumeration()),
            Self::List(list) => Box::new(lists(list)),
            Self::Optional(inner) => Box::new(std::iter::once(Value::Absent).chain(inner.values())),
            Self::Among(values) => Box::new(values.iter().cloned()),
        }
    }
}

impl Type {
    /// Every value of the type, as [`Type::values`] gives them, of which those can be passed over that begin as one
    /// that was given.
    pub fn enumeration(&self) -> Enumeration<'_> {
        match self {
            Self::Record(fields) => {
                let types: Vec<&Type> = fields.iter().map(|field| &field.ty).collect();
                Enumeration {
                    fields: Some(fields),
                    products: products(&types),
                }
            }
            _ => Enumeration {
                fields: None,
                products: products(&[self]),
            },
        }
    }
}

/// What [`Type::enumeration`] gives.
pub struct Enumeration<'a> {
    /// Nothing where the values are no records.
    fields: Option<&'a [Field]>,
    products: Products<'a>,
}

impl fmt::Debug for Enumeration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enumeration")
            .field("fields", &self.fields)
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

impl Enumeration<'_> {
    /// Passes over the values that are the same as the last one in this field, by its position, and in all before it.
    pub fn pass_over(&mut self, field: usize) {
        self.products.turns = field;
    }

    /// How many values stand before the last one, those that were passed over among them; saturates.
    pub fn place(&self) -> u64 {
        let wheels = self.products.wheels.iter().flatten();
        wheels.fold(0, |place: u64, wheel| {
            let turned = place.saturating_mul(wheel.of.count());
            turned.saturating_add(wheel.turned)
        })
    }
}

impl Iterator for Enumeration<'_> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let values = self.products.next()?;
        match self.fields {
            Some(fields) => {
                let names = fields.iter().map(|field| field.name.clone());
                Some(Value::Record(names.zip(values).collect()))
            }
            None => values.into_iter().next(),
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
    Products {
        wheels,
        begun: false,
        turns: usize::MAX,
    }
}

/// The choices of [`products`]: as a counter's wheels turn, each when those behind it came round.
struct Products<'a> {
    /// Nothing at the end.
    wheels: Option<Vec<Wheel<'a>>>,
    /// Whether what the wheels show was given.
    begun: bool,
    /// Which wheel is turned next; the last one where there are not so many.
    turns: usize,
}

/// The values of one type, and the one that it shows.
struct Wheel<'a> {
    of: &'a Type,
    shows: Value,
    /// How many of its values came before that.
    turned: u64,
    rest: Box<dyn Iterator<Item = Value> + 'a>,
}

impl<'a> Wheel<'a> {
    /// The first value; nothing where there is none.
    fn new(of: &'a Type) -> Option<Self> {
        let mut rest = of.values();
        let shows = rest.next()?;
        Some(Self {
            of,
            shows,
            turned: 0,
            rest,
        })
    }

    /// Goes on to the next value, and from the last to the first: then it came round.
    fn turn(&mut self) -> bool {
        let next = self.rest.next();
        let came_round = next.is_none();
        if let Some(next) = next {
            self.shows = next;
            self.turned = self.turned.saturating_add(1);
        } else {
            self.begin();
        }
        came_round
    }

    /// Goes back to the first value.
    fn begin(&mut self) {
        if self.turned > 0
            && let Some(anew) = Self::new(self.of)
        {
            *self = anew;
        }
    }
}

impl Iterator for Products<'_> {
    type Item = Vec<Value>;

    fn next(&mut self) -> Option<Vec<Value>> {
        let wheels = self.wheels.as_mut()?;
        if self.begun {
            let turned = wheels.len().min(self.turns.saturating_add(1));
            let (turned, behind) = wheels.split_at_mut(turned);
            behind.iter_mut().for_each(Wheel::begin);
            self.turns = usize::MAX;
            if turned.iter_mut().rev().all(Wheel::turn) {
                self.wheels = None;
                return None;
            }
        }
        self.begun = true;
        let shown = wheels.iter().map(|wheel| wheel.shows.clone());
        Some(shown.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Symbol;
    use super::*;
    use crate::domain::samples::field;

    /// What is passed over is all that begins alike, and nothing else; what is counted is what stood before.
    #[test]
    fn what_begins_alike_is_passed_over() {
        let distinct = ListType {
            of: Type::OneOf(["basic", "bearer", "digest"].map(Symbol::from).to_vec()),
            min: 0,
            max: 2,
            distinct: true,
        };
        let number = Type::Int { min: -1, max: 1 };
        let ty = Type::Record(vec![
            field("flag", Type::Bool { simplest: true }),
            field("schemes", Type::List(Box::new(distinct))),
            field("age", Type::Optional(Box::new(number))),
            field("way", Type::OneOf(["h1", "h2"].map(Symbol::from).to_vec())),
        ]);
        let all: Vec<Value> = ty.values().collect();
        assert_eq!(all.len() as u64, ty.count());
        let last = ty.fields().len() - 1;
        for field in 0..=last {
            let begins = |value: &Value| match value {
                Value::Record(fields) => fields[..=field].to_vec(),
                _ => unreachable!(),
            };
            let mut few = ty.enumeration();
            let mut given = Vec::new();
            while let Some(one) = few.next() {
                assert_eq!(all[few.place() as usize], one);
                given.push(begins(&one));
                few.pass_over(field);
            }
            let mut wanted: Vec<_> = all.iter().map(begins).collect();
            wanted.dedup();
            assert_eq!(given, wanted, "{field}");
        }
        // What stands behind begins anew, once and not for good.
        let mut few = ty.enumeration();
        few.nth(1);
        few.pass_over(last - 1);
        for place in 2..4 {
            let one = few.next();
            assert_eq!((few.place(), one.as_ref()), (place as u64, all.get(place)));
        }
        // What is no record has one field.
        let mut some = Type::Int { min: 2, max: 4 }.enumeration();
        some.next();
        some.pass_over(0);
        assert_eq!(some.collect::<Vec<_>>(), [Value::Int(3), Value::Int(4)]);
    }
}
