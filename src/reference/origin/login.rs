//! Who is asking an origin server: credentials in a field or in the query, of every scheme that the
//! reference implementation speaks.

use hyper::header::{AUTHORIZATION, HeaderValue};

use super::{CURRENT, REALM, Resource, token};
use crate::auth::{
    Authorization, DigestFault, Identity, Nonces, Presented, Scheme, read_basic,
    split_authorization,
};
use crate::reference::fault::{Fault, Faults};
use crate::reference::installed::Asked;
use crate::reference::login::{Login, Why, failed, succeeded};
use crate::reference::server::WELCOME;

/// The longest `Authorization` that is read, in bytes: what many servers allow for one field line.
const MOST: usize = 8 * 1024;

impl Resource {
    /// Judges the credentials of a request.
    pub(in crate::reference) fn judge(
        &self,
        asked: &Asked<'_>,
        identities: &[Identity],
        faults: &Faults,
    ) -> Login {
        let login = self.read(asked, identities, faults);
        let second_refused = faults.has(Fault::RefusesSecondScheme);
        match login {
            Login::Succeeded { user, scheme, .. }
                if !self.schemes.contains(&scheme)
                    || (second_refused && self.schemes.first() != Some(&scheme)) =>
            {
                failed(user, Some(scheme), Why::NotAccepted)
            }
            login => login,
        }
    }

    fn read(&self, asked: &Asked<'_>, identities: &[Identity], faults: &Faults) -> Login {
        let mut lines = asked
            .headers
            .get_all(AUTHORIZATION)
            .iter()
            .map(HeaderValue::as_bytes);
        // RFC 6750 §2.3; of interest only where a token is accepted at all.
        let in_query =
            token_in_query(asked.target).filter(|_| self.schemes.contains(&Scheme::Bearer));
        let Some(value) = lines.next() else {
            return match in_query {
                Some(token) => token::bearer(token.as_bytes(), identities, faults),
                None => Login::Anonymous,
            };
        };
        if in_query.is_some() && !faults.has(Fault::TwoTokensOpen) {
            return failed(None, Some(Scheme::Bearer), Why::SeveralWays);
        }
        if lines.next().is_some() {
            return failed(None, None, Why::SeveralLines);
        }
        if value.len() > MOST {
            return failed(None, None, Why::TooLarge);
        }
        let Some((name, secret)) = split_authorization(value) else {
            return failed(None, None, Why::NoScheme);
        };
        let known = Scheme::from_name(&name)
            .filter(|scheme| !faults.has(Fault::SchemeCaseSensitive) || scheme.name() == name);
        let Some(scheme) = known else {
            return failed(None, None, Why::UnknownScheme);
        };
        if faults.has(Fault::OneSpaceOnly) && value.get(name.len()..).is_some_and(starts_wide) {
            return failed(None, Some(scheme), Why::Unreadable);
        }
        match scheme {
            Scheme::Basic => basic(secret, identities, faults),
            Scheme::Bearer => token::bearer(secret, identities, faults),
            // Not for proxies, whatever they are asked with (RFC 9449 §7.1).
            Scheme::Dpop if !asked.by_proxy => self.dpop(secret, asked, identities, faults),
            Scheme::Digest => digest(value, asked, identities, faults),
            // No resource here is protected with another.
            _ => failed(None, None, Why::UnknownScheme),
        }
    }
}

fn starts_wide(rest: &[u8]) -> bool {
    rest.starts_with(b"  ")
}

/// The token of a query (RFC 6750 §2.3). Tokens here have no character that a query would encode.
fn token_in_query(target: &str) -> Option<&str> {
    let (_, query) = target.split_once('?')?;
    let mut params = query.split('&');
    params.find_map(|param| param.strip_prefix("access_token="))
}

