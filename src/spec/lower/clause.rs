//! Expectations: `expect` of a rule or a relation.

use crate::domain::Symbol;
use crate::yaml::{Diagnostic, Diagnostics, Fields, Kind, Node};

use super::super::clause::{ChallengeClause, Clause, HeaderClause};
use super::predicate::{each, event_entries, outcomes, status_codes, truth};
use super::scope::Scope;

pub(super) fn lower(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Clause> {
    let mut fields = Fields::new(node, "an expectation", problems)?;
    let outcome = fields
        .optional("outcome")
        .map(|node| outcomes(node, problems));
    let status = fields
        .optional("status")
        .map(|node| status_codes(node, problems));
    let challenges = fields
        .optional("challenges")
        .map(|node| challenges(node, scope, problems));
    let parameters = fields
        .optional("parameters")
        .map(|node| parameters(node, scope, problems));
    let headers = fields
        .optional("headers")
        .map(|node| headers(node, problems));
    let events = fields.optional("events").map(|node| events(node, problems));
    let body = fields.optional("body").map(|node| body(node, problems));
    let span = fields.span();
    let all_known = fields.finish(problems);
    let clause = Clause {
        outcome: outcome.unwrap_or(Some(Vec::new()))?,
        status: status.unwrap_or(Some(Vec::new()))?,
        challenges: match challenges {
            Some(challenges) => Some(challenges?),
            None => None,
        },
        parameters: parameters.unwrap_or(Some(Vec::new()))?,
        headers: headers.unwrap_or(Some(Vec::new()))?,
        events: events.unwrap_or(Some(Vec::new()))?,
        body: match body {
            Some(body) => Some(body?),
            None => None,
        },
    };
    if clause == Clause::default() {
        if all_known {
            problems.push(Diagnostic::error(
                span,
                "this expects nothing, so it could never fail",
                "expect an outcome, a status, challenges, parameters, headers, events or a body",
            ));
        }
        return None;
    }
    Some(clause)
}

pub(super) fn challenges(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<ChallengeClause> {
    let mut fields = Fields::new(node, "what is said of challenges", problems)?;
    let exactly = fields
        .optional("exactly")
        .map(|node| scope.set(node, problems));
    let at_least = fields
        .optional("at-least")
        .map(|node| scope.set(node, problems));
    let none_of = fields
        .optional("none-of")
        .map(|node| scope.set(node, problems));
    let in_order = fields
        .optional("in-order")
        .map(|node| scope.set(node, problems));
    let some = fields.optional("some").map(|node| truth(node, problems));
    let well_formed = fields
        .optional("well-formed")
        .map(|node| truth(node, problems));
    let span = fields.span();
    let all_known = fields.finish(problems);
    let lost = [&exactly, &at_least, &none_of, &in_order]
        .into_iter()
        .any(|set| *set == Some(None))
        || [&some, &well_formed]
            .into_iter()
            .any(|truth| *truth == Some(None));
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
    };
    if clause == ChallengeClause::default() {
        if all_known {
            problems.push(Diagnostic::error(
                span,
                "nothing is said of the challenges",
                "use `exactly`, `at-least`, `none-of`, `in-order`, `some` or `well-formed`",
            ));
        }
        return None;
    }
    Some(clause)
}

fn parameters(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<(Symbol, Vec<String>)>> {
    let Some(entries) = node.entries() else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`parameters` must be a mapping from schemes, and this is {}",
                node.noun()
            ),
            "write `parameters: {basic: [realm]}`",
        ));
        return None;
    };
    let mut all = Vec::new();
    for entry in entries {
        let scheme = Node {
            span: entry.key_span,
            kind: Kind::Text(entry.key.clone()),
        };
        scope.element(&scheme, problems)?;
        let names: Option<Vec<String>> = each(&entry.value)
            .into_iter()
            .map(Node::scalar_text)
            .collect();
        let Some(names) = names else {
            problems.push(Diagnostic::error(
                entry.value.span,
                "a list of auth-param names is expected",
                "write `[realm]`",
            ));
            return None;
        };
        all.push((Symbol::from(entry.key.as_str()), names));
    }
    Some(all)
}

fn headers(node: &Node, problems: &mut Diagnostics) -> Option<Vec<(String, HeaderClause)>> {
    let mut all = Vec::new();
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
    for entry in entries {
        let Some(text) = entry.value.scalar_text() else {
            problems.push(Diagnostic::error(
                entry.value.span,
                "a header field is `present`, `absent` or has a value",
                "write `present`, `absent` or the value itself",
            ));
            return None;
        };
        let clause = match text.as_str() {
            "present" => HeaderClause::Present(true),
            "absent" => HeaderClause::Present(false),
            _ => HeaderClause::Is(text),
        };
        all.push((entry.key.clone(), clause));
    }
    Some(all)
}

fn events(node: &Node, problems: &mut Diagnostics) -> Option<Vec<(String, u32)>> {
    let mut all = Vec::new();
    for entry in event_entries(node, problems)? {
        match entry.value.kind {
            Kind::Int(count) if (0..=1000).contains(&count) => {
                all.push((entry.key.clone(), u32::try_from(count).ok()?));
            }
            _ => {
                problems.push(Diagnostic::error(
                    entry.value.span,
                    "how often the event is logged is a whole number",
                    "write `1`, or `0` for never",
                ));
                return None;
            }
        }
    }
    Some(all)
}

fn body(node: &Node, problems: &mut Diagnostics) -> Option<String> {
    let text = match node.entries() {
        Some([entry]) if entry.key == "contains" => entry.value.text(),
        _ => None,
    };
    if text.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            "a body is expected to contain text",
            "write `body: {contains: \"text\"}`",
        ));
    }
    text.map(str::to_owned)
}
