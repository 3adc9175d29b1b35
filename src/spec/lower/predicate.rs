//! Conditions: `when`, `where`, `exclude`, `except` and `test`.

use crate::domain::{Part, Type, Value};
use crate::yaml::{Diagnostic, Diagnostics, MapEntry, Node, NodeKind, nearest, one_of};

use super::super::fit::{OutcomeFit, OutcomeWord, StatusFit, class_named};
use super::super::predicate::{Matcher, Predicate};
use super::super::range::Range;
use super::super::subject::Which;
use super::super::term::{Path, Term};
use super::scalar::{count, each, range, truth};
use super::scope::{Scope, Sort};
use super::suggestion::suggestion;

pub(super) fn lower(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Predicate> {
    let NodeKind::Map(entries) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("a condition must be a mapping, and this is {}", node.noun()),
            "write `{client.persona: preemptive}`; several keys must all hold",
        ));
        return None;
    };
    let parts: Vec<Option<Predicate>> = entries
        .iter()
        .map(|entry| part(entry, scope, problems))
        .collect();
    let mut parts: Vec<Predicate> = parts.into_iter().collect::<Option<_>>()?;
    Some(if parts.len() == 1 {
        parts.remove(0)
    } else {
        Predicate::All(parts)
    })
}

/// Keys that an expectation has, and a condition has not.
const OF_EXPECTATIONS: [&str; 8] = [
    "requests",
    "asks",
    "content",
    "json",
    "backend",
    "auth-service",
    "relays",
    "body",
];

fn part(entry: &MapEntry, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Predicate> {
    let node = &entry.value;
    match entry.key.as_str() {
        "all" => several(node, scope, problems).map(Predicate::All),
        "any" => several(node, scope, problems).map(Predicate::Any),
        "not" => lower(node, scope, problems).map(|inner| Predicate::Not(Box::new(inner))),
        "outcome"
        | "status"
        | "challenges"
        | "parameters"
        | "authentication-info"
        | "headers"
        | "events"
            if !scope.has_observation() =>
        {
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("`{}` is not known before the case is played", entry.key),
                "name it in a rule's `when` or `expect`",
            ));
            None
        }
        "outcome" => outcome(node, problems),
        "status" => status(node, problems),
        "challenges" => super::challenges::challenges(node, scope, problems)
            .map(|clause| Predicate::Challenges(Box::new(clause))),
        "parameters" => super::parameters::parameters(node, Which::Some, scope, problems)
            .map(Predicate::Parameters),
        "authentication-info" => super::parameters::info(node, problems).map(Predicate::Info),
        "headers" => super::headers::headers(node, problems).map(Predicate::Headers),
        "events" => events(node, problems).map(Predicate::Events),
        "course" if scope.is_of_case() => course(node, scope, problems),
        name if OF_EXPECTATIONS.contains(&name) && !scope.has(name) => {
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("`{name}` may be expected, and is no condition"),
                format!("name it in a rule's `expect`, such as `expect: {{{name}: …}}`"),
            ));
            None
        }
        name => {
            if let Some(meant) = nearest(name, ["all", "any", "not"])
                && !scope.has(name)
            {
                problems.push(Diagnostic::error(
                    entry.key_span,
                    format!("a condition has no key `{name}`"),
                    format!("did you mean `{meant}`?"),
                ));
                return None;
            }
            let (term, sort) = scope.term(name, entry.key_span, problems)?;
            matcher(node, name, &sort, scope, problems, |matcher| {
                Predicate::Term(term.clone(), matcher)
            })
        }
    }
}

/// Several conditions in a list.
pub(super) fn several(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<Predicate>> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "a list of conditions is expected, and this is {}",
                node.noun()
            ),
            "write `[{policy.active: true}, {status: 401}]`",
        ));
        return None;
    };
    if items.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "this list of conditions is empty",
            "list at least one condition",
        ));
    }
    let parts: Vec<Option<Predicate>> = items
        .iter()
        .map(|item| lower(item, scope, problems))
        .collect();
    parts.into_iter().collect()
}

/// What stands behind a `not` that stands alone.
fn negated(node: &Node) -> Option<&Node> {
    match node.entries() {
        Some([entry]) if entry.key == "not" => Some(&entry.value),
        _ => None,
    }
}

/// Words for outcomes, alone or in a list; `{not: …}` for all others.
fn outcome(node: &Node, problems: &mut Diagnostics) -> Option<Predicate> {
    if let Some(inner) = negated(node) {
        return Some(Predicate::Not(Box::new(outcome(inner, problems)?)));
    }
    outcomes(node, problems).map(Predicate::Outcome)
}

/// What an expectation says of the outcome.
pub(super) fn outcome_fit(node: &Node, problems: &mut Diagnostics) -> Option<OutcomeFit> {
    let not = negated(node);
    Some(OutcomeFit {
        words: outcomes(not.unwrap_or(node), problems)?,
        not: not.is_some(),
    })
}

