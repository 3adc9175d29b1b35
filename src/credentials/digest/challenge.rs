//! A Digest challenge: written by a server, and looked over by a client.

use super::algorithm::{Algorithm, Qop};
use crate::auth::{Challenge, Param};

/// What a server puts into a Digest challenge (RFC 7616 §3.3).
#[derive(Clone, Copy, Debug)]
pub struct DigestChallenge<'a> {
    /// The realm.
    pub realm: &'a str,
    /// The nonce.
    pub nonce: &'a str,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The qualities that are offered; none leaves `qop` out.
    pub qop: &'a [Qop],
    /// What the client returns unchanged.
    pub opaque: Option<&'a str>,
    /// The protection space: URIs, a space between two; nothing for the whole server.
    pub domain: Option<&'a str>,
    /// Whether the request before was refused for its nonce only.
    pub stale: bool,
    /// Whether user-id and password are in UTF-8 (RFC 7616 §4).
    pub utf8: bool,
    /// Whether the user-id may be sent hashed.
    pub userhash: bool,
}

impl DigestChallenge<'_> {
    /// The challenge, each parameter written as RFC 7616 §3.3 demands: `realm`, `domain`, `nonce`,
    /// `qop` and `opaque` quoted, `algorithm` and `stale` not.
    pub fn to_challenge(&self) -> Challenge {
        let mut challenge = Challenge::new("Digest").with(Param::quoted("realm", self.realm));
        if let Some(domain) = self.domain {
            challenge = challenge.with(Param::quoted("domain", domain));
        }
        if !self.qop.is_empty() {
            let names: Vec<&str> = self.qop.iter().map(|qop| qop.name()).collect();
            challenge = challenge.with(Param::quoted("qop", names.join(", ")));
        }
        challenge = challenge
            .with(Param::token("algorithm", self.algorithm.name()))
            .with(Param::quoted("nonce", self.nonce));
        if let Some(opaque) = self.opaque {
            challenge = challenge.with(Param::quoted("opaque", opaque));
        }
        if self.stale {
            challenge = challenge.with(Param::token("stale", "true"));
        }
        if self.utf8 {
            challenge = challenge.with(Param::token("charset", "UTF-8"));
        }
        if self.userhash {
            challenge = challenge.with(Param::token("userhash", "true"));
        }
        challenge
    }
}

/// What a client takes from a challenge that it can answer.
#[derive(Clone, Debug)]
pub(super) struct DigestOffer {
    /// As it was sent, one character a byte.
    pub(super) realm: String,
    /// As it was sent, one character a byte.
    pub(super) nonce: String,
    pub(super) algorithm: Algorithm,
    pub(super) qop: Option<Qop>,
}

impl DigestOffer {
    /// Reads a challenge; nothing when it has no realm or nonce, or asks for an algorithm or a
    /// quality that nobody here knows.
    pub(super) fn read(challenge: &Challenge) -> Option<Self> {
        let algorithm = match challenge.param("algorithm") {
            Some(name) => Algorithm::from_name(name)?,
            None => Algorithm::Md5,
        };
        let qop = match challenge.param("qop") {
            Some(list) => {
                let offered = |wanted: &Qop| {
                    let mut names = list.split(',').map(str::trim);
                    names.any(|name| Qop::from_name(name) == Some(*wanted))
                };
                // That of the whole message where both are offered: the client is free to take either
                // (RFC 7616 §3.4), and only of this one can be seen whether the body counts.
                Some(Qop::ALL.into_iter().rev().find(offered)?)
            }
            // A session needs a nonce of the client's, which is sent with `qop` only.
            None if algorithm.is_session() => return None,
            None => None,
        };
        Some(Self {
            realm: challenge.param("realm")?.to_owned(),
            nonce: challenge.param("nonce")?.to_owned(),
            algorithm,
            qop,
        })
    }
}

/// Whether a Digest client can answer a challenge. One with an unknown algorithm is passed over
/// (RFC 7616 §3.3).
pub fn can_answer_digest(challenge: &Challenge) -> bool {
    challenge.is("Digest") && DigestOffer::read(challenge).is_some()
}

/// Whether what answers a challenge is made for the body too (RFC 7616 §3.4.3).
pub fn digest_covers_body(challenge: &Challenge) -> bool {
    DigestOffer::read(challenge).is_some_and(|offer| offer.qop == Some(Qop::AuthInt))
}
