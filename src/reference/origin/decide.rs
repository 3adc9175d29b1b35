//! The decision of an origin server on one request.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, AUTHORIZATION,
    CACHE_CONTROL, HeaderName, HeaderValue, ORIGIN, PROXY_AUTHENTICATE, VARY, WWW_AUTHENTICATE,
};
use hyper::{Method, StatusCode};

use super::trouble::{Error, Trouble};
use super::{Resource, echo, faulty, kinds, metadata, proof};
use crate::auth::split_authorization;

use crate::credentials::Scheme;
use crate::reference::decision::{Decision, DecisionInput};
use crate::reference::fault::Fault;
use crate::reference::login::{Login, Why};
use crate::reference::seeded::Faults;

/// The field of a nonce for DPoP proofs (RFC 9449 §8.1).
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// What the resource can do.
const METHODS: &str = "GET, HEAD, OPTIONS";

impl Resource {
    /// Decides on a request whose credentials were judged.
    pub(in crate::reference) fn decide(
        &self,
        asked: &DecisionInput<'_>,
        login: &Login,
        faults: &Faults,
    ) -> Decision {
        if self.cross_origin && is_preflight(asked) && !faults.has(Fault::PreflightChallenged) {
            return preflight(faults);
        }
        let mut decision = self.answer(asked, login, faults);
        if !faults.are_none() && !self.open {
            let keyed = self.schemes.is_empty() && self.key.is_some();
            depart(&mut decision, asked, login, keyed, faults);
            kinds::depart(&mut decision, asked, login, faults);
            self.realm.depart(&mut decision, faults);
            let authority = self
                .metadata
                .as_ref()
                .map(metadata::ResourcePlace::authority);
            echo::depart(&mut decision, asked, authority, faults);
        }
        let unseen =
            faults.has(Fault::RefusalWithoutOrigin) && decision.status == StatusCode::UNAUTHORIZED;
        if self.cross_origin && asked.headers.contains_key(ORIGIN) {
            if !unseen {
                decision.say(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
            }
            expose(&mut decision, faults);
        }
        decision
    }

    fn answer(&self, asked: &DecisionInput<'_>, login: &Login, faults: &Faults) -> Decision {
        let closed = self.asked_for(asked.by_proxy, faults).next().is_none();
        if closed && self.key.is_none() {
            // No credentials could help (RFC 9110 §15.5.4).
            if faults.has(Fault::OpenWithoutProfile) {
                return let_in(asked, VARY, "");
            }
            if faults.has(Fault::ClosedChallenged) {
                let mut decision = Decision::bare(StatusCode::UNAUTHORIZED);
                decision.say(WWW_AUTHENTICATE, "Basic realm=\"countersign\"");
                return decision;
            }
            return Decision::bare(StatusCode::FORBIDDEN);
        }
        let checks = matches!(login, Login::Failed { .. }) && faults.has(Fault::OpenResourceChecks);
        if self.open && !checks {
            return let_in(asked, VARY, "");
        }
        let (status, trouble) = match login {
            Login::Anonymous => (StatusCode::UNAUTHORIZED, Trouble::Nothing),
            Login::Failed { scheme, why, .. } => self.failed(*scheme, *why, faults),
            Login::Succeeded {
                scheme,
                scopes,
                info,
                ..
            } => match self.lacks(*scheme, scopes, faults) {
                Some((status, error)) => (status, Trouble::With(*scheme, error)),
                None => {
                    let name = match faults.has(Fault::ProxyInfoFromOrigin) {
                        true => "proxy-authentication-info",
                        false => "authentication-info",
                    };
                    let name = HeaderName::from_static(name);
                    let mut decision = let_in(asked, name, &faulty::info(info, faults));
                    if self.dpop_nonce && *scheme == Scheme::Dpop {
                        let blank = match faults.has(Fault::NonceWithBlanks) {
                            true => " x",
                            false => "",
                        };
                        tell_nonce(&mut decision, proof::next_nonce() + blank);
                    }
                    return decision;
                }
            },
        };
        let mut decision = Decision::bare(status);
        let secured = self.behind_tls && !faults.has(Fault::MetadataForgetsTls);
        let secured = secured && metadata::came_by_https(asked.headers);
        for value in self.challenges(trouble, (asked.by_proxy, secured), faults) {
            decision.fields.push((WWW_AUTHENTICATE, value));
        }
        if trouble == Trouble::With(Scheme::Dpop, Error::UseNonce) {
            tell_nonce(&mut decision, proof::nonce());
        }
        decision.say(CACHE_CONTROL, "no-store");
        decision
    }

    /// What credentials that are not good are told.
    fn failed(&self, scheme: Option<Scheme>, why: Why, faults: &Faults) -> (StatusCode, Trouble) {
        let status = match why {
            Why::SeveralLines | Why::SeveralWays | Why::Improper | Why::OtherResource => {
                StatusCode::BAD_REQUEST
            }
            Why::TooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            _ => StatusCode::UNAUTHORIZED,
        };
        let error = match why {
            Why::NotAccepted | Why::UnknownScheme | Why::NoScheme | Why::SeveralLines => None,
            Why::SeveralWays => Some(Error::InvalidRequest),
            Why::Stale => Some(Error::Stale),
            Why::Unproven => Some(Error::InvalidProof),
            Why::NonceWanted => Some(Error::UseNonce),
            Why::Wrong if self.step_up && faults.has(Fault::StepUpBeforeValidation) => {
                Some(Error::InsufficientUserAuthentication)
            }
            _ => Some(Error::InvalidToken),
        };
        let trouble = match (scheme, error) {
            (Some(scheme), Some(error)) if self.schemes.contains(&scheme) => {
                Trouble::With(scheme, error)
            }
            _ => Trouble::Other,
        };
        (status, trouble)
    }

    /// What good credentials lack, where they are a token: a scope, or a stronger log-in.
    fn lacks(
        &self,
        scheme: Scheme,
        scopes: &[String],
        faults: &Faults,
    ) -> Option<(StatusCode, Error)> {
        if !matches!(scheme, Scheme::Bearer | Scheme::Dpop) {
            return None;
        }
        if let Some(scope) = &self.required_scope
            && !scopes.contains(scope)
            && !faults.has(Fault::ScopeUnchecked)
        {
            return Some((StatusCode::FORBIDDEN, Error::InsufficientScope));
        }
        (self.step_up && !faults.has(Fault::StepUpUnchecked)).then_some((
            StatusCode::UNAUTHORIZED,
            Error::InsufficientUserAuthentication,
        ))
    }
}

/// Changes a decision as the faults have it.
///
/// `keyed` is whether nothing but a key would help.
fn depart(
    decision: &mut Decision,
    asked: &DecisionInput<'_>,
    login: &Login,
    keyed: bool,
    faults: &Faults,
) {
    let unauthorized = decision.status == StatusCode::UNAUTHORIZED;
    let why = match login {
        Login::Failed { why, .. } => Some(*why),
        _ => None,
    };
    let is = |wanted: Why| why == Some(wanted);
    let error = |code: &str| {
        decision.fields.iter().any(|(_, value)| {
            let code = format!("error=\"{code}\"");
            let value = value.as_bytes();
            value
                .windows(code.len())
                .any(|part| part == code.as_bytes())
        })
    };
    let (no_scope, no_step) = (
        error("insufficient_scope"),
        error("insufficient_user_authentication"),
    );
    let unreadable = matches!(why, Some(Why::Unreadable | Why::NoScheme));
    let anonymous = *login == Login::Anonymous;
    let wrong = matches!(why, Some(Why::Wrong | Why::Unknown | Why::Expired));
    let other = is(Why::NotAccepted);
    let token = matches!(
        login,
        Login::Failed {
            scheme: Some(Scheme::Bearer),
            ..
        }
    );
    let empty = asked
        .headers
        .get(AUTHORIZATION)
        .is_some_and(HeaderValue::is_empty);
    let alone = asked
        .headers
        .get(AUTHORIZATION)
        .is_some_and(|value| !value.is_empty() && !value.as_bytes().contains(&b' '));
    let status = [
        (
            Fault::AnonymousForbidden,
            unauthorized && anonymous,
            StatusCode::FORBIDDEN,
        ),
        (
            Fault::RefusedForbidden,
            unauthorized && wrong,
            StatusCode::FORBIDDEN,
        ),
        (
            Fault::ForbiddenUnchallenged,
            unauthorized && (anonymous || wrong),
            StatusCode::FORBIDDEN,
        ),
        (
            Fault::ProxyForbidden,
            unauthorized && wrong && asked.by_proxy,
            StatusCode::FORBIDDEN,
        ),
        (
            Fault::OtherSchemeForbidden,
            unauthorized && other,
            StatusCode::FORBIDDEN,
        ),
        (
            Fault::UnknownSchemeForbidden,
            is(Why::UnknownScheme),
            StatusCode::FORBIDDEN,
        ),
        (
            Fault::UnreadableForbidden,
            unreadable,
            StatusCode::FORBIDDEN,
        ),
        (Fault::UnreadableOpens, unreadable && !empty, StatusCode::OK),
        (
            Fault::UnreadableBreaks,
            unreadable && !empty && !alone,
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::NoColonBreaks,
            is(Why::Unreadable) && no_colon(asked),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::SchemeOnlyBreaks,
            alone,
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::EmptyFieldBreaks,
            empty,
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (Fault::EmptyFieldOpens, empty, StatusCode::OK),
        (
            Fault::OversizedBreaks,
            is(Why::TooLarge),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::TwoLinesBreak,
            is(Why::SeveralLines),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::OptionsForbidden,
            unauthorized && anonymous && asked.method == Method::OPTIONS,
            StatusCode::FORBIDDEN,
        ),
        (
            Fault::UnknownUserToldApart,
            is(Why::Unknown),
            StatusCode::NOT_FOUND,
        ),
        (
            Fault::InvalidTokenForbidden,
            unauthorized && wrong && token,
            StatusCode::FORBIDDEN,
        ),
        (
            Fault::InsufficientScopeUnauthorized,
            no_scope,
            StatusCode::UNAUTHORIZED,
        ),
        (Fault::StepUpForbidden, no_step, StatusCode::FORBIDDEN),
        (
            Fault::GarbageTokenBreaks,
            token && is(Why::Wrong) && is_garbage(asked),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::KeyMissingBreaks,
            anonymous && keyed,
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::DigestUriUnauthorized,
            is(Why::OtherResource),
            StatusCode::UNAUTHORIZED,
        ),
        (
            Fault::DigestMissingParameterBreaks,
            is(Why::Improper),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
    ];
    for (fault, applies, status) in status {
        if applies && faults.has(fault) {
            decision.status = status;
        }
    }
    depart_from_dpop(decision, why, faults);
    let unchallenged = [
        (Fault::AnonymousUnchallenged, unauthorized && anonymous),
        (Fault::RefusedUnchallenged, unauthorized && wrong),
        (Fault::OtherSchemeUnchallenged, unauthorized && other),
        (
            Fault::HeadUnchallenged,
            unauthorized && asked.method == Method::HEAD,
        ),
        (Fault::InsufficientScopeUnchallenged, no_scope),
        (Fault::TwoTokensUnchallenged, is(Why::SeveralWays)),
        (Fault::KeyUnchallenged, unauthorized && keyed),
        (
            Fault::ForbiddenUnchallenged,
            unauthorized && (anonymous || wrong),
        ),
    ];
    if unchallenged
        .into_iter()
        .any(|(fault, applies)| applies && faults.has(fault))
    {
        decision.fields.retain(|(name, _)| name != WWW_AUTHENTICATE);
    }
    if faults.has(Fault::PostChallengedOtherwise) && asked.method == Method::POST && unauthorized {
        let last = decision
            .fields
            .iter()
            .rposition(|(name, _)| name == WWW_AUTHENTICATE);
        let mut at = 0;
        decision.fields.retain(|(name, _)| {
            at += 1;
            name != WWW_AUTHENTICATE || Some(at - 1) == last
        });
    }
    if faults.has(Fault::InsufficientScopeSwitches) && no_scope {
        decision.fields.retain(|(name, _)| name != WWW_AUTHENTICATE);
        decision.say(WWW_AUTHENTICATE, "Basic realm=\"countersign\"");
    }
    if faults.has(Fault::ProxyFieldFromOrigin) && unauthorized && !asked.by_proxy {
        decision.say(PROXY_AUTHENTICATE, "Basic realm=\"countersign\"");
    }
    if faults.has(Fault::OptionalBesideReal) && unauthorized {
        let name = HeaderName::from_static("optional-www-authenticate");
        decision.say(name, "Basic realm=\"countersign\"");
    }
    if faults.has(Fault::CertificateTold) {
        decision.say(HeaderName::from_static("client-cert"), ":MA==:");
    }
    if faults.has(Fault::MethodNotAllowedUnnamed)
        && decision.status == StatusCode::METHOD_NOT_ALLOWED
    {
        decision.fields.retain(|(name, _)| name != ALLOW);
    }
    if faults.has(Fault::QueryTokenUncontrolled) {
        decision.fields.retain(|(name, _)| name != CACHE_CONTROL);
    }
    let has_nonce = decision.fields.iter().any(|(name, _)| name == DPOP_NONCE);
    let is_usual = !has_nonce && !asked.target.contains('?');
    let is_success = decision.status == StatusCode::OK;
    for (fault, applies) in [
        (Fault::SuccessIsPublic, is_usual && is_success),
        (Fault::RefusalIsPublic, is_usual && unauthorized),
    ] {
        if applies && faults.has(fault) {
            decision.fields.retain(|(name, _)| name != CACHE_CONTROL);
            decision.say(CACHE_CONTROL, "public, max-age=60");
        }
    }
    // What goes with a nonce is no answer to a token in the query.
    if faults.has(Fault::QueryTokenCacheable) && !has_nonce {
        for (name, value) in &mut decision.fields {
            if *name == CACHE_CONTROL && value == "private" {
                *value = HeaderValue::from_static("public, max-age=60");
            }
        }
    }
}

/// Tells a nonce for DPoP proofs.
fn tell_nonce(decision: &mut Decision, nonce: String) {
    if let Ok(nonce) = HeaderValue::try_from(nonce) {
        decision.fields.push((DPOP_NONCE, nonce));
    }
}

/// Lets pages of other origins read what a client needs (RFC 9449 §7.1 and §8).
fn expose(decision: &mut Decision, faults: &Faults) {
    let exposed = match (
        faults.has(Fault::ChallengeUnexposed),
        faults.has(Fault::NonceUnexposed) && decision.status == StatusCode::UNAUTHORIZED,
    ) {
        (false, false) => "WWW-Authenticate, DPoP-Nonce",
        (true, false) => "DPoP-Nonce",
        (false, true) => "WWW-Authenticate",
        (true, true) => return,
    };
    decision.say(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}

/// Changes the answer to a DPoP client as the faults have it.
fn depart_from_dpop(decision: &mut Decision, why: Option<Why>, faults: &Faults) {
    let proof = matches!(why, Some(Why::Unproven | Why::NonceWanted));
    if proof && faults.has(Fault::DpopForbidden) {
        decision.status = StatusCode::FORBIDDEN;
    }
    let nonce = decision.fields.iter().find(|(name, _)| name == DPOP_NONCE);
    // What a good proof is answered with is as it was.
    let Some(nonce) = nonce.filter(|_| why.is_some()).cloned() else {
        return;
    };
    if faults.has(Fault::NonceTwice) {
        decision.fields.push(nonce);
    }
    if faults.has(Fault::NonceUnsent) {
        decision.fields.retain(|(name, _)| name != DPOP_NONCE);
    }
    if faults.has(Fault::NonceCacheable) {
        decision.fields.retain(|(name, _)| name != CACHE_CONTROL);
        decision.say(CACHE_CONTROL, "public, max-age=60");
    }
}

/// Whether the credentials are base64 of something without a colon.
fn no_colon(asked: &DecisionInput<'_>) -> bool {
    let value = asked.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let secret = value
        .and_then(split_authorization)
        .map(|(_, secret)| secret);
    secret.is_some_and(|secret| {
        let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'=';
        secret.len().is_multiple_of(4) && secret.iter().all(base64)
    })
}

/// Whether the credentials have the two dots of a JWT, and no object before the first (RFC 7519 §7.2).
fn is_garbage(asked: &DecisionInput<'_>) -> bool {
    let value = asked.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let secret = value
        .and_then(split_authorization)
        .map(|(_, secret)| secret);
    let secret = secret.unwrap_or_default();
    let dots = secret.iter().filter(|byte| **byte == b'.').count();
    dots == 2 && !secret.starts_with(b"eyJ")
}

impl Decision {
    fn say(&mut self, name: HeaderName, value: &'static str) {
        self.fields.push((name, HeaderValue::from_static(value)));
    }
}

/// Whether this is what a browser asks before the request of a page of another origin. It carries no
/// credentials, ever (Fetch, CORS protocol).
fn is_preflight(asked: &DecisionInput<'_>) -> bool {
    asked.method == Method::OPTIONS
        && asked.headers.contains_key(ORIGIN)
        && asked.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight(faults: &Faults) -> Decision {
    let mut decision = Decision::bare(StatusCode::NO_CONTENT);
    decision.say(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    decision.say(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    if !faults.has(Fault::PreflightOmitsAuthorization) {
        decision.say(ACCESS_CONTROL_ALLOW_HEADERS, "Authorization");
    }
    decision
}

/// Lets a request in, and tells the client of its credentials in a field of this name, if there is anything
/// to tell.
fn let_in(asked: &DecisionInput<'_>, name: HeaderName, info: &str) -> Decision {
    let mut decision = Decision::bare(match *asked.method {
        Method::GET | Method::HEAD => StatusCode::OK,
        // A tunnel of a proxy, or an extended one to the resource: any other names none (RFC 9110 §9.3.6).
        Method::CONNECT => StatusCode::OK,
        Method::OPTIONS => StatusCode::NO_CONTENT,
        _ => StatusCode::METHOD_NOT_ALLOWED,
    });
    if decision.status == StatusCode::OK {
        decision.say(CACHE_CONTROL, "private");
        decision.say(VARY, "Authorization");
    } else {
        decision.say(ALLOW, METHODS);
    }
    if let (false, Ok(value)) = (info.is_empty(), HeaderValue::from_str(info)) {
        decision.fields.push((name, value));
    }
    decision
}
