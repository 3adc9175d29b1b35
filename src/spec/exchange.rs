//! What is expected of exchanges beyond the head of the last answer: of requests, of several answers
//! beside each other, of content, and of what reached the backend.

use crate::observation::{Answer, Exchange, Upstream};
use crate::wire::{BodyEnd, Irregular};

use super::about::{About, info, values};
use super::asked_host;
use super::aspect::{Aspect, WhichRequest};
use super::check::{Check, Discrepancy};
use super::flaw::Flaw;
use super::logged::LogFit;
use super::observation::Observation;
use super::reached::BackendFit;
use super::relay_words::RelayedPart;
use super::returned::{self, Returned};
use super::schemes::{offered_sorted, schemes_in_words};
use super::term::Env;

/// What is expected of exchanges. Every part that is there must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExchangeClause {
    /// What requests of the client that asked last are like.
    pub requests: Vec<(WhichRequest, Vec<RequestFit>)>,
    /// In what all asks of the client that asked last were answered alike.
    pub alike: Vec<Aspect>,
    /// Whether the last answer has content.
    pub content: Option<bool>,
    /// The members of the JSON object that is the content of the last answer, each by its name or, where
    /// that begins with a slash, by a JSON Pointer (RFC 6901).
    pub json: Vec<(String, MemberFit)>,
    /// What `Authentication-Info` returns that is to be the last request's.
    pub returned: Vec<Returned>,
    /// The parameters of challenges that name the host that was asked, where they are there.
    pub asked_host: Vec<String>,
    /// What reached the backend.
    pub backend: Option<BackendFit>,
    /// What reached the service that is asked first.
    pub auth_service: Option<BackendFit>,
    /// What of that service's answer is passed on.
    pub relayed: Vec<RelayedPart>,
    /// What was logged.
    pub log: Option<LogFit>,
}

/// What a request is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestFit {
    /// It carries no credentials.
    Bare,
    /// It carries credentials of a scheme that the answer just before offered.
    AsOffered,
}

impl RequestFit {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Bare, Self::AsOffered];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bare => "without-credentials",
            Self::AsOffered => "as-offered",
        }
    }
}

/// What a member of a JSON object is like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MemberFit {
    /// It is there, or is not.
    Present(bool),
    /// It is this text, or the number, `true` or `false` that is written so.
    Is(String),
    /// It is the URL that was asked first in the conversation.
    AskedUrl,
}

