//! Basic credentials (RFC 7617): base64 of user-id, colon and password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::state::CredentialState;
use crate::auth::Identity;

/// The base64 text of an identity's user-id and password in a state.
///
/// # Errors
///
/// What the state lacks.
pub(super) fn secret(state: CredentialState, identity: &Identity) -> Result<String, &'static str> {
    let Identity { user, password, .. } = identity;
    match state {
        CredentialState::Valid => Ok(encode(user, password)),
        CredentialState::WrongSecret => Ok(encode(user, &format!("{password}-wrong"))),
        CredentialState::UnknownUser => Ok(encode(&format!("nobody-{user}"), password)),
        // `!` is not in the alphabet, yet may stand in a field value.
        CredentialState::Malformed => Ok("!not-base64!".to_owned()),
        CredentialState::Expired => Err("a password does not expire"),
        CredentialState::None => Err("they are none"),
    }
}

fn encode(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

/// User-id and password of Basic credentials (RFC 7617 §2). The user-id ends at the first colon; a
/// password may contain more of them. Nothing when they are not base64 of UTF-8 with a colon.
pub fn read_basic(credentials: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
