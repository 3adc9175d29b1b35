//! The answer of a client to a Digest challenge, in every state.

use super::algorithm::Algorithm;
use super::challenge::DigestOffer;
use super::hash::{Input, user_hash};
use super::nonce::Nonces;
use crate::auth::grammar::bytes;
use crate::auth::{Challenge, Param};
use crate::credentials::CredentialState;
use crate::credentials::inputs::{Finish, Inputs};
use crate::credentials::unlike::{Turned, unless_taken};

/// Which nonce goes into an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutlinedNonce {
    /// That of the challenge.
    Own,
    /// One that is made of it, which nobody issued.
    Turned(Turned),
    /// Always this one.
    Fixed(String),
}

impl OutlinedNonce {
    /// The nonce for one that was issued. Only the server itself can make one that is past its time: where its nonces are
    /// of a kind that can be made, it is one of another time; else one that it never issued.
    fn of(state: CredentialState, issued: &str) -> Self {
        let another_time = |serial| {
            let known = Nonces::known();
            match known.serial(issued) {
                Some(_) => Self::Fixed(known.issue(serial)),
                None => Self::Turned(Turned::whole(issued)),
            }
        };
        match state {
            CredentialState::ForeignNonce => Self::Turned(Turned::whole(issued)),
            CredentialState::ForgedNonce => Self::Turned(Turned::second_half(issued)),
            CredentialState::StaleNonce => another_time(0),
            CredentialState::FutureNonce => another_time(u64::MAX),
            _ => Self::Own,
        }
    }

    fn made_of(&self, issued: &str) -> String {
        match self {
            Self::Own => issued.to_owned(),
            Self::Turned(turned) => turned.of(issued),
            Self::Fixed(nonce) => nonce.clone(),
        }
    }
}

/// What goes into an answer before it is hashed, all of it but what the request has.
pub(super) struct Draft<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) user: String,
    /// That of the server, which is hashed; one character a byte.
    pub(super) realm: String,
    pub(super) password: String,
    /// One character a byte.
    pub(super) nonce: String,
    pub(super) which: OutlinedNonce,
    pub(super) count: String,
    pub(super) cnonce: String,
    pub(super) qop: Option<String>,
    pub(super) uri: &'a str,
    body: &'a [u8],
    /// The realm that is named; one character a byte.
    sent_realm: String,
}

/// What of an answer is another one each time, as it is written.
pub(super) struct SentParts<'a> {
    pub(super) nonce: &'a str,
    pub(super) uri: &'a str,
    pub(super) response: &'a str,
    pub(super) opaque: Option<&'a str>,
}

/// The `Authorization` value that answers the challenge. What the server sent goes back byte for byte, in whatever
/// encoding it is.
///
/// # Errors
///
/// What the challenge lacks.
pub(in crate::credentials) fn answer(inputs: &Inputs<'_>) -> Result<Vec<u8>, &'static str> {
    let (challenge, draft) = draft(inputs)?;
    if inputs.finish == Finish::Malformed {
        return Ok(MALFORMED.as_bytes().to_vec());
    }
    let written = SentParts {
        nonce: &draft.nonce,
        uri: draft.uri,
        response: &draft.response(inputs.context.method),
        opaque: challenge.param("opaque"),
    };
    Ok(draft.written(inputs, challenge, &written))
}

/// What [`CredentialState::Malformed`] says.
pub(super) const MALFORMED: &str = "Digest !not-a-parameter!";

/// The challenge that is answered, and what goes into the answer to it.
///
/// # Errors
///
/// What the challenge lacks.
pub(super) fn draft<'a>(inputs: &Inputs<'a>) -> Result<(&'a Challenge, Draft<'a>), &'static str> {
    use CredentialState as State;
    let Inputs { state, context, .. } = inputs;
    let Some(challenge) = context.challenge else {
        return Err("there is no challenge to answer");
    };
    let Some(offer) = DigestOffer::read(challenge) else {
        return Err("the challenge asks for an algorithm or a quality that is not known");
    };
    let which = OutlinedNonce::of(*state, &offer.nonce);
    let nonce = which.made_of(&offer.nonce);
    let count = match state {
        State::WrongCount => 0,
        _ => context.uses.saturating_add(1),
    };
    let qop = match state {
        State::WrongQop => {
            let offered = challenge.param("qop").unwrap_or_default();
            // No server is likely to offer it: it was dropped from the drafts of RFC 2617.
            Some(unless_taken("auth-conf".to_owned(), |name| {
                let mut names = offered.split(',').map(str::trim);
                names.any(|offered| offered.eq_ignore_ascii_case(name))
            }))
        }
        State::NoQop => None,
        _ => offer.qop.map(|qop| qop.name().to_owned()),
    };
    let sent_realm = match state {
        State::WrongRealm => format!("{} elsewhere", offer.realm),
        _ => offer.realm.clone(),
    };
    let draft = Draft {
        algorithm: offer.algorithm,
        user: inputs.user.clone(),
        realm: offer.realm,
        password: inputs.password.clone(),
        cnonce: cnonce(&bytes(&nonce), context.serial),
        nonce,
        count: format!("{count:08x}"),
        qop,
        which,
        uri: context.target,
        body: context.body,
        sent_realm,
    };
    Ok((challenge, draft))
}