fn outcomes(node: &Node, problems: &mut Diagnostics) -> Option<Vec<OutcomeWord>> {
    let found: Vec<Option<OutcomeWord>> = some_of(node, problems)?
        .into_iter()
        .map(|item| {
            let word = item.scalar_text().unwrap_or_default();
            let found = OutcomeWord::from_word(&word);
            if found.is_none() {
                problems.push(Diagnostic::error(
                    item.span,
                    format!("{} is not an outcome", item.shown()),
                    suggestion(&word, &OutcomeWord::ALL.map(OutcomeWord::word)),
                ));
            }
            found
        })
        .collect();
    found.into_iter().collect()
}

/// A list's items, of which there must be one, or the node itself.
fn some_of<'a>(node: &'a Node, problems: &mut Diagnostics) -> Option<Vec<&'a Node>> {
    let items = each(node);
    if items.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "this list is empty, so nothing could ever fit",
            "list at least one value",
        ));
        return None;
    }
    Some(items)
}

fn status(node: &Node, problems: &mut Diagnostics) -> Option<Predicate> {
    if let Some(inner) = negated(node) {
        return Some(Predicate::Not(Box::new(status(inner, problems)?)));
    }
    statuses(node, problems).map(Predicate::Status)
}

/// What an expectation says of the status.
pub(super) fn status_fit(node: &Node, problems: &mut Diagnostics) -> Option<StatusFit> {
    let not = negated(node);
    Some(StatusFit {
        ranges: statuses(not.unwrap_or(node), problems)?,
        not: not.is_some(),
    })
}

fn statuses(node: &Node, problems: &mut Diagnostics) -> Option<Vec<Range>> {
    let ranges: Vec<Option<Range>> = some_of(node, problems)?
        .into_iter()
        .map(|item| status_range(item, problems))
        .collect();
    ranges.into_iter().collect()
}

/// A status, a class of them, or a range.
fn status_range(node: &Node, problems: &mut Diagnostics) -> Option<Range> {
    // RFC 9110 §15: what is beyond these is no valid status.
    let is_status = |number: i64| (100..=599).contains(&number);
    let found = match &node.kind {
        NodeKind::Int(number) if is_status(*number) => Some(Range::only(*number)),
        NodeKind::Text(word) => class_named(word),
        NodeKind::Map(_) => {
            // What is wrong with a range as such is told there.
            let range = range(node, problems)?;
            let bounds = [range.min, range.max].into_iter();
            let mut said = bounds.filter(|bound| ![i64::MIN, i64::MAX].contains(bound));
            said.all(is_status).then_some(range)
        }
        _ => None,
    };
    if found.is_none() {
        let word = node.text().map(str::to_ascii_lowercase).unwrap_or_default();
        let help = match class_named(&word) {
            Some(_) => format!("did you mean `{word}`?"),
            None => "write a number from 100 to 599 such as `401`, a class such as `4xx`, \
                     `{at-least: 400, at-most: 410}`, or a list of them"
                .to_owned(),
        };
        problems.push(Diagnostic::error(
            node.span,
            "this is not a status code, nor a range of them",
            help,
        ));
    }
    found
}

/// What is said of the course: its steps, one of them, or how many there are.
fn course(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Predicate> {
    let term = || Term::Path(Path::course());
    let domain = scope.domain;
    let check = |node: &Node, steps: Vec<Value>, problems: &mut Diagnostics| {
        let Some(domain) = domain else {
            return Some(steps);
        };
        let known = steps.iter().all(|step| match &domain.course {
            Type::List(list) => list.of.contains(step),
            _ => false,
        });
        // Of a course that could not be read something else is told.
        if !known && scope.is_broken(Part::Course.word()) {
            return None;
        }
        if !known {
            problems.push(Diagnostic::error(
                node.span,
                "no course of the domain has this step",
                "name a step as `domain.course.steps` has it",
            ));
        }
        known.then_some(steps)
    };
    if let NodeKind::List(_) = node.kind {
        let steps = check(
            node,
            super::course::few_steps(node, scope, problems)?,
            problems,
        )?;
        return Some(Predicate::Term(term(), Matcher::Is(Value::List(steps))));
    }
    let one = match node.entries() {
        Some([entry]) => Some((entry.key.as_str(), &entry.value)),
        _ => None,
    };
    match one {
        Some(("not", inner)) => {
            let inner = course(inner, scope, problems)?;
            Some(Predicate::Not(Box::new(inner)))
        }
        Some(("has", inner)) => {
            let step = super::course::step(inner, scope, false, problems)?;
            let step = check(inner, vec![step], problems)?.pop()?;
            Some(Predicate::Term(term(), Matcher::HasValue(step)))
        }
        Some(("count", inner)) => {
            let range = count(inner, problems)?;
            Some(Predicate::Term(term(), Matcher::Range(range)))
        }
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                "this says nothing of a course",
                "write its steps as a list, `{has: {ask: {credential: none}}}`, `{count: 0}` or `{not: …}`",
            ));
            None
        }
    }
}

