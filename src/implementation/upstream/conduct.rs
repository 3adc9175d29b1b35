//! How an upstream conducts itself: what an auth service answers to a check, and what a backend answers.
//!
//! | field of the instance | what it says |
//! |---|---|
//! | `auth_service` | what the service answers: [`ServiceReply`] lists the words |
//! | `challenges` | the challenges of its 401 and 407: one, two lines, one line, three lines or odd |
//! | `identity` | whether a 2xx tells in `X-User` who asks, and in `X-Group` of which group that is: `none` or `user` |
//! | `backend` | what the server behind answers: `ok`, `unauthorized`, `storable`, `closed`, `half`, `silent`, `two-answers`, `stalls-in-head` or `stalls-in-content` |

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::message::UpstreamRequest;
use crate::credentials::{Identity, TokenState};
use crate::domain::Value;
use crate::wire::FieldLine;
use crate::yaml::one_of;

/// The field in which a service tells who asks. Nothing standardises its name.
pub(super) const USER: &str = "X-User";

/// The field in which it tells something beside that no policy has told to the server behind, and what.
const GROUP: (&str, &str) = ("X-Group", "staff");

/// Whom a service tells of that lets everybody in.
const SOMEBODY: &str = "alice";

/// The path to which a service that redirects sends clients. Whoever asks there is answered 200.
const LOG_IN: &str = "/log-in";

/// The beginning of an answer, and no more.
pub(super) const HALF: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/pl";

/// The content of an answer of which half comes and no more.
pub(super) const STALLED: &str = "half of this comes and no more\n";

/// What has this field is an answer that nobody asked for.
const UNASKED: &str = "X-Unasked";

/// Declares the answers of a service: each with its word and what goes over the wire.
macro_rules! replies {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal, $sends:expr;)*) => {
        /// What a service answers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum ServiceReply {
            $($(#[doc = $doc])* $variant,)*
        }

        impl ServiceReply {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)*];

            fn sends(self) -> ServiceSends {
                match self {
                    $(Self::$variant => $sends,)*
                }
            }
        }
    };
}

/// What goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServiceSends {
    /// An answer of this status.
    Status(u16),
    /// Nothing, and the end of the connection.
    Nothing,
    /// Nothing, and a connection that is reset. By gRPC, the end of the connection.
    Reset,
    /// Nothing, for as long as whoever asks is there.
    Silence,
    /// The beginning of a 200, and the end of the connection.
    Half,
    /// The beginning of the head of a 200, and then nothing for as long as whoever asks is there.
    HeadAndSilence,
    /// A 200 with half of its content, and then nothing for as long as whoever asks is there.
    ContentAndSilence,
    /// Bytes that are no answer, and the end of the connection.
    Bytes(&'static [u8]),
    /// 200 to who is known, and 401 to everybody else.
    Decision,
    /// An answer of this status, and right behind it one of 200 that nobody asked for.
    StatusAndMore(u16),
    /// A status of gRPC that is not `OK`, and nothing else. By HTTP, nothing and the end of the connection.
    Failure,
}

replies! {
    /// 200.
    Ok, "ok", ServiceSends::Status(200);
    /// 201.
    Created, "created", ServiceSends::Status(201);
    /// 204.
    NoContent, "no-content", ServiceSends::Status(204);
    /// 206, of a part that nobody asked for.
    PartialContent, "partial-content", ServiceSends::Status(206);
    /// 302 to a page of the service that answers 200.
    Found, "found", ServiceSends::Status(302);
    /// 304.
    NotModified, "not-modified", ServiceSends::Status(304);
    /// 400.
    BadRequest, "bad-request", ServiceSends::Status(400);
    /// 401, with challenges.
    Unauthorized, "unauthorized", ServiceSends::Status(401);
    /// 403.
    Forbidden, "forbidden", ServiceSends::Status(403);
    /// 404.
    NotFound, "not-found", ServiceSends::Status(404);
    /// 407, with challenges.
    ProxyAuthentication, "proxy-authentication", ServiceSends::Status(407);
    /// 429, with Retry-After.
    TooMany, "too-many", ServiceSends::Status(429);
    /// 500.
    Error, "error", ServiceSends::Status(500);
    /// 503.
    Unavailable, "unavailable", ServiceSends::Status(503);
    /// Nobody listens where it should be.
    Unreachable, "unreachable", ServiceSends::Nothing;
    /// The connection ends without an answer.
    Closed, "closed", ServiceSends::Nothing;
    /// The connection is reset in place of an answer.
    Reset, "reset", ServiceSends::Reset;
    /// It never answers.
    Silent, "silent", ServiceSends::Silence;
    /// The beginning of a 200, and the end of the connection.
    Half, "half", ServiceSends::Half;
    /// Bytes that are no HTTP.
    Garbage, "garbage", ServiceSends::Bytes(b"200 OK, come in\r\n\r\n");
    /// 401, and a 200 that nobody asked for in the same packet.
    TwoAnswers, "two-answers", ServiceSends::StatusAndMore(401);
    /// 200 to whoever shows good credentials, and tells who that is; 401 with challenges to everybody else.
    Decides, "decides", ServiceSends::Decision;
    /// The beginning of the head of a 200, and then nothing.
    StallsInHead, "stalls-in-head", ServiceSends::HeadAndSilence;
    /// A 200 with half of its content, and then nothing.
    StallsInContent, "stalls-in-content", ServiceSends::ContentAndSilence;
    /// The call fails: there is such a thing by gRPC alone.
    FailedCall, "failed-call", ServiceSends::Failure;
}