impl Draft<'_> {
    fn response(&self, method: &str) -> String {
        let input = Input {
            algorithm: self.algorithm,
            user: &self.user,
            realm: &bytes(&self.realm),
            password: &self.password,
            nonce: &bytes(&self.nonce),
            count: &self.count,
            cnonce: &self.cnonce,
            qop: self.qop.as_deref(),
            method,
            uri: self.uri,
            body: self.body,
        };
        input.response()
    }

    /// The parameters in the order of RFC 7616 §3.9, each quoted or not as §3.4 has it.
    pub(super) fn written(
        &self,
        inputs: &Inputs<'_>,
        challenge: &Challenge,
        written: &SentParts<'_>,
    ) -> Vec<u8> {
        let Inputs {
            state, stranger, ..
        } = inputs;
        let mut credentials = Challenge::new("Digest");
        let mut add = |param| credentials.params.push(param);
        let user = self.user.as_str();
        let hashed = is_hashed(challenge);
        let plain = user.chars().all(|c| matches!(c, ' '..='~'));
        if *state == CredentialState::OtherUsername {
            add(Param::quoted("username", stranger.as_str()));
            add(extended(user));
        } else if hashed {
            let hash = user_hash(self.algorithm, user, &bytes(&self.realm));
            add(Param::quoted("username", hash));
        } else if plain {
            add(Param::quoted("username", user));
        } else {
            add(extended(user));
        }
        if *state == CredentialState::TwoUsernames {
            add(if plain || hashed {
                extended(user)
            } else {
                Param::quoted("username", "nobody")
            });
        }
        add(Param::quoted("realm", self.sent_realm.as_str()));
        if inputs.finish != Finish::Lacking {
            add(Param::quoted("uri", written.uri));
        }
        if *state == CredentialState::WrongAlgorithm {
            let other = match self.algorithm.without_session() {
                Algorithm::Sha512Of256 => Algorithm::Md5,
                _ => Algorithm::Sha512Of256,
            };
            add(Param::token("algorithm", other.name()));
        } else if challenge.param("algorithm").is_some() {
            add(Param::token("algorithm", self.algorithm.name()));
        }
        add(Param::quoted("nonce", written.nonce));
        if let Some(qop) = &self.qop {
            add(Param::token("nc", self.count.as_str()));
            add(Param::quoted("cnonce", self.cnonce.as_str()));
            add(Param::token("qop", qop.as_str()));
        }
        add(Param::quoted("response", written.response));
        if let Some(opaque) = written.opaque {
            add(Param::quoted("opaque", opaque));
        }
        if hashed {
            add(Param::token("userhash", "true"));
        }
        credentials.to_bytes()
    }
}

/// Whether the user-id goes hashed to who sent this challenge.
pub(super) fn is_hashed(challenge: &Challenge) -> bool {
    challenge
        .param("userhash")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// `username*` (RFC 7616 §3.4, RFC 8187 §3.2).
fn extended(user: &str) -> Param {
    let mut value = "UTF-8''".to_owned();
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    Param::token("username*", value)
}

/// The client's nonce: another for each request, and the same when a run is repeated.
fn cnonce(nonce: &[u8], serial: u64) -> String {
    let hash = Algorithm::Sha256.hash(&[nonce, &serial.to_be_bytes()]);
    hash.chars().take(16).collect()
}