impl ExchangeClause {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        let Self {
            requests,
            alike,
            content,
            json,
            returned,
            asked_host,
            backend,
            auth_service,
            relayed,
            log,
        } = self;
        requests.is_empty()
            && alike.is_empty()
            && content.is_none()
            && json.is_empty()
            && returned.is_empty()
            && asked_host.is_empty()
            && backend.is_none()
            && auth_service.is_none()
            && relayed.is_empty()
            && log.is_none()
    }

    /// Whether it looks at more than the last answer: at requests, at other answers, at what is told of them.
    pub(super) fn uses_exchanges(&self) -> bool {
        let of_log = Self {
            log: self.log.clone(),
            ..Self::default()
        };
        match &self.log {
            Some(log) if *self == of_log => log.withholds_secrets,
            _ => !self.is_empty(),
        }
    }

    /// The same with every set written out for one case.
    pub(super) fn resolved(&self, env: &Env<'_>) -> Self {
        Self {
            log: self.log.as_ref().map(|log| log.resolved(env)),
            ..self.clone()
        }
    }

    /// Whether all that it says is said of what was not there: of a second request where there was one, of earlier
    /// asks where there were none, of requests to a backend that nothing reached. It holds then, and
    /// shows nothing.
    pub(super) fn is_idle(&self, env: &Env<'_>, observation: Observation<'_>) -> bool {
        let has_second = observation.exchanges.len() > 1;
        let of_second = |which: &WhichRequest| *which == WhichRequest::Second;
        let requests = self.requests.iter();
        let requests_idle = !has_second && requests.map(|(which, _)| which).all(of_second);
        let mut before = observation.before.iter();
        let is_alone = before.all(|ask| *ask.client != *env.case.client);
        let mut upstreams = self.upstreams();
        let upstreams_idle = upstreams.all(|(at, fit)| fit.is_idle(at, observation));
        let log_idle = (self.log.as_ref()).is_none_or(|log| log.is_idle(observation));
        let relayed_idle = self.relayed.is_empty() || RelayedPart::is_idle(observation);
        self.content.is_none()
            && self.json.is_empty()
            && self.asked_host.is_empty()
            && (self.returned.is_empty()
                || returned::is_idle(&self.returned, observation.exchanges))
            && (self.requests.is_empty() || requests_idle)
            && (self.alike.is_empty() || is_alone)
            && upstreams_idle
            && relayed_idle
            && log_idle
    }

    /// Whether it looks at the content of answers.
    pub fn uses_body(&self) -> bool {
        !self.json.is_empty()
    }

    /// Whether it looks at whether there is content.
    pub fn uses_content(&self) -> bool {
        self.content.is_some()
    }

    /// Whether it looks at what reached the backend.
    pub fn uses_backend(&self) -> bool {
        self.upstreams().next().is_some() || !self.relayed.is_empty()
    }

    /// What is said of each upstream.
    pub(super) fn upstreams(&self) -> impl Iterator<Item = (Upstream, &BackendFit)> {
        let service = self.auth_service.iter();
        let service = service.map(|fit| (Upstream::AuthService, fit));
        let backend = self.backend.iter().map(|fit| (Upstream::Backend, fit));
        service.chain(backend)
    }

    /// Holds it against what was seen.
    pub(super) fn check(&self, env: &Env<'_>, observation: Observation<'_>) -> Check {
        if self.is_empty() {
            return Check::Holds;
        }
        let mut unclear = None;
        let parts = [
            self.check_requests(observation),
            self.check_alike(env, observation),
            self.check_content(observation),
            self.check_json(observation),
            returned::check(&self.returned, observation.exchanges),
            asked_host::check(&self.asked_host, observation.exchanges),
        ];
        let upstreams = self.upstreams();
        let upstreams = upstreams.map(|(at, fit)| fit.check(at, observation));
        let relayed = self.relayed.iter().map(|part| part.check(observation));
        let log = self.log.iter().map(|log| log.check(env, observation));
        for part in parts.into_iter().chain(upstreams).chain(relayed).chain(log) {
            match part {
                Check::Holds => {}
                Check::Unclear(why) => unclear = unclear.or(Some(why)),
                breaks @ Check::Breaks(_) => return breaks,
            }
        }
        unclear.map_or(Check::Holds, Check::Unclear)
    }

    /// What a departure from it is about, if there is one.
    pub(super) fn about(&self, env: &Env<'_>, observation: Observation<'_>) -> Option<About> {
        let breaks = |check: Check| matches!(check, Check::Breaks(_));
        if breaks(self.check_requests(observation)) {
            return Some(About::Requests);
        }
        if breaks(self.check_alike(env, observation)) {
            return Some(About::Repetition);
        }
        let mut upstreams = self.upstreams();
        if let Some((at, _)) = upstreams.find(|(at, fit)| breaks(fit.check(*at, observation))) {
            return Some(match at {
                Upstream::Backend => About::Backend,
                Upstream::AuthService => About::AuthService,
            });
        }
        if self
            .relayed
            .iter()
            .any(|part| breaks(part.check(observation)))
        {
            return Some(About::Relaying);
        }
        if let Some((challenge, name)) =
            asked_host::departing(&self.asked_host, observation.exchanges)
        {
            return Some(About::Parameter {
                scheme: challenge.scheme.to_ascii_lowercase(),
                name: name.to_ascii_lowercase(),
                seen: values(&challenge.params, name),
            });
        }
        let departs = |one: &&Returned| breaks(returned::check(&[**one], observation.exchanges));
        if let Some(which) = self.returned.iter().find(departs) {
            let name = which.word();
            return Some(About::Info {
                name: name.to_owned(),
                seen: info(observation.answer, name),
            });
        }
        if (self.log.as_ref()).is_some_and(|log| breaks(log.check(env, observation))) {
            return Some(About::Log);
        }
        let content =
            breaks(self.check_content(observation)) || breaks(self.check_json(observation));
        content.then_some(About::Body)
    }

    fn check_requests(&self, observation: Observation<'_>) -> Check {
        for (which, fits) in &self.requests {
            let all = observation.exchanges.iter().enumerate();
            let last = observation.exchanges.len().saturating_sub(1);
            let mut spoken_of = all.filter(|(at, _)| match which {
                WhichRequest::Every => true,
                WhichRequest::First => *at == 0,
                WhichRequest::Second => *at == 1,
                WhichRequest::Last => *at == last,
            });
            let departs = spoken_of.find(|(at, exchange)| {
                let before = at
                    .checked_sub(1)
                    .and_then(|at| observation.exchanges.get(at));
                !fits.iter().any(|fit| fit.holds(exchange, before))
            });
            if let Some((at, exchange)) = departs {
                let words: Vec<&str> = fits.iter().map(|fit| fit.word()).collect();
                let observed = match scheme_of(exchange) {
                    Some(scheme) => format!("request {} with {scheme} credentials", at + 1),
                    None => format!("request {} without credentials", at + 1),
                };
                return Check::Breaks(Discrepancy {
                    kind: Flaw::Request(*which).of_case(),
                    expected: format!("{} request {}", which.word(), words.join(" or ")),
                    observed,
                });
            }
        }
        Check::Holds
    }

    fn check_alike(&self, env: &Env<'_>, observation: Observation<'_>) -> Check {
        for of in &self.alike {
            let before = observation.before.iter();
            let asks = before.filter(|ask| *ask.client == *env.case.client);
            let shown = |answer: &Answer| match of {
                Aspect::Outcome | Aspect::Status => answer.response.status.to_string(),
                Aspect::Challenges => {
                    let of_answer = Observation::of(observation.outcome, answer, None);
                    schemes_in_words(&offered_sorted(of_answer))
                }
            };
            let here = shown(observation.answer);
            let departs = asks.enumerate().find_map(|(at, ask)| {
                let answer = &ask.exchanges.last()?.answer;
                let comparable = *of != Aspect::Challenges
                    || answer.response.status == observation.answer.response.status;
                let there = shown(answer);
                (comparable && there != here).then_some((at + 1, there))
            });
            if let Some((at, there)) = departs {
                return Check::Breaks(Discrepancy {
                    kind: Flaw::Asks(*of).of_case(),
                    expected: format!("{here} each time"),
                    observed: format!("{there} at ask {at}"),
                });
            }
        }
        Check::Holds
    }

    fn check_content(&self, observation: Observation<'_>) -> Check {
        let behind_head = observation
            .answer
            .irregular
            .iter()
            .any(|one| one == Irregular::ToHead);
        let has = behind_head || !observation.answer.response.body.is_empty();
        match self.content {
            Some(wanted) if wanted != has => Check::Breaks(Discrepancy {
                kind: Flaw::Content { present: has }.of_case(),
                expected: if wanted { "content" } else { "no content" }.to_owned(),
                observed: if has {
                    "content behind the head"
                } else {
                    "no content"
                }
                .to_owned(),
            }),
            _ => Check::Holds,
        }
    }

    fn check_json(&self, observation: Observation<'_>) -> Check {
        if self.json.is_empty() {
            return Check::Holds;
        }
        let broken = |name: Option<&String>, expected: String, observed: String| {
            Check::Breaks(Discrepancy {
                kind: Flaw::Json(name.cloned()).of_case(),
                expected,
                observed,
            })
        };
        if observation.answer.response.body_end != BodyEnd::Complete {
            return Check::Unclear("the content was not read to its end".to_owned());
        }
        let read: Result<serde_json::Value, _> =
            serde_json::from_slice(&observation.answer.response.body);
        let Ok(document @ serde_json::Value::Object(_)) = read else {
            let observed = "content that is none".to_owned();
            return broken(None, "a JSON object".to_owned(), observed);
        };
        for (name, fit) in &self.json {
            // RFC 6901 where it begins with a slash, otherwise a member of the whole.
            let member = match name.starts_with('/') {
                true => document.pointer(name),
                false => document.get(name),
            };
            let observed = match member {
                Some(member) => format!("{name}: {member}"),
                None => format!("no member {name}"),
            };
            let text = member.and_then(serde_json::Value::as_str);
            let (holds, expected) = match fit {
                MemberFit::Present(wanted) => {
                    let words = if *wanted { "a" } else { "no" };
                    (
                        member.is_some() == *wanted,
                        format!("{words} member {name}"),
                    )
                }
                MemberFit::Is(wanted) => {
                    let holds = match member {
                        Some(serde_json::Value::Bool(is)) => is.to_string() == *wanted,
                        Some(serde_json::Value::Number(is)) => is.to_string() == *wanted,
                        _ => text == Some(wanted),
                    };
                    (holds, format!("{name}: \"{wanted}\""))
                }
                MemberFit::AskedUrl => {
                    let Some(asked) = asked_url(observation) else {
                        return Check::Unclear("nobody asked before".to_owned());
                    };
                    let holds = text.is_some_and(|text| is_that_url(text, &asked));
                    (
                        holds,
                        format!("{name}: \"{asked}\", the URL that was asked"),
                    )
                }
            };
            if !holds {
                return broken(Some(name), expected, observed);
            }
        }
        Check::Holds
    }
}

