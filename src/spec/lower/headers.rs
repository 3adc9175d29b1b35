//! What is said of header fields.

use crate::yaml::{Diagnostic, Diagnostics, Fields, MapEntry, Node};

use super::super::headers::{HeaderClause, HeaderFit};
use super::parameters::kind;
use super::scalar::{count, words};

pub(super) fn headers(
    node: &Node,
    problems: &mut Diagnostics,
) -> Option<Vec<(String, HeaderClause)>> {
    let Some(entries) = node.entries() else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`headers` must be a mapping from field names, and this is {}",
                node.noun()
            ),
            "write `headers: {cache-control: present}`",
        ));
        return None;
    };
    let all: Vec<Option<_>> = entries
        .iter()
        .map(|entry| header(entry, problems))
        .collect();
    all.into_iter().collect()
}

fn header(entry: &MapEntry, problems: &mut Diagnostics) -> Option<(String, HeaderClause)> {
    if !is_token(&entry.key) {
        problems.push(Diagnostic::error(
            entry.key_span,
            format!(
                "no header field can be called `{}`",
                entry.key.escape_debug()
            ),
            "write its name as RFC 9110 §5.1 has it: letters, digits and `-`, without blanks",
        ));
        return None;
    }
    let clause = if entry.value.entries().is_some() {
        HeaderClause::Fits(fit(&entry.value, problems)?)
    } else if let Some(text) = entry.value.scalar_text() {
        match text.as_str() {
            "present" => HeaderClause::Present(true),
            "absent" => HeaderClause::Present(false),
            _ => HeaderClause::Is(text),
        }
    } else {
        problems.push(Diagnostic::error(
            entry.value.span,
            "a header field is `present`, `absent`, has a value or fits",
            "write `present`, `absent`, the value itself, or `{has: […]}`",
        ));
        return None;
    };
    Some((entry.key.clone(), clause))
}

/// Whether a text is a token (RFC 9110 §5.6.2).
fn is_token(text: &str) -> bool {
    let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_tchar)
}

fn fit(node: &Node, problems: &mut Diagnostics) -> Option<HeaderFit> {
    let mut fields = Fields::new(node, "what is said of a header field", problems)?;
    let mut members = |key| {
        let node = fields.optional(key);
        node.map(|node| words(node, problems))
    };
    let [has, has_one_of, has_none_of] = ["has", "has-one-of", "has-none-of"].map(&mut members);
    let lines = fields.optional("lines").map(|node| count(node, problems));
    let value = fields.optional("value").map(|node| kind(node, problems));
    let span = fields.span();
    let all_known = fields.finish(problems);
    let fit = HeaderFit {
        has: has.unwrap_or(Some(Vec::new()))?,
        has_one_of: has_one_of.unwrap_or(Some(Vec::new()))?,
        has_none_of: has_none_of.unwrap_or(Some(Vec::new()))?,
        lines: lines.map_or(Some(None), |found| found.map(Some))?,
        value: value.map_or(Some(None), |found| found.map(Some))?,
    };
    if fit == HeaderFit::default() {
        if all_known {
            problems.push(Diagnostic::error(
                span,
                "nothing is said of this header field",
                "use `has`, `has-one-of`, `has-none-of`, `value` or `lines`",
            ));
        }
        return None;
    }
    Some(fit)
}
