//! Who asks the server, and what comes of it.

use hyper::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN,
};
use hyper::{Method, StatusCode};
use serde_json::{Value as Json, json};

use super::McpServer;
use super::challenge::McpRefusal;
use crate::auth::split_authorization;
use crate::credentials::{Identity, Scheme};
use crate::reference::decision::{Decision, DecisionInput};
use crate::reference::fault::Fault;
use crate::reference::login::{Login, Why, failed};
use crate::reference::origin::token;
use crate::reference::seeded::Faults;

/// The field of a session (Transports, Session Management).
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// The revision that it speaks.
const REVISION: &str = "2025-06-18";

/// What stands behind the user in the identifier of a session.
const OF_SESSION: &str = "-1";

impl McpServer {
    /// Judges the token of a request.
    pub(in crate::reference) fn judge(
        &self,
        asked: &DecisionInput<'_>,
        identities: &[Identity],
        faults: &Faults,
    ) -> Login {
        let of_tokens = &of_tokens(faults);
        let mut lines = asked.headers.get_all(AUTHORIZATION).iter();
        let Some(line) = lines.next() else {
            let query = asked.target.split_once("access_token=");
            return match query.filter(|_| faults.has(Fault::McpQueryTokenOpens)) {
                Some((_, token)) => token::bearer(token.as_bytes(), identities, of_tokens),
                None => Login::Anonymous,
            };
        };
        let bearer = Some(Scheme::Bearer);
        if lines.next().is_some() {
            return failed(None, bearer, Why::SeveralLines);
        }
        let Some((name, secret)) = split_authorization(line.as_bytes()) else {
            return failed(None, None, Why::NoScheme);
        };
        let is_spelt = name == "Bearer" || !faults.has(Fault::McpSchemeCaseSensitive);
        match Scheme::from_name(&name).filter(|_| is_spelt) {
            Some(Scheme::Bearer) if secret.is_empty() => failed(None, bearer, Why::Improper),
            Some(Scheme::Bearer) => token::bearer(secret, identities, of_tokens),
            _ => failed(None, None, Why::UnknownScheme),
        }
    }

    /// Decides on a request whose token was judged.
    pub(in crate::reference) fn decide(
        &self,
        asked: &DecisionInput<'_>,
        login: &Login,
        faults: &Faults,
    ) -> Decision {
        let mut decision = self.decided(asked, login, faults);
        decision
            .fields
            .push((CACHE_CONTROL, HeaderValue::from_static("no-store")));
        decision
    }

    fn decided(&self, asked: &DecisionInput<'_>, login: &Login, faults: &Faults) -> Decision {
        if self.is_of_elsewhere(asked) && !faults.has(Fault::McpOriginUnchecked) {
            return Decision::bare(match faults.has(Fault::McpOriginBadRequest) {
                true => StatusCode::BAD_REQUEST,
                false => StatusCode::FORBIDDEN,
            });
        }
        let session = asked.headers.get(SESSION);
        let session = session.and_then(|session| session.to_str().ok());
        let user = match login {
            Login::Anonymous => {
                let is_get = *asked.method == Method::GET;
                let is_end = *asked.method == Method::DELETE;
                let is_open = faults.has(Fault::McpTokenUnneeded) && *asked.method == Method::POST;
                return match () {
                    () if is_open => self.answer(asked, None, session, faults),
                    () if is_get && faults.has(Fault::McpStreamOpen) => stream(),
                    () if is_end && session.is_some() && faults.has(Fault::McpEndOpen) => {
                        Decision::bare(StatusCode::NO_CONTENT)
                    }
                    () if session.is_some() && faults.has(Fault::McpSessionStandsForToken) => {
                        self.answer(asked, None, session, faults)
                    }
                    () if faults.has(Fault::McpAnonymousForbidden) => {
                        Decision::bare(StatusCode::FORBIDDEN)
                    }
                    () => self.refuse(McpRefusal::Unasked, faults),
                };
            }
            Login::Failed { why, .. } => {
                let is_taken = matches!(
                    why,
                    Why::Wrong | Why::Unknown | Why::Unreadable | Why::Expired
                );
                let is_get = *asked.method == Method::GET;
                let is_later = *asked.method == Method::POST && !begins(asked);
                return match () {
                    () if is_later && is_taken && faults.has(Fault::McpLaterTokensUnchecked) => {
                        self.answer(asked, None, session, faults)
                    }
                    () if is_get && is_taken && faults.has(Fault::McpStreamTokenUnchecked) => {
                        stream()
                    }
                    () => self.failed(*why, faults),
                };
            }
            Login::Succeeded { .. } if faults.has(Fault::McpGoodTokenRefused) => {
                return self.refuse(McpRefusal::Invalid, faults);
            }
            Login::Succeeded { user, scopes, .. } => {
                let has = |scope: &&'static str| scopes.iter().any(|one| one == scope);
                if !self.scopes.iter().all(has) && !faults.has(Fault::McpScopeUnchecked) {
                    return self.refuse(McpRefusal::Insufficient, faults);
                }
                user.as_deref()
            }
        };
        if *asked.method != Method::POST {
            let mut decision = Decision::bare(StatusCode::METHOD_NOT_ALLOWED);
            decision
                .fields
                .push((ALLOW, HeaderValue::from_static("POST")));
            return decision;
        }
        self.answer(asked, user, session, faults)
    }

