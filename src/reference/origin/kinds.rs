//! Seeded faults that hang on what kind of request it is, and on which scheme was tried: the answer to another kind is
//! as it should be.

use hyper::header::{ACCEPT, CONNECTION, HeaderValue, LOCATION, UPGRADE, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};

use crate::credentials::Scheme;
use crate::reference::decision::{Decision, DecisionInput};
use crate::reference::fault::Fault;
use crate::reference::login::{Login, Why};
use crate::reference::seeded::Faults;

/// Changes a decision as the faults have it.
pub(super) fn depart(
    decision: &mut Decision,
    asked: &DecisionInput<'_>,
    login: &Login,
    faults: &Faults,
) {
    let is_anonymous = *login == Login::Anonymous;
    let is_writing = ["PUT", "PATCH", "DELETE", "PROPFIND"].contains(&asked.method.as_str());
    if is_writing && is_anonymous && faults.has(Fault::WritersLetIn) {
        *decision = Decision::bare(StatusCode::NO_CONTENT);
    }
    let wanted = { asked.headers.get(UPGRADE) }.map(HeaderValue::as_bytes);
    if wanted == Some(b"websocket") && is_anonymous && faults.has(Fault::WebSocketLetIn) {
        *decision = Decision::bare(StatusCode::SWITCHING_PROTOCOLS);
        for (name, value) in [(CONNECTION, "Upgrade"), (UPGRADE, "websocket")] {
            decision
                .fields
                .push((name, HeaderValue::from_static(value)));
        }
    }
    if decision.status != StatusCode::UNAUTHORIZED {
        return;
    }
    let wants_a_page = asked.headers.get(ACCEPT);
    let wants_a_page = wants_a_page.is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    if wants_a_page && *asked.method == Method::GET && faults.has(Fault::HtmlSentToLogIn) {
        *decision = Decision::bare(StatusCode::FOUND);
        let page = HeaderValue::from_static("/log-in");
        decision.fields.push((LOCATION, page));
        return;
    }
    let (scheme, why) = match login {
        Login::Failed { scheme, why, .. } => (*scheme, Some(*why)),
        _ => (None, None),
    };
    let is_of = |value: &HeaderValue, scheme: &str| value.as_bytes().starts_with(scheme.as_bytes());
    if scheme == Some(Scheme::Digest) && faults.has(Fault::TriedDigestAlone) {
        (decision.fields)
            .retain(|(name, value)| name != WWW_AUTHENTICATE || is_of(value, "Digest"));
    }
    let is_unknown = why == Some(Why::UnknownScheme);
    let first_alone = faults.has(Fault::FirstSchemeAlone)
        || (is_unknown && faults.has(Fault::UnknownSchemeSeesOne))
        || (is_writing && is_anonymous && faults.has(Fault::WritersSeeOne));
    if first_alone {
        let mut challenges = (decision.fields.iter()).filter(|(name, _)| name == WWW_AUTHENTICATE);
        let first = challenges
            .next()
            .map(|(_, value)| value.as_bytes().to_vec());
        let first = first.unwrap_or_default();
        let first: Vec<u8> = first
            .iter()
            .copied()
            .take_while(u8::is_ascii_alphabetic)
            .collect();
        (decision.fields).retain(|(name, value)| {
            name != WWW_AUTHENTICATE || value.as_bytes().starts_with(&first)
        });
    }
}
