//! Values of the types that a `domain` declares.

use crate::domain::{Symbol, Type, Value};
use crate::yaml::{Diagnostic, Diagnostics, Node, NodeKind, nearest, one_of};

use super::suggestion::suggestion;

/// A value of a type; what a record does not say takes its simplest value.
pub(super) fn value(
    node: &Node,
    ty: &Type,
    name: &str,
    problems: &mut Diagnostics,
) -> Option<Value> {
    match (ty, &node.kind) {
        (Type::Record(types), NodeKind::Map(entries)) => {
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
        (Type::List(list), NodeKind::List(items)) => {
            let values: Vec<Option<Value>> = items
                .iter()
                .map(|item| value(item, &list.of, name, problems))
                .collect();
            let values: Option<Vec<Value>> = values.into_iter().collect();
            let values = Value::List(values?);
            if ty.contains(&values) {
                return Some(values);
            }
            problems.push(match twin(&values).and_then(|at| items.get(at)) {
                Some(item) if list.distinct => Diagnostic::error(
                    item.span,
                    format!(
                        "two items of `{name}` are alike, and they are distinct in this domain"
                    ),
                    "leave out one of them, or change it",
                ),
                _ => Diagnostic::error(
                    node.span,
                    format!("`{name}` has {} items", items.len()),
                    format!("it may have {} to {}", list.min, list.max),
                ),
            });
            None
        }
        (Type::Optional(_), NodeKind::Null) => Some(Value::Absent),
        (Type::Optional(inner), _) => value(node, inner, name, problems),
        _ => {
            let found = match &node.kind {
                NodeKind::Bool(value) => Some(Value::Bool(*value)),
                NodeKind::Int(number) => Some(Value::Int(*number)),
                NodeKind::Text(text) => Some(Value::symbol(text)),
                // Of what a narrowing left, or of the steps of a course.
                NodeKind::Map(_) if matches!(ty, Type::Among(_)) => Some(plain(node)),
                _ => None,
            };
            if let Some(found) = found
                && ty.contains(&found)
            {
                return Some(found);
            }
            // A step of a course is shown as it stands, and so compared with those that there are.
            let (shown, text) = match (&node.kind, ty) {
                (NodeKind::Map(_), Type::Among(_)) => {
                    let step = plain(node).to_string();
                    (step.clone(), step)
                }
                _ => (node.shown(), node.scalar_text().unwrap_or_default()),
            };
            problems.push(Diagnostic::error(
                node.span,
                format!("`{name}` is never {shown}"),
                unquoted_help(node, ty)
                    .or_else(|| wordless_help(node, ty))
                    .unwrap_or_else(|| values_help(ty, &text)),
            ));
            None
        }
    }
}

/// The place of the first item of a list that is there before.
fn twin(list: &Value) -> Option<usize> {
    let items = list.items()?;
    (items.iter().enumerate()).position(|(at, item)| items.iter().take(at).any(|one| one == item))
}

/// What a node says, whatever it is for: a mapping is a record, a word a symbol.
pub(super) fn plain(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Absent,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(number) => Value::Int(*number),
        NodeKind::List(items) => Value::List(items.iter().map(plain).collect()),
        NodeKind::Map(entries) => {
            let fields = entries
                .iter()
                .map(|entry| (Symbol::from(entry.key.as_str()), plain(&entry.value)));
            Value::Record(fields.collect())
        }
        _ => Value::symbol(&node.scalar_text().unwrap_or_default()),
    }
}

/// What to write where a value is there, but as text.
fn unquoted_help(node: &Node, ty: &Type) -> Option<String> {
    let NodeKind::Text(text) = &node.kind else {
        return None;
    };
    let meant = match text.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number => Value::Int(number.parse().ok()?),
    };
    ty.contains(&meant)
        .then(|| format!("it is the text \"{text}\" here: leave out the quotes"))
}

/// What to write where a step is there, but with words, as a domain gives them.
fn wordless_help(node: &Node, ty: &Type) -> Option<String> {
    let mut bare = node.clone();
    let NodeKind::Map(entries) = &mut bare.kind else {
        return None;
    };
    entries.retain(|entry| entry.key != "say");
    ty.contains(&plain(&bare))
        .then(|| "leave out `say`: words for a step stand in `domain.course.steps`".to_owned())
}

pub(super) fn values_help(ty: &Type, shown: &str) -> String {
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
                None if values.is_empty() => {
                    "it has no values in this domain: leave it out".to_owned()
                }
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("its values are {}", one_of(&values)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ListType;
    use crate::yaml::{Source, read};

    fn list(of: Type) -> Type {
        Type::List(Box::new(ListType {
            of,
            min: 1,
            max: 2,
            distinct: true,
        }))
    }

    fn told(text: &str, ty: &Type) -> String {
        let source = Source::new("x.yaml", text.to_owned());
        let node = read(&source).unwrap();
        let mut problems = Diagnostics::new(source);
        assert_eq!(value(&node, ty, "items", &mut problems), None, "{text}");
        problems.render()
    }

    #[test]
    fn two_items_that_are_alike_are_told_as_that() {
        let numbers = list(Type::Int { min: 0, max: 9 });
        let alike = told("[7, 7]", &numbers);
        assert!(
            alike.contains("two items of `items` are alike, and they are distinct in this domain"),
            "{alike}"
        );
        assert!(alike.contains("x.yaml:1:5"), "{alike}");
        let many = told("[1, 2, 3]", &numbers);
        assert!(many.contains("`items` has 3 items"), "{many}");
        assert!(many.contains("it may have 1 to 2"), "{many}");
    }

    #[test]
    fn a_step_with_the_words_of_the_domain_is_told_to_leave_them_out() {
        let step = |by: &str| Value::record([("edit", Value::symbol(by))]);
        let steps = list(Type::Among(vec![step("one"), step("other")]));
        let worded = told("[{edit: one, say: flag set meanwhile}]", &steps);
        assert!(worded.contains("help: leave out `say`: words "), "{worded}");
        let unknown = told("[{edit: another, say: flag set}]", &steps);
        assert!(!unknown.contains("leave out `say`"), "{unknown}");
    }
}
