//! The fields of a `domain`: their types.

use crate::domain::{Field, ListType, Symbol, Type};
use crate::yaml::{Diagnostic, Diagnostics, Fields, MapEntry, Node, NodeKind, nearest, one_of};

use super::words::say_of;

/// The longest list and the widest integer that a domain may declare: what keeps every count and
/// every loop over a field bounded.
const WIDEST: i64 = 1_000_000;

fn record(node: &Node, path: &str, problems: &mut Diagnostics) -> Option<Type> {
    let fields = fields_of(node, path, problems)?;
    let fields: Option<Vec<Field>> = fields.into_iter().map(|(_, field)| field).collect();
    fields.map(Type::Record)
}

/// The fields of a record by name; nothing for each that cannot be read.
pub(super) fn fields_of<'a>(
    node: &'a Node,
    path: &str,
    problems: &mut Diagnostics,
) -> Option<Vec<(&'a str, Option<Field>)>> {
    let NodeKind::Map(entries) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`{path}` must be a mapping of fields, and this is {}",
                node.noun()
            ),
            "write `field: {bool: true}` and the like",
        ));
        return None;
    };
    let read = |entry: &'a MapEntry| (entry.key.as_str(), field(entry, path, problems));
    Some(entries.iter().map(read).collect())
}

const TYPES: [&str; 6] = ["bool", "one-of", "int", "list", "record", "optional"];

fn field(entry: &MapEntry, path: &str, problems: &mut Diagnostics) -> Option<Field> {
    let path = format!("{path}.{}", entry.key);
    if entry.key.contains(['.', ' ', '[']) || entry.key.is_empty() {
        problems.push(Diagnostic::error(
            entry.key_span,
            format!("`{}` cannot be a field's name", entry.key),
            "use letters, digits, `_` and `-`",
        ));
        return None;
    }
    let mut fields = Fields::new(&entry.value, &format!("the field `{path}`"), problems)?;
    let ty = type_of(&mut fields, &entry.value, &path, problems);
    let say = fields.optional("say");
    fields.finish(problems);
    let ty = ty?;
    let say = say
        .map(|node| say_of(node, &ty, problems))
        .unwrap_or_default();
    Some(Field {
        name: Symbol::from(entry.key.as_str()),
        ty,
        say,
    })
}

fn type_of(
    fields: &mut Fields<'_>,
    node: &Node,
    path: &str,
    problems: &mut Diagnostics,
) -> Option<Type> {
    let found: Vec<(&str, &Node)> = TYPES
        .iter()
        .filter_map(|name| Some((*name, fields.optional(name)?)))
        .collect();
    match found.as_slice() {
        [("bool", inner)] => match inner.kind {
            NodeKind::Bool(simplest) => Some(Type::Bool { simplest }),
            _ => {
                problems.push(Diagnostic::error(
                    inner.span,
                    "a bool names its simplest value",
                    "write `{bool: true}` or `{bool: false}`",
                ));
                None
            }
        },
        [("one-of", inner)] => one_of_type(inner, path, problems),
        [("int", inner)] => int_type(inner, problems),
        [("record", inner)] => record(inner, path, problems),
        [("optional", inner)] => {
            let mut fields = Fields::new(inner, "an optional", problems)?;
            let ty = type_of(&mut fields, inner, path, problems);
            fields.finish(problems);
            Some(Type::Optional(Box::new(ty?)))
        }
        [("list", inner)] => list_type(inner, path, problems),
        [] => {
            let mut keys = node.entries().unwrap_or_default().iter();
            if keys.any(|entry| nearest(&entry.key, TYPES).is_some()) {
                // Told of as a key that is not known, with the one that was meant.
                return None;
            }
            problems.push(Diagnostic::error(
                node.span,
                format!("the field `{path}` has no type"),
                format!("give it one of {}", one_of(&TYPES)),
            ));
            None
        }
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            problems.push(Diagnostic::error(
                node.span,
                format!("the field `{path}` has several types: {}", one_of(&names)),
                "keep one of them",
            ));
            None
        }
    }
}

fn one_of_type(node: &Node, path: &str, problems: &mut Diagnostics) -> Option<Type> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("a one-of is a list of words, and this is {}", node.noun()),
            "write `{one-of: [basic, bearer]}`, the simplest first",
        ));
        return None;
    };
    if items.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{path}` has no value, so the domain is empty"),
            "list at least one value",
        ));
        return None;
    }
    let mut symbols: Vec<Symbol> = Vec::new();
    for item in items {
        let text = item.scalar_text().unwrap_or_default();
        if symbols.iter().any(|known| **known == *text) {
            problems.push(Diagnostic::error(
                item.span,
                format!("`{text}` is listed twice"),
                "keep one of the two",
            ));
        }
        symbols.push(Symbol::from(text));
    }
    Some(Type::OneOf(symbols))
}

fn int_type(node: &Node, problems: &mut Diagnostics) -> Option<Type> {
    let mut fields = Fields::new(node, "an int", problems)?;
    let min = fields
        .optional("min")
        .map_or(Some(0), |node| whole(node, problems));
    let max = fields
        .required("max", "9", problems)
        .and_then(|node| whole(node, problems));
    fields.finish(problems);
    let (min, max) = (min?, max?);
    if min > max {
        problems.push(Diagnostic::error(
            node.span,
            format!("no number is at least {min} and at most {max}, so the domain is empty"),
            "make `min` at most `max`",
        ));
        return None;
    }
    Some(Type::Int { min, max })
}

fn list_type(node: &Node, path: &str, problems: &mut Diagnostics) -> Option<Type> {
    let mut fields = Fields::new(node, "a list", problems)?;
    let of = fields.required("of", "{scheme: {one-of: [basic]}}", problems);
    let min = fields
        .optional("min")
        .map_or(Some(0), |node| whole(node, problems));
    let max = fields
        .required("max", "4", problems)
        .and_then(|node| whole(node, problems));
    let distinct = match fields
        .optional("distinct")
        .map(|node| (&node.kind, node.span))
    {
        None => false,
        Some((NodeKind::Bool(distinct), _)) => *distinct,
        Some((_, span)) => {
            problems.push(Diagnostic::error(
                span,
                "`distinct` is true or false",
                "write `distinct: true`",
            ));
            false
        }
    };
    fields.finish(problems);
    let item = record(of?, path, problems)?;
    let (min, max) = (min?, max?);
    if min > max || min < 0 {
        problems.push(Diagnostic::error(
            node.span,
            format!("no list has at least {min} and at most {max} items, so the domain is empty"),
            "make `min` at most `max`, and neither negative",
        ));
        return None;
    }
    let (min, max) = (usize::try_from(min).ok()?, usize::try_from(max).ok()?);
    if distinct && (min as u64) > item.count() {
        problems.push(Diagnostic::error(
            node.span,
            format!("there are no {min} distinct items, so the domain is empty"),
            format!("there are {}: make `min` at most that", item.count()),
        ));
        return None;
    }
    Some(Type::List(Box::new(ListType {
        of: item,
        min,
        max,
        distinct,
    })))
}

fn whole(node: &Node, problems: &mut Diagnostics) -> Option<i64> {
    match node.kind {
        NodeKind::Int(number) if number.abs() <= WIDEST => Some(number),
        _ => {
            let found = match node.kind {
                NodeKind::Int(number) => number.to_string(),
                _ => node.noun().to_owned(),
            };
            problems.push(Diagnostic::error(
                node.span,
                format!("a whole number up to {WIDEST} is expected, and this is {found}"),
                "write a number such as `4`",
            ));
            None
        }
    }
}
