//! What is said of challenges, in an expectation or a condition.

use crate::auth::Departure;
use crate::domain::Symbol;
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind};

use super::super::challenges::ChallengeClause;
use super::scalar::{self, each, truth};
use super::scope::Scope;
use super::suggestion::suggestion;

pub(super) fn challenges(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<ChallengeClause> {
    let mut fields = Fields::new(node, "what is said of challenges", problems)?;
    let mut set = |key| {
        let node = fields.optional(key);
        node.map(|node| scope.set(node, problems))
    };
    let [exactly, at_least, none_of, in_order, bare, not_bare] = [
        "exactly", "at-least", "none-of", "in-order", "bare", "not-bare",
    ]
    .map(&mut set);
    let mut said = |key| fields.optional(key).map(|node| truth(node, problems));
    let [some, well_formed, unique, one_per_line] =
        ["some", "well-formed", "unique", "one-per-line"].map(&mut said);
    let no_departure = fields
        .optional("no-departure")
        .map(|node| departures(node, problems));
    let count = fields
        .optional("count")
        .map(|node| of_schemes(node, scope, problems, scalar::count));
    let distinct = fields
        .optional("distinct")
        .map(|node| of_schemes(node, scope, problems, names));
    let only = fields
        .optional("only")
        .map(|node| of_schemes(node, scope, problems, names));
    let span = fields.span();
    let all_known = fields.finish(problems);
    let lost = [&exactly, &at_least, &none_of, &in_order, &bare, &not_bare]
        .into_iter()
        .any(|set| *set == Some(None))
        || [some, well_formed, unique, one_per_line].contains(&Some(None))
        || no_departure == Some(None)
        || count == Some(None)
        || distinct == Some(None)
        || only == Some(None);
    if lost {
        return None;
    }
    let clause = ChallengeClause {
        exactly: exactly.flatten(),
        at_least: at_least.flatten(),
        none_of: none_of.flatten(),
        in_order: in_order.flatten(),
        some: some.flatten(),
        well_formed: well_formed.flatten(),
        no_departure: no_departure.flatten().unwrap_or_default(),
        count: count.flatten().unwrap_or_default(),
        distinct: distinct.flatten().unwrap_or_default(),
        only: only.flatten().unwrap_or_default(),
        unique: unique.flatten(),
        one_per_line: one_per_line.flatten(),
        bare: bare.flatten(),
        not_bare: not_bare.flatten(),
    };
    if clause == ChallengeClause::default() {
        if all_known {
            problems.push(Diagnostic::error(
                span,
                "nothing is said of the challenges",
                "use `exactly`, `at-least`, `none-of`, `in-order`, `some`, `well-formed`, `unique`, \
                 `one-per-line`, `no-departure`, `count`, `distinct`, `only`, `bare` or `not-bare`",
            ));
        }
        return None;
    }
    Some(clause)
}

fn departures(node: &Node, problems: &mut Diagnostics) -> Option<Vec<Departure>> {
    let words: Vec<&str> = Departure::of_challenges().map(Departure::word).collect();
    let mut found = Vec::new();
    for item in each(node) {
        let word = item.scalar_text().unwrap_or_default();
        let departure = Departure::of_challenges().find(|one| one.word() == word);
        if departure.is_none() {
            problems.push(Diagnostic::error(
                item.span,
                format!(
                    "{} is not a departure from the grammar of challenges",
                    item.shown()
                ),
                suggestion(&word, &words),
            ));
        }
        found.push(departure);
    }
    if found.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "no departure is named",
            "name at least one, such as `[duplicate-parameter]`",
        ));
        return None;
    }
    found.into_iter().collect()
}

/// A mapping from schemes to whatever `read` reads.
fn of_schemes<T>(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
    read: impl Fn(&Node, &mut Diagnostics) -> Option<T>,
) -> Option<Vec<(Symbol, T)>> {
    let entries = node.entries().unwrap_or_default();
    if entries.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "a mapping from schemes is expected, and this is {}",
                node.noun()
            ),
            "write `{basic: …}`",
        ));
        return None;
    }
    let of = |entry: &crate::yaml::MapEntry, problems: &mut Diagnostics| {
        let scheme = Node {
            span: entry.key_span,
            kind: NodeKind::Text(entry.key.clone()),
        };
        scope.element(&scheme, problems)?;
        Some((
            Symbol::from(entry.key.as_str()),
            read(&entry.value, problems)?,
        ))
    };
    let all: Vec<Option<(Symbol, T)>> = entries.iter().map(|entry| of(entry, problems)).collect();
    all.into_iter().collect()
}

fn names(node: &Node, problems: &mut Diagnostics) -> Option<Vec<String>> {
    let names: Option<Vec<String>> = each(node)
        .into_iter()
        .map(|item| item.text().map(str::to_owned))
        .collect();
    let names = names.filter(|names| !names.is_empty());
    if names.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            "the name of an auth-param is expected",
            "write `algorithm`, or `[realm, algorithm]` where both together are to differ",
        ));
    }
    names
}
