//! Reading what every section is made of: words, numbers, lists, values without a type.

use crate::domain::{Symbol, Value};
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind, nearest, one_of};

/// What is under a key that may be absent. The outer option is empty where it is there and wrong.
pub(super) fn optional<'a, T>(
    fields: &mut Fields<'a>,
    key: &'static str,
    problems: &mut Diagnostics,
    read: impl FnOnce(&'a Node, &mut Diagnostics) -> Option<T>,
) -> Option<Option<T>> {
    match fields.optional(key) {
        None => Some(None),
        Some(node) => read(node, problems).map(Some),
    }
}

/// The items of a list under a key that may be absent.
pub(super) fn listed<T>(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Diagnostics,
    read: impl Fn(&Node, &mut Diagnostics) -> Option<T>,
) -> Option<Vec<T>> {
    match fields.optional(key) {
        None => Some(Vec::new()),
        Some(node) => items(node, key, problems, read),
    }
}

/// The items of a list. All of them are read, so that every mistake is reported.
pub(super) fn items<T>(
    node: &Node,
    key: &str,
    problems: &mut Diagnostics,
    read: impl Fn(&Node, &mut Diagnostics) -> Option<T>,
) -> Option<Vec<T>> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` must be a list, and this is {}", node.noun()),
            "write `- …` for each item, or `[]` for none",
        ));
        return None;
    };
    let all: Vec<Option<T>> = items.iter().map(|item| read(item, problems)).collect();
    all.into_iter().collect()
}

pub(super) fn wrong(node: &Node, wanted: &str, help: &str, problems: &mut Diagnostics) {
    problems.push(Diagnostic::error(
        node.span,
        format!("{wanted} is expected, and this is {}", node.noun()),
        help,
    ));
}

pub(super) fn truth(node: &Node, problems: &mut Diagnostics) -> Option<bool> {
    match node.kind {
        NodeKind::Bool(value) => Some(value),
        _ => {
            wrong(node, "true or false", "write `true` or `false`", problems);
            None
        }
    }
}

pub(super) fn number<T: TryFrom<i64>>(node: &Node, problems: &mut Diagnostics) -> Option<T> {
    let number = match node.kind {
        NodeKind::Int(number) => T::try_from(number).ok(),
        _ => None,
    };
    if number.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            "a whole number from 0 is expected",
            "write a number such as `1`",
        ));
    }
    number
}

pub(super) fn text(node: &Node, problems: &mut Diagnostics) -> Option<String> {
    let text = node.text().map(str::to_owned);
    if text.is_none() {
        wrong(
            node,
            "text",
            "put it in quotes if it is meant as text",
            problems,
        );
    }
    text
}

/// A word out of a known few.
pub(super) fn word<T: Copy>(
    node: &Node,
    what: &str,
    known: &[T],
    name: impl Fn(T) -> &'static str,
    problems: &mut Diagnostics,
) -> Option<T> {
    let word = node.scalar_text().unwrap_or_default();
    let found = known.iter().copied().find(|one| name(*one) == word);
    if found.is_none() {
        let words: Vec<&str> = known.iter().map(|one| name(*one)).collect();
        let help = match nearest(&word, words.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write one of {}", one_of(&words)),
        };
        problems.push(Diagnostic::error(
            node.span,
            format!("`{word}` is not {what}"),
            help,
        ));
    }
    found
}

pub(super) fn record(node: &Node, what: &str, problems: &mut Diagnostics) -> Option<Value> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        problems.push(Diagnostic::error(
            node.span,
            format!("{what} must be a mapping, and this is {}", node.noun()),
            "write `field: value` for each field, or `{}` for none",
        ));
        return None;
    }
    value(node, problems)
}

/// A value with no type at hand: text is a symbol, nothing is an optional field that is not there.
pub(super) fn value(node: &Node, problems: &mut Diagnostics) -> Option<Value> {
    match &node.kind {
        NodeKind::Null => Some(Value::Absent),
        NodeKind::Bool(value) => Some(Value::Bool(*value)),
        NodeKind::Int(value) => Some(Value::Int(*value)),
        NodeKind::Text(text) => Some(Value::symbol(text)),
        NodeKind::Float(_) => {
            problems.push(Diagnostic::error(
                node.span,
                "no field has numbers with a fraction",
                "write a whole number, or put it in quotes if it is meant as text",
            ));
            None
        }
        NodeKind::List(items) => {
            let items: Vec<Option<Value>> =
                items.iter().map(|item| value(item, problems)).collect();
            items
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .map(Value::List)
        }
        NodeKind::Map(entries) => {
            let fields: Vec<Option<(Symbol, Value)>> = entries
                .iter()
                .map(|entry| {
                    let value = value(&entry.value, problems)?;
                    Some((Symbol::from(entry.key.as_str()), value))
                })
                .collect();
            fields
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .map(Value::Record)
        }
    }
}
