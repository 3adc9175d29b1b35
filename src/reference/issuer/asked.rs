//! Who asks about a token, and what is answered.

use hyper::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};
use serde_json::{Value as Json, json};

use super::{AskedToken, AuthorizationServer};
use crate::credentials::{Identity, KnownToken, Scheme};
use crate::reference::decision::{Decision, DecisionInput};
use crate::reference::fault::Fault;
use crate::reference::login::{Login, bearer, judge};
use crate::reference::seeded::Faults;

/// What a form calls itself, and what an answer that is none.
const FORM: &[u8] = b"application/x-www-form-urlencoded";
const TEXT: HeaderValue = HeaderValue::from_static("text/plain");

/// A hint that is wrong here: no token is one of these.
const FOREIGN: &str = "token_type_hint=refresh_token";

impl AuthorizationServer {
    /// Judges the credentials of a request.
    pub(in crate::reference) fn judge(
        &self,
        asked: &DecisionInput<'_>,
        identities: &[Identity],
    ) -> Login {
        let values = asked.headers.get_all(AUTHORIZATION).iter();
        let values = values.map(HeaderValue::as_bytes);
        // What is wrong with the log-ins of other servers is not wrong here.
        judge(values, &[self.by], bearer, identities, &Faults::default())
    }

    /// Decides on a request whose credentials were judged.
    pub(in crate::reference) fn decide(
        &self,
        asked: &DecisionInput<'_>,
        login: &Login,
        identities: &[Identity],
        faults: &Faults,
    ) -> Decision {
        if *asked.method != Method::POST {
            let mut decision = Decision::bare(StatusCode::METHOD_NOT_ALLOWED);
            let allowed = (ALLOW, HeaderValue::from_static("POST"));
            decision.fields.push(allowed);
            return decision;
        }
        let is_open = match login {
            Login::Succeeded { .. } => true,
            Login::Anonymous => faults.has(Fault::IntrospectionOpen),
            Login::Failed { .. } => faults.has(Fault::IntrospectionSecretUnchecked),
        };
        match is_open {
            true => introspected(asked, identities, faults),
            false => self.refuse(login, faults),
        }
    }

    /// The answer to who may not ask (RFC 6749 §5.2, RFC 6750 §3).
    fn refuse(&self, login: &Login, faults: &Faults) -> Decision {
        let is_basic = self.by == Scheme::Basic;
        let has_shown = matches!(login, Login::Failed { .. });
        let error = match is_basic {
            true => "invalid_client",
            false => "invalid_token",
        };
        let status = match (is_basic, has_shown) {
            (true, true) if faults.has(Fault::IntrospectionClientBadRequest) => {
                StatusCode::BAD_REQUEST
            }
            (false, true) if faults.has(Fault::IntrospectionTokenForbidden) => {
                StatusCode::FORBIDDEN
            }
            _ => StatusCode::UNAUTHORIZED,
        };
        let mut decision = said(status, &json!({ "error": error }));
        if is_basic && faults.has(Fault::IntrospectionErrorUnnamed) {
            decision.content = Some(json!({}).to_string());
        }
        let is_unchallenged = match is_basic {
            true => faults.has(Fault::IntrospectionClientUnchallenged),
            false => faults.has(Fault::IntrospectionTokenUnchallenged),
        };
        let challenge = match (is_basic, has_shown) {
            (true, _) => "Basic realm=\"issuer\"",
            (false, true) => "Bearer realm=\"issuer\", error=\"invalid_token\"",
            (false, false) => "Bearer realm=\"issuer\"",
        };
        if !is_unchallenged {
            let challenge = HeaderValue::from_static(challenge);
            decision.fields.push((WWW_AUTHENTICATE, challenge));
        }
        decision
    }
}

/// The answer to who may ask (RFC 7662 §2.2).
fn introspected(asked: &DecisionInput<'_>, identities: &[Identity], faults: &Faults) -> Decision {
    let is_form = asked.headers.get(CONTENT_TYPE);
    let is_form = is_form.is_some_and(|kind| kind.as_bytes() == FORM);
    let token = KnownToken::asked_about(asked.content).filter(|_| is_form);
    let Some(token) = token else {
        return match faults.has(Fault::IntrospectionOfNothing) {
            true => said(StatusCode::OK, &KnownToken::told_of_others()),
            false => said(
                StatusCode::BAD_REQUEST,
                &json!({ "error": "invalid_request" }),
            ),
        };
    };
    let form = String::from_utf8_lossy(asked.content);
    let is_hidden = form.contains(FOREIGN) && faults.has(Fault::IntrospectionHintBelieved)
        || faults.has(Fault::IntrospectionGoodInactive);
    let is_active = match AskedToken::of(&token, identities) {
        AskedToken::Good => !is_hidden,
        AskedToken::Expired => faults.has(Fault::IntrospectionExpiredActive),
        AskedToken::Revoked => faults.has(Fault::IntrospectionRevokedActive),
        AskedToken::Unknown => faults.has(Fault::IntrospectionUnknownActive),
    };
    if !is_active && faults.has(Fault::IntrospectionInactiveFails) {
        return said(
            StatusCode::BAD_REQUEST,
            &json!({ "error": "invalid_token" }),
        );
    }
    let good = KnownToken::good(identities);
    let mut told = match good.get(&token).filter(|_| is_active) {
        Some(known) => known.told(),
        None => json!({ "active": is_active }),
    };
    if !is_active
        && faults.has(Fault::IntrospectionInactiveTellsMore)
        && let Some(told) = told.as_object_mut()
    {
        told.insert("username".to_owned(), "alice".into());
    }
    let mut decision = said(StatusCode::OK, &told);
    if faults.has(Fault::IntrospectionAsText) {
        decision.fields.push((CONTENT_TYPE, TEXT));
    }
    decision
}

/// An answer in JSON, which the others are as well.
fn said(status: StatusCode, json: &Json) -> Decision {
    Decision {
        content: Some(json.to_string()),
        ..Decision::bare(status)
    }
}
