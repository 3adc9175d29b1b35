//! Bearer tokens (RFC 6750 §2.1).

use super::state::{CredentialState, UNMADE};
use crate::auth::grammar::{is_token68, is_token68_char, latin1};
use crate::credentials::unlike::unless_taken;
use crate::credentials::{Identity, TokenState};
use crate::credentials::{dpop, jwt};

/// A token of an identity in a state.
///
/// # Errors
///
/// What the state or the identity lacks.
pub(super) fn token(state: CredentialState, identity: &Identity) -> Result<String, &'static str> {
    use CredentialState as State;
    let listed = |wanted, why| {
        let token = identity.tokens.iter().find(|token| token.state == wanted);
        token
            .map(|token| token.value.expose().to_owned())
            .ok_or(why)
    };
    let valid = || listed(TokenState::Valid, "the identity has no valid token");
    let of_others = match state {
        State::WrongAudience => Some(TokenState::OtherAudience),
        State::WrongIssuer => Some(TokenState::OtherIssuer),
        _ => None,
    };
    if let Some(Ok(given)) = of_others.map(|wanted| listed(wanted, "")) {
        return Ok(given);
    }
    if let Some(own) = identity.foreign_jwt() {
        if let Some(altered) = jwt::altered(state, own) {
            return Ok(altered);
        }
        if state.needs_jwt() {
            return Err("only the issuer of the token could make such a one");
        }
    }
    match state {
        State::Valid | State::DisabledUser | State::InsufficientScope => valid(),
        State::Expired => listed(TokenState::Expired, "the identity has no expired token"),
        State::Revoked => listed(TokenState::Revoked, "the identity has no revoked token"),
        State::WrongBinding if identity.has_jwts() => bound(State::Valid, identity),
        _ if (state.needs_jwt() || state == State::WrongSecret) && identity.has_jwts() => {
            jwt::token(state, &identity.user, scopes(identity), None)
        }
        _ if state.needs_jwt() => Err("an opaque token says nothing of itself"),
        State::WrongSecret => Ok(unlisted(&identity.user, |token| {
            let mut tokens = identity.tokens.iter();
            tokens.any(|listed| listed.value == token)
        })),
        // `!` is not in the alphabet, yet may stand in a field value.
        State::Malformed => Ok("!not-a-token!".to_owned()),
        State::TrailingJunk => Ok(format!("{} junk", valid()?)),
        // Base64 of `garbage`, three times.
        State::Garbage => Ok("Z2FyYmFnZQ.Z2FyYmFnZQ.Z2FyYmFnZQ".to_owned()),
        _ => Err(UNMADE),
    }
}

/// A token or key that is named after a user, and is none of those that are listed.
pub(super) fn unlisted(user: &str, listed: impl Fn(&str) -> bool) -> String {
    let plain = |c: char| u8::try_from(c).is_ok_and(is_token68_char);
    let user: String = user
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    unless_taken(format!("listed-nowhere-{user}"), listed)
}

/// A token of an identity in a state that goes with a DPoP proof: a JWT that is bound to the client's key
/// (RFC 9449 §6.1).
///
/// # Errors
///
/// What the state or the identity lacks.
pub(super) fn bound_token(
    state: CredentialState,
    identity: &Identity,
) -> Result<String, &'static str> {
    use CredentialState as State;
    if !identity.has_jwts() {
        return Err("an opaque token says of no key that it is bound to it");
    }
    match state {
        State::Valid | State::DisabledUser | State::InsufficientScope => {
            bound(State::Valid, identity)
        }
        State::WrongBinding => token(State::Valid, identity),
        State::TrailingJunk => Ok(format!("{} junk", bound(State::Valid, identity)?)),
        State::Malformed | State::Garbage => token(state, identity),
        state if state.is_of_proof() => bound(State::Valid, identity),
        state => bound(state, identity),
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