fn basic(secret: &[u8], identities: &[Identity], faults: &Faults) -> Login {
    let scheme = Scheme::Basic;
    let mut secret = secret;
    if faults.has(Fault::TrailingJunkIgnored) {
        let end = secret.iter().position(|byte| *byte == b' ');
        secret = secret
            .get(..end.unwrap_or(secret.len()))
            .unwrap_or_default();
    }
    let read =
        read_basic(secret).filter(|(user, _)| user.is_ascii() || !faults.has(Fault::Utf8Refused));
    let Some((mut user, mut password)) = read else {
        return failed(None, Some(scheme), Why::Unreadable);
    };
    if faults.has(Fault::UserIdEndsAtLastColon)
        && let Some((more, rest)) = password.clone().rsplit_once(':')
    {
        user = format!("{user}:{more}");
        rest.clone_into(&mut password);
    }
    if faults.has(Fault::ControlCharactersDropped) {
        password.retain(|c| !c.is_control());
    }
    let opened = (password.is_empty() && faults.has(Fault::EmptyPasswordOpens))
        || (user.is_empty() && faults.has(Fault::EmptyUserOpens));
    let known = identities.iter().find(|identity| identity.user == user);
    match known {
        _ if opened => succeeded(Some(user), scheme),
        Some(identity) if may_log_in(identity, faults) && identity.password == password => {
            succeeded(Some(user), scheme)
        }
        Some(_) => failed(Some(user), Some(scheme), Why::Wrong),
        None => failed(Some(user), Some(scheme), Why::Unknown),
    }
}

pub(super) fn may_log_in(identity: &Identity, faults: &Faults) -> bool {
    identity.enabled || faults.has(Fault::DisabledUserOpens)
}

fn digest(value: &[u8], asked: &Asked<'_>, identities: &[Identity], faults: &Faults) -> Login {
    let scheme = Scheme::Digest;
    let read = Authorization::parse(std::iter::once(value));
    let Some(credentials) = read.strict().flatten() else {
        return failed(None, Some(scheme), Why::Unreadable);
    };
    let presented = match Presented::read(credentials) {
        Ok(presented) => presented,
        Err(fault) => return improper(fault, faults),
    };
    let who = identities.iter().find(|one| presented.is_of(&one.user));
    let Some(identity) = who else {
        return failed(Some(presented.user), Some(scheme), Why::Unknown);
    };
    let user = Some(identity.user.clone());
    let wrong = |why| failed(user.clone(), Some(scheme), why);
    let Identity {
        user: name,
        password,
        ..
    } = identity;
    let right = presented.is_right(name, password, asked.method.as_str(), &[]);
    if !right || presented.realm != REALM || !may_log_in(identity, faults) {
        return wrong(Why::Wrong);
    }
    if !names(&presented.uri, asked.target) && !faults.has(Fault::DigestUriUnchecked) {
        return wrong(Why::OtherResource);
    }
    if Nonces::known().serial(&presented.nonce) != Some(CURRENT)
        && !faults.has(Fault::DigestNonceUnchecked)
    {
        return wrong(Why::Stale);
    }
    Login::Succeeded {
        info: presented.info(name, password, WELCOME, None),
        user,
        scheme,
        scopes: Vec::new(),
    }
}

/// Whether the `uri` of a Digest client is a request target: as it is, or, as a proxy's client sends it,
/// in its absolute form (RFC 9112 §3.2.2).
fn names(uri: &str, target: &str) -> bool {
    let path = uri
        .strip_prefix("http://")
        .and_then(|rest| rest.get(rest.find('/')?..));
    uri == target || path == Some(target)
}

/// Parameters that are missing or improper. Some faults let them pass.
fn improper(fault: DigestFault, faults: &Faults) -> Login {
    let scheme = Scheme::Digest;
    let opens = match fault {
        DigestFault::TwoUsernames => faults.has(Fault::DigestTwoUsernamesOpen),
        DigestFault::UnknownQop => faults.has(Fault::DigestQopUnchecked),
        DigestFault::BadCount => faults.has(Fault::DigestCountUnchecked),
        _ => false,
    };
    if opens {
        succeeded(None, scheme)
    } else {
        failed(None, Some(scheme), Why::Improper)
    }
}
