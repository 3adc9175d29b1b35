//! What is to be said of a response, whoever the client.

use std::borrow::Cow;
use std::fmt;

use super::seen::ResponseHead;
use crate::auth::{Challenge, Challenges};

/// The most remarks about challenges: a page of them is no more instructive than its beginning.
const MOST_REMARKS: usize = 16;

/// The most characters of a URL that a remark has.
const MOST_SHOWN: usize = 200;

/// Something about a response that decides who can log in, beside the layout of its challenges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// A 401 or 407 without a challenge in its field.
    NoChallenge(u16),
    /// A redirection in the place of a challenge, with its target.
    RedirectsToLogIn(u16, Option<String>),
    /// A success in the place of a challenge; whether its body is HTML.
    AsksNothing(u16, bool),
    /// A challenge on a success.
    ChallengeOnSuccess(u16),
    /// A challenge on another status than 401 and 407.
    ChallengeOnOther(u16),
    /// The answer to a client whose token allows too little.
    AsksForScope(u16),
    /// An answer that says nothing about authentication.
    NoAnswer(u16),
    /// A field that has challenges under another name.
    Remapped(String),
    /// The field in which a response of another status asks for credentials.
    FieldOfAnother(&'static str, u16),
    /// A bearer challenge whose realm is the URL of a token service.
    TokenService(String),
    /// A `resource_metadata` that is no URL of metadata.
    NoMetadata(String),
    /// A Basic challenge without a realm.
    BasicLacksRealm,
    /// A Digest challenge without what a response is computed from.
    DigestLacks(Vec<&'static str>),
    /// There was no status line.
    StatusAssumed(u16),
}

impl Remark {
    /// What is to be said of a response with these challenges.
    pub fn of(seen: &ResponseHead, challenges: &Challenges) -> Vec<Self> {
        let mut remarks = Vec::new();
        if seen.assumed {
            remarks.push(Self::StatusAssumed(seen.status));
        }
        match challenges.list.is_empty() {
            true => without_challenge(seen, &mut remarks),
            false => with_challenge(seen, challenges, &mut remarks),
        }
        remarks.extend(misplaced(seen));
        for remark in challenges.list.iter().flat_map(about) {
            if remarks.len() < MOST_REMARKS && !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
        remarks
    }

    /// Whether a client that waits for a challenge finds none that it could answer, whatever is
    /// accepted.
    pub fn shuts_out(&self) -> bool {
        matches!(self, Self::NoChallenge(_) | Self::RedirectsToLogIn(..))
    }

    /// Whether nobody is kept out by what was answered, or somebody else was than who is asked for.
    pub fn is_no_refusal(&self) -> bool {
        matches!(
            self,
            Self::AsksNothing(..)
                | Self::ChallengeOnSuccess(_)
                | Self::AsksForScope(_)
                | Self::NoAnswer(_)
        )
    }

    /// Whether the response is no answer to the question who gets in.
    pub fn is_no_answer(&self) -> bool {
        matches!(self, Self::NoAnswer(_))
    }

    /// A short word for it, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoChallenge(_) => "no-challenge",
            Self::RedirectsToLogIn(..) => "redirects",
            Self::AsksNothing(..) => "asks-nothing",
            Self::ChallengeOnSuccess(_) => "challenge-on-success",
            Self::ChallengeOnOther(_) => "challenge-on-other-status",
            Self::AsksForScope(_) => "asks-for-scope",
            Self::NoAnswer(_) => "no-answer",
            Self::Remapped(_) => "remapped",
            Self::FieldOfAnother(..) => "field-of-another-status",
            Self::TokenService(_) => "token-service",
            Self::NoMetadata(_) => "no-metadata",
            Self::BasicLacksRealm => "basic-lacks-realm",
            Self::DigestLacks(_) => "digest-lacks",
            Self::StatusAssumed(_) => "status-assumed",
        }
    }
}

