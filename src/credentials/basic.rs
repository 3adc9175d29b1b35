//! Basic credentials (RFC 7617): base64 of user-id, colon and password.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::inputs::Inputs;
use super::state::{CredentialState, UNMADE};

/// The base64 text of user-id and password, as the state has it.
///
/// # Errors
///
/// What the state lacks.
pub(super) fn secret(inputs: &Inputs<'_>) -> Result<String, &'static str> {
    use CredentialState as State;
    let Inputs { user, password, .. } = inputs;
    let text = format!("{user}:{password}");
    Ok(match inputs.state {
        State::Valid => STANDARD.encode(text),
        State::NoColon if user.contains(':') => return Err("the user-id has a colon itself"),
        State::NoColon => STANDARD.encode(user),
        State::Latin1 => {
            let bytes = text.chars().map(|c| u8::try_from(u32::from(c)));
            let bytes: Result<Vec<u8>, _> = bytes.collect();
            STANDARD.encode(bytes.map_err(|_| "the user is beyond Latin-1")?)
        }
        State::NoPadding if text.len() % 3 == 0 => {
            return Err("the base64 of this identity needs no padding");
        }
        State::NoPadding => STANDARD_NO_PAD.encode(text),
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
