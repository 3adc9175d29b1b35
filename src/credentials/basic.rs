//! Basic credentials (RFC 7617): base64 of user-id, colon and password.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::state::{CredentialState, UNMADE};
use crate::credentials::Identity;

/// The base64 text of an identity's user-id and password in a state. Nobody has the user-id of the
/// stranger.
///
/// # Errors
///
/// What the state lacks.
pub(super) fn secret(
    state: CredentialState,
    identity: &Identity,
    stranger: &str,
) -> Result<String, &'static str> {
    use CredentialState as State;
    let (user, password) = (&identity.user, identity.password.expose());
    let pair = |user: &str, password: &str| STANDARD.encode(format!("{user}:{password}"));
    Ok(match state {
        State::Valid | State::DisabledUser | State::ColonInPassword | State::Utf8 => {
            pair(user, password)
        }
        State::WrongSecret => pair(user, &format!("{password}-wrong")),
        State::UnknownUser => pair(stranger, password),
        // `!` is not in the alphabet, yet may stand in a field value.
        State::Malformed => "!not-base64!".to_owned(),
        State::TrailingJunk => format!("{} junk", pair(user, password)),
        State::NoColon if user.contains(':') => return Err("the user-id has a colon itself"),
        State::NoColon => STANDARD.encode(user),
        State::EmptyUser if user.is_empty() => return Err("the user-id is empty as it is"),
        State::EmptyUser => pair("", password),
        State::EmptyPassword if password.is_empty() => {
            return Err("the password is empty as it is");
        }
        State::EmptyPassword => pair(user, ""),
        State::Latin1 => {
            let text = format!("{user}:{password}");
            let bytes = text.chars().map(|c| u8::try_from(u32::from(c)));
            let bytes: Result<Vec<u8>, _> = bytes.collect();
            STANDARD.encode(bytes.map_err(|_| "the user is beyond Latin-1")?)
        }
        State::Nul => pair(user, &format!("{password}\0")),
        State::ControlCharacter => pair(user, &format!("{password}\u{7}")),
        State::NoPadding => {
            let text = format!("{user}:{password}");
            if text.len() % 3 == 0 {
                return Err("the base64 of this identity needs no padding");
            }
            STANDARD_NO_PAD.encode(text)
        }
        _ => return Err(UNMADE),
    })
}

/// User-id and password of Basic credentials (RFC 7617 §2). The user-id ends at the first colon; a
/// password may contain more of them. Nothing when they are not base64 of UTF-8 with a colon.
pub fn read_basic(credentials: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