fn without_challenge(seen: &ResponseHead, remarks: &mut Vec<Remark>) {
    let status = seen.status;
    match status {
        401 | 407 => remarks.push(Remark::NoChallenge(status)),
        300..=303 | 305..=399 => {
            remarks.push(Remark::RedirectsToLogIn(status, seen.text("Location")));
        }
        200..=299 => {
            let kind = seen.text("Content-Type").unwrap_or_default();
            let html = kind.to_ascii_lowercase().contains("html");
            remarks.push(Remark::AsksNothing(status, html));
        }
        _ if seen.renamed().is_empty() => remarks.push(Remark::NoAnswer(status)),
        _ => {}
    }
}

fn with_challenge(seen: &ResponseHead, challenges: &Challenges, remarks: &mut Vec<Remark>) {
    let scope = |challenge: &Challenge| challenge.param("error") == Some("insufficient_scope");
    remarks.push(match seen.status {
        401 | 407 => return,
        200..=299 => Remark::ChallengeOnSuccess(seen.status),
        _ if challenges.list.iter().any(scope) => Remark::AsksForScope(seen.status),
        _ => Remark::ChallengeOnOther(seen.status),
    });
}

/// Fields in which challenges stand where no client looks for them.
fn misplaced(seen: &ResponseHead) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (name, _) in seen.renamed().into_iter().take(MOST_REMARKS) {
        let remark = match name.to_ascii_lowercase().as_str() {
            "www-authenticate" => Remark::FieldOfAnother("WWW-Authenticate", 401),
            "proxy-authenticate" => Remark::FieldOfAnother("Proxy-Authenticate", 407),
            _ => Remark::Remapped(name.to_owned()),
        };
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    remarks
}

/// What is to be said of one challenge.
fn about(challenge: &Challenge) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let param = |name| challenge.param(name);
    if challenge.is("Bearer") {
        if let (Some(realm), Some(_)) = (
            param("realm").filter(|realm| is_url(realm)),
            param("service"),
        ) {
            remarks.push(Remark::TokenService(realm.to_owned()));
        }
        let metadata = param("resource_metadata");
        if let Some(url) = metadata.filter(|url| !url.contains("/.well-known/")) {
            remarks.push(Remark::NoMetadata(url.to_owned()));
        }
    }
    if challenge.is("Basic") && param("realm").is_none() {
        remarks.push(Remark::BasicLacksRealm);
    }
    if challenge.is("Digest") {
        let lacks = ["realm", "nonce"]
            .into_iter()
            .filter(|name| param(name).is_none());
        let lacks: Vec<&str> = lacks.collect();
        if !lacks.is_empty() {
            remarks.push(Remark::DigestLacks(lacks));
        }
    }
    remarks
}

fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

