//! What is expected of requests that an implementation makes for a client: of the service that it asks whether it
//! may, and of the server behind; and of what it passes on of that service's answer.

use crate::observation::{Arrival, Exchange, SeenArrival, Upstream};
use crate::wire::BodyEnd;

use super::check::{Check, Discrepancy};
use super::flaw::{BackendFlaw, Flaw};
use super::observation::Observation;
use super::range::{Range, times};
use super::relay_words::{AskedPart, IdentityFit, RelayedPart, WithheldPart};

/// What reached an upstream for the last ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BackendFit {
    /// How many requests.
    pub times: Range,
    /// Who it was told that asks, in each of them.
    pub user: Option<String>,
    /// Whether each of them carries credentials in `Authorization`.
    pub authorization: Option<bool>,
    /// In what each of them tells what the client asked.
    pub as_asked: Vec<AskedPart>,
    /// Whether each of them tells the identity that the service told, and no other.
    pub identity: Option<IdentityFit>,
    /// Fields that none of them has.
    pub lacks: Vec<String>,
    /// What of the client's request stands nowhere in any of them.
    pub withholds: Vec<WithheldPart>,
    /// How much of the client's content each of them has.
    pub content: Option<ContentFit>,
}

/// How much of a client's content a request to an upstream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentFit {
    /// None of it.
    Nothing,
    /// All of it, and nothing else.
    Whole,
    /// So many bytes of it from the first on, or all where there are fewer.
    First(u16),
}

/// However often.
pub(super) const ANY_TIMES: Range = Range {
    min: 0,
    max: i64::MAX,
};

impl Default for BackendFit {
    /// Any number of requests, whatever they are.
    fn default() -> Self {
        Self {
            times: ANY_TIMES,
            user: None,
            authorization: None,
            as_asked: Vec::new(),
            identity: None,
            lacks: Vec::new(),
            withholds: Vec::new(),
            content: None,
        }
    }
}

/// The field in which a service tells who asks.
const USER: &str = "x-user";

/// Fields in which gateways tell a service what was asked, where the check is no copy of the request.
const METHODS: [&str; 2] = ["x-forwarded-method", "x-original-method"];
const TARGETS: [&str; 3] = ["x-forwarded-uri", "x-original-uri", "x-original-url"];
const HOSTS: [&str; 2] = ["x-forwarded-host", "x-original-url"];

impl BackendFit {
    /// Whether it speaks of each request, and not of their number alone.
    pub fn is_of_each(&self) -> bool {
        self.user.is_some()
            || self.authorization.is_some()
            || !self.as_asked.is_empty()
            || self.identity.is_some()
            || !self.lacks.is_empty()
            || !self.withholds.is_empty()
            || self.content.is_some()
    }

    /// Whether it says nothing of what was seen: of each request where there was none.
    pub(super) fn is_idle(&self, at: Upstream, observation: Observation<'_>) -> bool {
        self.times.max == i64::MAX
            && self.times.min <= 0
            && observation
                .arrivals
                .is_some_and(|all| !all.iter().any(|one| one.at == at))
    }

