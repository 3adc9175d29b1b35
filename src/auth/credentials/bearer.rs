//! Bearer tokens (RFC 6750 §2.1).

use super::state::CredentialState;
use crate::auth::grammar::{is_token68, latin1};
use crate::auth::{Identity, TokenState};

/// A token of an identity in a state.
///
/// # Errors
///
/// What the state or the identity lacks.
pub(super) fn token(state: CredentialState, identity: &Identity) -> Result<String, &'static str> {
    let listed = |wanted, why| {
        let token = identity.tokens.iter().find(|token| token.state == wanted);
        token.map(|token| token.value.clone()).ok_or(why)
    };
    match state {
        CredentialState::Valid => listed(TokenState::Valid, "the identity has no valid token"),
        CredentialState::Expired => {
            listed(TokenState::Expired, "the identity has no expired token")
        }
        CredentialState::WrongSecret => Ok(format!("listed-nowhere-{}", identity.user)),
        // `!` is not in the alphabet, yet may stand in a field value.
        CredentialState::Malformed => Ok("!not-a-token!".to_owned()),
        CredentialState::UnknownUser => Err("a token names no user of its own"),
        CredentialState::None => Err("they are none"),
    }
}

/// The token of bearer credentials. Nothing when it is not a b64token, which is the same as a
/// token68 (RFC 6750 §2.1).
pub fn read_bearer(credentials: &[u8]) -> Option<String> {
    is_token68(credentials).then(|| latin1(credentials))
}
