//! The `define` part of a spec.

use crate::domain::Type;
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind, nearest, one_of};

use super::super::definition::{Body, Definition, SortKey};
use super::super::predicate::Predicate;
use super::scope::{Scope, Sort, item_field};

/// The selectors of the language.
const SELECTORS: [&str; 10] = [
    "list",
    "first",
    "last",
    "edited-last",
    "schemes-of",
    "values-of",
    "union",
    "count",
    "test",
    "choose",
];

/// Words that mean something already.
const RESERVED: [&str; 12] = [
    "policy",
    "instance",
    "client",
    "outcome",
    "status",
    "challenges",
    "parameters",
    "headers",
    "events",
    "all",
    "any",
    "not",
];

fn can_be_a_name(text: &str) -> bool {
    !RESERVED.contains(&text) && !text.contains('.')
}

pub(super) fn lower(
    node: &Node,
    scope: &mut Scope<'_>,
    problems: &mut Diagnostics,
) -> Vec<Definition> {
    let NodeKind::Map(entries) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`define` must be a mapping of names, and this is {}",
                node.noun()
            ),
            "write `enabled: {list: policy.profiles, where: {active: true}}`",
        ));
        return Vec::new();
    };
    let mut definitions = Vec::new();
    let names = entries.iter().map(|entry| entry.key.as_str());
    scope.expect(names.filter(|name| can_be_a_name(name)));
    for entry in entries {
        if !can_be_a_name(&entry.key) {
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("a definition cannot be called `{}`", entry.key),
                "choose a name without a dot that has no meaning yet",
            ));
            continue;
        }
        let Some((body, sort)) = body(&entry.value, scope, problems) else {
            scope.add(&entry.key, None);
            continue;
        };
        scope.add(&entry.key, Some(sort));
        definitions.push(Definition {
            name: entry.key.clone(),
            body,
        });
    }
    definitions
}

fn body(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<(Body, Sort)> {
    if let NodeKind::List(_) | NodeKind::Text(_) = node.kind {
        return Some((Body::Set(scope.set(node, problems)?), Sort::Set));
    }
    let mut fields = Fields::new(node, "a definition", problems)?;
    let found: Vec<(&str, &Node)> = SELECTORS
        .iter()
        .filter_map(|name| Some((*name, fields.optional(name)?)))
        .collect();
    let keep = fields.optional("where");
    let sorted_by = fields.optional("sorted-by");
    let field = fields.optional("field");
    let [(selector, inner)] = found.as_slice() else {
        let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
        let mut keys = node.entries().unwrap_or_default().iter();
        let meant = keys.find_map(|entry| nearest(&entry.key, SELECTORS));
        let help = match (names.as_slice(), meant) {
            ([], Some(meant)) => format!("did you mean `{meant}`?"),
            ([], None) => format!("use one of {}", one_of(&SELECTORS)),
            (names, _) => format!("keep one of {}", one_of(names)),
        };
        problems.push(Diagnostic::error(
            node.entries()
                .and_then(|e| e.first())
                .map_or(node.span, |entry| entry.key_span),
            "a definition uses exactly one selector",
            help,
        ));
        return None;
    };
    fields.finish(problems);
    for (given, of, name) in [
        (keep, "list", "where"),
        (sorted_by, "list", "sorted-by"),
        (field, "values-of", "field"),
    ] {
        if let Some(node) = given
            && *selector != of
        {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{name}` goes with `{of}`, not with `{selector}`"),
                format!("remove `{name}`"),
            ));
        }
    }
    let items_of = |problems: &mut Diagnostics| {
        let fits = |sort: &Sort| matches!(sort, Sort::Items(_));
        match scope.definition_of(inner, "a list", fits, problems)? {
            (index, Sort::Items(item)) => Some((index, item)),
            _ => None,
        }
    };
    match *selector {
        "list" => list(inner, keep, sorted_by, scope, problems),
        "first" => items_of(problems).map(|(of, item)| (Body::First(of), Sort::Item(item))),
        "last" => items_of(problems).map(|(of, item)| (Body::Last(of), Sort::Item(item))),
        "edited-last" => {
            let (body, sort) = list(inner, None, None, scope, problems)?;
            match (body, sort) {
                (Body::List { path, .. }, Sort::Items(item)) => {
                    Some((Body::EditedLast(path), Sort::Item(item)))
                }
                _ => None,
            }
        }
        "schemes-of" => {
            let (of, item) = items_of(problems)?;
            let field = symbol_field(&item, "scheme", inner, problems)?;
            Some((Body::Values { of, field }, Sort::Set))
        }
        "values-of" => {
            let (of, item) = items_of(problems)?;
            let Some(field) = field else {
                problems.push(Diagnostic::error(
                    inner.span,
                    "`values-of` needs `field`",
                    "say which field's values: `{values-of: enabled, field: scheme}`",
                ));
                return None;
            };
            let name = field.scalar_text().unwrap_or_default();
            let field = symbol_field(&item, &name, field, problems)?;
            Some((Body::Values { of, field }, Sort::Set))
        }
        "union" => {
            let NodeKind::List(sets) = &inner.kind else {
                problems.push(Diagnostic::error(
                    inner.span,
                    format!("a union is a list of sets, and this is {}", inner.noun()),
                    "write `{union: [one-set, [basic]]}`",
                ));
                return None;
            };
            let sets: Option<Vec<_>> = sets.iter().map(|set| scope.set(set, problems)).collect();
            Some((Body::Union(sets?), Sort::Set))
        }
        "count" => {
            let fits = |sort: &Sort| matches!(sort, Sort::Items(_) | Sort::Set);
            let (of, _) = scope.definition_of(inner, "a list or a set", fits, problems)?;
            Some((Body::Count(of), Sort::Count))
        }
        "test" => {
            let test = super::predicate::lower(inner, &scope.before(), problems)?;
            Some((Body::Test(test), Sort::Test))
        }
        _ => choose(inner, scope, problems),
    }
}

fn list(
    node: &Node,
    keep: Option<&Node>,
    sorted_by: Option<&Node>,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<(Body, Sort)> {
    let text = node.scalar_text().unwrap_or_default();
    let (path, ty) = scope.path(&text, node.span, problems)?;
    let Type::List(list) = ty else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{text}` is not a list"),
            "name a field of the type `list`",
        ));
        return None;
    };
    let keep = match keep {
        Some(node) => super::predicate::lower(node, &scope.in_item(&list.of), problems)?,
        None => Predicate::always(),
    };
    let sorted_by = match sorted_by {
        Some(node) => {
            let name = node.scalar_text().unwrap_or_default();
            let field = item_field(&list.of, &name, node.span, problems)?;
            let words = match list.of.fields().get(field).map(|field| &field.ty) {
                Some(Type::OneOf(words)) => words.clone(),
                _ => Vec::new(),
            };
            Some(SortKey { field, words })
        }
        None => None,
    };
    Some((
        Body::List {
            path,
            keep,
            sorted_by,
        },
        Sort::Items(list.of),
    ))
}

