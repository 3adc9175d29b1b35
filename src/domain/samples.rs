//! A small domain for the tests of this room.

use super::space::Domain;
use super::types::{Field, ListType, Say, Type};
use super::value::Symbol;

pub(super) fn field(name: &str, ty: Type) -> Field {
    Field {
        name: Symbol::from(name),
        ty,
        say: Say::default(),
    }
}

pub(super) fn one_of(symbols: &[&str]) -> Type {
    Type::OneOf(symbols.iter().map(|symbol| Symbol::from(*symbol)).collect())
}

pub(super) fn saying(mut field: Field, words: &[(&str, &str)], other: Option<&str>) -> Field {
    field.say = Say {
        by_value: words
            .iter()
            .map(|(v, w)| ((*v).to_owned(), (*w).to_owned()))
            .collect(),
        other: other.map(str::to_owned),
    };
    field
}

pub(super) fn domain() -> Domain {
    let profile = Type::Record(vec![
        field("scheme", one_of(&["basic", "bearer"])),
        field("active", Type::Bool { simplest: true }),
    ]);
    let profiles = Type::List(Box::new(ListType {
        of: profile,
        min: 0,
        max: 3,
        distinct: false,
    }));
    Domain {
        policy: Type::Record(vec![
            field("active", Type::Bool { simplest: true }),
            saying(
                field("profiles", profiles),
                &[("1", "one profile")],
                Some("{count} profiles"),
            ),
            saying(
                field("advertise_all", Type::Bool { simplest: false }),
                &[("false", "flag false"), ("true", "flag true")],
                None,
            ),
        ]),
        instance: Type::Record(vec![field(
            "first_scheme_only",
            Type::Bool { simplest: true },
        )]),
        course: Type::no_course(),
        steps: Say::default(),
        client: Type::Record(vec![
            field("persona", one_of(&["preemptive", "challenge-driven"])),
            saying(
                field("scheme", one_of(&["basic", "bearer"])),
                &[("basic", "Basic client"), ("bearer", "Bearer client")],
                None,
            ),
            field("retries", Type::Int { min: 0, max: 9 }),
            field("note", Type::Optional(Box::new(one_of(&["short", "long"])))),
        ]),
    }
}
