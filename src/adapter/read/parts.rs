//! Reading the small parts of an adapter: lists of text, durations, signals, counts.

use std::time::Duration;

use crate::implementation::Signal;
use crate::yaml::{Diagnostic, Diagnostics, Node, NodeKind, nearest, one_of};

/// A list of texts; numbers and truth values are taken as they are written.
pub(super) fn texts(node: &Node, key: &str, problems: &mut Diagnostics) -> Vec<String> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` must be a list, and this is {}", node.noun()),
            "write it in brackets, such as `[one, two]`",
        ));
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| {
            let text = item.scalar_text();
            if text.is_none() {
                problems.push(Diagnostic::error(
                    item.span,
                    format!("`{key}` must list texts, and this is {}", item.noun()),
                    "put text with a brace, a colon or a hash in quotes",
                ));
            }
            text
        })
        .collect()
}

/// A list of texts that must not be empty.
pub(super) fn some_texts(node: &Node, key: &str, problems: &mut Diagnostics) -> Vec<String> {
    let found = texts(node, key, problems);
    if found.is_empty() && matches!(&node.kind, NodeKind::List(items) if items.is_empty()) {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` lists nothing"),
            "list at least one text",
        ));
    }
    found
}

/// A whole number of seconds between 1 and 600.
pub(super) fn seconds(node: Option<&Node>, usual: u64, problems: &mut Diagnostics) -> Duration {
    let Some(node) = node else {
        return Duration::from_secs(usual);
    };
    match node.kind {
        NodeKind::Int(value @ 1..=600) => Duration::from_secs(value.unsigned_abs()),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                "`seconds` must be a whole number between 1 and 600",
                format!("write `seconds: {usual}`, or leave it out, which means the same"),
            ));
            Duration::from_secs(usual)
        }
    }
}

/// A whole number between 1 and `most`.
pub(super) fn count(node: &Node, key: &str, most: i64, problems: &mut Diagnostics) -> usize {
    match node.kind {
        NodeKind::Int(value) if (1..=most).contains(&value) => usize::try_from(value).unwrap_or(1),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{key}` must be a whole number between 1 and {most}"),
                format!("write `{key}: 64`"),
            ));
            1
        }
    }
}

/// A signal by its word.
pub(super) fn signal(node: &Node, problems: &mut Diagnostics) -> Option<Signal> {
    let word = node.scalar_text().unwrap_or_default();
    let found = Signal::from_word(&word);
    if found.is_none() {
        let words = Signal::ALL.map(Signal::word);
        let help = match nearest(&word.to_uppercase(), words) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the signals are {}", one_of(&words)),
        };
        problems.push(Diagnostic::error(
            node.span,
            format!("`{word}` is not a signal"),
            help,
        ));
    }
    found
}

/// A file name that stays inside a folder: relative, without `..`.
pub(super) fn inside(name: &str) -> bool {
    !name.is_empty()
        && std::path::Path::new(name)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// Reports a path that does not begin with a slash.
pub(super) fn rooted(node: &Node, key: &str, problems: &mut Diagnostics) {
    if !node.text().is_some_and(|text| text.starts_with('/')) {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` must be a path that begins with `/`"),
            "write it such as `/countersign`",
        ));
    }
}