/// The entries of `events`.
pub(super) fn event_entries<'a>(
    node: &'a Node,
    problems: &mut Diagnostics,
) -> Option<&'a [MapEntry]> {
    let entries = node.entries();
    if entries.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`events` must be a mapping from names to numbers, and this is {}",
                node.noun()
            ),
            "write `events: {LOGIN_SUCCESS: 1}`",
        ));
    }
    entries
}

fn events(node: &Node, problems: &mut Diagnostics) -> Option<Vec<(String, Range)>> {
    let wanted: Vec<Option<(String, Range)>> = event_entries(node, problems)?
        .iter()
        .map(|entry| Some((entry.key.clone(), count(&entry.value, problems)?)))
        .collect();
    wanted.into_iter().collect()
}

fn matcher(
    node: &Node,
    name: &str,
    sort: &Sort,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
    wrap: impl Fn(Matcher) -> Predicate,
) -> Option<Predicate> {
    let not = |inner: Predicate| Predicate::Not(Box::new(inner));
    let Some(entries) = node.entries() else {
        return scalar(node, name, sort, scope, problems).map(wrap);
    };
    let known = keys_of(sort);
    if known.contains(&"at-most") && entries.len() == 2 {
        return range(node, problems).map(|range| wrap(Matcher::Range(range)));
    }
    let [entry] = entries else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{name}` is matched by one key at a time"),
            format!("use one of {}, or `all: […]` for several", one_of(known)),
        ));
        return None;
    };
    if !known.contains(&entry.key.as_str()) {
        let help = match sort {
            Sort::Value(Type::Record(fields))
                if fields.iter().any(|field| *field.name == *entry.key) =>
            {
                format!("name the field itself: `{name}.{}`", entry.key)
            }
            _ => suggestion(&entry.key, known),
        };
        problems.push(Diagnostic::error(
            entry.key_span,
            format!("`{name}` is not matched by `{}`", entry.key),
            help,
        ));
        return None;
    }
    let value = &entry.value;
    match entry.key.as_str() {
        "not" => matcher(value, name, sort, scope, problems, wrap).map(not),
        "in" => in_set(value, name, sort, scope, problems).map(wrap),
        "not-in" => match in_set(value, name, sort, scope, problems)? {
            Matcher::In(set) => Some(wrap(Matcher::NotIn(set))),
            other => Some(not(wrap(other))),
        },
        "same-as" => {
            let text = value.scalar_text().unwrap_or_default();
            let (term, _) = scope.term(&text, value.span, problems)?;
            Some(wrap(Matcher::SameAs(term)))
        }
        "empty" => {
            let empty = Matcher::Range(Range::only(0));
            Some(if truth(value, problems)? {
                wrap(empty)
            } else {
                not(wrap(empty))
            })
        }
        "present" => Some(wrap(Matcher::Present(truth(value, problems)?))),
        "has" => match sort {
            Sort::Items(item) => lower(value, &scope.in_item(item), problems)
                .map(|wanted| wrap(Matcher::HasItem(Box::new(wanted)))),
            _ => scope
                .element(value, problems)
                .map(|element| wrap(Matcher::Has(element))),
        },
        "count" => count(value, problems).map(|range| wrap(Matcher::Range(range))),
        _ => range(node, problems).map(|range| wrap(Matcher::Range(range))),
    }
}

fn keys_of(sort: &Sort) -> &'static [&'static str] {
    match sort {
        Sort::Value(Type::Int { .. }) | Sort::Count => &["at-least", "at-most", "not", "same-as"],
        Sort::Value(Type::Optional(_)) => &["present", "not", "same-as"],
        Sort::Value(_) => &["in", "not-in", "not", "same-as"],
        Sort::Items(_) => &["empty", "count", "has", "not"],
        Sort::Set => &["empty", "count", "has", "not"],
        Sort::Item(_) => &["present", "not"],
        Sort::Test => &["not"],
    }
}

fn scalar(
    node: &Node,
    name: &str,
    sort: &Sort,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Matcher> {
    match sort {
        Sort::Value(ty) => scope.value(node, ty, name, problems).map(Matcher::Is),
        Sort::Test => truth(node, problems).map(|value| Matcher::Is(Value::Bool(value))),
        Sort::Count => count(node, problems).map(Matcher::Range),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{name}` is not one value that could be compared"),
                format!("match it by one of {}", one_of(keys_of(sort))),
            ));
            None
        }
    }
}

fn in_set(
    node: &Node,
    name: &str,
    sort: &Sort,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Matcher> {
    if let (Sort::Value(ty @ Type::OneOf(_)), NodeKind::List(items)) = (sort, &node.kind) {
        // Symbols that this very field cannot have would never match: say so.
        let symbols = items
            .iter()
            .filter(|item| !item.text().is_some_and(|text| text.contains('.')));
        let lost = symbols
            .filter(|item| scope.value(item, ty, name, problems).is_none())
            .count();
        if lost > 0 {
            return None;
        }
    }
    scope.set(node, problems).map(Matcher::In)
}
