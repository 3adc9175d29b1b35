//! Digest of an origin server: what its challenges offer, and who answers them rightly.

use super::protection_space::{CURRENT, NEXT, REALM};
use crate::auth::{Authorization, Challenge, Departure};

use crate::credentials::{
    Algorithm, DigestChallenge, DigestFault, Identity, Nonces, OTHER_BODY, Presented, Qop, Scheme,
};
use crate::domain::Value;
use crate::reference::decision::{DecisionInput, WELCOME};
use crate::reference::fault::Fault;
use crate::reference::login::{Login, Why, failed, may_log_in, succeeded};
use crate::reference::seeded::Faults;

/// Where the credentials are good (RFC 7616 §3.3, `domain`): a path, and a URI of another server.
const DOMAIN: &str = "/ https://other.example/";

/// What a policy has of Digest beside two algorithms and the quality `auth`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum DigestExtra {
    /// Nothing.
    #[default]
    Plain,
    /// User-ids may be sent hashed (RFC 7616 §3.4.4).
    UserHash,
    /// The challenges say where the credentials are good (§3.3).
    Domain,
    /// Each answer names a nonce for the next request (§3.5).
    NextNonce,
    /// The digest covers the body (§3.4.3).
    WholeBody,
    /// The first nonces are mixed into the key (§3.4.2).
    Session,
    /// A third algorithm, preferred to the others (§3.7).
    Sha512,
}

impl DigestExtra {
    /// What a policy record asks for.
    ///
    /// # Errors
    ///
    /// In words, when that is unknown.
    pub(super) fn of(policy: &Value) -> Result<Self, String> {
        let word = policy.field("digest").and_then(Value::as_symbol);
        Ok(match word.unwrap_or("plain") {
            "plain" => Self::Plain,
            "userhash" => Self::UserHash,
            "domain" => Self::Domain,
            "next-nonce" => Self::NextNonce,
            "auth-int" => Self::WholeBody,
            "session" => Self::Session,
            "sha-512-256" => Self::Sha512,
            other => {
                return Err(format!(
                    "the reference implementation has no Digest `{other}`"
                ));
            }
        })
    }

