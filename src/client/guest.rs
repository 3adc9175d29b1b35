//! How a server is asked that other people use.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::shape::Shaped;
use crate::credentials::{CredentialState, Identity, KeyPlace, Scheme};
use crate::observation::Answer;
use crate::vocabulary::{Baggage, ClientCase, Form, Method, RequestTarget};
use crate::wire::{
    Account, Care, Endpoint, Equal, Heed, PreparedRequest, Risk, SameRequest, Trust, wait_of,
};

/// How a player asks a server that other people use.
#[derive(Clone, Debug)]
pub struct GuestManners {
    /// The bounds on what is asked.
    pub care: Care,
    /// Who may be asked, and is believed.
    pub trust: Trust,
    /// The schemes whose plain credentials are known to be let in.
    pub let_in: Vec<Scheme>,
    /// How it calls itself.
    pub agent: String,
    /// What stands before a parameter that is added to the query.
    pub joint: char,
    /// Where the server looks for API keys and signatures, where it has its own name for that.
    pub key: Option<KeyPlace>,
}

impl GuestManners {
    /// What a request of a client with these credentials risks.
    pub(super) fn risk(&self, client: &ClientCase, scheme: Scheme) -> Risk {
        // By one of these it was asked at first.
        let is_first = matches!(client.method, Method::Get | Method::McpInitialize);
        let is_plain = client.form == Form::Plain && is_first;
        let is_valid = client.credential == CredentialState::Valid;
        let account = match client.form {
            // Nobody can read whose they are.
            Form::UnknownScheme => Account::Nobody,
            _ => account(scheme, client.credential),
        };
        let is_known = is_plain && is_valid && self.let_in.contains(&scheme);
        // What was not refused before is run again without danger.
        let is_wrong = !is_valid && client.credential != CredentialState::None;
        let label = label(client.method.name(), client);
        match is_known || self.care.was_let_in(&label, is_wrong) {
            true => Risk::Known(account),
            false if is_wrong => Risk::Wrong(account),
            false => Risk::Unknown(account),
        }
    }

    /// What credentials risk that are sent a second time, or for another nonce.
    pub(super) fn odd(&self, client: &ClientCase) -> Risk {
        Risk::Unknown(account(client.scheme, client.credential))
    }

    /// Why a client is not played here.
    pub(super) fn unwanted(
        &self,
        client: &ClientCase,
        endpoint: &Endpoint,
        identities: &[Identity],
    ) -> Option<&'static str> {
        // Another path is another resource, and a cache could keep for others what comes of another host.
        let is_elsewhere = client.target != RequestTarget::Resource && !client.target.is_metadata();
        if is_elsewhere
            || matches!(
                client.carries,
                Baggage::OddHost | Baggage::ForgedHost | Baggage::WebSocket
            )
        {
            return Some("nothing is asked of it but what its URL says");
        }
        let has_credentials = client.credential != CredentialState::None;
        if has_credentials
            && (!self.let_in.contains(&client.scheme) || client.check(identities).is_err())
        {
            return Some(NOT_GIVEN);
        }
        // Who has a token and no password does not log in by one.
        let is_nameless = identities
            .iter()
            .any(|one| !one.enabled && one.user.is_empty());
        let is_by_password = matches!(client.scheme, Scheme::Basic | Scheme::Digest | Scheme::Hmac);
        if is_nameless && is_by_password && client.credential == CredentialState::DisabledUser {
            return Some(NOT_GIVEN);
        }
        let in_query = matches!(client.form, Form::Query | Form::FieldAndQuery);
        let is_twice = in_query && endpoint.prefix.contains("access_token=");
        is_twice.then_some("the URL has a token in its query already")
    }

    /// Credentials as they stand in a request to this server.
    pub(super) fn placed(&self, scheme: Scheme, mut shaped: Shaped) -> Shaped {
        let Some(place) =
            { self.key.as_ref() }.filter(|_| matches!(scheme, Scheme::ApiKey | Scheme::Hmac))
        else {
            return shaped;
        };
        shaped.fields = { shaped.fields.into_iter() }
            .map(|line| place.field(line))
            .collect();
        shaped.query = shaped.query.map(|query| place.query(query));
        shaped
    }

    /// Takes note of how a request was answered.
    pub(super) fn note(
        &self,
        client: Option<&ClientCase>,
        endpoint: &Endpoint,
        request: &PreparedRequest,
        risk: Risk,
        answer: &Answer,
    ) {
        let request = request.request();
        let with = match (risk, client) {
            (Risk::Bare, _) | (_, None) => "without credentials".to_owned(),
            (_, Some(client)) => label("", client).trim_start().to_owned(),
        };
        let asked = Equal {
            label: format!("{} {with}", request.method),
            harmless: (!risk.may_fail()).then(|| request.clone()),
            answers: vec![(in_words(answer), 1)],
        };
        self.care
            .note(SameRequest::of(&endpoint.prefix, request), &asked);
    }

    /// Whether a request was answered so often, and always alike, that one more answer would say nothing new.
    pub(super) fn is_settled(&self, same: SameRequest, repeats: Repeats) -> bool {
        let enough = match repeats {
            Repeats::Seldom => SELDOM,
            Repeats::Often => OFTEN,
            Repeats::Always => return false,
        };
        let known = self.care.answers_to(same);
        known.is_some_and(|known| known.answers.len() == 1 && known.count() >= enough)
    }

    /// What an answer asks for.
    pub(super) fn heed(&self, risk: Risk, answer: &Answer) -> Heed {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since.as_ref().map_or(0, Duration::as_secs);
        let mut values = answer.response.fields_named("Retry-After");
        let wait = values
            .next()
            .and_then(|value| wait_of(std::str::from_utf8(value).ok()?, now));
        // The log-in itself was right then, and only its nonce past its time (RFC 7616 §3.3): it is nobody's failure.
        let is_stale = { answer.challenges.list.iter() }.any(|challenge| {
            let stale = challenge.param("stale");
            challenge.is("Digest") && stale.is_some_and(|stale| stale.eq_ignore_ascii_case("true"))
        });
        let risk = if is_stale { Risk::Bare } else { risk };
        self.care.answered(risk, answer.response.status, wait)
    }
}

