//! Commands of an adapter: each part of them is a template.

use std::path::Path;

use serde::Serialize;

use super::template::render;
use crate::implementation::Launch;

/// A program to start in a directory, from its command's parts, the program first, and environment
/// variables: all templates, filled in with `values`.
///
/// # Errors
///
/// The template's words.
pub(super) fn rendered(
    name: &str,
    (parts, environment): (&[String], &[(String, String)]),
    directory: &Path,
    values: &impl Serialize,
) -> Result<Launch, String> {
    let mut parts = parts.iter().map(|part| render(part, values));
    Ok(Launch {
        name: name.to_owned(),
        program: parts.next().transpose()?.unwrap_or_default().into(),
        arguments: parts.collect::<Result<_, _>>()?,
        directory: Some(directory.to_owned()),
        environment: environment
            .iter()
            .map(|(name, value)| Ok((name.clone(), render(value, values)?)))
            .collect::<Result<_, String>>()?,
        output: None,
    })
}
