//! An authorization server that can be asked about tokens (RFC 7662), and says of itself where it is (RFC 8414).
//!
//! Here is [`Behaviour::Issuer`](super::Behaviour::Issuer). It gives no tokens: those that it knows it was told of, as the
//! test issuer is, in whose words it answers ([`KnownToken`], [`IssuerUrls`](crate::credentials::IssuerUrls)). Its issuer identifier is the URL of its slot, which is
//! where it is asked about tokens too.
//!
//! | request | answer |
//! |---|---|
//! | `GET` of its metadata, at the well-known URI | 200, the metadata |
//! | `POST` without credentials, or with bad ones | 401, a challenge, `invalid_client` or `invalid_token` |
//! | with good ones, about a good token | 200, `active` is true, and whose it is |
//! | about any other token | 200, `active` is false, and nothing else |
//! | about none | 400, `invalid_request` |
//! | by another method | 405 |

mod asked;
mod document;

pub(super) use self::document::WELL_KNOWN;
use crate::credentials::{Identity, KnownToken, Scheme, TokenState};
use crate::domain::Value;
use crate::wire::Endpoint;

/// An authorization server, worked out once, when its policy is installed.
#[derive(Clone, Debug)]
pub(super) struct AuthorizationServer {
    /// `http://` and host and port.
    root: String,
    /// Its path, which is that of its identifier.
    path: String,
    /// The scheme by which whoever asks says who that is.
    by: Scheme,
    /// Whether browsers are sent to it.
    has_code_grant: bool,
}

/// What is known of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AskedToken {
    Good,
    Expired,
    Revoked,
    Unknown,
}

impl AuthorizationServer {
    /// Works out what a policy record asks for. Fields that are not there have the simplest values.
    ///
    /// # Errors
    ///
    /// In words, when it asks for something that the reference implementation does not have.
    pub(super) fn of(policy: &Value, at: &Endpoint) -> Result<Self, String> {
        let word = |field: &str| policy.field(field).and_then(Value::as_symbol);
        let by = match word("introspection_by") {
            None | Some("basic") => Scheme::Basic,
            Some("bearer") => Scheme::Bearer,
            Some(other) => return Err(format!("nobody asks about tokens by `{other}` here")),
        };
        Ok(Self {
            root: format!("http://{}", at.authority),
            path: format!("{}/resource", at.prefix),
            by,
            has_code_grant: word("grants") != Some("client-credentials"),
        })
    }
}

impl AskedToken {
    /// What is known of a token of this value.
    fn of(value: &str, identities: &[Identity]) -> Self {
        if KnownToken::good(identities).contains_key(value) {
            return Self::Good;
        }
        let mut tokens = identities.iter().flat_map(|one| &one.tokens);
        let token = tokens.find(|token| token.value.expose() == value);
        match token.map(|token| token.state) {
            Some(TokenState::Expired) => Self::Expired,
            Some(TokenState::Revoked) => Self::Revoked,
            _ => Self::Unknown,
        }
    }
}