    /// Holds it against what reached an upstream.
    pub(super) fn check(&self, at: Upstream, observation: Observation<'_>) -> Check {
        let Some(all) = observation.arrivals else {
            return Check::Unclear(
                "the implementation does not tell what reaches its backend".to_owned(),
            );
        };
        let arrivals: Vec<&Arrival> = all.iter().filter(|one| one.at == at).collect();
        let breaks = |flaw, expected, observed| {
            Check::Breaks(Discrepancy {
                kind: Flaw::of_upstream(at, flaw).of_case(),
                expected,
                observed,
            })
        };
        let whom = at.words();
        let count = i64::try_from(arrivals.len()).unwrap_or(i64::MAX);
        if !self.times.has(count) {
            let flaw = match count > self.times.max {
                true => BackendFlaw::TooMany,
                false => BackendFlaw::TooFew,
            };
            let expected = format!("{whom} reached {}", self.times.of_times());
            return breaks(flaw, expected, format!("reached {}", times(count)));
        }
        let given = |is: bool| if is { "credentials" } else { "no credentials" };
        let departs = |wanted: &bool| arrivals.iter().any(|one| one.authorization != *wanted);
        if let Some(wanted) = self.authorization.filter(departs) {
            let expected = format!("{whom} given {}", given(wanted));
            let observed = format!("given {}", given(!wanted));
            return breaks(BackendFlaw::Authorization, expected, observed);
        }
        let name = |user: &Option<String>| user.as_deref().unwrap_or("nobody").to_owned();
        let departs = |one: &&&Arrival| self.user.is_some() && one.user != self.user;
        if let Some(arrival) = arrivals.iter().find(departs) {
            let expected = format!("{whom} told of {}", name(&self.user));
            let observed = format!("told of {}", name(&arrival.user));
            return breaks(BackendFlaw::User, expected, observed);
        }
        let told = all.iter().rev().find(|one| one.at == Upstream::AuthService);
        for arrival in arrivals {
            let Some(seen) = &arrival.seen else {
                match self.looks_inside() {
                    true => return Check::Unclear(format!("nobody saw what {whom} was told")),
                    false => continue,
                }
            };
            if let Some(lacked) = self
                .lacks
                .iter()
                .find(|name| seen.lines(name).next().is_some())
            {
                let expected = format!("{whom} given no {lacked}");
                let observed = format!("given {lacked}: {}", shown(seen.lines(lacked)));
                return breaks(BackendFlaw::Field, expected, observed);
            }
            if let Some(fit) = self.identity {
                let told = told.and_then(|one| one.seen.as_deref());
                let wanted = told.map_or(Vec::new(), |told| told.answered_lines(USER).collect());
                let is = fit.told_in(seen);
                if is != wanted {
                    let expected = format!("{whom} told {}", identity(&wanted));
                    return breaks(
                        BackendFlaw::Identity,
                        expected,
                        format!("told {}", identity(&is)),
                    );
                }
            }
            let Some(exchange) = observation.exchanges.last() else {
                continue;
            };
            let mut withheld = self.withholds.iter();
            if let Some(part) = withheld.find(|part| part.is_told(arrival, seen, exchange)) {
                let expected = format!("{whom} not given the client's {}", part.word());
                let observed = format!("given the client's {}", part.word());
                return breaks(BackendFlaw::Withheld, expected, observed);
            }
            if let Some(fit) = self.content {
                let wanted = fit.of(&exchange.request.content);
                if wanted != seen.content {
                    let expected = format!("{whom} given {}", fit.in_words(wanted.len()));
                    let observed = format!("given {}", given_of(&seen.content));
                    return breaks(BackendFlaw::Content, expected, observed);
                }
            }
            for part in &self.as_asked {
                if let Some((expected, observed)) = part.departs(arrival, seen, exchange) {
                    let (expected, flaw) = (format!("{whom} told {expected}"), part.flaw());
                    return breaks(flaw, expected, format!("told {observed}"));
                }
            }
        }
        Check::Holds
    }

    fn looks_inside(&self) -> bool {
        !self.as_asked.is_empty()
            || self.identity.is_some()
            || !self.lacks.is_empty()
            || !self.withholds.is_empty()
            || self.content.is_some()
    }
}

impl IdentityFit {
    /// The values of all lines that tell who asks.
    fn told_in(self, seen: &SeenArrival) -> Vec<&[u8]> {
        let is_user = |name: &str| match self {
            Self::AsTold => name.eq_ignore_ascii_case(USER),
            Self::InAnySpelling => name.replace('_', "-").eq_ignore_ascii_case(USER),
        };
        let lines = seen.fields.iter().filter(|field| is_user(&field.name));
        lines.map(|field| field.value.as_slice()).collect()
    }
}

impl ContentFit {
    /// What of a content it is.
    fn of(self, content: &[u8]) -> &[u8] {
        let most = match self {
            Self::Nothing => 0,
            Self::Whole => content.len(),
            Self::First(most) => usize::from(most),
        };
        content.get(..most).unwrap_or(content)
    }

    fn in_words(self, bytes: usize) -> String {
        match self {
            Self::Nothing => "no content".to_owned(),
            Self::Whole => format!("the client's content, {bytes} bytes"),
            Self::First(_) => format!("the first {bytes} bytes of the client's content"),
        }
    }
}

