//! The answer to a Digest challenge for a program that computes it itself.

use super::algorithm::{Algorithm, Qop};
use super::answer::{MALFORMED, OutlinedNonce, SentParts, draft, is_hashed};
use super::challenge::digest_covers_body;
use crate::credentials::inputs::{Finish, Inputs};
use crate::credentials::state::NoSuchCredentials;
use crate::credentials::{Context, CredentialState, Identity, Scheme, Secret};

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
    pub password: Secret,
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
    /// As [`mint`](crate::credentials::mint()) has them, and what of the answer no such program can make.
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
        let inputs = Inputs::new(Scheme::Digest, state, identities, context).map_err(failed)?;
        if state.is_shown_twice() {
            return Err(failed("it hangs on several answers"));
        }
        outline(&inputs, context).map_err(failed)
    }

    /// Whether the session key is hashed (`-sess`).
    pub fn is_session(&self) -> bool {
        self.algorithm.is_session()
    }
}

fn outline(inputs: &Inputs<'_>, context: &Context<'_>) -> Result<DigestOutline, &'static str> {
    let (challenge, draft) = draft(inputs)?;
    let covers_content = draft.qop.as_deref().and_then(Qop::from_name) == Some(Qop::AuthInt);
    let is_for_other_content = inputs.context.body != context.body;
    if covers_content || (is_for_other_content && digest_covers_body(challenge)) {
        return Err("it is made for the content as well");
    }
    if is_hashed(challenge) {
        return Err("the user-id is hashed in it");
    }
    let is_odd = |text: &str| !text.chars().all(|c| matches!(c, ' '..='~')) || text.contains("<<");
    let params = challenge.params.iter();
    if params.into_iter().any(|param| is_odd(&param.value)) || is_odd(&draft.user) {
        return Err("there is something in it or in the challenge that is not ASCII");
    }
    let uri = (draft.uri != context.target).then(|| draft.uri.to_owned());
    let written = SentParts {
        nonce: DigestOutline::NONCE,
        uri: uri.as_deref().unwrap_or(DigestOutline::URI),
        response: DigestOutline::RESPONSE,
        opaque: challenge.param("opaque").map(|_| DigestOutline::OPAQUE),
    };
    let value = match inputs.finish {
        Finish::Malformed => MALFORMED.as_bytes().to_vec(),
        _ => draft.written(inputs, challenge, &written),
    };
    Ok(DigestOutline {
        value: String::from_utf8(value).map_err(|_| "there is something in it that is no text")?,
        algorithm: draft.algorithm,
        user: draft.user,
        realm: draft.realm,
        password: Secret::new(draft.password),
        nonce: draft.which,
        count: draft.count,
        cnonce: draft.cnonce,
        qop: draft.qop,
        uri,
    })
}
