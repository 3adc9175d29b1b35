//! What the server's challenges say.

use hyper::StatusCode;
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};

use super::{McpServer, MetadataPlace};
use crate::auth::{Challenge, ListStyle, Param};
use crate::reference::decision::Decision;
use crate::reference::fault::Fault;
use crate::reference::seeded::Faults;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum McpRefusal {
    /// There is no token.
    Unasked,
    /// There are several, or none where there should be one.
    Malformed,
    /// The token is not good.
    Invalid,
    /// It lacks a scope.
    Insufficient,
}

impl McpRefusal {
    /// The status (Error Handling).
    fn status(self) -> StatusCode {
        match self {
            Self::Unasked | Self::Invalid => StatusCode::UNAUTHORIZED,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Insufficient => StatusCode::FORBIDDEN,
        }
    }

    /// The error (OAuth 2.1 draft 13 §5.3.1).
    fn error(self, faults: &Faults) -> Option<&'static str> {
        match self {
            Self::Unasked => faults
                .has(Fault::McpErrorUnasked)
                .then_some("invalid_token"),
            Self::Malformed => Some("invalid_request"),
            Self::Invalid => Some("invalid_token"),
            Self::Insufficient if faults.has(Fault::McpScopeMisnamed) => Some("invalid_token"),
            Self::Insufficient => Some("insufficient_scope"),
        }
    }
}

impl McpServer {
    /// The answer to a request that is refused.
    pub(super) fn refuse(&self, why: McpRefusal, faults: &Faults) -> Decision {
        let mut decision = Decision::bare(why.status());
        if why == McpRefusal::Insufficient && faults.has(Fault::McpScopeUnauthorized) {
            decision.status = StatusCode::UNAUTHORIZED;
        }
        if faults.has(Fault::McpUnchallenged) {
            return decision;
        }
        let written = ListStyle::default().write(&[self.challenge(why, faults)]);
        let lines = { written.into_iter() }.filter_map(|line| HeaderValue::from_bytes(&line).ok());
        decision
            .fields
            .extend(lines.map(|line| (WWW_AUTHENTICATE, line)));
        decision
    }

    fn challenge(&self, why: McpRefusal, faults: &Faults) -> Challenge {
        let mut challenge = Challenge::new("Bearer").with(Param::quoted("realm", "countersign"));
        if let Some(error) = why.error(faults) {
            challenge = challenge.with(Param::quoted("error", error));
        }
        if let Some(scopes) = self.told(why, faults) {
            challenge = challenge.with(Param::quoted("scope", scopes));
        }
        let is_elsewhere_too = self.metadata == MetadataPlace::Everywhere;
        let untold = self.metadata == MetadataPlace::WellKnown
            || (why == McpRefusal::Unasked
                && is_elsewhere_too
                && faults.has(Fault::McpMetadataUntold))
            || (why == McpRefusal::Insufficient && faults.has(Fault::McpScopeMetadataUntold));
        match untold {
            true => challenge,
            false => challenge.with(Param::quoted("resource_metadata", self.url())),
        }
    }

    /// The scopes that a refusal tells of.
    fn told(&self, why: McpRefusal, faults: &Faults) -> Option<String> {
        let is_lacking = why == McpRefusal::Insufficient;
        let untold = match why {
            McpRefusal::Insufficient => faults.has(Fault::McpScopeUntold),
            _ => faults.has(Fault::McpScopeUnguided),
        };
        if untold || self.scopes.is_empty() {
            return None;
        }
        let mut scopes = self.scopes.clone();
        if is_lacking && faults.has(Fault::McpScopeTooNarrow) {
            scopes = vec!["read"];
        }
        if is_lacking && faults.has(Fault::McpScopesOneByOne) {
            scopes = vec!["write"];
        }
        if faults.has(Fault::McpOfflineAccess) {
            scopes.push("offline_access");
        }
        Some(scopes.join(" "))
    }
}
