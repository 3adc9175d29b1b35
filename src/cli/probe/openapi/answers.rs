//! What an answer says: its status, the schemes that it names, and what follows from that for an operation that declares
//! some.

use countersign::user_agents::reach::ResponseHead;
use countersign::wire::Response;

use super::document::Operation;
use super::objects::SecurityKind;

/// What of an answer a finding is about: its status, and the schemes that it names.
pub(super) type StatusAndSchemes = (u16, Vec<String>);

/// Of one answer.
pub(super) fn answered(response: &Response) -> StatusAndSchemes {
    (response.status, names_in(response))
}

/// The schemes that a response names.
pub(super) fn names_in(response: &Response) -> Vec<String> {
    let challenges = ResponseHead::new(response.status, response.fields.clone()).challenges();
    let mut names: Vec<String> = Vec::new();
    for challenge in challenges.list {
        if !names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&challenge.scheme))
        {
            names.push(challenge.scheme);
        }
    }
    names
}

/// What an answer to good credentials may be for, other than a mistake.
pub(super) fn may_be(status: u16) -> &'static str {
    match status {
        404 | 410 => "nothing may be there",
        405 | 501 => "there may be no such method",
        400 | 411 | 413 | 415 | 422 | 428 => "it may want something else in the request",
        429 | 503 => "it may be asked too often, or not be there now",
        300..=399 => "it leads elsewhere",
        500..=599 => "it may have failed",
        _ => "they may lack a right",
    }
}

/// The schemes that a 401 names and that the operation does not declare, where there are some. Whoever reads the document
/// knows of none.
pub(super) fn named_alone(operation: &Operation, bare: &Response) -> Option<String> {
    let mut named = names_in(bare);
    let mut declared = operation.alternatives.iter().flatten();
    // A scheme that is not known by its name, or is of another kind, may be any.
    if declared.any(|kind| kind.scheme().is_none() && !matches!(kind, SecurityKind::Key(..))) {
        return None;
    }
    let declared: Vec<&str> = { operation.alternatives.iter().flatten() }
        .filter_map(SecurityKind::scheme)
        .collect();
    named.retain(|one| {
        !declared
            .iter()
            .any(|scheme| one.eq_ignore_ascii_case(scheme))
    });
    (!named.is_empty()).then(|| named.join(" and "))
}

/// What is wrong with the schemes that a 401 names, beside those that are declared.
pub(super) fn unnamed(operation: &Operation, bare: &Response) -> Option<(String, &'static str)> {
    let named = names_in(bare);
    if named.is_empty() {
        return Some((
            "answers 401 without a challenge (RFC 9110 §15.5.2)".to_owned(),
            "A client is not told how to log in.",
        ));
    }
    let missing = operation.single().filter_map(SecurityKind::scheme);
    let mut missing =
        missing.filter(|scheme| !named.iter().any(|one| one.eq_ignore_ascii_case(scheme)));
    missing.next()?;
    Some((
        format!(
            "401 names {} only, declares {}",
            named.join(", "),
            operation.declared_schemes()
        ),
        "A client that waits for the challenge of a scheme that is declared waits in vain.",
    ))
}