/// The challenges of an answer: each a field line.
const LAYOUTS: [(&str, &[&str]); 5] = [
    ("one", &["Basic realm=\"the service\""]),
    (
        "two-lines",
        &[
            "Bearer realm=\"the service\"",
            "Basic realm=\"the service\"",
        ],
    ),
    (
        "one-line",
        &["Bearer realm=\"the service\", error=\"invalid_token\", Basic realm=\"the service\""],
    ),
    (
        "three-lines",
        &[
            "Negotiate",
            "Bearer realm=\"the service\", scope=\"read write\"",
            "Basic realm=\"the service\", charset=\"UTF-8\"",
        ],
    ),
    (
        "odd",
        &[
            "bAsIc REALM=\"a \\\"quoted\\\", (odd) realm\"",
            "Unheard-Of YWJj",
        ],
    ),
];

/// What a server behind answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BackendReply {
    /// 200.
    Ok,
    /// 401, with challenges of its own.
    Unauthorized,
    /// 200, which a cache of one user may store (RFC 9111 §5.2.2.1).
    Storable,
    /// The connection ends without an answer.
    Closed,
    /// The beginning of a 200, and the end of the connection.
    Half,
    /// It never answers.
    Silent,
    /// 200, and another that nobody asked for in the same packet.
    TwoAnswers,
    /// The beginning of the head of a 200, and then nothing.
    StallsInHead,
    /// A 200 with half of its content, and then nothing.
    StallsInContent,
}

/// The words for it.
const BACKENDS: [(&str, BackendReply); 9] = [
    ("ok", BackendReply::Ok),
    ("unauthorized", BackendReply::Unauthorized),
    ("storable", BackendReply::Storable),
    ("closed", BackendReply::Closed),
    ("half", BackendReply::Half),
    ("silent", BackendReply::Silent),
    ("two-answers", BackendReply::TwoAnswers),
    ("stalls-in-head", BackendReply::StallsInHead),
    ("stalls-in-content", BackendReply::StallsInContent),
];

/// The challenges of a server behind.
const OF_BACKEND: [&str; 2] = [
    "Basic realm=\"the \\\"backend\\\", behind\"",
    "Bearer realm=\"the backend\"",
];

/// How an upstream conducts itself.
#[derive(Clone, Debug)]
pub(super) struct UpstreamConduct {
    reply: ServiceReply,
    challenges: &'static [&'static str],
    tells: bool,
    /// Credentials that are good, in lower-case up to the first space, each with whose they are.
    known: Vec<(String, String)>,
    /// What it answers where it is no service, but the server behind.
    backend: Option<BackendReply>,
}

/// An answer, as far as it is HTTP.
#[derive(Clone, Debug, Default)]
pub(super) struct UpstreamAnswer {
    pub(super) status: u16,
    pub(super) fields: Vec<FieldLine>,
    pub(super) body: &'static str,
}

impl ServiceSends {
    /// Whether whoever asks waits in vain, so that it breaks off.
    pub(super) fn is_waited_for_in_vain(self) -> bool {
        matches!(
            self,
            Self::Silence | Self::HeadAndSilence | Self::ContentAndSilence
        )
    }
}

impl UpstreamConduct {
    /// What an instance record says of the service, before which these identities can show credentials.
    ///
    /// # Errors
    ///
    /// In words, when it says what no service does.
    pub(super) fn of(instance: &Value, identities: &[Identity]) -> Result<Self, String> {
        let reply = word(
            instance,
            "auth_service",
            ServiceReply::WORDS,
            ServiceReply::Ok,
        )?;
        let tells = [("none", false), ("user", true)];
        Ok(Self {
            reply,
            challenges: word(instance, "challenges", &LAYOUTS, LAYOUTS[0].1)?,
            tells: word(instance, "identity", &tells, false)?,
            known: known(identities),
            backend: None,
        })
    }

    /// What an instance record says of the server behind, who answers everybody alike.
    ///
    /// # Errors
    ///
    /// In words, when it says what none does.
    pub(super) fn backend(instance: &Value) -> Result<Self, String> {
        Ok(Self {
            reply: ServiceReply::Ok,
            challenges: &OF_BACKEND,
            tells: false,
            known: Vec::new(),
            backend: Some(word(instance, "backend", &BACKENDS, BackendReply::Ok)?),
        })
    }

    /// Whether nobody listens.
    pub(super) fn is_unreachable(&self) -> bool {
        self.reply == ServiceReply::Unreachable
    }

