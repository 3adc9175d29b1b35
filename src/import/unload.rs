//! Records out of XML: of a list or a form, and of an update set.

use super::record::{FieldValue, Record};
use super::told::{ImportNotes, RecordPlace};
use super::xml::{self, XmlElement};
use crate::yaml::{Diagnostic, Source};

/// The table of an update set's records, each of which holds one of another table.
const UPDATE: &str = "sys_update_xml";

/// Tables that say what an update set is, and nothing of what is in it.
const ABOUT_THE_SET: [&str; 2] = ["sys_remote_update_set", "sys_update_set"];

/// How deep an update may stand in an update.
const DEEPEST: usize = 2;

/// Reads the records of one text.
pub(super) fn read(text: &str, source: usize, told: &mut ImportNotes) -> Vec<Record> {
    let mut records = Vec::new();
    if let Some(root) = xml::read(text, source, told) {
        of_root(&root, source, told, 0, &mut records);
    }
    records
}

fn of_root(
    root: &XmlElement,
    source: usize,
    told: &mut ImportNotes,
    depth: usize,
    records: &mut Vec<Record>,
) {
    if !["unload", "record_update", "xml"].contains(&root.name.as_str()) {
        told.push(
            source,
            Diagnostic::error(
                root.span,
                format!(
                    "an export begins with `<unload>`, and this is `<{}>`",
                    root.name
                ),
                "export the list or the form as XML, or the update set, and give that file",
            ),
        );
        return;
    }
    for element in &root.children {
        if element.name == UPDATE {
            payload(element, source, told, depth, records);
        } else if !ABOUT_THE_SET.contains(&element.name.as_str()) {
            records.push(record(element, source));
        }
    }
}

/// What an update of an update set changes.
fn payload(
    element: &XmlElement,
    source: usize,
    told: &mut ImportNotes,
    depth: usize,
    records: &mut Vec<Record>,
) {
    let at = RecordPlace {
        source,
        span: element.span,
    };
    let Some(text) = element.child("payload").map(XmlElement::trimmed) else {
        told.warning(
            at,
            "an update without a payload is passed over",
            "load the update set whole and export it again",
        );
        return;
    };
    if depth >= DEEPEST {
        told.warning(at, "an update within an update is passed over", "");
        return;
    }
    let name = format!("{}, payload in line {}", told.name(source), told.line(at));
    let inner = told.begin(Source::new(name, super::secrets::masked(text)));
    let before = records.len();
    if let Some(root) = xml::read(text, inner, told) {
        of_root(&root, inner, told, depth + 1, records);
    }
    let is_gone = element.child("action").map(XmlElement::trimmed) == Some("DELETE");
    for record in records.iter_mut().skip(before) {
        record.is_deleted |= is_gone;
    }
}

fn record(element: &XmlElement, source: usize) -> Record {
    let place = |element: &XmlElement| RecordPlace {
        source,
        span: element.span,
    };
    let fields = element.children.iter().map(|child| FieldValue {
        name: child.name.clone(),
        stored: Some(child.trimmed().to_owned()),
        displayed: child.attribute("display_value").map(str::to_owned),
        at: place(child),
    });
    let fields: Vec<FieldValue> = fields.collect();
    Record {
        table: element.name.clone(),
        at: place(element),
        is_deleted: element.attribute("action") == Some("DELETE"),
        fields,
    }
}