fn given_of(content: &[u8]) -> String {
    match content.len() {
        0 => "no content".to_owned(),
        bytes => format!("{bytes} bytes of content"),
    }
}

/// The fewest characters of credentials that are looked for: what is shorter may stand anywhere by chance.
const SHORTEST: usize = 8;

impl WithheldPart {
    /// Whether it stands in a request to an upstream.
    fn is_told(self, arrival: &Arrival, seen: &SeenArrival, exchange: &Exchange) -> bool {
        let Self::Credentials = self;
        let lines = exchange.request.fields.iter();
        let lines = lines.filter(|field| field.name.eq_ignore_ascii_case("authorization"));
        let mut secrets = lines.filter_map(|field| {
            let at = field.value.iter().position(|byte| *byte == b' ')?;
            let secret = field.value.get(at..)?.trim_ascii();
            (secret.len() >= SHORTEST).then_some(secret)
        });
        let has = |text: &[u8], secret: &[u8]| {
            let mut windows = text.windows(secret.len());
            windows.any(|window| window == secret)
        };
        secrets.any(|secret| {
            let mut values = seen.fields.iter().map(|field| field.value.as_slice());
            has(arrival.target.as_bytes(), secret) || values.any(|value| has(value, secret))
        })
    }
}

impl AskedPart {
    fn flaw(self) -> BackendFlaw {
        match self {
            Self::Method => BackendFlaw::Method,
            Self::Target => BackendFlaw::Target,
            Self::Host => BackendFlaw::Host,
            Self::Authorization => BackendFlaw::Credentials,
            Self::Cookie => BackendFlaw::Field,
        }
    }

    /// What was to be told and what was, where a request to an upstream tells something else.
    fn departs(
        self,
        arrival: &Arrival,
        seen: &SeenArrival,
        exchange: &Exchange,
    ) -> Option<(String, String)> {
        let (host, target) = asked(exchange);
        let field = match self {
            Self::Authorization => Some("Authorization"),
            Self::Cookie => Some("Cookie"),
            Self::Method | Self::Target | Self::Host => None,
        };
        if let Some(name) = field {
            let lines = exchange.request.fields.iter();
            let lines = lines.filter(|field| field.name.eq_ignore_ascii_case(name));
            let sent: Vec<&[u8]> = lines.map(|field| field.value.as_slice()).collect();
            let came: Vec<&[u8]> = seen.lines(name).collect();
            let words = |lines: &[&[u8]]| match lines {
                [] => format!("no {name}"),
                lines => format!("{name}: {}", shown(lines.iter().copied())),
            };
            // Several lines may be joined on the way (RFC 9110 §5.3).
            let joined = |lines: &[&[u8]]| match sent.len() {
                0 | 1 => lines.join(&b'\n'),
                _ => without_blanks(&lines.join(&b',')),
            };
            let departs = joined(&sent) != joined(&came);
            return departs.then(|| (words(&sent), words(&came)));
        }
        let (wanted, own, carriers): (&str, &str, &[&str]) = match self {
            Self::Method => (&exchange.request.method, &arrival.method, &METHODS),
            Self::Host => (&host, "", &HOSTS),
            _ => (&target, &arrival.target, &TARGETS),
        };
        let fits = |value: &str| match self {
            Self::Method => value == wanted,
            // A whole URL tells it, and so does what follows a prefix.
            Self::Host => {
                let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
                rest.split('/').next() == Some(wanted)
            }
            _ => value.ends_with(wanted),
        };
        let is_service = arrival.at == Upstream::AuthService;
        let carriers = carriers.iter().filter(|_| is_service);
        let host_lines = seen.lines("host").filter(|_| self == Self::Host);
        let told = carriers.flat_map(|name| seen.lines(name)).chain(host_lines);
        let told: Vec<String> = told
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        let is_told = told.iter().any(|value| fits(value));
        let observed = told.first().map_or(own, String::as_str).to_owned();
        (!is_told && !fits(own)).then(|| (format!("{} {wanted}", self.word()), observed))
    }
}

/// A list without the blanks behind its commas.
fn without_blanks(value: &[u8]) -> Vec<u8> {
    let parts = value.split(|byte| *byte == b',');
    let parts: Vec<&[u8]> = parts.map(<[u8]>::trim_ascii).collect();
    parts.join(&b',')
}

