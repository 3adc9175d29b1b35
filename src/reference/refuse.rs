//! Refusing: what a request is told that a policy of the platform does not let in.

use hyper::header::{HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};

use super::decision::Decision;
use super::fault::Fault;
use super::login::{Login, Why};
use super::policy::{Refusal, WrittenChallenge};
use super::seeded::Faults;
use crate::credentials::Scheme;

/// What the answer depends on, beside the policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused<'a> {
    /// Who was refused.
    pub(super) login: &'a Login,
    /// With which method.
    pub(super) method: &'a Method,
    /// How many requests without credentials this slot has refused before.
    pub(super) turn: usize,
}

impl Refused<'_> {
    /// The answer.
    pub(super) fn decide(self, refusal: &Refusal, faults: &Faults) -> Decision {
        let presented = *self.login != Login::Anonymous;
        let malformed = matches!(self.login, Login::Failed { why, .. } if why.is_malformed());
        if malformed && faults.has(Fault::FailsOnMalformed) {
            return Decision::bare(StatusCode::INTERNAL_SERVER_ERROR);
        }
        let Refusal::Unauthorized(challenges) = refusal else {
            return Decision::bare(StatusCode::FORBIDDEN);
        };
        let forbids = if presented {
            Fault::ForbiddenInsteadOfUnauthorized
        } else {
            Fault::ForbiddenWithoutCredentials
        };
        if faults.has(forbids) {
            return Decision::bare(StatusCode::FORBIDDEN);
        }
        let told = challenges.iter().enumerate();
        let told =
            told.filter(|(index, challenge)| self.includes(*index, challenge, challenges, faults));
        Decision {
            content: None,
            status: StatusCode::UNAUTHORIZED,
            fields: told
                .flat_map(|(_, challenge)| self.lines(challenge, faults))
                .map(|line| (WWW_AUTHENTICATE, line))
                .chain(self.beside(faults))
                .collect(),
        }
    }

    /// Whether a challenge is among those that this request is told.
    fn includes(
        self,
        index: usize,
        challenge: &WrittenChallenge,
        all: &[WrittenChallenge],
        faults: &Faults,
    ) -> bool {
        let Login::Failed { scheme, why, .. } = self.login else {
            let silent = faults.has(Fault::ChallengesGetOnly) && *self.method != Method::GET;
            let told = faults.has(Fault::NamesSchemesOnce) && self.turn > 0;
            let fifth = faults.has(Fault::EveryFifthNamesOne) && self.turn % 5 == 2;
            return !silent && !((told || fifth) && index > 0);
        };
        let narrows = faults.has(Fault::NarrowsToTheSchemeTried)
            && scheme.is_some_and(|tried| all.iter().any(|one| one.scheme == tried));
        let unknown = faults.has(Fault::NoChallengeForUnknownScheme) && *why == Why::UnknownScheme;
        let hidden = faults.has(Fault::NoChallengeAfterCredentials)
            || unknown
            || (narrows && *scheme != Some(challenge.scheme));
        !hidden && !self.sees_basic_only(faults)
    }

    /// The field lines of a challenge: one.
    fn lines(self, challenge: &WrittenChallenge, faults: &Faults) -> Vec<HeaderValue> {
        let tried = match self.login {
            Login::Failed { scheme, .. } => *scheme,
            _ => None,
        };
        let anonymous = *self.login == Login::Anonymous;
        let error = (anonymous && faults.has(Fault::ErrorWithoutCredentials))
            || (tried == Some(Scheme::Basic) && faults.has(Fault::ErrorForAnotherScheme));
        match challenge.scheme {
            Scheme::Bearer if error => vec![HeaderValue::from_static(
                "BEARER realm=\"Service-now\", error=\"invalid_token\"",
            )],
            Scheme::Basic if faults.has(Fault::SplitsChallengeOverLines) => {
                vec![
                    challenge.line.clone(),
                    HeaderValue::from_static("charset=\"UTF-8\""),
                ]
            }
            _ => vec![challenge.line.clone()],
        }
    }

    /// Whether a refused token is told of Basic, whatever the policy says.
    fn sees_basic_only(self, faults: &Faults) -> bool {
        let bearer = Some(Scheme::Bearer);
        let refused_token = matches!(self.login, Login::Failed { scheme, .. } if *scheme == bearer);
        refused_token && faults.has(Fault::RefusedTokenSeesBasicOnly)
    }

    /// A challenge beside those of the policy.
    fn beside(self, faults: &Faults) -> Option<(HeaderName, HeaderValue)> {
        let line = HeaderValue::from_static("BASIC realm=\"Service-now\"");
        self.sees_basic_only(faults)
            .then_some((WWW_AUTHENTICATE, line))
    }
}
