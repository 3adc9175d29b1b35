//! What may have been meant by a word that stands for nothing.

use crate::domain::Type;
use crate::vocabulary::{ClientField, client_field, client_fields};
use crate::yaml::{Diagnostic, Diagnostics, Node, Span, nearest, one_of};

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

/// Whether clients have this field, with these words.
pub(super) fn check_word(key: &str, span: Span, picked: &[&Node], problems: &mut Diagnostics) {
    let Some(ClientField { words, .. }) = client_field(key) else {
        let known: Vec<&str> = client_fields().iter().map(|field| field.name).collect();
        problems.push(Diagnostic::error(
            span,
            format!("clients have no field `{key}`"),
            suggestion(key, &known),
        ));
        return;
    };
    for node in picked {
        let word = node.scalar_text().unwrap_or_default();
        if !words.contains(&word.as_str()) {
            problems.push(Diagnostic::error(
                node.span,
                format!("no client has the {key} `{word}`"),
                suggestion(&word, words),
            ));
        }
    }
}
