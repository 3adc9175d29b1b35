//! Turns: what a client knows when it may act, and what it can do.

use crate::auth::{AuthenticationInfo, Challenge, Param};

use crate::credentials::{Algorithm, CredentialState, Scheme, can_answer, digest_covers_body};
use crate::observation::{Asked, Exchange};
use crate::vocabulary::ClientCase;

/// The error that asks for a nonce in the proof (RFC 9449 §8).
const USE_NONCE: &str = "use_dpop_nonce";

/// What a client knows when it is its turn.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// The client.
    pub client: &'a ClientCase,
    /// Every exchange so far, in order.
    pub exchanges: &'a [Exchange],
    /// How many of their requests carried credentials.
    pub authorized: usize,
    /// The nonce for DPoP proofs that the server named last before it, if it did.
    pub nonce_before: Option<&'a str>,
}

/// What a client does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Asks without credentials.
    Bare,
    /// Asks with credentials.
    Credentials {
        /// Of this scheme.
        scheme: Scheme,
        /// Made for the challenge of this place in the last answer's list; nothing where they are
        /// sent unasked.
        challenge: Option<usize>,
    },
    /// Sends the last request once more, as it is.
    Again,
    /// Asks once more, with the nonce that the last answer names for the next request.
    Onward,
    /// Nothing more: the last answer stands.
    Stop,
}

/// The nonce for DPoP proofs that the last of several asks was told of (RFC 9449 §8.2): a client uses it until
/// it is told of another.
pub fn nonce_for_proofs(before: &[Asked]) -> Option<String> {
    let nonce = (before.iter().rev()).find_map(|asked| last_nonce(&asked.exchanges))?;
    Some(nonce.to_owned())
}

/// The nonce for DPoP proofs that was named last.
fn last_nonce(exchanges: &[Exchange]) -> Option<&str> {
    exchanges.iter().rev().find_map(|exchange| {
        let mut lines = exchange.answer.response.fields_named("dpop-nonce");
        let line = lines.next().filter(|_| lines.next().is_none())?;
        std::str::from_utf8(line).ok()
    })
}

impl Turn<'_> {
    /// Whether the client has any credentials.
    pub fn has_credentials(&self) -> bool {
        self.client.credential != CredentialState::None
    }

    /// How many requests carried credentials, of which one that was made anew for a new nonce counts with
    /// the one that it stands for.
    fn shown(&self) -> usize {
        let before = self.exchanges.split_last().map_or(&[][..], |(_, all)| all);
        let renewed = before.iter().any(|one| self.stale(one).is_some());
        self.authorized.saturating_sub(usize::from(renewed))
    }

    /// Whether the state of the credentials asks for a second showing of those that were sent.
    pub fn must_repeat(&self) -> bool {
        self.shown() == 1 && self.client.credential == CredentialState::Replayed
    }

    /// The nonce that the server wants in a DPoP proof (RFC 9449 §8 and §9), where it named one: the last
    /// one stands, whatever answer it came with (§8.2).
    pub fn nonce(&self) -> Option<&str> {
        last_nonce(self.exchanges).or(self.nonce_before)
    }

    /// The place of a challenge that asks for the same once more with the nonce that it has, because the
    /// one before was past its time (RFC 7616 §3.3): a client does so once, and never where its nonce is
    /// to be a wrong one, since there the first answer is what matters.
    pub fn wants_renewal(&self) -> Option<usize> {
        let stays = self.client.credential.keeps_its_nonce();
        if self.client.scheme != Scheme::Digest || self.authorized != 1 || stays {
            return None;
        }
        self.stale(self.exchanges.last()?)
    }

    /// The place of a challenge that says that the nonce of the request was past its time, if this is an
    /// answer to Digest credentials that says so.
    fn stale(&self, exchange: &Exchange) -> Option<usize> {
        let way = self.client.way;
        let answer = &exchange.answer;
        exchange.request.field(way.credentials_field())?;
        if answer.response.status != way.challenge_status() {
            return None;
        }
        answer.challenges.list.iter().position(|challenge| {
            let stale = challenge.param("stale");
            can_answer(Scheme::Digest, challenge)
                && stale.is_some_and(|stale| stale.eq_ignore_ascii_case("true"))
        })
    }

    /// The place of a challenge that asks for the same once more with the nonce that came with it: a
    /// client does so once, and never where its nonce is to be a wrong one.
    pub fn wants_nonce(&self) -> Option<usize> {
        let stays = self.client.credential.keeps_its_nonce();
        if self.client.scheme != Scheme::Dpop || self.authorized != 1 || stays {
            return None;
        }
        last_nonce(self.exchanges)?;
        let list = &self.exchanges.last()?.answer.challenges.list;
        list.iter().position(|challenge| {
            can_answer(Scheme::Dpop, challenge) && challenge.param("error") == Some(USE_NONCE)
        })
    }

    /// The challenge that was answered, with the nonce that the last answer names for the next request
    /// (RFC 7616 §3.5), where the state of the credentials asks for one more. Nothing where the answer
    /// names none, or where the key is that of a session, into which its first nonce is mixed (§3.4.2).
    pub fn next_challenge(&self) -> Option<Challenge> {
        let (last, before) = self.exchanges.split_last()?;
        if self.shown() != 1 || self.client.credential != CredentialState::NextNonce {
            return None;
        }
        let way = self.client.way;
        let info = AuthenticationInfo::parse(last.answer.response.fields_named(way.info_field()));
        let nonce = info.param("nextnonce")?;
        let asked = before.last()?.answer.challenges.list.iter();
        let mut asked = asked.filter(|challenge| can_answer(self.client.scheme, challenge));
        let mut challenge = asked.next()?.clone();
        let algorithm = challenge.param("algorithm").and_then(Algorithm::from_name);
        if algorithm.is_some_and(Algorithm::is_session) {
            return None;
        }
        challenge.params.retain(|param| !param.is("nonce"));
        Some(challenge.with(Param::quoted("nonce", nonce)))
    }

    /// The place of the first challenge in the last answer that a client of the scheme can answer, if
    /// that asks for credentials: with 401, or with 407 where the client asks through a proxy.
    pub fn challenge(&self, scheme: Scheme) -> Option<usize> {
        let answer = &self.exchanges.last()?.answer;
        if answer.response.status != self.client.way.challenge_status() {
            return None;
        }
        // What is made for another body shows nothing where no body counts.
        let whole = self.client.credential == CredentialState::OtherBody;
        let list = &answer.challenges.list;
        list.iter().position(|challenge| {
            can_answer(scheme, challenge) && (!whole || digest_covers_body(challenge))
        })
    }
}
