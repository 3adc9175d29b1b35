//! Small values that several parts of a spec have: ranges, truths, lists of words.

use crate::yaml::{Diagnostic, Diagnostics, Node, NodeKind};

use super::super::range::Range;

/// A list's items, or the node itself.
pub(super) fn each(node: &Node) -> Vec<&Node> {
    match &node.kind {
        NodeKind::List(items) => items.iter().collect(),
        _ => vec![node],
    }
}

/// A number, or `{at-least: …, at-most: …}`.
pub(super) fn range(node: &Node, problems: &mut Diagnostics) -> Option<Range> {
    if let NodeKind::Int(number) = node.kind {
        return Some(Range::only(number));
    }
    let mut range = Range {
        min: i64::MIN,
        max: i64::MAX,
    };
    let mut ok = node.entries().is_some_and(|entries| !entries.is_empty());
    for entry in node.entries().unwrap_or_default() {
        match (entry.key.as_str(), &entry.value.kind) {
            ("at-least", NodeKind::Int(number)) => range.min = *number,
            ("at-most", NodeKind::Int(number)) => range.max = *number,
            _ => ok = false,
        }
    }
    if ok && range.min > range.max {
        let (min, max) = (range.min, range.max);
        problems.push(Diagnostic::error(
            node.span,
            format!("nothing is within this range: {min} is above {max}"),
            format!("write the lower number first: `{{at-least: {max}, at-most: {min}}}`"),
        ));
        return None;
    }
    if !ok {
        problems.push(Diagnostic::error(
            node.span,
            "a number or a range is expected",
            "write `2`, or `{at-least: 2}`, or `{at-least: 2, at-most: 4}`",
        ));
        return None;
    }
    Some(range)
}

/// `present` or `absent`.
pub(super) fn presence(
    node: &Node,
    what: &str,
    key: &str,
    problems: &mut Diagnostics,
) -> Option<bool> {
    match node.text() {
        Some("present") => Some(true),
        Some("absent") => Some(false),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("{what} is there or it is not"),
                format!("write `{key}: present` or `{key}: absent`"),
            ));
            None
        }
    }
}

/// How often or how many: a number or a range that something can be counted to, so that no expectation asks
/// for fewer than none.
pub(super) fn count(node: &Node, problems: &mut Diagnostics) -> Option<Range> {
    let found = range(node, problems)?;
    // What a saved file has for any number whatever.
    if (found.min, found.max) == (i64::MIN, i64::MAX) {
        return Some(found);
    }
    let bounds = node.entries().into_iter().flatten();
    let below = bounds
        .filter(|entry| matches!(entry.value.kind, NodeKind::Int(number) if number < 0))
        .map(|entry| &entry.value);
    let whole = matches!(node.kind, NodeKind::Int(number) if number < 0).then_some(node);
    if let Some(wrong) = whole.into_iter().chain(below).next() {
        problems.push(Diagnostic::error(
            wrong.span,
            "nothing is counted to less than 0",
            "write `0` for none, a number above it, or a range such as `{at-most: 2}`",
        ));
        return None;
    }
    Some(found)
}

pub(super) fn truth(node: &Node, problems: &mut Diagnostics) -> Option<bool> {
    match node.kind {
        NodeKind::Bool(value) => Some(value),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("true or false is expected, and this is {}", node.noun()),
                "write `true` or `false`",
            ));
            None
        }
    }
}

/// Values written out, of which there is at least one.
pub(super) fn words(node: &Node, problems: &mut Diagnostics) -> Option<Vec<String>> {
    let words: Option<Vec<String>> = each(node).into_iter().map(Node::scalar_text).collect();
    let words = words.filter(|words| !words.is_empty());
    if words.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            "a list of words is expected",
            "write at least one, such as `[no-store]`",
        ));
    }
    words
}
