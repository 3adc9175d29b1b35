//! As much of JSON Schema (2020-12) as the schema of specs uses: a word that is not known here panics.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic; the schema is this repository's own"
)]

use countersign::yaml::{Node, NodeKind};
use serde_json::{Number, Value};

/// A text of YAML as JSON has it.
pub(crate) fn json_of(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(is) => Value::Bool(*is),
        NodeKind::Int(number) => Value::from(*number),
        NodeKind::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        NodeKind::Text(text) => Value::from(text.as_str()),
        NodeKind::List(items) => items.iter().map(json_of).collect(),
        NodeKind::Map(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|entry| (entry.key.clone(), json_of(&entry.value)));
            Value::Object(entries.collect())
        }
    }
}

/// Whether a value is as a schema has it; otherwise where it is not, and by which word.
pub(crate) fn takes(root: &Value, value: &Value) -> Result<(), String> {
    check(root, root, value, "")
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Value::Object(words) = schema else {
        return if *schema == Value::Bool(false) {
            Err(format!("{at}: nothing may stand here"))
        } else {
            Ok(())
        };
    };
    let holds = |schema: &Value| check(root, schema, value, at).is_ok();
    let all = |name: &str| words.get(name).and_then(Value::as_array).unwrap();
    for (word, said) in words {
        let fits = match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "then" | "properties" => true,
            "$ref" => {
                let pointer = said.as_str().unwrap().strip_prefix('#').unwrap();
                let meant = root.pointer(pointer).unwrap_or_else(|| panic!("{said}"));
                check(root, meant, value, at)?;
                true
            }
            "type" => types(said).iter().any(|name| is_a(name, value)),
            "const" => said == value,
            "enum" => all(word).contains(value),
            "oneOf" => all(word).iter().filter(|one| holds(one)).count() == 1,
            "anyOf" => all(word).iter().any(holds),
            "not" => !holds(said),
            "if" => !holds(said) || words.get("then").is_none_or(holds),
            "minimum" => value.as_i64().is_none_or(|n| n >= said.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|n| n <= said.as_i64().unwrap()),
            "minLength" => value
                .as_str()
                .is_none_or(|text| text.len() >= said.as_u64().unwrap() as usize),
            "pattern" => value.as_str().is_none_or(|text| matches(said, text)),
            _ => match value {
                Value::Array(items) => in_list(root, word, said, items, at)?,
                Value::Object(fields) => in_object(root, words, word, fields, at)?,
                _ => is_known(word),
            },
        };
        if !fits {
            return Err(format!("{at}: {word}: {value}"));
        }
    }
    let (Some(Value::Object(known)), Value::Object(fields)) = (words.get("properties"), value)
    else {
        return Ok(());
    };
    for (name, schema) in known {
        if let Some(value) = fields.get(name) {
            check(root, schema, value, &format!("{at}/{name}"))?;
        }
    }
    Ok(())
}

const OF_LISTS: [&str; 5] = ["items", "minItems", "maxItems", "uniqueItems", "contains"];
const OF_OBJECTS: [&str; 5] = [
    "required",
    "minProperties",
    "additionalProperties",
    "propertyNames",
    "dependentRequired",
];

fn is_known(word: &str) -> bool {
    let is = OF_LISTS.contains(&word) || OF_OBJECTS.contains(&word);
    assert!(is, "the word {word} is not known here");
    true
}

fn in_list(
    root: &Value,
    word: &str,
    said: &Value,
    items: &[Value],
    at: &str,
) -> Result<bool, String> {
    Ok(match word {
        "items" => {
            for (index, item) in items.iter().enumerate() {
                check(root, said, item, &format!("{at}/{index}"))?;
            }
            true
        }
        "maxItems" => items.len() as u64 <= said.as_u64().unwrap(),
        "minItems" => items.len() as u64 >= said.as_u64().unwrap(),
        "uniqueItems" => !items
            .iter()
            .enumerate()
            .any(|(at, item)| items.iter().take(at).any(|one| one == item)),
        "contains" => items.iter().any(|item| check(root, said, item, at).is_ok()),
        _ => is_known(word),
    })
}

fn in_object(
    root: &Value,
    words: &serde_json::Map<String, Value>,
    word: &str,
    fields: &serde_json::Map<String, Value>,
    at: &str,
) -> Result<bool, String> {
    let said = words.get(word).unwrap();
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    Ok(match word {
        "required" => names(said).iter().all(|name| fields.contains_key(name)),
        "minProperties" => fields.len() as u64 >= said.as_u64().unwrap(),
        "additionalProperties" => {
            let known = words.get("properties").and_then(Value::as_object);
            for (name, value) in fields {
                if known.is_none_or(|known| !known.contains_key(name)) {
                    check(root, said, value, &format!("{at}/{name}"))?;
                }
            }
            true
        }
        "propertyNames" => {
            for name in fields.keys() {
                check(
                    root,
                    said,
                    &Value::from(name.as_str()),
                    &format!("{at}/{name}"),
                )?;
            }
            true
        }
        "dependentRequired" => said.as_object().unwrap().iter().all(|(name, needed)| {
            !fields.contains_key(name) || names(needed).iter().all(|one| fields.contains_key(one))
        }),
        _ => is_known(word),
    })
}

fn types(said: &Value) -> Vec<String> {
    match said {
        Value::String(one) => vec![one.clone()],
        several => several
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap().to_owned())
            .collect(),
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("the type {other} is not known here"),
    }
}

/// The patterns of the schema, each as what it means.
fn matches(pattern: &Value, text: &str) -> bool {
    let one_of = |parts: &[&str]| parts.iter().any(|part| text.starts_with(part));
    match pattern.as_str().unwrap() {
        "^[^.]+$" => !text.is_empty() && !text.contains('.'),
        "^[a-z0-9-]+$" => {
            let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !text.is_empty() && text.chars().all(known)
        }
        "^((every|some|first) )?[^ ]+$" => {
            let which = ["every ", "some ", "first "];
            let rest = which.iter().find_map(|which| text.strip_prefix(which));
            let rest = rest.unwrap_or(text);
            !rest.is_empty() && !rest.contains(' ')
        }
        "^(policy|instance)[.]" => one_of(&["policy.", "instance."]),
        "^(policy|instance|client)[.]" => one_of(&["policy.", "instance.", "client."]),
        "^([^$/].*|/([^~]|~[01])*)?$" => {
            let escaped = |rest: &str| rest.starts_with(['0', '1']);
            !one_of(&["$"]) && (!one_of(&["/"]) || text.split('~').skip(1).all(escaped))
        }
        other => panic!("the pattern {other} is not known here"),
    }
}
