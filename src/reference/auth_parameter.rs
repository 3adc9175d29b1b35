//! Profiles of the platform whose credentials are no `Authorization`: API keys and signatures, in a field or in the
//! query as the *auth parameter* of the profile has it (*Configure API key*, *Configure HMAC*).
//!
//! | configured | request | answer |
//! |---|---|---|
//! | a profile of keys, in a field or in the query | a good key that stands there | let in |
//! | the same with a prefix | a good key behind prefix and blank | let in |
//! | a profile of signatures, with a hash | a signature by that hash that stands there | let in |
//! | either, in a global policy | any of these | as without a profile |

use super::decision::DecisionInput;
use super::fault::Fault;
use super::login::{Login, Why, failed};
use super::origin::echo::decoded;
use super::origin::key::{field, in_query, key, signature_by};
use super::policy::flag;
use super::seeded::Faults;
use crate::credentials::{Identity, KEY, KEY_PREFIX, SIGNATURE, Scheme, SignatureHash};
use crate::domain::Value;

/// Where keys and signatures of a policy's profiles stand, and how they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AuthParameter {
    /// Whether that is the query, and no field.
    in_query: bool,
    /// Whether a key has a prefix.
    prefix: bool,
    /// The hash of signatures.
    hash: SignatureHash,
}

impl AuthParameter {
    /// What a policy record says of it; what is not there has the platform's defaults.
    pub(super) fn of(policy: &Value) -> Self {
        let word = |name| policy.field(name).and_then(Value::as_symbol);
        let mut hashes = SignatureHash::ALL.into_iter();
        Self {
            in_query: word("auth_parameter") == Some("query"),
            prefix: flag(policy, "prefix", false),
            hash: hashes
                .find(|hash| Some(hash.word()) == word("hash"))
                .unwrap_or_default(),
        }
    }

    /// Judges the key or the signature of a request; nothing where there is none where it has to stand.
    pub(super) fn judge(
        self,
        asked: &DecisionInput<'_>,
        accepted: &[Scheme],
        identities: &[Identity],
        faults: &Faults,
    ) -> Option<Login> {
        let login = match self.found(KEY, asked, faults) {
            Some(value) => key(self.bare(&value, faults)?, identities, faults),
            None => {
                let value = self.found(SIGNATURE, asked, faults)?;
                let hashes = self.hashes(faults);
                // Of a tag nothing but its length shows by which hash it was made.
                let mut lengths = hashes.iter().map(|hash| hash.written());
                let is_long_enough = |(_, tag): (&str, &str)| lengths.any(|one| one == tag.len());
                let unchecked = faults.has(Fault::SignatureOfAnySecret)
                    && value.split_once(':').is_some_and(is_long_enough);
                signature_by(hashes, unchecked, &value, asked, identities, faults)
            }
        };
        Some(match login {
            Login::Succeeded { user, scheme, .. }
                if !accepted.contains(&scheme) && !faults.has(Fault::KeyNeedsNoProfile) =>
            {
                failed(user, Some(scheme), Why::NotAccepted)
            }
            login => login,
        })
    }

    /// What stands under one of these names, where it has to stand.
    fn found(
        self,
        (in_field, in_the_query): (&str, &str),
        asked: &DecisionInput<'_>,
        faults: &Faults,
    ) -> Option<String> {
        let by_field = || field(asked.headers, in_field).map(str::to_owned);
        let by_query = || in_query(asked.target, in_the_query).map(decoded);
        let anywhere = faults.has(Fault::KeyTakenAnywhere);
        match self.in_query {
            true if faults.has(Fault::QueryParameterUnread) => None,
            true => by_query().or_else(|| by_field().filter(|_| anywhere)),
            false => by_field().or_else(|| by_query().filter(|_| anywhere)),
        }
    }

