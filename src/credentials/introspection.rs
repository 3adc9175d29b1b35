//! What an authorization server says of a token to whoever may ask (RFC 7662), and of itself to everybody (RFC 8414).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::identity::{Identity, TokenState};
use super::jwt::{AUDIENCE, ISSUER, claims_of};

/// A token that is good, as its issuer knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownToken {
    /// Whose it is.
    pub user: String,
    scopes: Vec<String>,
    /// The thumbprint of the key that it is bound to, if any.
    key: Option<String>,
}

impl KnownToken {
    /// The valid tokens of enabled identities, and no others, by their value.
    pub fn good(identities: &[Identity]) -> BTreeMap<String, Self> {
        let mut good = BTreeMap::new();
        for identity in identities.iter().filter(|identity| identity.enabled) {
            for token in &identity.tokens {
                if token.state == TokenState::Valid {
                    let known = Self {
                        user: identity.user.clone(),
                        scopes: token.scopes.clone(),
                        key: claims_of(token.value.expose()).and_then(|claims| claims.key),
                    };
                    good.insert(token.value.expose().to_owned(), known);
                }
            }
        }
        good
    }

    /// What is said of it to whoever asks (RFC 7662 §2.2).
    pub fn told(&self) -> Value {
        let Self { user, scopes, key } = self;
        let mut said = json!({
            "active": true,
            "token_type": "Bearer",
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user,
            "username": user,
            "scope": scopes.join(" "),
        });
        // RFC 9449 §6.2.
        if let (Some(key), Some(said)) = (key, said.as_object_mut()) {
            said.insert("token_type".to_owned(), "DPoP".into());
            said.insert("cnf".to_owned(), json!({ "jkt": key }));
        }
        said
    }

    /// What is said of any other: that it is not active, and nothing else (§2.2).
    pub fn told_of_others() -> Value {
        json!({ "active": false })
    }

    /// The token that is asked about, by its value in the form (§2.1); nothing where there is none.
    pub fn asked_about(form: &[u8]) -> Option<String> {
        form_field(form, "token").filter(|token| !token.is_empty())
    }
}

/// Where an authorization server is, as its metadata names it.
#[derive(Clone, Copy, Debug)]
pub struct IssuerUrls<'a> {
    /// Its identifier.
    pub issuer: &'a str,
    /// Where it would give tokens.
    pub token_endpoint: &'a str,
    /// Where a browser would be sent, if anywhere.
    pub authorization_endpoint: Option<&'a str>,
    /// Its keys, if it has some.
    pub jwks_uri: Option<&'a str>,
    /// Where it is asked about tokens.
    pub introspection_endpoint: &'a str,
    /// How whoever asks there says who that is.
    pub introspection_by: &'a str,
}

impl IssuerUrls<'_> {
    /// The metadata (RFC 8414 §2). `response_types_supported` is required of those too that have no endpoint for them, and
    /// must not be empty (§3.2), so that it names the one type that every other has.
    pub fn metadata(&self) -> Value {
        let grant = match self.authorization_endpoint {
            Some(_) => "authorization_code",
            None => "client_credentials",
        };
        let mut metadata = json!({
            "issuer": self.issuer,
            "token_endpoint": self.token_endpoint,
            "response_types_supported": ["code"],
            "grant_types_supported": [grant],
            "introspection_endpoint": self.introspection_endpoint,
            "introspection_endpoint_auth_methods_supported": [self.introspection_by],
        });
        let others = [
            ("authorization_endpoint", self.authorization_endpoint),
            ("jwks_uri", self.jwks_uri),
        ];
        if let Some(members) = metadata.as_object_mut() {
            let there = others
                .into_iter()
                .filter_map(|(name, url)| Some((name.to_owned(), url?.into())));
            members.extend(there);
        }
        metadata
    }
}

/// A field of a form (`application/x-www-form-urlencoded`), decoded.
fn form_field(form: &[u8], name: &str) -> Option<String> {
    let form = std::str::from_utf8(form).ok()?;
    let (_, value) = form
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)?;
    let mut decoded = Vec::new();
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded() {
        let form = b"token_type_hint=a&token=a%2Fb+c%25&x=";
        assert_eq!(form_field(form, "token").as_deref(), Some("a/b c%"));
        assert_eq!(form_field(form, "x").as_deref(), Some(""));
        for broken in [&b"token=%2"[..], b"token=%zz", b"token=%ff", b"tok=a", b""] {
            assert_eq!(form_field(broken, "token"), None);
        }
        assert_eq!(KnownToken::asked_about(b"token="), None);
    }

    /// RFC 8414 §2 and §3.2: what must be there is, and no list is empty.
    #[test]
    fn the_metadata_has_what_it_must_have() {
        for authorization_endpoint in [None, Some("http://issuer.example/authorize")] {
            let urls = IssuerUrls {
                issuer: "http://issuer.example",
                token_endpoint: "http://issuer.example/token",
                authorization_endpoint,
                jwks_uri: None,
                introspection_endpoint: "http://issuer.example/introspect",
                introspection_by: "none",
            };
            let metadata = urls.metadata();
            let members = metadata.as_object().unwrap();
            for name in ["issuer", "token_endpoint", "response_types_supported"] {
                assert!(members.contains_key(name), "{name}");
            }
            let has = members.contains_key("authorization_endpoint");
            assert_eq!(has, authorization_endpoint.is_some());
            let mut lists = members.values().filter_map(Value::as_array);
            assert!(lists.all(|list| !list.is_empty()));
        }
    }
}
