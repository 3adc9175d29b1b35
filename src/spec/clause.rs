//! Expectations: what must hold of what was seen, and how it is told where it does not.

use crate::auth::AuthenticationInfo;
use crate::observation::Outcome;

use super::challenges::ChallengeClause;
use super::check::{Check, Discrepancy};
use super::exchange::ExchangeClause;
use super::fit::{OutcomeFit, StatusFit};
use super::flaw::Flaw;
use super::headers::{HeaderClause, check_headers};
use super::observation::Observation;
use super::parameter::ParamClause;
use super::subject::{Subject, check_parameters};
use super::term::Env;

/// What is expected of one case. Every part that is there must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clause {
    /// Where the client stands at the end.
    pub outcome: OutcomeFit,
    /// The final status.
    pub status: StatusFit,
    /// The challenges of the final answer.
    pub challenges: Option<ChallengeClause>,
    /// The auth-params of every challenge of a scheme.
    pub parameters: Vec<(Subject, Vec<ParamClause>)>,
    /// The parameters of `Authentication-Info` (RFC 9110 §11.6.3); of an answer without it, none.
    pub info: Vec<ParamClause>,
    /// Header fields of the final answer.
    pub headers: Vec<(String, HeaderClause)>,
    /// How often each named audit event happened.
    pub events: Vec<(String, u32)>,
    /// Text that the final answer's body contains.
    pub body: Option<String>,
    /// What is expected of exchanges beyond the head of the final answer.
    pub exchange: ExchangeClause,
}

/// One thing that expectations speak of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Topic {
    /// The status, and what it stands for.
    Status,
    /// How often an event happened.
    Event(String),
    /// A header field, by its name in small letters.
    Field(String),
    /// Which challenges there are, and how they are written.
    Challenges,
    /// A parameter of challenges, by its name in small letters.
    Parameter(String),
    /// `Authentication-Info` as a whole.
    Info,
    /// A parameter of that field.
    InfoParameter(String),
}

impl Topic {
    /// What this is a part of: what is said of the whole is held against what is said of each part.
    pub(super) fn whole(&self) -> Option<Self> {
        match self {
            Self::Parameter(_) => Some(Self::Challenges),
            Self::InfoParameter(_) => Some(Self::Info),
            _ => None,
        }
    }
}

impl Clause {
    /// Holds the expectation against what was seen; `env` must have an observation.
    pub fn check(&self, env: &Env<'_>) -> Check {
        let Some(observation) = env.observation else {
            return Check::Unclear("the case was not played".to_owned());
        };
        if observation.answer.is_missing() {
            return self.check_missing(observation);
        }
        let parts: [&dyn Fn() -> Check; 9] = [
            &|| self.check_outcome(observation),
            &|| self.check_status(observation),
            &|| match &self.challenges {
                Some(challenges) => challenges.check(env, observation),
                None => Check::Holds,
            },
            &|| check_parameters(&self.parameters, observation),
            &|| self.check_info(observation),
            &|| check_headers(&self.headers, observation),
            &|| self.check_events(observation),
            &|| self.check_body(observation),
            &|| self.exchange.check(env, observation),
        ];
        let mut unclear = None;
        for part in parts {
            match part() {
                Check::Holds => {}
                Check::Unclear(why) => unclear = unclear.or(Some(why)),
                breaks @ Check::Breaks(_) => return breaks,
            }
        }
        unclear.map_or(Check::Holds, Check::Unclear)
    }

    /// Whether it says something, and all of that of what was not there: it holds then, and was not exercised.
    pub fn is_idle(&self, env: &Env<'_>) -> bool {
        !self.exchange.is_empty()
            && self.is_of_exchanges()
            && env
                .observation
                .is_some_and(|seen| self.exchange.is_idle(env, seen))
    }

    /// Holds it against a connection that was closed without an answer: what is said of who gets in and of the status
    /// can be held against that, and nothing else.
    fn check_missing(&self, observation: Observation<'_>) -> Check {
        for check in [
            self.check_outcome(observation),
            self.check_status(observation),
        ] {
            if check != Check::Holds {
                return check;
            }
        }
        let of_decision = Self {
            outcome: self.outcome.clone(),
            status: self.status.clone(),
            ..Self::default()
        };
        match *self == of_decision {
            true => Check::Holds,
            false => Check::Unclear(UNANSWERED.to_owned()),
        }
    }

    /// Whether it says nothing but what it says of exchanges.
    fn is_of_exchanges(&self) -> bool {
        let Self {
            outcome,
            status,
            challenges,
            parameters,
            info,
            headers,
            events,
            body,
            exchange: _,
        } = self;
        // What names nothing and turns it round says something.
        *outcome == OutcomeFit::default()
            && *status == StatusFit::default()
            && challenges.is_none()
            && parameters.is_empty()
            && info.is_empty()
            && headers.is_empty()
            && events.is_empty()
            && body.is_none()
    }

    fn check_outcome(&self, observation: Observation<'_>) -> Check {
        if self.outcome.fits(observation) {
            return Check::Holds;
        }
        Check::Breaks(Discrepancy {
            kind: Flaw::Outcome {
                expected: self.outcome.clone(),
                observed: observation.outcome,
            }
            .of_case(),
            expected: self.outcome.in_words(),
            observed: match observation.rate {
                Some((hits, tries)) if observation.outcome == Outcome::Accepted => format!(
                    "{} ({}), in {hits} of {tries} tries",
                    observation.outcome, observation.answer.response.status
                ),
                _ if observation.answer.is_missing() => missing(observation).to_owned(),
                _ => format!(
                    "{} ({})",
                    observation.outcome, observation.answer.response.status
                ),
            },
        })
    }

