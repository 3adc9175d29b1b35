//! Text that the command line gives: itself, in a file (`@FILE`), or on standard input (`-`).

use std::io::Read;
use std::path::Path;

use countersign::files::{MOST_WRITTEN, read_text};
use countersign::yaml::Source;

use super::failure::CommandFailure;

/// The name that stands for standard input.
pub(super) const STANDARD: &str = "-";

/// The most bytes that are read of one.
pub(super) const LARGEST: u64 = MOST_WRITTEN;

/// A value of an option that takes YAML: the text itself, `@FILE`, or `@-` for standard input.
pub(super) fn yaml(option: &str, text: &str) -> Result<Source, CommandFailure> {
    match text.strip_prefix('@') {
        None => Ok(Source::new(option, text)),
        Some(STANDARD) => standard(),
        Some(file) => read_text(Path::new(file), LARGEST)
            .map(|text| Source::new(file, text))
            .map_err(|error| {
                CommandFailure::input(format!(
                    "{file} of `{option} {text}` cannot be read: {error}"
                ))
            }),
    }
}

/// All of standard input.
pub(super) fn standard() -> Result<Source, CommandFailure> {
    let unreadable =
        |why: String| CommandFailure::input(format!("standard input cannot be read: {why}"));
    let mut text = String::new();
    let taken = std::io::stdin().lock().take(LARGEST + 1);
    { taken }
        .read_to_string(&mut text)
        .map_err(|error| unreadable(error.to_string()))?;
    if text.len() as u64 > LARGEST {
        return Err(unreadable(format!("it has more than {LARGEST} bytes")));
    }
    Ok(Source::new("standard input", text))
}