fn symbol_field(item: &Type, name: &str, node: &Node, problems: &mut Diagnostics) -> Option<usize> {
    let position = item_field(item, name, node.span, problems)?;
    match item.fields().get(position).map(|field| &field.ty) {
        Some(Type::OneOf(_)) => Some(position),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("the field `{name}` is not a one-of, so it gives no set"),
                "name a field of the type `one-of`",
            ));
            None
        }
    }
}

fn choose(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<(Body, Sort)> {
    let NodeKind::List(arms) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("a choice is a list of arms, and this is {}", node.noun()),
            "write `{choose: [{when: …, then: …}, {otherwise: …}]}`",
        ));
        return None;
    };
    let mut lowered = Vec::new();
    let complete = arms.iter().any(|arm| arm.get("otherwise").is_some());
    for arm in arms {
        lowered.push(arm_of(arm, scope, problems));
    }
    if !complete {
        problems.push(Diagnostic::error(
            node.span,
            "this choice leaves cases without a value",
            "end it with `{otherwise: …}`",
        ));
    }
    let lowered: Option<Vec<_>> = lowered.into_iter().collect();
    Some((Body::Choose(lowered?), Sort::Set))
}

fn arm_of(arm: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<(Predicate, Body)> {
    let mut fields = Fields::new(arm, "an arm of a choice", problems)?;
    let (when, then) = match fields.optional("otherwise") {
        Some(then) => (Some(Predicate::always()), Some(then)),
        None => {
            let when = fields.required("when", "{policy.active: false}", problems);
            let then = fields.required("then", "[basic]", problems);
            let when = when.and_then(|n| super::predicate::lower(n, &scope.before(), problems));
            (when, then)
        }
    };
    fields.finish(problems);
    let (inner, sort) = body(then?, scope, problems)?;
    if !matches!(sort, Sort::Set) {
        problems.push(Diagnostic::error(
            then?.span,
            "every arm of a choice is a set",
            "write a list such as `[basic]`, or `{schemes-of: …}`",
        ));
    }
    Some((when?, inner))
}
