//! A scripted server: what it answers until acceptable credentials come.

use super::layout::Layout;
use super::sent::{DigestSent, Encoding, SentAuthorization};
use super::traits::Parameters;

/// Where a server sends a client that logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectTarget {
    /// To another resource of the same origin.
    SameOrigin,
    /// To another port of the same host.
    OtherPort,
    /// To another host.
    OtherHost,
}

/// A redirection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// Where to.
    pub target: RedirectTarget,
    /// Whether the first request is redirected, and nobody is challenged before.
    pub at_once: bool,
    /// Whether the target challenges, in the same way.
    pub challenges: bool,
}

/// What a server makes of the nonce of a right response of Digest (RFC 7616 §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleNonce {
    /// It says of the first that it is stale, and takes the one that it gives then.
    Once,
    /// It says so of each.
    ForEver,
}

/// Which credentials a server takes, if they are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepts {
    /// Basic.
    pub basic: bool,
    /// A bearer token.
    pub bearer: bool,
    /// Digest.
    pub digest: bool,
}

impl Accepts {
    /// All of them.
    pub const ALL: Self = Self {
        basic: true,
        bearer: true,
        digest: true,
    };

    /// None of them.
    pub const NONE: Self = Self {
        basic: false,
        bearer: false,
        digest: false,
    };
}

/// A scripted server and the client's secret, which together make a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its challenges. `%N` in a line stands for a number that is new in each response.
    pub layout: Layout,
    /// The status of a refusal.
    pub status: u16,
    /// What it takes; nothing, and it refuses for ever.
    pub accepts: Accepts,
    /// What becomes of a client that logged in; nothing, and it is answered 200.
    pub redirection: Option<Redirection>,
    /// Of which nonces it says that they are stale; nothing, and it says so of none.
    pub stale: Option<StaleNonce>,
    /// Whether the password has characters outside US-ASCII.
    pub foreign_password: bool,
    /// Whether the URL that is asked for has a query.
    pub query: bool,
    /// The realm for which a client was given its credentials that must be told one; nothing for
    /// whichever is sent.
    pub known_realm: Option<String>,
}

impl Script {
    /// A server that refuses with 401 and these challenges whatever is not right, and takes Basic,
    /// Bearer and Digest whatever it advertises.
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            status: 401,
            accepts: Accepts::ALL,
            redirection: None,
            stale: None,
            foreign_password: false,
            query: false,
            known_realm: None,
        }
    }

    /// Whether it takes these credentials.
    pub(super) fn takes(&self, sent: &SentAuthorization<'_>) -> bool {
        match sent {
            SentAuthorization::Basic(Encoding::Plain | Encoding::Utf8) => self.accepts.basic,
            SentAuthorization::Bearer(true) => self.accepts.bearer,
            SentAuthorization::Digest(sent) => {
                let right = !(sent.wrong || sent.mixed || sent.not_offered);
                self.accepts.digest && right
            }
            _ => false,
        }
    }
}

/// The challenges of Digest that a layout really has, to hold responses against.
#[derive(Clone, Debug, Default)]
pub(super) struct OfferedDigests<'l>(Vec<(Option<&'l str>, Option<&'l str>, &'l str)>);

impl<'l> OfferedDigests<'l> {
    pub(super) fn of(layout: &'l Layout) -> Self {
        if !layout.joined().contains(['D', 'd']) {
            return Self::default();
        }
        let offers = layout.offers();
        let digests = offers.iter().filter(|offer| offer.is("Digest"));
        Self(
            digests
                .map(|offer| {
                    let parameter = |name| offer.parameter(name, Parameters::Own);
                    let algorithm = parameter("algorithm").unwrap_or("MD5");
                    (parameter("realm"), parameter("nonce"), algorithm)
                })
                .collect(),
        )
    }

    /// Whether a challenge of this algorithm lacks a realm or a nonce: then nothing can be computed from
    /// it, be it rightly or wrongly.
    pub(super) fn lacks(&self, algorithm: &str) -> bool {
        let lacks = |have: &(Option<&str>, Option<&str>, &str)| {
            let named = have.2.eq_ignore_ascii_case(algorithm);
            named && (have.0.is_none() || have.1.is_none())
        };
        self.0.iter().any(lacks)
    }

    /// Notes in a response what of it was not offered.
    pub(super) fn check(
        &self,
        realm: Option<&str>,
        nonce: Option<&str>,
        sent: DigestSent<'l>,
    ) -> DigestSent<'l> {
        let named = |algorithm: &str| algorithm.eq_ignore_ascii_case(sent.algorithm);
        let not_offered = !self.0.iter().any(|(_, _, algorithm)| named(algorithm));
        let one = |have: &(Option<&str>, Option<&str>, &str)| {
            have.0.is_some()
                && have.0 == realm
                && have.1.is_some()
                && have.1 == nonce
                && named(have.2)
        };
        DigestSent {
            not_offered,
            wrong: sent.wrong && !self.lacks(sent.algorithm),
            mixed: sent.mixed || !not_offered && !self.0.iter().any(one),
            ..sent
        }
    }
}
