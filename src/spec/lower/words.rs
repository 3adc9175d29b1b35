//! The words of a `domain`: what a person says of a field's value.

use crate::domain::{Say, Type};
use crate::yaml::{Diagnostic, Diagnostics, Node, NodeKind};

use super::value::values_help;

pub(super) fn say_of(node: &Node, ty: &Type, problems: &mut Diagnostics) -> Say {
    if let Some(text) = node.text() {
        check_words(text, node, ty, problems);
        return Say {
            by_value: Vec::new(),
            other: Some(text.to_owned()),
        };
    }
    let NodeKind::Map(entries) = &node.kind else {
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
