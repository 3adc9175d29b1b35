//! Bearer tokens (RFC 6750 §2.1).

use super::inputs::Inputs;
use super::state::{CredentialState, UNMADE};
use crate::auth::grammar::{is_token68, latin1};
use crate::credentials::Identity;
use crate::credentials::{dpop, jwt};

/// Base64 of `garbage`, three times.
const GARBAGE: &str = "Z2FyYmFnZQ.Z2FyYmFnZQ.Z2FyYmFnZQ";

/// A token, as the state has it.
///
/// # Errors
///
/// What the state or the identity lacks.
pub(super) fn token(inputs: &Inputs<'_>) -> Result<String, &'static str> {
    use CredentialState as State;
    let Inputs {
        state, identity, ..
    } = inputs;
    let listed = inputs.listed(&identity.tokens);
    if let Some(Ok(listed)) = listed {
        return Ok(listed);
    }
    if let Some(own) = identity.foreign_jwt() {
        if let Some(altered) = jwt::altered(*state, own) {
            return Ok(altered);
        }
        if state.needs_jwt() {
            return Err("only the issuer of the token could make such a one");
        }
    }
    match state {
        State::Garbage => Ok(GARBAGE.to_owned()),
        State::WrongBinding if identity.has_jwts() => bound(State::Valid, identity),
        _ if identity.has_jwts() && (listed.is_none() || state.needs_jwt()) => {
            jwt::token(*state, &identity.user, scopes(identity), None)
        }
        _ if state.needs_jwt() => Err("an opaque token says nothing of itself"),
        _ => listed.unwrap_or_else(|| inputs.listed_nowhere(&identity.tokens).ok_or(UNMADE)),
    }
}

/// A token that goes with a DPoP proof: a JWT that is bound to the client's key (RFC 9449 §6.1), as the state has it.
///
/// # Errors
///
/// What the state or the identity lacks.
pub(super) fn bound_token(inputs: &Inputs<'_>) -> Result<String, &'static str> {
    use CredentialState as State;
    let Inputs {
        state, identity, ..
    } = inputs;
    if !identity.has_jwts() {
        return Err("an opaque token says of no key that it is bound to it");
    }
    match state {
        State::Garbage => Ok(GARBAGE.to_owned()),
        State::WrongBinding => {
            let plain = Inputs {
                state: State::Valid,
                ..Inputs::clone(inputs)
            };
            token(&plain)
        }
        state if state.is_of_proof() => bound(State::Valid, identity),
        state => bound(*state, identity),
    }
}

/// A JWT that is bound to the client's key.
fn bound(state: CredentialState, identity: &Identity) -> Result<String, &'static str> {
    let key = dpop::own_thumbprint()?;
    jwt::token(state, &identity.user, scopes(identity), Some(&key))
}

/// What the identity's first token allows.
fn scopes(identity: &Identity) -> &[String] {
    let first = identity.tokens.first();
    first.map_or(&[], |token| token.scopes.as_slice())
}

/// The token of bearer credentials. Nothing when it is not a b64token, which is the same as a
/// token68 (RFC 6750 §2.1).
pub fn read_bearer(credentials: &[u8]) -> Option<String> {
    is_token68(credentials).then(|| latin1(credentials))
}