    /// A key without its prefix; nothing where it lacks that.
    fn bare<'v>(self, value: &'v str, faults: &Faults) -> Option<&'v str> {
        match self.prefix {
            true if faults.has(Fault::PrefixedKeyUnread) => Some(value),
            true => value.strip_prefix(KEY_PREFIX)?.strip_prefix(' '),
            false => Some(value),
        }
    }

    /// The hashes that a signature may be made with.
    fn hashes(&self, faults: &Faults) -> &[SignatureHash] {
        if faults.has(Fault::SignatureHashIgnored) {
            &SignatureHash::ALL
        } else if self.hash == SignatureHash::Sha384 && faults.has(Fault::Sha384Unread) {
            &[]
        } else {
            std::slice::from_ref(&self.hash)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{Context, CredentialState, TokenKind, mint};
    use crate::reference::log_ins::Whence;
    use hyper::Method;
    use hyper::header::{HeaderMap, HeaderName, HeaderValue};
    use std::net::Ipv4Addr;

    fn cast() -> Vec<Identity> {
        let schemes = [Scheme::ApiKey, Scheme::Hmac];
        Identity::needed_for(&schemes, &[CredentialState::Valid], TokenKind::Opaque)
    }

    /// The good key or signature, by a hash.
    fn good(scheme: Scheme, hash: SignatureHash) -> String {
        let context = Context {
            method: "GET",
            target: "/s0/resource",
            hash,
            ..Context::default()
        };
        let minted = mint(scheme, CredentialState::Valid, &cast(), &context);
        minted.unwrap().unwrap().fields[0].1.clone()
    }

    /// Whether a policy with these fields lets in who sends this, in a field or in the query.
    fn lets_in(
        policy: &[(&'static str, Value)],
        (name, value): (&str, &str),
        in_query: bool,
        faults: &[Fault],
    ) -> bool {
        let mut headers = HeaderMap::new();
        let mut target = "/s0/resource".to_owned();
        if in_query {
            target = format!("{target}?{name}={}", value.replace('+', "%2B"));
        } else {
            let name: HeaderName = name.parse().unwrap();
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        let asked = DecisionInput {
            method: &Method::GET,
            target: &target,
            headers: &headers,
            by_proxy: false,
            whence: &Whence::new(Ipv4Addr::LOCALHOST.into()),
            content: b"",
        };
        let parameter = AuthParameter::of(&Value::record(policy.iter().cloned()));
        let login = parameter.judge(
            &asked,
            &[Scheme::ApiKey, Scheme::Hmac],
            &cast(),
            &Faults::new(faults),
        );
        matches!(login, Some(Login::Succeeded { .. }))
    }

    #[test]
    fn a_key_is_taken_where_it_has_to_stand_and_as_it_has_to_be_written() {
        let key = good(Scheme::ApiKey, SignatureHash::Sha256);
        let of = |name, word: &str| [(name, Value::symbol(word))];
        let (field, query) = (of("auth_parameter", "field"), of("auth_parameter", "query"));
        assert!(lets_in(&field, (KEY.0, &key), false, &[]));
        assert!(!lets_in(&field, (KEY.1, &key), true, &[]));
        assert!(lets_in(&query, (KEY.1, &key), true, &[]));
        assert!(!lets_in(&query, (KEY.0, &key), false, &[]));
        assert!(!lets_in(
            &query,
            (KEY.1, &key),
            true,
            &[Fault::QueryParameterUnread]
        ));
        let prefix = [("prefix", Value::Bool(true))];
        let behind = format!("{KEY_PREFIX} {key}");
        assert!(lets_in(&prefix, (KEY.0, &behind), false, &[]));
        assert!(!lets_in(&prefix, (KEY.0, &key), false, &[]));
        let unread = [Fault::PrefixedKeyUnread];
        assert!(!lets_in(&prefix, (KEY.0, &behind), false, &unread));
    }

    #[test]
    fn a_signature_is_taken_by_the_hash_that_is_configured() {
        for configured in SignatureHash::ALL {
            let policy = [("hash", Value::symbol(configured.word()))];
            for made in SignatureHash::ALL {
                let signature = good(Scheme::Hmac, made);
                let lets_in =
                    |faults: &[Fault]| lets_in(&policy, (SIGNATURE.0, &signature), false, faults);
                assert_eq!(lets_in(&[]), made == configured);
                assert!(lets_in(&[Fault::SignatureHashIgnored]));
                let is_read = configured != SignatureHash::Sha384;
                let unread = [Fault::Sha384Unread];
                assert_eq!(lets_in(&unread), made == configured && is_read);
            }
        }
        let signature = good(Scheme::Hmac, SignatureHash::Sha256);
        let query = [("auth_parameter", Value::symbol("query"))];
        assert!(lets_in(&query, (SIGNATURE.1, &signature), true, &[]));
    }
}
