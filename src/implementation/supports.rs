//! `supports`: the part of a domain that an implementation can express. One form, written as JSON
//! in the control protocol and as YAML in an adapter's folder.

use crate::domain::{Allowed, Narrowing, Value};
#[cfg(feature = "process")]
use crate::yaml::{Diagnostic, Diagnostics, Node, NodeKind};

/// What `supports` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supports {
    /// What each path of the domain allows.
    pub narrowing: Narrowing,
    /// Whether audit events are handed over.
    pub events: bool,
}

/// The key of `supports` that names no path of the domain.
const EVENTS: &str = "events";

/// Reads `supports` from the control protocol.
///
/// # Errors
///
/// In words that name the key.
pub(super) fn supports_from_json(
    said: &serde_json::Map<String, serde_json::Value>,
) -> Result<Supports, String> {
    let mut supports = Supports::default();
    for (path, value) in said {
        supports
            .add(path, value)
            .map_err(|(what, help)| format!("in `supports`, `{path}` {what}: {help}"))?;
    }
    Ok(supports)
}

/// Reads `supports` from an adapter; reports what cannot be read.
#[cfg(feature = "process")]
pub(crate) fn supports_from_yaml(node: &Node, problems: &mut Diagnostics) -> Supports {
    let mut supports = Supports::default();
    let Some(entries) = node.entries() else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`supports` must be a mapping, and this is {}", node.noun()),
            "write paths and what they allow, such as `policy.active: [true]`",
        ));
        return supports;
    };
    for entry in entries {
        if let Err((what, help)) = supports.add(&entry.key, &json(&entry.value)) {
            problems.push(Diagnostic::error(
                entry.value.span,
                format!("in `supports`, `{}` {what}", entry.key),
                help,
            ));
        }
    }
    supports
}

impl Supports {
    /// Adds what one path allows; otherwise what is wrong with it, and what to write instead.
    fn add(&mut self, path: &str, value: &serde_json::Value) -> Result<(), (String, String)> {
        if path == EVENTS {
            self.events = value.as_bool().ok_or_else(|| {
                (
                    "is neither true nor false".to_owned(),
                    "write `true` if audit events are handed over, otherwise `false`".to_owned(),
                )
            })?;
            return Ok(());
        }
        self.narrowing
            .by_path
            .insert(path.to_owned(), allowed(value)?);
        Ok(())
    }
}

fn allowed(value: &serde_json::Value) -> Result<Allowed, (String, String)> {
    let wrong = |what: &str, help: &str| Err((what.to_owned(), help.to_owned()));
    match value {
        serde_json::Value::Array(items) if items.is_empty() => wrong(
            "allows nothing",
            "list at least one value, or leave the path out to allow all",
        ),
        serde_json::Value::Array(items) => items
            .iter()
            .map(|item| serde_json::from_value::<Value>(item.clone()))
            .collect::<Result<Vec<Value>, _>>()
            .map(Allowed::Values)
            .or_else(|error| {
                wrong(
                    &format!("lists something that no domain has ({error})"),
                    "list words, whole numbers, `true` or `false`",
                )
            }),
        serde_json::Value::Object(range) => {
            let bound = |name: &str| match range.get(name) {
                None => Ok(None),
                Some(value) => value.as_i64().map(Some).ok_or(()),
            };
            let known = range.keys().all(|key| key == "min" || key == "max");
            match (bound("min"), bound("max")) {
                (Ok(min), Ok(max)) if known && (min.is_some() || max.is_some()) => {
                    if min.zip(max).is_some_and(|(min, max)| min > max) {
                        return wrong("allows nothing", "`min` must not be above `max`");
                    }
                    Ok(Allowed::Range { min, max })
                }
                _ => wrong(
                    "is not a range",
                    "write whole numbers under `min`, `max` or both, such as `{max: 3}`",
                ),
            }
        }
        _ => wrong(
            "is neither a list nor a range",
            "write the allowed values as a list, such as `[true]`, or a range, such as `{max: 3}`",
        ),
    }
}

/// A YAML node as JSON, which is how the control protocol would have it.
#[cfg(feature = "process")]
fn json(node: &Node) -> serde_json::Value {
    match &node.kind {
        NodeKind::Null => serde_json::Value::Null,
        NodeKind::Bool(value) => (*value).into(),
        NodeKind::Int(value) => (*value).into(),
        NodeKind::Float(value) => (*value).into(),
        NodeKind::Text(text) => text.as_str().into(),
        NodeKind::List(items) => items.iter().map(json).collect(),
        NodeKind::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.clone(), json(&entry.value)))
            .collect(),
    }
}

#[cfg(test)]
#[cfg(feature = "process")]
mod tests {
    use super::*;
    use crate::yaml::{Source, read};

    fn from_yaml(text: &str) -> (Supports, Diagnostics) {
        let source = Source::new("adapter.yaml", text);
        let node = read(&source).unwrap();
        let mut problems = Diagnostics::new(source);
        let supports = supports_from_yaml(&node, &mut problems);
        (supports, problems)
    }

    #[test]
    fn both_forms_say_the_same() {
        let (yaml, problems) = from_yaml(
            "policy.active: [true]\npolicy.profiles: {max: 3}\npolicy.n: {min: 1, max: 2}\n\
             policy.profiles.scheme: [basic, bearer]\nevents: true\n",
        );
        assert!(!problems.has_errors(), "{problems}");
        let object = serde_json::json!({
            "policy.active": [true], "policy.profiles": {"max": 3}, "policy.n": {"min": 1, "max": 2},
            "policy.profiles.scheme": ["basic", "bearer"], "events": true,
        });
        assert_eq!(
            supports_from_json(object.as_object().unwrap()).unwrap(),
            yaml
        );
        assert!(yaml.events);
        assert_eq!(
            yaml.narrowing.by_path["policy.active"],
            Allowed::Values(vec![Value::Bool(true)])
        );
    }

    #[test]
    fn what_cannot_be_read_is_shown_where_it_stands() {
        for (text, message, help) in [
            ("a: []", "`a` allows nothing", "list at least one value"),
            (
                "a: {min: 2, max: 1}",
                "`a` allows nothing",
                "must not be above",
            ),
            ("a: {most: 1}", "`a` is not a range", "{max: 3}"),
            ("a: {}", "`a` is not a range", "{max: 3}"),
            ("a: {max: x}", "`a` is not a range", "whole numbers"),
            ("a: basic", "`a` is neither a list nor a range", "`[true]`"),
            (
                "a: [1.5]",
                "`a` lists something that no domain has",
                "whole numbers",
            ),
            (
                "events: sometimes",
                "`events` is neither true nor false",
                "`false`",
            ),
            ("- a", "`supports` must be a mapping", "policy.active"),
        ] {
            let shown = from_yaml(text).1.render();
            assert!(
                shown.contains(message) && shown.contains(help),
                "{text}:\n{shown}"
            );
        }
    }
}
