//! Access tokens: opaque ones that were listed, and JWTs of the test issuer (RFC 9068 §4).

use std::time::{SystemTime, UNIX_EPOCH};

use crate::credentials::{
    Claims, Identity, Scheme, TokenFault, TokenState, claims_of, read_bearer, read_jwt,
};
use crate::reference::fault::Fault;
use crate::reference::login::{self, Login, Why, failed, may_log_in};
use crate::reference::seeded::Faults;

/// A JWT that was judged.
pub(super) enum Judged {
    /// It is good.
    Good {
        /// Who has it, and what it allows.
        login: Login,
        /// The thumbprint of the key that it is bound to (RFC 9449 §6.1), if any.
        key: Option<String>,
    },
    /// It is not.
    Bad(Login),
    /// It is no JWT.
    Opaque,
}

/// Judges a bearer token. One that is bound to a key is none (RFC 9449 §7.2).
pub(in crate::reference) fn bearer(
    secret: &[u8],
    identities: &[Identity],
    faults: &Faults,
) -> Login {
    let scheme = Scheme::Bearer;
    let value = read_bearer(secret).unwrap_or_default();
    match judge(&value, scheme, identities, faults) {
        Judged::Good { login, key } => match key {
            Some(_) if !faults.has(Fault::BoundTokenAsBearer) => {
                failed(user_of(&login), Some(scheme), Why::Wrong)
            }
            _ => login,
        },
        Judged::Bad(login) => login,
        Judged::Opaque => login::bearer(secret, identities, faults),
    }
}

/// Judges a JWT that came with a scheme.
pub(super) fn judge(
    value: &str,
    scheme: Scheme,
    identities: &[Identity],
    faults: &Faults,
) -> Judged {
    let claims = match read_jwt(value, now()) {
        Ok(claims) => claims,
        Err(TokenFault::Unreadable) => return Judged::Opaque,
        Err(fault) => match claims_of(value).filter(|_| passes(fault, faults)) {
            Some(claims) => claims,
            None => {
                let why = match fault {
                    TokenFault::Expired => Why::Expired,
                    _ => Why::Wrong,
                };
                return Judged::Bad(failed(None, Some(scheme), why));
            }
        },
    };
    let Claims { user, scopes, key } = claims;
    let identity = identities.iter().find(|identity| identity.user == user);
    // Only the issuer knows which were withdrawn; of those this was told.
    let listed = identities.iter().flat_map(|identity| &identity.tokens);
    let revoked = listed
        .filter(|token| token.state == TokenState::Revoked)
        .any(|token| token.value == value);
    let good = identity.is_some_and(|identity| may_log_in(identity, faults))
        && (!revoked || faults.has(Fault::RevokedTokenOpens));
    let unchecked = identity.is_none() && opens_to_strangers(faults);
    if !good && !unchecked {
        return Judged::Bad(failed(Some(user), Some(scheme), Why::Wrong));
    }
    Judged::Good {
        login: Login::Succeeded {
            user: Some(user),
            scheme,
            scopes,
            info: Vec::new(),
        },
        key,
    }
}

/// Whether a fault lets a token pass in spite of what is wrong with it.
fn passes(fault: TokenFault, faults: &Faults) -> bool {
    let unchecked: &[Fault] = match fault {
        TokenFault::Unreadable => &[],
        TokenFault::Algorithm => &[Fault::JwtAlgNoneOpens, Fault::AnyTokenOpens],
        TokenFault::Signature => &[
            Fault::JwtSignatureUnchecked,
            Fault::AnyTokenOpens,
            Fault::AcceptsWrongSecret,
        ],
        TokenFault::Type => &[Fault::JwtTypeUnchecked, Fault::AnyTokenOpens],
        TokenFault::Issuer => &[Fault::JwtIssuerUnchecked, Fault::AnyTokenOpens],
        TokenFault::Audience => &[Fault::JwtAudienceUnchecked, Fault::AnyTokenOpens],
        TokenFault::NoAudience => &[
            Fault::McpNoAudienceOpens,
            Fault::JwtAudienceUnchecked,
            Fault::AnyTokenOpens,
        ],
        TokenFault::NotYetValid => &[Fault::JwtNotBeforeUnchecked, Fault::AnyTokenOpens],
        TokenFault::Expired => &[Fault::ExpiredTokenOpens, Fault::AcceptsExpired],
    };
    unchecked.iter().any(|unchecked| faults.has(*unchecked))
}

/// Whether a fault lets anybody in whose token cannot be held against anything.
fn opens_to_strangers(faults: &Faults) -> bool {
    let open = [
        Fault::JwtSignatureUnchecked,
        Fault::AnyTokenOpens,
        Fault::AcceptsWrongSecret,
    ];
    open.into_iter().any(|fault| faults.has(fault))
}

fn user_of(login: &Login) -> Option<String> {
    match login {
        Login::Succeeded { user, .. } | Login::Failed { user, .. } => user.clone(),
        Login::Anonymous => None,
    }
}

/// Seconds since 1970; 0 where the clock is set before that.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| time.as_secs())
}