    fn check_status(&self, observation: Observation<'_>) -> Check {
        let status = observation.answer.response.status;
        if self.status.fits_answer(observation.answer) {
            return Check::Holds;
        }
        let expected = self.status.in_words();
        Check::Breaks(Discrepancy {
            kind: Flaw::Status {
                expected: self.status.clone(),
                observed: status,
            }
            .of_case(),
            expected: format!("status {expected}"),
            observed: match observation.answer.is_missing() {
                true => missing(observation).to_owned(),
                false => format!("status {status}"),
            },
        })
    }

    fn check_info(&self, observation: Observation<'_>) -> Check {
        if self.info.is_empty() {
            return Check::Holds;
        }
        let lines = observation
            .answer
            .response
            .fields_named("authentication-info");
        let info = AuthenticationInfo::parse(lines);
        let whose = "Authentication-Info";
        let mut clauses = self.info.iter();
        match clauses.find_map(|clause| clause.departure(&info.params, whose)) {
            None => Check::Holds,
            Some(_) if info.strict().is_none() => {
                Check::Unclear("Authentication-Info does not parse".to_owned())
            }
            Some(discrepancy) => Check::Breaks(discrepancy),
        }
    }

    fn check_events(&self, observation: Observation<'_>) -> Check {
        if self.events.is_empty() {
            return Check::Holds;
        }
        let Some(events) = observation.events else {
            return Check::Unclear("the implementation hands over no audit events".to_owned());
        };
        for (name, wanted) in &self.events {
            let count = events.iter().filter(|event| event.name == *name).count();
            if usize::try_from(*wanted) != Ok(count) {
                return Check::Breaks(Discrepancy {
                    kind: Flaw::Event {
                        name: name.clone(),
                        too_many: count > *wanted as usize,
                    }
                    .of_case(),
                    expected: format!("{name} logged {}", times(*wanted as usize)),
                    observed: format!("{name} logged {}", times(count)),
                });
            }
        }
        Check::Holds
    }

    fn check_body(&self, observation: Observation<'_>) -> Check {
        match &self.body {
            Some(text) if !contains(&observation.answer.response.body, text.as_bytes()) => {
                Check::Breaks(Discrepancy {
                    kind: Flaw::Body.of_case(),
                    expected: format!("a body that contains {text:?}"),
                    observed: "a body without it".to_owned(),
                })
            }
            _ => Check::Holds,
        }
    }

    /// Whether it says something in which two rules are looked at for contradictions.
    pub(super) fn can_contradict(&self) -> bool {
        let challenges = self.challenges.as_ref();
        !self.outcome.is_empty()
            || !self.status.is_empty()
            || !self.events.is_empty()
            || !self.parameters.is_empty()
            || !self.info.is_empty()
            || !self.headers.is_empty()
            || self.body.is_some()
            || challenges.is_some_and(|clause| {
                clause.some.is_some() || !clause.count.is_empty() || clause.sets().next().is_some()
            })
    }

    /// Whether it looks at audit events.
    pub fn uses_events(&self) -> bool {
        !self.events.is_empty() || self.exchange.log.is_some()
    }

    /// What it speaks of. Two expectations that speak of nothing in common can be had together: whatever fits
    /// the one, with whatever fits the other.
    pub(super) fn topics(&self) -> Vec<Topic> {
        let mut topics: Vec<Topic> = Vec::new();
        if !self.status.is_empty() || !self.outcome.is_empty() {
            topics.push(Topic::Status);
        }
        let events = self.events.iter();
        topics.extend(events.map(|(name, _)| Topic::Event(name.clone())));
        let fields = self.headers.iter();
        let fields = fields.map(|(name, _)| name.to_ascii_lowercase());
        topics.extend(fields.map(|name| match name.as_str() {
            "www-authenticate" | "proxy-authenticate" => Topic::Challenges,
            "authentication-info" => Topic::Info,
            _ => Topic::Field(name),
        }));
        if self.challenges.is_some() {
            topics.push(Topic::Challenges);
        }
        // A parameter needs a challenge, and is at odds with another expectation of that name, or of challenges.
        let named = |clause: &ParamClause| clause.name.to_ascii_lowercase();
        for (_, clauses) in &self.parameters {
            topics.extend(clauses.iter().map(|clause| Topic::Parameter(named(clause))));
        }
        topics.extend(
            self.info
                .iter()
                .map(|clause| Topic::InfoParameter(named(clause))),
        );
        topics.sort();
        topics.dedup();
        topics
    }

    /// The same expectation with every set written out for one case.
    pub fn resolved(&self, env: &Env<'_>) -> Self {
        Self {
            challenges: self.challenges.as_ref().map(|clause| clause.resolved(env)),
            exchange: self.exchange.resolved(env),
            ..self.clone()
        }
    }
}

/// What is observed where a connection was closed without an answer.
const CLOSED: &str = "no answer: the connection was closed";

/// The same where TLS refused the client.
const TLS_REFUSED: &str = "no answer: TLS refused the client";

/// What is said where there is no answer.
fn missing(observation: Observation<'_>) -> &'static str {
    match observation.outcome {
        Outcome::Refused => TLS_REFUSED,
        _ => CLOSED,
    }
}

/// Why nothing can be said of an answer that never came.
pub(super) const UNANSWERED: &str = "the connection was closed without an answer";

fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || bytes.windows(wanted.len()).any(|window| window == wanted)
}
