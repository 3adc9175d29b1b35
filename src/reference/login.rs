//! Who is asking: the credentials of a request, held against the identities.

use super::fault::Fault;
use super::policy::spelling;
use super::seeded::Faults;
use crate::auth::{Param, split_authorization};

use crate::credentials::{Identity, Scheme, TokenState, read_basic, read_bearer};

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
        /// What the token allows; nothing for credentials that are no token.
        scopes: Vec<String>,
        /// What `Authentication-Info` tells the client (RFC 9110 §11.6.3).
        info: Vec<Param>,
    },
    /// They are not.
    Failed {
        /// Whose they claim to be.
        user: Option<String>,
        /// With which scheme, where it is one that is known.
        scheme: Option<Scheme>,
        /// What is wrong with them.
        why: Why,
    },
}

/// What is wrong with credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// They do not begin with an auth-scheme.
    NoScheme,
    /// There is more than one field line of them.
    SeveralLines,
    /// Their scheme is not known here.
    UnknownScheme,
    /// Their scheme is known, and they are good, but the policy does not accept it.
    NotAccepted,
    /// They are not what their scheme's grammar asks for.
    Unreadable,
    /// They are of somebody who may not log in, or not the right ones, or of nobody.
    Wrong,
    /// They are of nobody who is known.
    Unknown,
    /// They were good once.
    Expired,
    /// There are some in a field and some in the query (RFC 6750 §2).
    SeveralWays,
    /// There is more of them than anybody reads (RFC 9110 §5.4).
    TooLarge,
    /// A parameter is missing or improper (RFC 7616 §3.4).
    Improper,
    /// They were made for another resource (RFC 7616 §3.4.6).
    OtherResource,
    /// They are right, for a nonce that is not, or no longer (RFC 7616 §3.3).
    Stale,
    /// The token is good, and there is no DPoP proof, or none that is good (RFC 9449 §4.3).
    Unproven,
    /// The token and its proof are good, and the proof lacks the server's nonce (RFC 9449 §9).
    NonceWanted,
}

impl Why {
    /// Whether they could not even be read.
    pub(super) fn is_malformed(self) -> bool {
        matches!(self, Self::NoScheme | Self::SeveralLines | Self::Unreadable)
    }
}

/// What judges a bearer token.
type BearerJudge = fn(&[u8], &[Identity], &Faults) -> Login;

/// Judges the values of all `Authorization` field lines of a request.
pub(super) fn judge<'a>(
    mut values: impl Iterator<Item = &'a [u8]>,
    accepted: &[Scheme],
    bearer: BearerJudge,
    identities: &[Identity],
    faults: &Faults,
) -> Login {
    let Some(value) = values.next() else {
        return Login::Anonymous;
    };
    // `Authorization` is not a list: a second line makes nonsense of both (RFC 9110 §5.3).
    if values.next().is_some() {
        return failed(None, None, Why::SeveralLines);
    }
    let Some((name, secret)) = split_authorization(value) else {
        return failed(None, None, Why::NoScheme);
    };
    let known = Scheme::from_name(&name)
        .filter(|scheme| !faults.has(Fault::SchemeNamesCaseSensitive) || spelling(*scheme) == name);
    let Some(scheme) = known else {
        return failed(None, None, Why::UnknownScheme);
    };
    let login = match scheme {
        Scheme::Basic => basic(secret, identities, faults),
        Scheme::Bearer => bearer(secret, identities, faults),
        // No profile can have another.
        _ => return failed(None, None, Why::UnknownScheme),
    };
    match login {
        Login::Succeeded { user, scheme, .. } if !accepted.contains(&scheme) => {
            failed(user, Some(scheme), Why::NotAccepted)
        }
        login => login,
    }
}

fn basic(secret: &[u8], identities: &[Identity], faults: &Faults) -> Login {
    let scheme = Scheme::Basic;
    let Some((user, password)) = read_basic(secret) else {
        return unreadable(scheme, faults);
    };
    let good = match identities.iter().find(|identity| identity.user == user) {
        Some(identity) => {
            identity.enabled
                && (identity.password == password || faults.has(Fault::AcceptsWrongSecret))
        }
        None => faults.has(Fault::AcceptsUnknownUser),
    };
    let user = Some(user);
    if good {
        succeeded(user, scheme)
    } else {
        failed(user, Some(scheme), Why::Wrong)
    }
}

pub(super) fn bearer(secret: &[u8], identities: &[Identity], faults: &Faults) -> Login {
    let scheme = Scheme::Bearer;
    let Some(value) = read_bearer(secret) else {
        return unreadable(scheme, faults);
    };
    let listed = identities.iter().find_map(|identity| {
        let token = identity.tokens.iter().find(|token| token.value == value)?;
        Some((identity, token))
    });
    let Some((identity, token)) = listed else {
        return if faults.has(Fault::AcceptsWrongSecret) || faults.has(Fault::AnyTokenOpens) {
            succeeded(None, scheme)
        } else {
            failed(None, Some(scheme), Why::Wrong)
        };
    };
    let user = Some(identity.user.clone());
    let why = match token.state {
        TokenState::Valid => None,
        TokenState::Expired => Some(Why::Expired).filter(|_| {
            !faults.has(Fault::AcceptsExpired) && !faults.has(Fault::ExpiredTokenOpens)
        }),
        TokenState::Revoked => Some(Why::Wrong).filter(|_| !faults.has(Fault::RevokedTokenOpens)),
        TokenState::OtherAudience | TokenState::OtherIssuer => Some(Why::Wrong),
    };
    let barred = !may_log_in(identity, faults);
    match why.or(barred.then_some(Why::Wrong)) {
        None => Login::Succeeded {
            user,
            scheme,
            scopes: token.scopes.clone(),
            info: Vec::new(),
        },
        Some(why) => failed(user, Some(scheme), why),
    }
}

fn unreadable(scheme: Scheme, faults: &Faults) -> Login {
    if faults.has(Fault::AcceptsMalformed) {
        succeeded(None, scheme)
    } else {
        failed(None, Some(scheme), Why::Unreadable)
    }
}

/// Good credentials that are no token with scopes.
pub(super) fn succeeded(user: Option<String>, scheme: Scheme) -> Login {
    Login::Succeeded {
        user,
        scheme,
        scopes: Vec::new(),
        info: Vec::new(),
    }
}

pub(super) fn failed(user: Option<String>, scheme: Option<Scheme>, why: Why) -> Login {
    Login::Failed { user, scheme, why }
}

/// Whether this user may log in at all.
pub(super) fn may_log_in(identity: &Identity, faults: &Faults) -> bool {
    identity.enabled || faults.has(Fault::DisabledUserOpens)
}
