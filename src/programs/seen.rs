//! What a program was seen to do in one play.

use std::fmt;
use std::time::Duration;

use crate::user_agents::conformance::SeenFlaw;

/// What the credentials of a request are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// There are none.
    Nothing,
    /// They are right.
    Right,
    /// They are not, and why.
    Wrong(String),
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRequest {
    /// Its method and its target.
    pub line: String,
    /// What it carried, in the words of the measurements.
    pub sent: String,
    /// What that is worth.
    pub worth: Worth,
    /// What is wrong with the form of its credentials, where it was asked by a scripted server.
    pub flaws: Vec<SeenFlaw>,
    /// The `cnonce` of a response of Digest.
    pub client_nonce: Option<String>,
    /// Whether it went where the server redirected to.
    pub redirected: bool,
    /// The status of the answer.
    pub status: u16,
    /// Its head as it came.
    pub head: Vec<u8>,
    /// The head of the answer as it went.
    pub answered: Vec<u8>,
}

/// The metadata of authorization that programs look for beside the resource: RFC 9728 §3.1, RFC 8414 §3.1, and of OpenID
/// Connect.
const METADATA: [&str; 3] = [
    " /.well-known/oauth-protected-resource",
    " /.well-known/oauth-authorization-server",
    " /.well-known/openid-configuration",
];

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgramEnd {
    /// By itself, with this code.
    Exit(i32),
    /// By a signal that nobody here sent, as in a crash.
    Killed,
    /// It was ended: its time was up.
    Late(Duration),
    /// It was ended: it asked more often than anybody needs.
    Flooded,
}

impl fmt::Display for ProgramEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(out, "ended with {code}"),
            Self::Killed => out.write_str("was killed by a signal"),
            Self::Late(after) => {
                write!(
                    out,
                    "did not end within {} s, and was ended",
                    after.as_secs()
                )
            }
            Self::Flooded => out.write_str("went on asking, and was ended"),
        }
    }
}

/// What a program did in one play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Driven {
    /// Its requests for the resource, in the order in which they came.
    pub requests: Vec<SeenRequest>,
    /// What it asked for beside: an icon, a document of a well-known place, a host beyond this machine. It was
    /// answered that there is none.
    pub beside: Vec<String>,
    /// What came that is no request.
    pub odd: Vec<&'static str>,
    /// How often it asked the server itself, where it was to ask by its proxy. That says nothing of a client of a proxy,
    /// and is not among its requests.
    pub past_proxy: usize,
    /// How it ended.
    pub ending: ProgramEnd,
    /// What it said last.
    pub said: String,
    /// How many processes it had let go of, which were ended.
    pub left: usize,
    /// How long it took.
    pub took: Duration,
}

impl Driven {
    /// What its first requests carried, as the measurements have it: those for metadata are among them.
    pub fn schemes_sent(&self, most: usize) -> Vec<String> {
        let sent = self
            .requests
            .iter()
            .map(|request| match request.redirected {
                true => format!("{}@target", request.sent),
                false => request.sent.clone(),
            });
        let looks = std::iter::repeat_n("none".to_owned(), self.looks_for_metadata());
        sent.chain(looks).take(most).collect()
    }

    /// How many requests it sent, as the measurements count them.
    pub fn asked(&self) -> usize {
        self.requests.len() + self.looks_for_metadata()
    }

    fn looks_for_metadata(&self) -> usize {
        let is_metadata = |line: &&String| METADATA.iter().any(|path| line.contains(path));
        self.beside.iter().filter(is_metadata).count()
    }

    /// What is wrong with the credentials that it sent, each thing once.
    pub fn flaws(&self) -> Vec<SeenFlaw> {
        let mut all: Vec<SeenFlaw> = Vec::new();
        for flaw in self.requests.iter().flat_map(|request| &request.flaws) {
            if all.iter().all(|have| have.flaw != flaw.flaw) {
                all.push(flaw.clone());
            }
        }
        all
    }

    /// The client nonces of its responses of Digest.
    pub fn client_nonces(&self) -> impl Iterator<Item = &str> {
        let requests = self.requests.iter();
        requests.filter_map(|request| request.client_nonce.as_deref())
    }

    /// The status of the last answer; nothing where it sent no request.
    pub fn status(&self) -> Option<u16> {
        self.requests.last().map(|request| request.status)
    }

    /// Whether it got in: to the resource, or, as a program that asks for something below it, past who asks for
    /// credentials to where there is nothing.
    pub fn is_in(&self) -> bool {
        self.requests.last().is_some_and(|last| {
            let nothing = matches!(last.status, 404 | 405) && last.worth == Worth::Right;
            (200..300).contains(&last.status) || nothing
        })
    }

    /// Whether it ended by itself, be it by a crash: what it did is seen in full then.
    pub fn ended(&self) -> bool {
        matches!(self.ending, ProgramEnd::Exit(_) | ProgramEnd::Killed)
    }
}
