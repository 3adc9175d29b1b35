//! What may have been meant by a word that stands for nothing.

use crate::domain::{Part, Type};
use crate::vocabulary::{ClientField, client_field, client_fields};
use crate::yaml::{Diagnostic, Diagnostics, Node, Span, nearest, one_of};

/// `did you mean …?`, or all that there is.
pub(super) fn suggestion(text: &str, known: &[&str]) -> String {
    // What was written is not what was meant.
    let others = known.iter().copied().filter(|known| *known != text);
    match nearest(text, others) {
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
            elsewhere(key).unwrap_or_else(|| suggestion(key, &known)),
        ));
        return;
    };
    for node in picked {
        let Some(word) = node.scalar_text() else {
            problems.push(Diagnostic::error(
                node.span,
                format!(
                    "the {key} of a client is one word, and this is {}",
                    node.noun()
                ),
                suggestion("", words),
            ));
            continue;
        };
        if !words.contains(&word.as_str()) {
            problems.push(Diagnostic::error(
                node.span,
                format!("no client has the {key} `{word}`"),
                suggestion(&word, words),
            ));
        }
    }
}

/// What to write where a path stands in place of a client's field.
fn elsewhere(key: &str) -> Option<String> {
    let (part, rest) = key.split_once('.')?;
    match Part::from_word(part)? {
        Part::Client => Some(format!(
            "write `{rest}` alone: a client is meant here anyway"
        )),
        Part::Policy | Part::Instance => Some(format!(
            "the fields of the setting stand under `policy` and `instance`, and a step changes them by \
             `{{edit: {{{key}: …}}}}`"
        )),
        Part::Course => None,
    }
}
