//! What may have been meant by a word that stands for nothing.

use crate::domain::Type;
use crate::yaml::{nearest, one_of};

/// `did you mean …?`, or all that there is.
pub(super) fn suggestion(text: &str, known: &[&str]) -> String {
    match nearest(text, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => match known.split_at_checked(MOST_NAMED) {
            Some((first, rest)) if !rest.is_empty() => {
                format!("there is {}, and {} more", one_of(first), rest.len())
            }
            _ => format!("there is {}", one_of(known)),
        },
    }
}

/// The most known names that a message has.
const MOST_NAMED: usize = 12;

pub(super) fn first_field(ty: &Type) -> String {
    ty.fields()
        .first()
        .map_or_else(|| "…".to_owned(), |field| field.name.to_string())
}
