//! What was seen when a case was played: exchanges, the outcome, audit events; and why nothing could be played.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::auth::Challenges;
use crate::domain::Value;
use crate::wire::{BodyEnd, FieldLine, Irregularities, Request, Response, Way};

/// What stands for the status where there is no answer; statuses have three digits (RFC 9110 §15).
const NO_STATUS: u16 = 0;

/// A status in the words of a report: its number, or that there is no answer.
pub fn status_in_words(status: u16) -> String {
    match status {
        NO_STATUS => "no answer".to_owned(),
        status => status.to_string(),
    }
}

/// A response together with the challenges that it carries, parsed once.
#[derive(Debug)]
pub struct Answer {
    /// The response as received.
    pub response: Response,
    /// The challenges of its `WWW-Authenticate` field lines (RFC 9110 §11.6.1), in order; of a 407, a
    /// proxy's, those of `Proxy-Authenticate` (§11.7.1).
    pub challenges: Challenges,
    /// The distinct schemes of these challenges, in lower case and in order.
    pub offered: Vec<String>,
    /// What is wrong about where it ends; no rule speaks of that.
    pub irregular: Irregularities,
}

impl Answer {
    /// Reads the challenges out of a response.
    pub fn new(response: Response) -> Self {
        let name = field_of(response.status);
        let challenges = Challenges::parse(response.fields_named(name));
        Self::with_challenges(response, challenges)
    }

    /// A response, and what was read out of it.
    pub fn with_challenges(response: Response, challenges: Challenges) -> Self {
        Self {
            response,
            offered: offered(&challenges),
            challenges,
            irregular: Irregularities::default(),
        }
    }
}

/// So many schemes are few.
const FEW: usize = 16;

/// The distinct schemes of challenges, in lower case and in order.
fn offered(challenges: &Challenges) -> Vec<String> {
    let mut schemes: Vec<String> = Vec::new();
    // Of few a look through them costs less than a set; an answer may have thousands.
    let mut known = HashSet::new();
    for challenge in &challenges.list {
        let scheme = challenge.scheme.to_ascii_lowercase();
        let is_new = match schemes.len() {
            0..FEW => !schemes.contains(&scheme),
            _ => {
                known.extend(schemes.iter().skip(known.len()).cloned());
                !known.contains(&scheme)
            }
        };
        if is_new {
            schemes.push(scheme);
        }
    }
    schemes
}

/// Their challenges are read out of their responses.
impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        self.response == other.response && self.irregular == other.irregular
    }
}

impl Eq for Answer {}

impl Answer {
    /// That there is none: the connection was closed without one.
    pub fn missing() -> Self {
        Self::new(Response {
            status: NO_STATUS,
            fields: Vec::new(),
            body: Vec::new(),
            body_end: BodyEnd::Complete,
            head: Vec::new(),
        })
    }

    /// Whether there is none.
    pub fn is_missing(&self) -> bool {
        self.response.status == NO_STATUS
    }

    /// The name of the field that its challenges stand in.
    pub fn challenge_field(&self) -> &'static str {
        field_of(self.response.status)
    }
}

fn field_of(status: u16) -> &'static str {
    match status {
        407 => Way::ForwardProxy.challenge_field(),
        _ => Way::Http1.challenge_field(),
    }
}

/// One request and the response to it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request, with its path relative to the endpoint.
    pub request: Arc<Request>,
    /// What the implementation answered.
    pub answer: Arc<Answer>,
    /// What the path of the request is relative to: scheme, host and port, and the endpoint's prefix,
    /// such as `http://127.0.0.1:9000/s0`.
    pub base: Arc<str>,
}

impl Exchange {
    /// The URL that was asked.
    pub fn url(&self) -> String {
        format!("{}{}", self.base, self.request.path)
    }
}

/// Whom an implementation asks on behalf of a client: Countersign plays both where a policy has it ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Upstream {
    /// The server behind it.
    #[default]
    Backend,
    /// The service that decides on a request before that.
    AuthService,
}

impl Upstream {
    /// The words for it in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::Backend => "the backend",
            Self::AuthService => "the auth service",
        }
    }
}

