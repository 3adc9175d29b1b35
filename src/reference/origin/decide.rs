//! The decision of an origin server on one request.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CACHE_CONTROL, HeaderName,
    HeaderValue, ORIGIN, VARY, WWW_AUTHENTICATE,
};
use hyper::{Method, StatusCode};

use super::Resource;
use super::challenges::{Error, Trouble};
use crate::auth::Scheme;
use crate::reference::fault::Faults;
use crate::reference::installed::{Asked, Decision};
use crate::reference::login::{Login, Why};

/// What the resource can do.
const METHODS: &str = "GET, HEAD, OPTIONS";

impl Resource {
    /// Decides on a request whose credentials were judged.
    pub(in crate::reference) fn decide(
        &self,
        asked: &Asked<'_>,
        login: &Login,
        faults: &Faults,
    ) -> Decision {
        let mut decision = if self.cross_origin && is_preflight(asked) {
            preflight()
        } else {
            self.answer(asked, login, faults)
        };
        if self.cross_origin && asked.headers.contains_key(ORIGIN) {
            decision.say(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
            decision.say(ACCESS_CONTROL_EXPOSE_HEADERS, "WWW-Authenticate");
        }
        decision
    }

    fn answer(&self, asked: &Asked<'_>, login: &Login, faults: &Faults) -> Decision {
        if self.schemes.is_empty() {
            // No credentials could help (RFC 9110 §15.5.4).
            return Decision::bare(StatusCode::FORBIDDEN);
        }
        let (status, trouble) = match login {
            Login::Anonymous => (StatusCode::UNAUTHORIZED, Trouble::Nothing),
            Login::Failed { scheme, why, .. } => self.failed(*scheme, *why),
            Login::Succeeded { scheme, scopes, .. } => match self.lacks(*scheme, scopes) {
                Some((status, error)) => (status, Trouble::With(*scheme, error)),
                None => return let_in(asked),
            },
        };
        let mut decision = Decision::bare(status);
        for value in self.challenges(trouble, faults) {
            decision.fields.push((WWW_AUTHENTICATE, value));
        }
        decision.say(CACHE_CONTROL, "no-store");
        decision
    }

    /// What credentials that are not good are told.
    fn failed(&self, scheme: Option<Scheme>, why: Why) -> (StatusCode, Trouble) {
        let trouble = match (scheme, why) {
            (Some(scheme), Why::Unreadable | Why::Wrong | Why::Expired) => {
                Trouble::With(scheme, Error::InvalidToken)
            }
            _ => Trouble::Nothing,
        };
        let status = match why {
            Why::SeveralLines => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        };
        (status, trouble)
    }

    /// What good credentials lack, where they are a token: a scope, or a stronger log-in.
    fn lacks(&self, scheme: Scheme, scopes: &[String]) -> Option<(StatusCode, Error)> {
        if scheme != Scheme::Bearer {
            return None;
        }
        if let Some(scope) = &self.required_scope
            && !scopes.contains(scope)
        {
            return Some((StatusCode::FORBIDDEN, Error::InsufficientScope));
        }
        self.step_up.then_some((
            StatusCode::UNAUTHORIZED,
            Error::InsufficientUserAuthentication,
        ))
    }
}

impl Decision {
    fn say(&mut self, name: HeaderName, value: &'static str) {
        self.fields.push((name, HeaderValue::from_static(value)));
    }
}

/// Whether this is what a browser asks before the request of a page of another origin. It carries no
/// credentials, ever (Fetch, CORS protocol).
fn is_preflight(asked: &Asked<'_>) -> bool {
    asked.method == Method::OPTIONS
        && asked.headers.contains_key(ORIGIN)
        && asked.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight() -> Decision {
    let mut decision = Decision::bare(StatusCode::NO_CONTENT);
    decision.say(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    decision.say(ACCESS_CONTROL_ALLOW_HEADERS, "Authorization");
    decision
}

fn let_in(asked: &Asked<'_>) -> Decision {
    if [Method::GET, Method::HEAD].contains(asked.method) {
        let mut decision = Decision::bare(StatusCode::OK);
        decision.say(CACHE_CONTROL, "private");
        decision.say(VARY, "Authorization");
        return decision;
    }
    let mut decision = Decision::bare(match *asked.method {
        Method::OPTIONS => StatusCode::NO_CONTENT,
        _ => StatusCode::METHOD_NOT_ALLOWED,
    });
    decision.say(ALLOW, METHODS);
    decision
}
