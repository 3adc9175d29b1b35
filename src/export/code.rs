//! What scripts that are programs have in common.

use super::stand_ins::TextPart;
use super::worded::{Said, Variable};

/// Whether any of them is the base64 of something.
pub(super) fn uses_base64(variables: &[Variable]) -> bool {
    let mut pieces = variables
        .iter()
        .filter_map(|one| one.made_of.as_ref())
        .flatten();
    pieces.any(|piece| matches!(piece, TextPart::Base64 { .. }))
}

/// The variable of the credentials with which a request proves its key.
pub(super) fn credentials_of(fields: &[(String, Said)]) -> String {
    let variables = fields.iter().filter_map(|(_, said)| match said {
        Said::Variable(variable) => Some(variable.to_ascii_uppercase()),
        Said::Text(_) | Said::Answer { .. } | Said::Proof(_) => None,
    });
    { variables }
        .next()
        .unwrap_or_else(|| "CREDENTIALS".to_owned())
}

/// Pieces as an expression of a language in which texts are added.
pub(super) fn made(
    pieces: &[TextPart],
    literal: fn(&str) -> String,
    variable: &dyn Fn(&str) -> String,
    base64: &dyn Fn(&str, bool) -> String,
) -> String {
    let parts = pieces.iter().map(|piece| match piece {
        TextPart::Text(text) => literal(text),
        TextPart::Variable(name) => variable(name),
        TextPart::Base64 { of, padded } => base64(&made(of, literal, variable, base64), *padded),
    });
    let parts: Vec<String> = parts.collect();
    match parts.is_empty() {
        true => literal(""),
        false => parts.join(" + "),
    }
}