    fn failed(&self, why: Why, faults: &Faults) -> Decision {
        let refused = match why {
            Why::SeveralLines | Why::NoScheme | Why::Improper => McpRefusal::Malformed,
            Why::UnknownScheme => McpRefusal::Unasked,
            _ => McpRefusal::Invalid,
        };
        let mut decision = self.refuse(refused, faults);
        if refused == McpRefusal::Malformed && faults.has(Fault::McpMalformedBreaks) {
            decision.status = StatusCode::INTERNAL_SERVER_ERROR;
        }
        let is_expired = why == Why::Expired;
        if is_expired && faults.has(Fault::McpExpiredForbidden)
            || refused == McpRefusal::Invalid
                && !is_expired
                && faults.has(Fault::McpInvalidForbidden)
        {
            decision.status = StatusCode::FORBIDDEN;
        }
        decision
    }

    /// Whether a request comes from a page of another origin.
    fn is_of_elsewhere(&self, asked: &DecisionInput<'_>) -> bool {
        let own = format!("http://{}", self.authority);
        let mut origins = asked.headers.get_all(ORIGIN).iter();
        origins.any(|origin| origin.as_bytes() != own.as_bytes())
    }

    /// Answers the message of a user who was let in.
    fn answer(
        &self,
        asked: &DecisionInput<'_>,
        user: Option<&str>,
        session: Option<&str>,
        faults: &Faults,
    ) -> Decision {
        let message: Option<Json> = serde_json::from_slice(asked.content).ok();
        let Some(message) = message.filter(Json::is_object) else {
            return Decision::bare(StatusCode::BAD_REQUEST);
        };
        let user = user.unwrap_or("nobody");
        let method = message.get("method").and_then(Json::as_str);
        let begins = method == Some("initialize");
        if self.sessions && !begins {
            let own = format!("{user}{OF_SESSION}");
            let is_open = faults.has(Fault::McpSessionOfAnother) || user == "nobody";
            match session {
                None => return Decision::bare(StatusCode::BAD_REQUEST),
                Some(session) if session == own || is_open => {}
                Some(_) => return Decision::bare(StatusCode::NOT_FOUND),
            }
        }
        let result = match method {
            Some("initialize") => json!({
                "protocolVersion": REVISION,
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "countersign-reference", "version": env!("CARGO_PKG_VERSION")},
            }),
            Some("tools/list") => json!({"tools": [
                {"name": "whoami", "description": "Tells whose the token is.", "inputSchema": {"type": "object"}},
                {"name": "ask_upstream", "description": "Asks the server behind.", "inputSchema": {"type": "object"}},
            ]}),
            Some("tools/call") => json!({"content": [{"type": "text", "text": user}]}),
            Some("ping") => json!({}),
            // A notification, of which nothing is answered.
            Some(_) if message.get("id").is_none() => return Decision::bare(StatusCode::ACCEPTED),
            _ => return Decision::bare(StatusCode::BAD_REQUEST),
        };
        let mut decision = Decision::bare(StatusCode::OK);
        let answer = json!({"jsonrpc": "2.0", "id": message.get("id"), "result": result});
        decision.content = Some(answer.to_string());
        if begins
            && self.sessions
            && let Ok(session) = HeaderValue::from_str(&format!("{user}{OF_SESSION}"))
        {
            decision.fields.push((SESSION, session));
        }
        decision
    }
}

/// The faults of this server as those of the tokens that it takes. It has none of an origin server's.
fn of_tokens(faults: &Faults) -> Faults {
    let alike = [
        (Fault::McpExpiredOpens, Fault::ExpiredTokenOpens),
        (Fault::McpSignatureUnchecked, Fault::JwtSignatureUnchecked),
        (Fault::McpAudienceUnchecked, Fault::JwtAudienceUnchecked),
        (Fault::McpIssuerUnchecked, Fault::JwtIssuerUnchecked),
        (Fault::McpTypeUnchecked, Fault::JwtTypeUnchecked),
        (Fault::McpNoAudienceOpens, Fault::McpNoAudienceOpens),
    ];
    let seeded = alike.into_iter().filter(|(own, _)| faults.has(*own));
    Faults::new(&seeded.map(|(_, token)| token).collect::<Vec<_>>())
}

/// Whether a message is the first of a session.
fn begins(asked: &DecisionInput<'_>) -> bool {
    let message: Option<Json> = serde_json::from_slice(asked.content).ok();
    let method = message.as_ref().and_then(|message| message.get("method"));
    method.and_then(Json::as_str) == Some("initialize")
}

/// The beginning of a stream of events, and its end.
fn stream() -> Decision {
    let mut decision = Decision::bare(StatusCode::OK);
    let kind = HeaderValue::from_static("text/event-stream");
    decision.fields.push((CONTENT_TYPE, kind));
    decision.content = Some(String::new());
    decision
}
