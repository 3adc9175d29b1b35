//! Expectations: `expect` of a rule or a relation.

use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind};

use super::super::clause::Clause;
use super::super::fit::{OutcomeFit, StatusFit};
use super::super::subject::Which;
use super::challenges::challenges;
use super::headers::headers;
use super::parameters::{info, parameters};
use super::predicate::{event_entries, outcome_fit, status_fit};
use super::scope::Scope;

pub(super) fn lower(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Clause> {
    let mut fields = Fields::new(node, "an expectation", problems)?;
    let outcome = fields
        .optional("outcome")
        .map(|node| outcome_fit(node, problems));
    let status = fields
        .optional("status")
        .map(|node| status_fit(node, problems));
    let challenges = fields
        .optional("challenges")
        .map(|node| challenges(node, scope, problems));
    let parameters = fields
        .optional("parameters")
        .map(|node| parameters(node, Which::Every, scope, problems));
    let info = fields
        .optional("authentication-info")
        .map(|node| info(node, problems));
    let headers = fields
        .optional("headers")
        .map(|node| headers(node, problems));
    let events = fields.optional("events").map(|node| events(node, problems));
    let body = fields.optional("body").map(|node| body(node, problems));
    let exchange = super::exchange::lower(&mut fields, scope, problems);
    let span = fields.span();
    let all_known = fields.finish(problems);
    let clause = Clause {
        outcome: outcome.unwrap_or_else(|| Some(OutcomeFit::default()))?,
        status: status.unwrap_or_else(|| Some(StatusFit::default()))?,
        challenges: match challenges {
            Some(challenges) => Some(challenges?),
            None => None,
        },
        parameters: parameters.unwrap_or(Some(Vec::new()))?,
        info: info.unwrap_or(Some(Vec::new()))?,
        headers: headers.unwrap_or(Some(Vec::new()))?,
        events: events.unwrap_or(Some(Vec::new()))?,
        body: match body {
            Some(body) => Some(body?),
            None => None,
        },
        exchange: exchange?,
    };
    if clause == Clause::default() {
        if all_known {
            problems.push(Diagnostic::error(
                span,
                "this expects nothing, so it could never fail",
                "expect an outcome, a status, challenges, parameters, authentication-info, headers, events, \
                 a body, content, json, requests, asks, returns, asked-host, backend, auth-service, relays or a log",
            ));
        }
        return None;
    }
    Some(clause)
}

fn events(node: &Node, problems: &mut Diagnostics) -> Option<Vec<(String, u32)>> {
    let mut all = Vec::new();
    for entry in event_entries(node, problems)? {
        match entry.value.kind {
            NodeKind::Int(count) if (0..=1000).contains(&count) => {
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
    if text == Some("") {
        problems.push(Diagnostic::error(
            node.span,
            "every body contains an empty text, so this could never fail",
            "write the text that the body must contain",
        ));
        return None;
    }
    if text.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            "a body is expected to contain text",
            "write `body: {contains: \"text\"}`",
        ));
    }
    text.map(str::to_owned)
}
