//! Who is asking an origin server: credentials in a field or in the query, of every scheme that the
//! reference implementation speaks.

use hyper::header::{AUTHORIZATION, HeaderValue};

use super::key::in_query;
use super::{Resource, token};
use crate::auth::split_authorization;

use crate::credentials::{Identity, Scheme, read_basic};
use crate::reference::decision::DecisionInput;
use crate::reference::fault::Fault;
use crate::reference::login::{Login, Why, failed, may_log_in, succeeded};
use crate::reference::seeded::Faults;

/// What the form *joined* adds to a value.
const BESIDE: &[u8] = b", Basic bm9ib2R5Om5vdGhpbmc=";

/// The longest `Authorization` that is read, in bytes: what many servers allow for one field line.
const MOST: usize = 8 * 1024;

impl Resource {
    /// Judges the credentials of a request.
    pub(in crate::reference) fn judge(
        &self,
        asked: &DecisionInput<'_>,
        identities: &[Identity],
        faults: &Faults,
    ) -> Login {
        let key = || self.key?.judge(asked, identities, faults);
        let login = match self.read(asked, identities, faults) {
            // Whoever says nothing in `Authorization` may have a key.
            Login::Anonymous => match key() {
                Some(login) => return login,
                None if self.schemes.is_empty() && faults.has(Fault::KeylessOpens) => {
                    return succeeded(None, Scheme::ApiKey);
                }
                None => Login::Anonymous,
            },
            login => login,
        };
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

    fn read(&self, asked: &DecisionInput<'_>, identities: &[Identity], faults: &Faults) -> Login {
        let mut lines = asked
            .headers
            .get_all(AUTHORIZATION)
            .iter()
            .map(HeaderValue::as_bytes);
        // RFC 6750 §2.3; of interest only where a token is accepted at all.
        let in_query = in_query(asked.target, "access_token")
            .filter(|_| self.schemes.contains(&Scheme::Bearer));
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
        let mut value = value;
        if faults.has(Fault::SecondOfFieldPassedOver)
            && let Some(first) = value.strip_suffix(BESIDE)
        {
            value = first;
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
            Scheme::Digest => self.digest.judge(value, asked, identities, faults),
            // No resource here is protected with another.
            _ => failed(None, None, Why::UnknownScheme),
        }
    }
}

fn starts_wide(rest: &[u8]) -> bool {
    rest.starts_with(b"  ")
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
