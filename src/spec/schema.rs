//! The JSON Schema of the spec language, for editors.

use crate::vocabulary::client_fields;

/// The schema, in which `"@persona"` and the like stand for the words of a client's field.
const TEMPLATE: &str = include_str!("schema.json");

/// The schema as JSON text. A test holds its keys to the ones that the reader asks for; the words of
/// clients are those of [`client_fields`].
pub fn json_schema() -> String {
    let mut text = String::new();
    for line in TEMPLATE.lines() {
        let mark = line.trim_start();
        let field = client_fields()
            .iter()
            .find(|field| mark == format!("\"@{}\"", field.name));
        match field {
            None => text.push_str(line),
            Some(field) => {
                let (indent, _) = line.split_at(line.len() - mark.len());
                let word = |word: &&str| format!("{indent}{}", serde_json::Value::from(*word));
                let words: Vec<String> = field.words.iter().map(word).collect();
                text.push_str(&words.join(",\n"));
            }
        }
        text.push('\n');
    }
    text
}
