//! The `domain` of a spec: types, words, constraints, and values of those types.

use crate::domain::{CLIENT_VOCABULARY, Domain, Field, ListType, Part, Say, Symbol, Type, Value};
use crate::yaml::{Diagnostic, Diagnostics, Entry, Fields, Kind, Node, nearest, one_of};

use super::super::predicate::Predicate;
use super::scope::{Scope, suggestion};

/// The longest list and the widest integer that a domain may declare: what keeps every count and
/// every loop over a field bounded.
const WIDEST: i64 = 1_000_000;

/// What could be read of a domain.
pub(super) struct Lowered<'a> {
    pub(super) domain: Domain,
    /// Its `exclude` node.
    pub(super) exclude: Option<&'a Node>,
    /// Paths of what could not be read and is left out.
    pub(super) broken: Vec<String>,
}

impl Lowered<'_> {
    /// Nothing at all.
    pub(super) fn nothing() -> Self {
        let empty = || Type::Record(Vec::new());
        Self {
            domain: Domain {
                policy: empty(),
                instance: empty(),
                client: empty(),
            },
            exclude: None,
            broken: Part::ALL.map(|part| part.word().to_owned()).to_vec(),
        }
    }
}

/// The domain, without the fields that cannot be read.
pub(super) fn lower<'a>(node: &'a Node, problems: &mut Diagnostics) -> Lowered<'a> {
    let mut lowered = Lowered::nothing();
    let Some(mut fields) = Fields::new(node, "the domain", problems) else {
        return lowered;
    };
    lowered.broken.clear();
    for part in Part::ALL {
        let Some(node) = fields.optional(part.word()) else {
            continue;
        };
        let Some(read) = fields_of(node, part.word(), problems) else {
            lowered.broken.push(part.word().to_owned());
            continue;
        };
        let mut kept = Vec::new();
        for (name, field) in read {
            match field {
                Some(field) => kept.push(field),
                None => lowered.broken.push(format!("{}.{name}", part.word())),
            }
        }
        *match part {
            Part::Policy => &mut lowered.domain.policy,
            Part::Instance => &mut lowered.domain.instance,
            Part::Client => &mut lowered.domain.client,
        } = Type::Record(kept);
    }
    lowered.exclude = fields.optional("exclude");
    if let Some(client) = fields.optional("client") {
        check_vocabulary(client, problems);
    }
    fields.finish(problems);
    lowered
}

/// The client's vocabulary is Countersign's own: a spec picks from it.
fn check_vocabulary(client: &Node, problems: &mut Diagnostics) {
    for entry in client.entries().unwrap_or_default() {
        let Some((_, words)) = CLIENT_VOCABULARY
            .iter()
            .find(|(name, _)| *name == entry.key)
        else {
            let known = CLIENT_VOCABULARY.map(|(name, _)| name);
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("clients have no field `{}`", entry.key),
                suggestion(&entry.key, &known),
            ));
            continue;
        };
        let Some(Kind::List(picked)) = entry.value.get("one-of").map(|node| &node.kind) else {
            problems.push(Diagnostic::error(
                entry.value.span,
                format!("`client.{}` must be a one-of", entry.key),
                format!(
                    "write `{}: {{one-of: [{}]}}`",
                    entry.key,
                    words.iter().take(8).copied().collect::<Vec<_>>().join(", ")
                ),
            ));
            continue;
        };
        for node in picked {
            let word = node.scalar_text().unwrap_or_default();
            if !words.contains(&word.as_str()) {
                problems.push(Diagnostic::error(
                    node.span,
                    format!("no client has the {} `{word}`", entry.key),
                    suggestion(&word, words),
                ));
            }
        }
    }
}

fn record(node: &Node, path: &str, problems: &mut Diagnostics) -> Option<Type> {
    let fields = fields_of(node, path, problems)?;
    let fields: Option<Vec<Field>> = fields.into_iter().map(|(_, field)| field).collect();
    fields.map(Type::Record)
}

/// The fields of a record by name; nothing for each that cannot be read.
fn fields_of<'a>(
    node: &'a Node,
    path: &str,
    problems: &mut Diagnostics,
) -> Option<Vec<(&'a str, Option<Field>)>> {
    let Kind::Map(entries) = &node.kind else {
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
    let read = |entry: &'a Entry| (entry.key.as_str(), field(entry, path, problems));
    Some(entries.iter().map(read).collect())
}

const TYPES: [&str; 6] = ["bool", "one-of", "int", "list", "record", "optional"];

fn field(entry: &Entry, path: &str, problems: &mut Diagnostics) -> Option<Field> {
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
            Kind::Bool(simplest) => Some(Type::Bool { simplest }),
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
    let Kind::List(items) = &node.kind else {
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
        Some((Kind::Bool(distinct), _)) => *distinct,
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
        Kind::Int(number) if number.abs() <= WIDEST => Some(number),
        _ => {
            let found = match node.kind {
                Kind::Int(number) => number.to_string(),
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

fn say_of(node: &Node, ty: &Type, problems: &mut Diagnostics) -> Say {
    if let Some(text) = node.text() {
        check_words(text, node, ty, problems);
        return Say {
            by_value: Vec::new(),
            other: Some(text.to_owned()),
        };
    }
    let Kind::Map(entries) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "words are text or a mapping from values, and this is {}",
                node.noun()
            ),
            "write `say: \"{count} profiles\"` or `say: {false: flag false}`",
        ));
        return Say::default();
    };
    let mut say = Say::default();
    for entry in entries {
        let Some(words) = entry.value.text() else {
            problems.push(Diagnostic::error(
                entry.value.span,
                format!("words must be text, and this is {}", entry.value.noun()),
                "put them in quotes",
            ));
            continue;
        };
        check_words(words, &entry.value, ty, problems);
        if entry.key == "other" {
            say.other = Some(words.to_owned());
            continue;
        }
        if !has_key(ty, &entry.key) {
            let help = match ty {
                Type::List(list) => format!(
                    "a list is spoken of by its number of items, {} to {}",
                    list.min, list.max
                ),
                _ => match values_help(ty, &entry.key) {
                    help if help.ends_with('?') => help,
                    help => help + "; `other` stands for the rest",
                },
            };
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("the field never has the value `{}`", entry.key),
                help,
            ));
            continue;
        }
        say.by_value.push((entry.key.clone(), words.to_owned()));
    }
    say
}

