//! Where a source can be read.

use crate::spec::Stated;

/// Where a section of an RFC can be read.
pub(super) fn source_uri(stated: &Stated) -> Option<String> {
    let number = stated.document.strip_prefix("RFC ")?;
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let section = stated.section.as_str();
    let is_section = section.split('.').all(is_number);
    is_number(number).then(|| {
        let base = format!("https://www.rfc-editor.org/rfc/rfc{number}.html");
        match is_section {
            true => format!("{base}#section-{section}"),
            false => base,
        }
    })
}