impl RequestFit {
    fn holds(self, exchange: &Exchange, before: Option<&Exchange>) -> bool {
        let scheme = scheme_of(exchange);
        match (self, scheme) {
            (Self::Bare, scheme) => scheme.is_none(),
            (Self::AsOffered, None) => false,
            (Self::AsOffered, Some(scheme)) => {
                before.is_some_and(|before| before.answer.challenges.offers(&scheme))
            }
        }
    }
}

/// The auth-scheme of the credentials that a request carries (RFC 9110 §11.4), if it carries some.
fn scheme_of(exchange: &Exchange) -> Option<String> {
    let names = ["authorization", "proxy-authorization"];
    let value = names.iter().find_map(|name| exchange.request.field(name))?;
    let (scheme, _) = crate::auth::split_authorization(value)?;
    Some(scheme)
}

/// The URL that was asked first in a conversation, without its query.
fn asked_url(observation: Observation<'_>) -> Option<String> {
    let first = observation
        .before
        .first()
        .map(|ask| ask.exchanges.as_slice());
    let exchange = first.unwrap_or(observation.exchanges).first()?;
    let url = exchange.url();
    Some(url.split('?').next().unwrap_or(&url).to_owned())
}

/// Whether a text is this URL (RFC 9728 §3.3: identical). What was asked over plain HTTP, as behind
/// something that ends TLS, may call itself by the scheme https, which a resource identifier has (§1.2).
fn is_that_url(text: &str, asked: &str) -> bool {
    let behind_tls = asked
        .strip_prefix("http://")
        .map(|rest| format!("https://{rest}"));
    text == asked || behind_tls.is_some_and(|url| text == url)
}
