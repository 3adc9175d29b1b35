//! Records out of JSON of the Table API, in each form that `sysparm_display_value` asks for.

use serde_json::Value;

use super::record::{FieldValue, Record};
use super::tables;
use super::told::{ImportNotes, RecordPlace};
use crate::yaml::{self, MapEntry, Node, NodeKind, Source, Span};

/// Reads the records of one text. `stem` is what its file is called, which may say of which table they are.
pub(super) fn read(text: &str, stem: &str, source: usize, told: &mut ImportNotes) -> Vec<Record> {
    let Some(root) = nodes(text, source, told) else {
        return Vec::new();
    };
    let mut records = Vec::new();
    let mut all = |node: &Node, told: &mut ImportNotes| match &node.kind {
        NodeKind::List(items) => {
            for item in items {
                records.extend(record(item, stem, source, told));
            }
        }
        _ => records.extend(record(node, stem, source, told)),
    };
    match root.get("result") {
        Some(result) => all(result, told),
        None if matches!(root.kind, NodeKind::List(_)) => all(&root, told),
        None => {
            let at = RecordPlace {
                source,
                span: root.span,
            };
            let refused = root.get("error").and_then(|error| error.get("message"));
            match refused.and_then(Node::text) {
                Some(message) => told.error(
                    at,
                    format!("the platform refused to hand over anything: {message}"),
                    "ask the Table API as a user who may read these tables, and keep what it answers",
                ),
                None => told.error(
                    at,
                    "there is no `result` in it",
                    "give what the Table API answers: `{\"result\": [{…}, …]}`",
                ),
            }
        }
    }
    records
}

/// The text as nodes, which know where they stand unless it is JSON that the reader of YAML does not take.
fn nodes(text: &str, source: usize, told: &mut ImportNotes) -> Option<Node> {
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        Err(error) => {
            let before: usize = text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1))
                .map(str::len)
                .sum();
            let start = before + error.column().saturating_sub(1);
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or(&words);
            told.error(
                RecordPlace {
                    source,
                    span: Span::new(start, start + 1),
                },
                format!("this is not JSON: {words}"),
                "keep what the Table API answered as it is",
            );
            return None;
        }
    };
    match yaml::read(&Source::new(told.name(source), text)) {
        Ok(node) => Some(node),
        // Two keys that are the same are no mistake in JSON, and one of the two would be lost.
        Err(diagnostics) if diagnostics.list.iter().any(|one| one.related.is_some()) => {
            told.take(source, diagnostics);
            None
        }
        Err(_) => Some(placeless(&value)),
    }
}

fn placeless(value: &Value) -> Node {
    let kind = match value {
        Value::Null => NodeKind::Null,
        Value::Bool(value) => NodeKind::Bool(*value),
        Value::Number(number) => NodeKind::Text(number.to_string()),
        Value::String(text) => NodeKind::Text(text.clone()),
        Value::Array(items) => NodeKind::List(items.iter().map(placeless).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| MapEntry {
                key: key.clone(),
                key_span: Span::default(),
                value: placeless(value),
            });
            NodeKind::Map(members.collect())
        }
    };
    Node {
        span: Span::default(),
        kind,
    }
}

fn record(node: &Node, stem: &str, source: usize, told: &mut ImportNotes) -> Option<Record> {
    let at = RecordPlace {
        source,
        span: node.span,
    };
    let Some(entries) = node.entries() else {
        told.error(
            at,
            format!("a record is a JSON object, and this is {}", node.noun()),
            "give what the Table API answers: `{\"result\": [{…}, …]}`",
        );
        return None;
    };
    let mut fields: Vec<FieldValue> = Vec::with_capacity(entries.len());
    for entry in entries {
        fields.extend(field(entry, source, told));
    }
    // A column of labels in place of what is stored: a form that shows references so shows everything so.
    let of = |name: &str| entries.iter().find(|entry| entry.key == name);
    let only_displayed = entries.iter().any(|entry| {
        entry.value.get("display_value").is_some() && entry.value.get("value").is_none()
    });
    if only_displayed {
        for field in &mut fields {
            if of(&field.name).is_some_and(|entry| entry.value.entries().is_none())
                && field.name != "sys_id"
            {
                field.displayed = field.stored.take();
            }
        }
    }
    let table = tables::of_fields(&fields).or_else(|| tables::named(stem));
    let Some(table) = table else {
        told.warning(
            at,
            "nothing says of which table this record is, and it is passed over",
            "export it with `sys_class_name`, or call the file by the table, such as \
             sys_auth_profile_mapping.json",
        );
        return None;
    };
    Some(Record {
        table: table.to_owned(),
        at,
        is_deleted: false,
        fields,
    })
}

fn field(entry: &MapEntry, source: usize, told: &mut ImportNotes) -> Option<FieldValue> {
    let at = RecordPlace {
        source,
        span: entry.key_span,
    };
    let text = |key: &str| entry.value.get(key).and_then(Node::scalar_text);
    let (stored, displayed) = match &entry.value.kind {
        NodeKind::Map(_) => {
            // The last part of a link is what a reference stores.
            let linked = text("link").and_then(|link| {
                let (_, id) = link.trim_end_matches('/').rsplit_once('/')?;
                Some(id.to_owned())
            });
            (text("value").or(linked), text("display_value"))
        }
        NodeKind::List(_) => {
            told.error(
                at,
                format!("`{}` is a list, and no field of a record is", entry.key),
                "keep what the Table API answered as it is",
            );
            return None;
        }
        _ => (Some(entry.value.scalar_text().unwrap_or_default()), None),
    };
    Some(FieldValue {
        name: entry.key.clone(),
        stored,
        displayed,
        at,
    })
}
