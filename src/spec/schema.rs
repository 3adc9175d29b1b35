//! The JSON Schema of the spec language, for editors.

/// The schema as JSON text. A test holds its keys to the ones that the reader asks for.
pub const JSON_SCHEMA: &str = include_str!("schema.json");