    /// The algorithms, the strongest first: each challenge has another (RFC 7616 §3.7).
    fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Session => &[Algorithm::Sha256Session, Algorithm::Md5Session],
            Self::Sha512 => &[Algorithm::Sha512Of256, Algorithm::Sha256, Algorithm::Md5],
            _ => &[Algorithm::Sha256, Algorithm::Md5],
        }
    }

    fn quality(self) -> Qop {
        match self {
            Self::WholeBody => Qop::AuthInt,
            _ => Qop::Auth,
        }
    }

    /// A challenge for each algorithm.
    pub(super) fn challenges(self, stale: bool) -> impl Iterator<Item = Challenge> {
        let nonce = Nonces::known().issue(CURRENT);
        self.algorithms().iter().map(move |algorithm| {
            DigestChallenge {
                realm: REALM,
                nonce: &nonce,
                algorithm: *algorithm,
                qop: &[self.quality()],
                opaque: Some("b3BhcXVl"),
                domain: (self == Self::Domain).then_some(DOMAIN),
                stale,
                utf8: true,
                userhash: self == Self::UserHash,
            }
            .to_challenge()
        })
    }

    /// The nonce for the next request, where answers name one.
    fn next_nonce(self) -> Option<String> {
        (self == Self::NextNonce).then(|| Nonces::known().issue(NEXT))
    }

    /// Whether a nonce is good.
    fn has_issued(self, nonce: &str, faults: &Faults) -> bool {
        let next = self == Self::NextNonce && !faults.has(Fault::DigestNextNonceRefused);
        let half = Nonces::known().issue(CURRENT);
        let half = half.get(..half.len() / 2).unwrap_or_default();
        if faults.has(Fault::DigestNonceHalfChecked) && nonce.starts_with(half) {
            return true;
        }
        match Nonces::known().serial(nonce) {
            Some(CURRENT) => true,
            Some(NEXT) => next,
            _ => false,
        }
    }

    /// Judges the value of an `Authorization` field. The requests of clients here have no body.
    pub(super) fn judge(
        self,
        value: &[u8],
        asked: &DecisionInput<'_>,
        identities: &[Identity],
        faults: &Faults,
    ) -> Login {
        let scheme = Scheme::Digest;
        let read = Authorization::parse(std::iter::once(value));
        let Some(credentials) = read.strict().flatten() else {
            return failed(None, Some(scheme), Why::Unreadable);
        };
        let refuses = |fault, departure| {
            let mut problems = read.problems.iter();
            faults.has(fault) && problems.any(|problem| problem.departure == departure)
        };
        let mut params = credentials.params.iter();
        if refuses(Fault::EmptyElementRefused, Departure::EmptyListElement)
            || refuses(
                Fault::SpacedEqualsRefused,
                Departure::WhiteSpaceAroundEquals,
            )
            || (faults.has(Fault::ParameterNamesCaseSensitive)
                && params.any(|param| param.name.bytes().any(|byte| byte.is_ascii_uppercase())))
        {
            return failed(None, Some(scheme), Why::Unreadable);
        }
        if refuses(Fault::QuotedPairKept, Departure::NeedlessQuotedPair) {
            return failed(None, Some(scheme), Why::Unknown);
        }
        let mut presented = match Presented::read(credentials) {
            Ok(presented) => presented,
            Err(fault) => return improper(fault, faults),
        };
        if faults.has(Fault::DigestRealmUnchecked) {
            presented = presented.of_realm(REALM);
        }
        if faults.has(Fault::DigestAlgorithmUnchecked)
            && !self.algorithms().contains(&presented.algorithm)
            && let Some(first) = self.algorithms().first()
        {
            presented.algorithm = *first;
        }
        let offered = self.algorithms().contains(&presented.algorithm);
        // As RFC 2069 had it: nobody offers no quality but by a fault.
        let unneeded =
            faults.has(Fault::DigestQualityUnneeded) || faults.has(Fault::DigestWithoutQop);
        let fits = presented.qop.map_or(unneeded, |qop| qop == self.quality());
        if !offered || !fits {
            return failed(None, Some(scheme), Why::Improper);
        }
        if faults.has(Fault::DigestSessionForgotten) {
            presented.algorithm = presented.algorithm.without_session();
        }
        let known = identities.iter().find(|one| {
            let hashed = presented.is_hashed && faults.has(Fault::DigestHashedUserUnknown);
            let foreign = !one.user.is_ascii() && faults.has(Fault::DigestUtf8Refused);
            presented.is_of(&one.user) && !hashed && !foreign
        });
        let Some(identity) = known else {
            return failed(Some(presented.user), Some(scheme), Why::Unknown);
        };
        let user = Some(identity.user.clone());
        let wrong = |why| failed(user.clone(), Some(scheme), why);
        let (name, password) = (&identity.user, identity.password.expose());
        let method = asked.method.as_str();
        let right = presented.is_right(name, password, method, &[])
            || (faults.has(Fault::DigestBodyUnchecked)
                && presented.is_right(name, password, method, OTHER_BODY));
        if !right || presented.realm != REALM || !may_log_in(identity, faults) {
            return wrong(Why::Wrong);
        }
        if !names(&presented.uri, asked.target) && !faults.has(Fault::DigestUriUnchecked) {
            return wrong(Why::OtherResource);
        }
        if !self.has_issued(&presented.nonce, faults) && !faults.has(Fault::DigestNonceUnchecked) {
            let named = Nonces::known().serial(&presented.nonce) == Some(NEXT);
            return wrong(match named && self == Self::NextNonce {
                true => Why::Wrong,
                false => Why::Stale,
            });
        }
        Login::Succeeded {
            info: presented.info(name, password, WELCOME, self.next_nonce().as_deref()),
            user,
            scheme,
            scopes: Vec::new(),
        }
    }
}

/// Whether the `uri` of a Digest client is a request target: as it is, or, as a proxy's client sends it,
/// in its absolute form (RFC 9112 §3.2.2).
fn names(uri: &str, target: &str) -> bool {
    let path = uri
        .strip_prefix("http://")
        .and_then(|rest| rest.get(rest.find('/')?..));
    uri == target || path == Some(target)
}

/// Parameters that are missing or improper. Some faults let them pass.
fn improper(fault: DigestFault, faults: &Faults) -> Login {
    let scheme = Scheme::Digest;
    let opens = match fault {
        DigestFault::TwoUsernames => faults.has(Fault::DigestTwoUsernamesOpen),
        DigestFault::UnknownQop => faults.has(Fault::DigestQopUnchecked),
        DigestFault::BadCount => faults.has(Fault::DigestCountUnchecked),
        _ => false,
    };
    if opens {
        succeeded(None, scheme)
    } else {
        failed(None, Some(scheme), Why::Improper)
    }
}
