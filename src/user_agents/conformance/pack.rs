//! What a pack for clients says: what layouts are made of, and the rules.

use std::sync::LazyLock;

use super::flaw::CredentialFlaw;
use crate::user_agents::model::{Accepts, KnownScheme, Redirection, StaleNonce};
use crate::yaml::{Diagnostics, Source};

/// The name of the pack that ships.
pub const CLIENT_PACK: &str = "client-challenge-handling";

/// A pack of rules for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPack {
    /// Its name.
    pub name: String,
    /// Its version; grows when a rule is added or changed.
    pub version: u32,
    /// What it is about.
    pub title: String,
    /// Where it was read.
    pub(super) source: String,
    /// What layouts are made of.
    pub(super) challenges: Vec<PackChallenge>,
    /// The rules, in the order written.
    pub rules: Vec<ClientRule>,
}

/// A challenge of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PackChallenge {
    /// The words for it.
    pub(super) says: String,
    /// Its text. `%N` stands for a number that is new in each answer.
    pub(super) text: String,
    /// Its scheme, where a client can be held to one.
    pub(super) scheme: Option<KnownScheme>,
    /// Whether it stands among the departures.
    pub(super) departs: bool,
}

/// A rule for clients. Challenges are named by their places in the pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRule {
    /// Its name.
    pub id: String,
    /// `must`, `should` or `advice`.
    pub level: String,
    /// What it says, in one sentence.
    pub says: String,
    /// Where that is from.
    pub source: String,
    /// Where it stands: `specs/client-challenge-handling.yaml:74`.
    pub at: String,
    /// What a client must answer where it stands alone; with nothing here, the plain challenge of the scheme in question.
    pub(super) has: Vec<usize>,
    /// Whether it is for clients that wait for a challenge.
    pub(super) waits: bool,
    /// The challenge that it is about: one of these, or none at all.
    pub(super) of: Vec<Option<usize>>,
    /// What stands with it always.
    pub(super) with: Vec<usize>,
    /// What may stand beside.
    pub(super) beside: Vec<usize>,
    /// How many stand beside at least and at most.
    pub(super) count: (usize, usize),
    /// Whether what it is about stands in front of what is there always.
    pub(super) in_order: bool,
    /// The servers that issue its layouts; never empty.
    pub(super) servers: Vec<LayoutServer>,
    /// What is expected.
    pub(super) expect: ClientExpectation,
}

impl ClientRule {
    /// Whether breaking it counts.
    pub fn counts(&self) -> bool {
        self.level != "advice"
    }
}

/// What a server does beside issuing challenges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LayoutServer {
    /// The words for it.
    pub(super) says: Option<String>,
    /// What it takes; nothing for what it offers.
    pub(super) takes: Option<Accepts>,
    /// The status by which it refuses; nothing for 401.
    pub(super) status: Option<u16>,
    /// Where it sends whoever logged in.
    pub(super) redirection: Option<Redirection>,
    /// What it makes of a right response of Digest.
    pub(super) stale: Option<StaleNonce>,
    /// Whether the password has characters outside US-ASCII.
    pub(super) foreign_password: bool,
    /// Whether the URL has a query.
    pub(super) query: bool,
}

/// What is expected of a client. Credentials are named in small letters, as `digest-sha-256`; a name stands for whatever goes on
/// from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClientExpectation {
    /// It gets in.
    GetsIn,
    /// It never sends such credentials; `any` for any.
    NeverSends(String),
    /// The first credentials that it sends are such.
    AnswersFirst(String),
    /// Once it has sent credentials of another scheme, it sends none of this.
    NoDowngrade(String),
    /// It sends so many requests at most.
    RequestsAtMost(usize),
    /// It sends no credentials where it is redirected to.
    NothingElsewhere,
    /// The credentials that it sends, let in or not, have not this flaw.
    Without(CredentialFlaw),
}

impl ClientPack {
    /// The plain challenge of a scheme: the first.
    pub(super) fn plain(&self, scheme: KnownScheme) -> Option<usize> {
        let mut all = self.challenges.iter();
        all.position(|challenge| challenge.scheme == Some(scheme))
    }

    pub(super) fn challenge(&self, at: usize) -> Option<&PackChallenge> {
        self.challenges.get(at)
    }
}

/// The pack that ships.
///
/// # Errors
///
/// Diagnostics where the file is wrong, which the tests rule out.
pub fn client_pack() -> Result<&'static ClientPack, &'static Diagnostics> {
    static PACK: LazyLock<Result<ClientPack, Diagnostics>> = LazyLock::new(|| {
        let text = include_str!("../../../specs/client-challenge-handling.yaml");
        let source = Source::new("specs/client-challenge-handling.yaml", text);
        ClientPack::read(&source)
    });
    PACK.as_ref()
}