/// A request that reached the server behind an implementation, or the service that it asks before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arrival {
    /// The slot in which it happened.
    pub slot: usize,
    /// Whom it reached.
    pub at: Upstream,
    /// Its method.
    pub method: String,
    /// Its target.
    pub target: String,
    /// Who it was told that asks, where it is told.
    pub user: Option<String>,
    /// Whether it carries credentials in `Authorization`.
    pub authorization: bool,
    /// What was seen of it where Countersign itself was reached.
    pub seen: Option<Arc<SeenArrival>>,
}

/// All that an upstream which Countersign plays sees of a request, and what it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SeenArrival {
    /// The field lines of the request, in order.
    pub fields: Vec<FieldLine>,
    /// The beginning of its content, of which 4 KiB are kept.
    pub content: Vec<u8>,
    /// The status of the answer; nothing where there is none.
    pub status: Option<u16>,
    /// The field lines of the answer, in order.
    pub answered: Vec<FieldLine>,
}

impl SeenArrival {
    /// The values of all lines of a field of the request, in order (names compare case-insensitively).
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values(&self.fields, name)
    }

    /// The same of the answer.
    pub fn answered_lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values(&self.answered, name)
    }
}

fn values<'a>(fields: &'a [FieldLine], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let named = fields
        .iter()
        .filter(move |field| field.name.eq_ignore_ascii_case(name));
    named.map(|field| field.value.as_slice())
}

/// What came of one ask of a conversation.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asked: the client record.
    pub client: Arc<Value>,
    /// Every exchange in order.
    pub exchanges: Vec<Exchange>,
    /// Where the client stood at the end.
    pub outcome: Outcome,
    /// The audit events since the ask before, where the implementation hands them over.
    pub events: Option<Arc<[LoggedEvent]>>,
}

/// Where a client stands when its last exchange is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A final status of 2xx: the client got in. So it did by 101, which begins what it asked for (RFC 9110 §15.2.2).
    Accepted,
    /// 401, 403, 404 or 407: the request was understood and access refused. (An origin server may
    /// answer 404 in place of 403: RFC 9110 §15.5.4.) So it was where TLS refused the client's certificate, or that it
    /// showed none, by an alert (RFC 8446 §6.2).
    Refused,
    /// Any 3xx. Countersign follows no redirect: whether a client should is another question.
    Redirected,
    /// Any other status: 1xx but 101, the remaining 4xx, 5xx.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [
        Self::Accepted,
        Self::Refused,
        Self::Redirected,
        Self::Failed,
    ];

    /// The outcome that a final status stands for.
    pub fn of_status(status: u16) -> Self {
        match status {
            101 | 200..=299 => Self::Accepted,
            300..=399 => Self::Redirected,
            401 | 403 | 404 | 407 => Self::Refused,
            _ => Self::Failed,
        }
    }

    /// The word for it in specs and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Redirected => "redirected",
            Self::Failed => "failed",
        }
    }

    /// The outcome that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// An entry of the implementation's audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuditEvent {
    /// The slot in which it happened.
    pub slot: usize,
    /// Its name, such as `LOGIN_SUCCESS`.
    pub name: String,
    /// Whose log-in it was, where the log says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The auth-scheme that was used, where the log says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The policy that decided, by the word for what it is for, where the log says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// All that the log has of it, where that is handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// An audit event, wherever it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LoggedEvent {
    /// Its name, such as `LOGIN_SUCCESS`.
    pub name: String,
    /// Whose log-in it was, where that is known and looked at.
    pub user: Option<String>,
    /// The auth-scheme that was used, likewise.
    pub scheme: Option<String>,
    /// The policy that decided, likewise.
    pub policy: Option<String>,
    /// All that the log has of it, likewise.
    pub text: Option<String>,
}

impl LoggedEvent {
    /// Its name, and nothing of what it says.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

impl From<AuditEvent> for LoggedEvent {
    fn from(event: AuditEvent) -> Self {
        Self {
            name: event.name,
            user: event.user,
            scheme: event.scheme,
            policy: event.policy,
            text: event.text,
        }
    }
}

/// Why an implementation could not be made ready. Never a finding: the fault may be the
/// environment's or our own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupFault {
    /// What was attempted, such as `start nginx`.
    pub doing: String,
    /// What happened, in one or several lines, with the program's own words.
    pub why: String,
    /// What the reader can do about it, where that is known.
    pub remedy: Option<String>,
}

impl fmt::Display for SetupFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "could not {}: {}", self.doing, self.why)?;
        match &self.remedy {
            Some(remedy) => write!(out, "\n  remedy: {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SetupFault {}
