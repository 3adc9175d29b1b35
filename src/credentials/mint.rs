//! Making credentials: the one place that knows how each scheme's are made in each state.

use std::fmt;
use std::sync::Arc;

use super::certificate::{self, Issue, IssuedCertificate};
use super::context::Context;
use super::inputs::{Finish, Inputs};
use super::state::{CredentialState, NoSuchCredentials, UNMADE};
use super::{basic, bearer, key};
use crate::auth::Challenge;
use crate::auth::grammar::latin1;
use crate::credentials::digest::{self, DigestChallenge};
use crate::credentials::dpop;
use crate::credentials::{Algorithm, Identity, Scheme, can_answer_digest};

/// Credentials as a client sends them: what to put into a request. What is shown of them are names: they may be somebody's
/// own.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Field lines, name and value, in order; `Authorization` first where the scheme uses it.
    pub fields: Vec<(&'static str, String)>,
    /// The same secret as a query parameter, name and value, where the scheme has that way too
    /// (RFC 6750 §2.3).
    pub parameter: Option<(&'static str, String)>,
    /// Whether the values of fields are bytes, one character each: what a server sent that is no UTF-8 goes
    /// back as it came.
    pub latin1: bool,
    /// What is shown when the connection begins, in no request.
    pub certificate: Option<Arc<IssuedCertificate>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| *name).collect();
        out.debug_struct("Credentials")
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// The value of the `Authorization` field.
    pub fn authorization(&self) -> Option<&str> {
        self.fields
            .iter()
            .find(|(name, _)| *name == "Authorization")
            .map(|(_, value)| value.as_str())
    }

    fn of_its_own((field, parameter): (&'static str, &'static str), value: String) -> Self {
        Self {
            fields: vec![(field, value.clone())],
            parameter: Some((parameter, value)),
            ..Self::default()
        }
    }

    fn in_authorization(value: String) -> Self {
        Self {
            fields: vec![("Authorization", value)],
            ..Self::default()
        }
    }
}

/// The credentials of a scheme in a state, for a request; nothing for [`CredentialState::None`].
///
/// Identities are those that can log in: the first is the client's own, and a state may need another,
/// as [`Identity::needed_for`] provides them.
///
/// # Errors
///
/// When scheme and state do not go together (a password does not expire, a token names no user), when
/// no identity has what the state needs, and when the context lacks a challenge that the scheme
/// cannot do without.
pub fn mint(
    scheme: Scheme,
    state: CredentialState,
    identities: &[Identity],
    context: &Context<'_>,
) -> Result<Option<Credentials>, NoSuchCredentials> {
    if state == CredentialState::None {
        return Ok(None);
    }
    made(scheme, state, identities, context)
        .map(Some)
        .map_err(|why| NoSuchCredentials { scheme, state, why })
}

fn made(
    scheme: Scheme,
    state: CredentialState,
    identities: &[Identity],
    context: &Context<'_>,
) -> Result<Credentials, &'static str> {
    let inputs = Inputs::new(scheme, state, identities, context)?;
    let name = scheme.name();
    // `!` is in no alphabet of theirs, yet may stand in a field value.
    let in_one_piece = |made: String, malformed: &str| match inputs.finish {
        Finish::Malformed => malformed.to_owned(),
        Finish::WithJunk => format!("{made} junk"),
        Finish::Whole | Finish::Lacking => made,
    };
    match scheme {
        Scheme::Basic => {
            let secret = in_one_piece(basic::secret(&inputs)?, "!not-base64!");
            Ok(Credentials::in_authorization(format!("{name} {secret}")))
        }
        Scheme::Bearer => {
            let token = in_one_piece(bearer::token(&inputs)?, "!not-a-token!");
            let mut credentials = Credentials::in_authorization(format!("{name} {token}"));
            credentials.parameter = Some(("access_token", token));
            Ok(credentials)
        }
        Scheme::Digest => {
            let answer = digest::answer(&inputs)?;
            Ok(match String::from_utf8(answer) {
                Ok(text) => Credentials::in_authorization(text),
                Err(bytes) => Credentials {
                    latin1: true,
                    ..Credentials::in_authorization(latin1(bytes.as_bytes()))
                },
            })
        }
        Scheme::Dpop => {
            let token = in_one_piece(bearer::bound_token(&inputs)?, "!not-a-token!");
            let mut credentials = Credentials::in_authorization(format!("{name} {token}"));
            let proofs = dpop::proofs(&inputs, &token)?;
            let lines = proofs.into_iter().map(|proof| ("DPoP", proof));
            credentials.fields.extend(lines);
            Ok(credentials)
        }
        Scheme::ApiKey => {
            let key = in_one_piece(key::key(&inputs)?, "not a key");
            Ok(Credentials::of_its_own(key::KEY, key))
        }
        Scheme::Hmac => {
            let signature = in_one_piece(key::signature(&inputs)?, "!not-base64!");
            let value = match inputs.finish {
                Finish::Lacking => signature,
                _ => format!("{}:{signature}", inputs.user),
            };
            Ok(Credentials::of_its_own(key::SIGNATURE, value))
        }
        Scheme::Certificate => {
            let issue = inputs.listed_as().and_then(Issue::of).ok_or(UNMADE)?;
            Ok(Credentials {
                certificate: Some(certificate::made(&inputs.user, issue)?),
                ..Credentials::default()
            })
        }
    }
}

/// Whether credentials of a scheme in a state can exist, given a challenge if need be.
///
/// # Errors
///
/// As for [`mint`], save for what only the context can lack.
pub fn check(
    scheme: Scheme,
    state: CredentialState,
    identities: &[Identity],
) -> Result<(), NoSuchCredentials> {
    let mut context = Context::default();
    let challenge;
    if scheme == Scheme::Digest {
        challenge = DigestChallenge {
            realm: "",
            nonce: "",
            algorithm: Algorithm::Md5,
            qop: &[],
            opaque: None,
            domain: None,
            stale: false,
            utf8: false,
            userhash: false,
        }
        .to_challenge();
        context.challenge = Some(&challenge);
    }
    mint(scheme, state, identities, &context).map(drop)
}

/// Whether a client that speaks a scheme can answer a challenge: one of that scheme, and of a kind
/// that it knows.
pub fn can_answer(scheme: Scheme, challenge: &Challenge) -> bool {
    match scheme {
        Scheme::Digest => can_answer_digest(challenge),
        Scheme::ApiKey | Scheme::Hmac | Scheme::Certificate => false,
        Scheme::Basic | Scheme::Bearer | Scheme::Dpop => challenge.is(scheme.name()),
    }
}

/// The value of `Authorization` for `identity`, sent unasked; nothing for [`CredentialState::None`].
///
/// Basic is base64 of user-id, colon, password in UTF-8 (RFC 7617 §2); bearer is the token as it is
/// (RFC 6750 §2.1).
///
/// # Errors
///
/// As for [`mint`].
pub fn authorization(
    scheme: Scheme,
    state: CredentialState,
    identity: &Identity,
) -> Result<Option<String>, NoSuchCredentials> {
    let identities = std::slice::from_ref(identity);
    let minted = mint(scheme, state, identities, &Context::default())?;
    Ok(minted.and_then(|credentials| credentials.authorization().map(str::to_owned)))
}