/// What is said of a client that has what nobody gave.
const NOT_GIVEN: &str = "no such credentials were given";

/// A request of a client, in words without a secret.
fn label(method: &str, client: &ClientCase) -> String {
    let (scheme, credential, form) = (client.scheme.name(), client.credential, client.form);
    format!("{method} with {scheme} credentials ({credential}, {form})")
}

/// How often a guest sends a request that costs nobody anything, of many that are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// Four times: it is for the answer.
    Seldom,
    /// Ten times: it is for whether all are answered alike.
    Often,
    /// Each time: what went before may matter.
    Always,
}

/// How often is seldom, and how often often.
const SELDOM: u32 = 4;
const OFTEN: u32 = 10;

/// What of an answer equal requests are to have in common.
pub fn in_words(answer: &Answer) -> String {
    let status = answer.response.status;
    let named = answer.challenges.list.iter().map(|challenge| {
        let told = ["realm", "error"].into_iter().filter_map(|name| {
            let value = challenge.param(name)?;
            Some(format!(" {name}={value:?}"))
        });
        format!("{}{}", challenge.scheme, told.collect::<String>())
    });
    let named: Vec<String> = named.collect();
    match named.is_empty() {
        true => status.to_string(),
        false => format!("{status} with {}", named.join(", ")),
    }
}

/// Whose log-in credentials of a scheme in a state are.
fn account(scheme: Scheme, state: CredentialState) -> Account {
    match (scheme, state) {
        (Scheme::Bearer | Scheme::Dpop, CredentialState::InsufficientScope) => Account::Reader,
        (
            _,
            CredentialState::Expired
            | CredentialState::Revoked
            | CredentialState::WrongAudience
            | CredentialState::WrongIssuer,
        ) => Account::Past,
        (_, CredentialState::DisabledUser) => Account::Second,
        (Scheme::Bearer | Scheme::Dpop, _) => Account::Token,
        (Scheme::ApiKey, _) => Account::Key,
        (_, CredentialState::UnknownUser | CredentialState::EmptyUser) => Account::Nobody,
        _ => Account::User,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{BodyEnd, Bounds, FieldLine, Response};

    /// Servers that take each nonce once, or a count of uses only if it grows, ask for another in the middle.
    #[test]
    fn a_nonce_past_its_time_is_no_failed_log_in() {
        let manners = GuestManners {
            care: Care::new(Bounds {
                requests: 9,
                failed: 2,
                rate: 1000,
            }),
            trust: Trust::default(),
            let_in: vec![Scheme::Digest],
            agent: String::new(),
            joint: '?',
            key: None,
        };
        let refused = |stale: &str| {
            let value = format!("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"{stale}");
            Answer::new(Response {
                status: 401,
                fields: vec![FieldLine {
                    name: "WWW-Authenticate".to_owned(),
                    value: value.into_bytes(),
                }],
                body: Vec::new(),
                body_end: BodyEnd::Complete,
                head: Vec::new(),
            })
        };
        let (known, unknown) = (Risk::Known(Account::User), Risk::Unknown(Account::User));
        manners.heed(unknown, &refused(""));
        assert_eq!(manners.care.failed(), [(Account::User, 1)]);
        for risk in [known, unknown] {
            assert_eq!(manners.heed(risk, &refused(", stale=TRUE")), Heed::Answer);
        }
        assert_eq!(manners.care.failed(), [(Account::User, 1)]);
        assert!(manners.care.locked().is_empty());
        // Without the word it is a lock-out.
        assert!(matches!(manners.heed(known, &refused("")), Heed::Leave(_)));
    }
}
