//! Who is asking: the credentials of a request, held against the identities.

use super::fault::{Fault, Faults};
use super::policy::spelling;
use crate::auth::{Identity, Scheme, TokenState, read_basic, read_bearer, split_authorization};

/// What became of the credentials of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// There were none.
    Anonymous,
    /// They are good.
    Succeeded {
        /// Whose they are; unknown only where a fault lets strangers in.
        user: Option<String>,
        /// With which scheme.
        scheme: Scheme,
    },
    /// They are not.
    Failed {
        /// Whose they claim to be.
        user: Option<String>,
        /// With which scheme, where it is one that is known.
        scheme: Option<Scheme>,
        /// Whether they could not even be read.
        malformed: bool,
    },
}

/// Judges the values of all `Authorization` field lines of a request.
pub(super) fn judge<'a>(
    mut values: impl Iterator<Item = &'a [u8]>,
    accepted: &[Scheme],
    identities: &[Identity],
    faults: &Faults,
) -> Login {
    let Some(value) = values.next() else {
        return Login::Anonymous;
    };
    let split = split_authorization(value);
    // `Authorization` is not a list: a second line makes nonsense of both (RFC 9110 §5.3).
    let (Some((name, secret)), None) = (split, values.next()) else {
        return failed(None, None, true);
    };
    let known = Scheme::from_name(&name)
        .filter(|scheme| !faults.has(Fault::SchemeNamesCaseSensitive) || spelling(*scheme) == name);
    let Some(scheme) = known else {
        return failed(None, None, false);
    };
    let login = match scheme {
        Scheme::Basic => basic(secret, identities, faults),
        Scheme::Bearer => bearer(secret, identities, faults),
    };
    match login {
        Login::Succeeded { user, scheme } if !accepted.contains(&scheme) => {
            failed(user, Some(scheme), false)
        }
        login => login,
    }
}

fn basic(secret: &[u8], identities: &[Identity], faults: &Faults) -> Login {
    let scheme = Scheme::Basic;
    let Some((mut user, mut password)) = read_basic(secret) else {
        return unreadable(scheme, faults);
    };
    if faults.has(Fault::SplitsPasswordAtLastColon)
        && let Some((more, rest)) = password.clone().rsplit_once(':')
    {
        user = format!("{user}:{more}");
        rest.clone_into(&mut password);
    }
    let good = match identities.iter().find(|identity| identity.user == user) {
        Some(identity) => {
            identity.enabled
                && (identity.password == password || faults.has(Fault::AcceptsWrongSecret))
        }
        None => faults.has(Fault::AcceptsUnknownUser),
    };
    let user = Some(user);
    if good {
        Login::Succeeded { user, scheme }
    } else {
        failed(user, Some(scheme), false)
    }
}

fn bearer(secret: &[u8], identities: &[Identity], faults: &Faults) -> Login {
    let scheme = Scheme::Bearer;
    let Some(value) = read_bearer(secret) else {
        return unreadable(scheme, faults);
    };
    let listed = identities.iter().find_map(|identity| {
        let token = identity.tokens.iter().find(|token| token.value == value)?;
        Some((identity, token.state))
    });
    let (user, good) = match listed {
        Some((identity, state)) => {
            let current = match state {
                TokenState::Valid => true,
                TokenState::Expired => faults.has(Fault::AcceptsExpired),
                TokenState::Revoked => false,
            };
            (Some(identity.user.clone()), identity.enabled && current)
        }
        None => (None, faults.has(Fault::AcceptsWrongSecret)),
    };
    if good {
        Login::Succeeded { user, scheme }
    } else {
        failed(user, Some(scheme), false)
    }
}

fn unreadable(scheme: Scheme, faults: &Faults) -> Login {
    if faults.has(Fault::AcceptsMalformed) {
        Login::Succeeded { user: None, scheme }
    } else {
        failed(None, Some(scheme), true)
    }
}

fn failed(user: Option<String>, scheme: Option<Scheme>, malformed: bool) -> Login {
    Login::Failed {
        user,
        scheme,
        malformed,
    }
}