impl fmt::Display for Remark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoChallenge(401) => out.write_str(
                "There is no challenge, and a 401 must have at least one (RFC 9110 §11.6.1, \
                 §15.5.2). Every client that waits for one is shut out, whatever is accepted.",
            ),
            Self::NoChallenge(status) => write!(
                out,
                "There is no challenge, and a {status} must have at least one, in \
                 Proxy-Authenticate (RFC 9110 §11.7.1, §15.5.8). Every client that waits for one is \
                 shut out, whatever is accepted."
            ),
            Self::RedirectsToLogIn(status, to) => {
                let to = brief(to.as_deref().unwrap_or("nowhere"));
                write!(
                    out,
                    "A {status} sends the client to {to}, and asks for no credentials: a log-in page \
                     for people, perhaps. A client that waits for a challenge is shut out; an API asks \
                     by a 401 with a challenge (RFC 9110 §11.6.1)."
                )
            }
            Self::AsksNothing(status, html) => {
                let page = match html {
                    true => {
                        " The body is HTML: if it is a log-in page, every client takes it for \
                             the resource, and the ones that wait for a challenge are shut out."
                    }
                    false => "",
                };
                write!(
                    out,
                    "The answer is {status} without credentials: nobody is asked for any.{page}"
                )
            }
            Self::ChallengeOnSuccess(status) => write!(
                out,
                "The answer is {status} without credentials: everybody gets in. Its challenge says \
                 only that credentials might change the answer (RFC 9110 §11.6.1), and next to no \
                 client looks at it."
            ),
            Self::ChallengeOnOther(status) => write!(
                out,
                "The challenge stands on a {status}. Clients look for one in a 401 (a proxy's in a \
                 407), and next to none anywhere else (RFC 9110 §15.5.2)."
            ),
            Self::AsksForScope(status) => write!(
                out,
                "This {status} says that a token was good and allows too little (RFC 6750 §3.1): the \
                 answer to a client that is logged in. It says nothing about who finds out how to log \
                 in; for that, save what is answered without credentials. No client of the catalogue \
                 fetches a token with more scope."
            ),
            Self::NoAnswer(status) => {
                let why = match status {
                    400 => {
                        "the request was not understood; a port where TLS is spoken answers so to \
                         plain http, and is asked by https"
                    }
                    403 => "who asks is refused, and not asked who it is (RFC 9110 §15.5.4)",
                    404 => {
                        "there may be nothing here, or nothing for whoever has not logged in (RFC \
                         9110 §15.5.5)"
                    }
                    429 => "too many requests came before it (RFC 6585 §4)",
                    500..=599 => "something failed before or behind it (RFC 9110 §15.6)",
                    _ => "it asks for no credentials",
                };
                write!(
                    out,
                    "A {status} without a challenge is no answer about authentication: {why}. Nobody is \
                     counted; ask for a resource that is there and protected, give credentials to try, \
                     or say with `countersign reach --accepts` that this is how it is refused."
                )
            }
            Self::Remapped(name) => write!(
                out,
                "{} holds challenges under a name that no client looks for: some gateway renamed \
                 the field. Only under its own name is it a challenge (RFC 9110 §11.6.1).",
                brief(name)
            ),
            Self::FieldOfAnother(name, status) => write!(
                out,
                "There is {name}, which belongs to a {status}: in this answer no client looks for it."
            ),
            Self::TokenService(realm) => write!(
                out,
                "The bearer challenge names a token service: clients of a registry fetch a token at \
                 {}, with a user and a password, and come back with it. The catalogue has no such \
                 client; those that are counted have a token already.",
                brief(realm)
            ),
            Self::NoMetadata(url) => {
                let place = well_known(url).unwrap_or_else(|| "/.well-known/…".to_owned());
                let (url, place) = (brief(url), brief(&place));
                write!(
                    out,
                    "resource_metadata is {url}, which looks like the resource itself: metadata has \
                     its place at {place} (RFC 9728 §3). The catalogue has no client that reads it."
                )
            }
            Self::BasicLacksRealm => out.write_str(
                "A Basic challenge has no realm, which it must have (RFC 7617 §2), and without which \
                 some clients do not answer it.",
            ),
            Self::DigestLacks(names) => write!(
                out,
                "A Digest challenge has no {}, from which a response is computed: nobody can answer \
                 it (RFC 7616 §3.3).",
                names.join(" and no ")
            ),
            Self::StatusAssumed(status) => write!(
                out,
                "There is no status line: the fields are taken for those of a {status}."
            ),
        }
    }
}

/// The beginning of a text that is long.
fn brief(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => Cow::Owned(format!(
            "{}… ({} bytes)",
            text.get(..end).unwrap_or_default(),
            text.len()
        )),
        None => Cow::Borrowed(text),
    }
}

/// Where the metadata of a resource has its place (RFC 9728 §3.1).
fn well_known(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let path = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(path)?;
    let path = path.strip_suffix('/').unwrap_or(path);
    Some(format!(
        "{scheme}://{host}/.well-known/oauth-protected-resource{path}"
    ))
}
