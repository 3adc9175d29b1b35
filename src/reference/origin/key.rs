//! API keys and signed requests of an origin server: what has no registered scheme, and so no challenge
//! that asks for it.

use hyper::header::HeaderMap;

use crate::credentials::{
    Identity, KEY, SIGNATURE, Scheme, SignatureHash, Token, TokenState, is_signed_by,
};
use crate::domain::Value;
use crate::reference::decision::DecisionInput;
use crate::reference::fault::Fault;
use crate::reference::login::{Login, Why, failed, may_log_in, succeeded};
use crate::reference::seeded::Faults;

/// What is taken beside the credentials of the profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// An API key in a field of its own.
    KeyInField,
    /// An API key in the query.
    KeyInQuery,
    /// A signature in a field of its own.
    Signature,
}

impl Taken {
    /// What a policy record asks for, if anything.
    ///
    /// # Errors
    ///
    /// In words, when that is unknown.
    pub(super) fn of(policy: &Value) -> Result<Option<Self>, String> {
        let word = policy.field("key").and_then(Value::as_symbol);
        Ok(match word.unwrap_or("none") {
            "none" => None,
            "field" => Some(Self::KeyInField),
            "query" => Some(Self::KeyInQuery),
            "signature" => Some(Self::Signature),
            other => return Err(format!("the reference implementation has no key `{other}`")),
        })
    }

    /// The scheme that it goes by here, registered or not.
    pub(super) fn scheme(self) -> Scheme {
        match self {
            Self::KeyInField | Self::KeyInQuery => Scheme::ApiKey,
            Self::Signature => Scheme::Hmac,
        }
    }

    /// Judges what a request has of it; nothing where it has none.
    pub(super) fn judge(
        self,
        asked: &DecisionInput<'_>,
        identities: &[Identity],
        faults: &Faults,
    ) -> Option<Login> {
        let in_field = || field(asked.headers, KEY.0);
        let in_query = || in_query(asked.target, KEY.1);
        let anywhere = faults.has(Fault::KeyTakenAnywhere);
        match self {
            Self::KeyInField => {
                let found = in_field().or_else(|| in_query().filter(|_| anywhere));
                Some(key(found?, identities, faults))
            }
            Self::KeyInQuery if faults.has(Fault::QueryKeyUnread) => None,
            Self::KeyInQuery => {
                let found = in_query().or_else(|| in_field().filter(|_| anywhere));
                Some(key(found?, identities, faults))
            }
            Self::Signature => {
                let found = field(asked.headers, SIGNATURE.0)?;
                Some(signature(found, asked, identities, faults))
            }
        }
    }
}

/// The value of a field that stands there once, as text.
pub(in crate::reference) fn field<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name).iter();
    let (Some(value), None) = (lines.next(), lines.next()) else {
        return None;
    };
    value.to_str().ok()
}

/// A parameter of a query. Nothing here has a character that a query would encode.
pub(in crate::reference) fn in_query<'a>(target: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = target.split_once('?')?;
    let mut params = query.split('&').filter_map(|param| param.split_once('='));
    params.find_map(|(key, value)| (key == name).then_some(value))
}

/// Judges an API key.
pub(in crate::reference) fn key(value: &str, identities: &[Identity], faults: &Faults) -> Login {
    let scheme = Scheme::ApiKey;
    let listed = identities.iter().find_map(|identity| {
        let mut keys = identity.api_keys.iter();
        let key: &Token = keys.find(|key| is_same(key.value.expose(), value, faults))?;
        Some((identity, key))
    });
    let Some((identity, key)) = listed else {
        return if faults.has(Fault::AnyKeyOpens) {
            succeeded(None, scheme)
        } else {
            failed(None, Some(scheme), Why::Wrong)
        };
    };
    let good = match key.state {
        TokenState::Valid => true,
        TokenState::Expired => faults.has(Fault::ExpiredKeyOpens),
        TokenState::Revoked => faults.has(Fault::RevokedKeyOpens),
        TokenState::OtherAudience | TokenState::OtherIssuer => false,
    };
    let user = Some(identity.user.clone());
    if good && may_log_in(identity, faults) {
        succeeded(user, scheme)
    } else {
        failed(user, Some(scheme), Why::Wrong)
    }
}

/// Whether a key is the one that is listed. Test keys are published: what the time of a comparison tells is nothing new.
fn is_same(listed: &str, value: &str, faults: &Faults) -> bool {
    let begins = |long: &str, short: &str| !short.is_empty() && long.starts_with(short);
    listed == value
        || (faults.has(Fault::KeyCaseIgnored) && listed.eq_ignore_ascii_case(value))
        || (faults.has(Fault::KeyComparedByPrefix)
            && (begins(listed, value) || begins(value, listed)))
}

fn signature(
    value: &str,
    asked: &DecisionInput<'_>,
    identities: &[Identity],
    faults: &Faults,
) -> Login {
    let unchecked = faults.has(Fault::SignatureUnchecked);
    let hashes = &[SignatureHash::Sha256];
    signature_by(hashes, unchecked, value, asked, identities, faults)
}

/// Judges a signature by any of these hashes; where it is unchecked, whether its user is known and may log in.
pub(in crate::reference) fn signature_by(
    hashes: &[SignatureHash],
    unchecked: bool,
    value: &str,
    asked: &DecisionInput<'_>,
    identities: &[Identity],
    faults: &Faults,
) -> Login {
    let scheme = Scheme::Hmac;
    let claimed = value.split_once(':').map(|(user, _)| user);
    let known = identities.iter().find(|one| Some(&*one.user) == claimed);
    let Some(identity) = known else {
        return failed(claimed.map(str::to_owned), Some(scheme), Why::Unknown);
    };
    let (user, password) = (&identity.user, identity.password.expose());
    let method = asked.method.as_str();
    let signs = |method, target| {
        let mut hashes = hashes.iter();
        hashes.any(|hash| is_signed_by(*hash, value, user, password, (method, target)))
    };
    let right = signs(method, asked.target)
        || (faults.has(Fault::SignatureForAnyResource) && signs(method, "/elsewhere"))
        || (faults.has(Fault::SignatureForAnyMethod) && signs("DELETE", asked.target))
        || unchecked;
    if right && may_log_in(identity, faults) {
        succeeded(Some(user.clone()), scheme)
    } else {
        failed(Some(user.clone()), Some(scheme), Why::Wrong)
    }
}