    /// What goes over the wire for a request.
    pub(super) fn sends(&self, asked: &UpstreamRequest) -> ServiceSends {
        let target = asked.target.split('?').next();
        match self.backend {
            Some(BackendReply::Unauthorized) => return ServiceSends::Status(401),
            Some(BackendReply::Closed) => return ServiceSends::Nothing,
            Some(BackendReply::Half) => return ServiceSends::Half,
            Some(BackendReply::Silent) => return ServiceSends::Silence,
            Some(BackendReply::TwoAnswers) => return ServiceSends::StatusAndMore(200),
            Some(BackendReply::StallsInHead) => return ServiceSends::HeadAndSilence,
            Some(BackendReply::StallsInContent) => return ServiceSends::ContentAndSilence,
            Some(BackendReply::Ok | BackendReply::Storable) | None => {}
        }
        match self.reply {
            // What a client would find that follows the redirect.
            ServiceReply::Found if target.is_some_and(|path| path.ends_with(LOG_IN)) => {
                ServiceSends::Status(200)
            }
            reply => reply.sends(),
        }
    }

    /// The answer of a status, or the decision where there is none.
    pub(super) fn answer(
        &self,
        status: Option<u16>,
        asked: &UpstreamRequest,
        place: &str,
    ) -> UpstreamAnswer {
        let who = self.who(asked);
        let status = status.unwrap_or(if who.is_some() { 200 } else { 401 });
        let field = |name: &str, value: &str| FieldLine {
            name: name.to_owned(),
            value: value.as_bytes().to_vec(),
        };
        let lines = |name: &str| {
            let lines = self.challenges.iter();
            lines.map(|line| field(name, line)).collect()
        };
        let decides = self.reply == ServiceReply::Decides;
        let fields = match status {
            200..=299 if self.backend == Some(BackendReply::Storable) => {
                vec![
                    field("X-Backend", "yes"),
                    field("Cache-Control", "max-age=600"),
                ]
            }
            200..=299 if self.backend.is_some() => vec![field("X-Backend", "yes")],
            200..=299 if self.tells => {
                let (group, staff) = GROUP;
                let user = field(USER, who.as_deref().unwrap_or(SOMEBODY));
                vec![user, field(group, staff)]
            }
            200..=299 if decides => vec![field(USER, who.as_deref().unwrap_or(SOMEBODY))],
            302 => vec![field("Location", &format!("http://{place}{LOG_IN}"))],
            401 => lines("WWW-Authenticate"),
            407 => lines("Proxy-Authenticate"),
            429 => vec![field("Retry-After", "7")],
            _ => Vec::new(),
        };
        let body = match status {
            200 if self.backend.is_some() => "the backend\n",
            200..=299 | 304 => "",
            _ if self.backend.is_some() => "the backend says no\n",
            _ => "the service says no\n",
        };
        UpstreamAnswer {
            status,
            fields,
            body,
        }
    }

    /// An answer that nobody asked for.
    pub(super) fn unasked(&self) -> UpstreamAnswer {
        let field = |name: &str| FieldLine {
            name: name.to_owned(),
            value: b"yes".to_vec(),
        };
        let mut fields = vec![field(UNASKED)];
        fields.extend(self.backend.map(|_| field("X-Backend")));
        UpstreamAnswer {
            status: 200,
            fields,
            body: "",
        }
    }

    /// Who shows good credentials, in one `Authorization` line.
    fn who(&self, asked: &UpstreamRequest) -> Option<String> {
        let mut lines = asked.lines("authorization");
        let (line, None) = (lines.next()?, lines.next()) else {
            return None;
        };
        let shown = normal(std::str::from_utf8(line).ok()?)?;
        let mut known = self.known.iter();
        known
            .find(|(good, _)| *good == shown)
            .map(|(_, who)| who.clone())
    }
}

/// Credentials with the auth-scheme in lower case and one space behind it.
fn normal(line: &str) -> Option<String> {
    let (scheme, rest) = line.split_once(' ')?;
    Some(format!("{} {}", scheme.to_ascii_lowercase(), rest.trim()))
}

/// The credentials that let somebody in, each with whom.
fn known(identities: &[Identity]) -> Vec<(String, String)> {
    let enabled = identities.iter().filter(|one| one.enabled);
    let all = enabled.flat_map(|one| {
        let basic = STANDARD.encode(format!("{}:{}", one.user, one.password.expose()));
        let valid = one.tokens.iter();
        let valid = valid.filter(|token| token.state == TokenState::Valid);
        let bearer = valid.map(|token| format!("bearer {}", token.value.expose()));
        let all = std::iter::once(format!("basic {basic}")).chain(bearer);
        all.map(|shown| (shown, one.user.clone()))
            .collect::<Vec<_>>()
    });
    all.collect()
}

/// What a field says among these words; what is usual where it is not there.
fn word<T: Copy>(
    instance: &Value,
    field: &str,
    words: &[(&str, T)],
    usual: T,
) -> Result<T, String> {
    let Some(value) = instance.field(field) else {
        return Ok(usual);
    };
    let said = value.as_symbol().unwrap_or_default();
    let found = words.iter().find(|(word, _)| *word == said);
    found.map(|(_, meant)| *meant).ok_or_else(|| {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("instance.{field} is `{value}`: there are {}", one_of(&all))
    })
}
