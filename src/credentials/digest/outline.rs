//! The answer to a Digest challenge for a program that computes it itself.

use super::algorithm::{Algorithm, Qop};
use super::answer::{MALFORMED, SentParts, draft};
use super::challenge::digest_covers_body;
use super::nonce::Nonces;
use crate::credentials::state::NoSuchCredentials;
use crate::credentials::unlike::{Turned, unless_taken};
use crate::credentials::{Context, CredentialState, Identity, Scheme};

/// How the answer to a Digest challenge is made (RFC 7616 §3.4), for programs that make it themselves: what is another one
/// each time is named, and all else is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestOutline {
    /// The value of the field, in which [`DigestOutline::NONCE`] and its like stand in place of what is computed. Where
    /// none of them is in it, it is the same each time.
    pub value: String,
    /// Which hash is taken.
    pub algorithm: Algorithm,
    /// The user-id that is hashed.
    pub user: String,
    /// The realm that is hashed: printable ASCII.
    pub realm: String,
    /// The password that is hashed.
    pub password: String,
    /// What nonce is sent.
    pub nonce: OutlinedNonce,
    /// The nonce count, as it is sent and hashed.
    pub count: String,
    /// The nonce of the client, as it is sent and hashed.
    pub cnonce: String,
    /// The quality of protection, as it is sent and hashed; nothing stands for the calculation of RFC 2069.
    pub qop: Option<String>,
    /// What is sent and hashed in place of the target of the request; mostly nothing.
    pub uri: Option<String>,
}

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

impl DigestOutline {
    /// What stands in place of the nonce.
    pub const NONCE: &str = "<<nonce>>";
    /// What stands in place of the `opaque` of the challenge.
    pub const OPAQUE: &str = "<<opaque>>";
    /// What stands in place of the target of the request.
    pub const URI: &str = "<<uri>>";
    /// What stands in place of the hash.
    pub const RESPONSE: &str = "<<response>>";

    /// The marks, each of which stands for one thing.
    pub const MARKS: [&str; 4] = [Self::NONCE, Self::OPAQUE, Self::URI, Self::RESPONSE];

    /// The answer of the first of these identities, or of whom the state needs, to the challenge of a context.
    ///
    /// # Errors
    ///
    /// As [`mint`](crate::credentials::mint) has them, and what of the answer no such program can make.
    pub fn of(
        state: CredentialState,
        identities: &[Identity],
        context: &Context<'_>,
    ) -> Result<Self, NoSuchCredentials> {
        let failed = |why| NoSuchCredentials {
            scheme: Scheme::Digest,
            state,
            why,
        };
        state.goes_with(Scheme::Digest).map_err(failed)?;
        let identity = state.identity(identities).map_err(failed)?;
        let stranger = unless_taken(format!("nobody-{}", identity.user), |user| {
            identities.iter().any(|identity| identity.user == user)
        });
        outline(state, identity, &stranger, context).map_err(failed)
    }

    /// Whether the session key is hashed (`-sess`).
    pub fn is_session(&self) -> bool {
        self.algorithm.is_session()
    }
}

fn outline(
    state: CredentialState,
    identity: &Identity,
    stranger: &str,
    context: &Context<'_>,
) -> Result<DigestOutline, &'static str> {
    if matches!(
        state,
        CredentialState::Replayed | CredentialState::NextNonce
    ) {
        return Err("it hangs on several answers");
    }
    let (challenge, draft) = draft(state, identity, stranger, context)?;
    let covers_content = draft.qop.as_deref().and_then(Qop::from_name) == Some(Qop::AuthInt);
    if covers_content || (state == CredentialState::OtherBody && digest_covers_body(challenge)) {
        return Err("it is made for the content as well");
    }
    let hashed = challenge.param("userhash");
    if hashed.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err("the user-id is hashed in it");
    }
    let is_odd = |text: &str| !text.chars().all(|c| matches!(c, ' '..='~')) || text.contains("<<");
    let params = challenge.params.iter();
    if params.into_iter().any(|param| is_odd(&param.value)) || is_odd(&draft.user) {
        return Err("there is something in it or in the challenge that is not ASCII");
    }
    let issued = challenge.param("nonce").unwrap_or_default();
    let known = Nonces::known().serial(issued).is_some();
    let nonce = match state {
        CredentialState::StaleNonce | CredentialState::FutureNonce if known => {
            OutlinedNonce::Fixed(draft.nonce.clone())
        }
        CredentialState::ForeignNonce
        | CredentialState::StaleNonce
        | CredentialState::FutureNonce => OutlinedNonce::Turned(Turned::whole(issued)),
        CredentialState::ForgedNonce => OutlinedNonce::Turned(Turned::second_half(issued)),
        _ => OutlinedNonce::Own,
    };
    let uri = (draft.uri != context.target).then(|| draft.uri.to_owned());
    let written = SentParts {
        nonce: DigestOutline::NONCE,
        uri: uri.as_deref().unwrap_or(DigestOutline::URI),
        response: DigestOutline::RESPONSE,
        opaque: challenge.param("opaque").map(|_| DigestOutline::OPAQUE),
    };
    let value = match state {
        CredentialState::Malformed => MALFORMED.as_bytes().to_vec(),
        _ => draft.written(state, challenge, stranger, &written),
    };
    Ok(DigestOutline {
        value: String::from_utf8(value).map_err(|_| "there is something in it that is no text")?,
        algorithm: draft.algorithm,
        user: draft.user,
        realm: draft.realm,
        password: draft.password,
        nonce,
        count: draft.count,
        cnonce: draft.cnonce,
        qop: draft.qop,
        uri,
    })
}