/// Host and port, and path and query, of what was asked.
fn asked(exchange: &Exchange) -> (String, String) {
    let url = exchange.url();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    match rest.find('/') {
        Some(at) => {
            let (host, target) = rest.split_at(at);
            (host.to_owned(), target.to_owned())
        }
        None => (rest.to_owned(), "/".to_owned()),
    }
}

/// Whether a value is these lines in order, with a comma between them and blanks before and behind it, as where lines of
/// one name are joined on the way (RFC 9110 §5.3).
fn are_joined(lines: &[&[u8]], value: &[u8]) -> bool {
    let mut rest = value.trim_ascii();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            let Some(behind) = rest.trim_ascii_start().strip_prefix(b",") else {
                return false;
            };
            rest = behind.trim_ascii_start();
        }
        let Some(behind) = rest.strip_prefix(line.trim_ascii()) else {
            return false;
        };
        rest = behind;
    }
    rest.is_empty()
}

fn identity(lines: &[&[u8]]) -> String {
    match lines {
        [] => "of nobody".to_owned(),
        lines => format!("of {}", shown(lines.iter().copied())),
    }
}

fn shown<'a>(lines: impl Iterator<Item = &'a [u8]>) -> String {
    let lines: Vec<String> = lines
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    lines.join(" | ")
}

impl RelayedPart {
    /// Whether there was no answer of the service that could be passed on.
    pub(super) fn is_idle(observation: Observation<'_>) -> bool {
        observation.arrivals.is_some() && answered(observation).is_none()
    }

    /// Holds the client's answer against the service's.
    pub(super) fn check(self, observation: Observation<'_>) -> Check {
        if observation.arrivals.is_none() {
            return Check::Unclear("nobody saw what was answered to the gateway".to_owned());
        }
        let Some((at, status, seen)) = answered(observation) else {
            return Check::Holds;
        };
        let response = &observation.answer.response;
        let name = match self {
            Self::Status => {
                let departs = status != response.status;
                return match departs {
                    true => self.broken(at, &status.to_string(), response.status.to_string()),
                    false => Check::Holds,
                };
            }
            Self::BrokenOff => {
                let is_whole = response.body_end == BodyEnd::Complete && response.status < 500;
                return match is_whole {
                    true => self.broken(at, "an answer that breaks off", "a whole one".to_owned()),
                    false => Check::Holds,
                };
            }
            Self::Challenges => "WWW-Authenticate",
            Self::Location => "Location",
            Self::RetryAfter => "Retry-After",
        };
        let lines: Vec<&[u8]> = seen.answered_lines(name).collect();
        let joined = |lines: &[&[u8]]| lines.join(&b", "[..]);
        let told = joined(&lines);
        let came = joined(&response.fields_named(name).collect::<Vec<_>>());
        let words = |value: &[u8]| match value {
            [] => format!("no {name}"),
            value => format!("{name}: {}", String::from_utf8_lossy(value)),
        };
        match told == came || are_joined(&lines, &came) {
            true => Check::Holds,
            false => self.broken(at, &words(&told), words(&came)),
        }
    }

    fn broken(self, at: Upstream, expected: &str, observed: String) -> Check {
        let whom = at.words();
        Check::Breaks(Discrepancy {
            kind: Flaw::Relayed(self).of_case(),
            expected: format!("{expected}, as {whom} answered"),
            observed,
        })
    }
}

/// The last answer of whom a gateway speaks for: of the backend, where the service lets a request through or is not
/// asked, and else of the service.
fn answered(observation: Observation<'_>) -> Option<(Upstream, u16, &SeenArrival)> {
    let all = observation.arrivals?;
    let last = |at: Upstream| {
        let last = all.iter().rev().find(|one| one.at == at)?;
        let seen = last.seen.as_deref()?;
        Some((at, seen.status?, seen))
    };
    let is_asked = all.iter().any(|one| one.at == Upstream::AuthService);
    match last(Upstream::AuthService) {
        Some((at, status, seen)) if !(200..=299).contains(&status) => Some((at, status, seen)),
        Some(_) => last(Upstream::Backend),
        None if is_asked => None,
        None => last(Upstream::Backend),
    }
}

#[cfg(test)]
mod tests;