fn has_key(ty: &Type, key: &str) -> bool {
    match ty {
        Type::List(list) => key
            .parse::<usize>()
            .is_ok_and(|count| (list.min..=list.max).contains(&count)),
        Type::Int { min, max } => key
            .parse::<i64>()
            .is_ok_and(|number| (min..=max).contains(&&number)),
        Type::Optional(inner) => key == "null" || has_key(inner, key),
        _ => ty.values().any(|value| value.to_string() == key),
    }
}

fn check_words(words: &str, node: &Node, ty: &Type, problems: &mut Diagnostics) {
    let mut rest = words;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        let known = name == "value" || (name == "count" && matches!(ty, Type::List(_)));
        if !known {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{{{name}}}` stands for nothing here"),
                "`{value}` stands for the value and, in a list's words, `{count}` for the number",
            ));
        }
        rest = behind;
    }
}

/// The `exclude` list.
pub(super) fn excluded(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Vec<Predicate> {
    let Kind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`exclude` must be a list of conditions, and this is {}",
                node.noun()
            ),
            "write `exclude: [{client.scheme: basic, client.credential: expired}]`",
        ));
        return Vec::new();
    };
    let scope = scope.before();
    items
        .iter()
        .filter_map(|item| super::predicate::lower(item, &scope, problems))
        .collect()
}

/// A value of a type; what a record does not say takes its simplest value.
pub(super) fn value(
    node: &Node,
    ty: &Type,
    name: &str,
    problems: &mut Diagnostics,
) -> Option<Value> {
    match (ty, &node.kind) {
        (Type::Record(types), Kind::Map(entries)) => {
            let mut values = Vec::new();
            let mut lost = false;
            for field in types {
                let given = entries.iter().find(|entry| entry.key == *field.name);
                let path = format!("{name}.{}", field.name);
                let found = match given {
                    Some(entry) => value(&entry.value, &field.ty, &path, problems),
                    None => Some(field.ty.simplest()),
                };
                match found {
                    Some(found) => values.push((field.name.clone(), found)),
                    None => lost = true,
                }
            }
            let known: Vec<&str> = types.iter().map(|field| &*field.name).collect();
            for entry in entries
                .iter()
                .filter(|entry| !known.contains(&entry.key.as_str()))
            {
                lost = true;
                problems.push(Diagnostic::error(
                    entry.key_span,
                    format!("`{name}` has no field `{}`", entry.key),
                    suggestion(&entry.key, &known),
                ));
            }
            (!lost).then_some(Value::Record(values))
        }
        (Type::List(list), Kind::List(items)) => {
            let values: Vec<Option<Value>> = items
                .iter()
                .map(|item| value(item, &list.of, name, problems))
                .collect();
            let values: Option<Vec<Value>> = values.into_iter().collect();
            let values = Value::List(values?);
            if ty.contains(&values) {
                return Some(values);
            }
            problems.push(Diagnostic::error(
                node.span,
                format!("`{name}` has {} items", items.len()),
                format!("it may have {} to {}", list.min, list.max),
            ));
            None
        }
        (Type::Optional(_), Kind::Null) => Some(Value::Absent),
        (Type::Optional(inner), _) => value(node, inner, name, problems),
        _ => {
            let found = match &node.kind {
                Kind::Bool(value) => Some(Value::Bool(*value)),
                Kind::Int(number) => Some(Value::Int(*number)),
                Kind::Text(text) => Some(Value::symbol(text)),
                _ => None,
            };
            if let Some(found) = found
                && ty.contains(&found)
            {
                return Some(found);
            }
            let text = node.scalar_text().unwrap_or_default();
            problems.push(Diagnostic::error(
                node.span,
                format!("`{name}` is never {}", node.shown()),
                values_help(ty, &text),
            ));
            None
        }
    }
}

fn values_help(ty: &Type, shown: &str) -> String {
    match ty {
        Type::Int { min, max } => format!("it is a whole number from {min} to {max}"),
        Type::List(_) => "it is a list".to_owned(),
        Type::Record(_) => "it is a mapping of fields".to_owned(),
        _ => {
            let values: Vec<String> = ty
                .values()
                .take(16)
                .map(|value| value.to_string())
                .collect();
            match nearest(shown, values.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("its values are {}", one_of(&values)),
            }
        }
    }
}
