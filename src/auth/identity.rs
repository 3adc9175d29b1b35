//! Identities: who may log in, and with what. Their JSON form is the control protocol's.

use serde::{Deserialize, Serialize};

/// Someone who can log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The user-id.
    pub user: String,
    /// The password.
    pub password: String,
    /// Whether log-ins are allowed.
    pub enabled: bool,
    /// Role names.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Bearer tokens that the implementation knows.
    #[serde(default)]
    pub tokens: Vec<Token>,
    /// API keys that the implementation knows.
    #[serde(default)]
    pub api_keys: Vec<Token>,
}

/// A token or key that an implementation is told about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its value, as a client sends it.
    pub value: String,
    /// Whether it is good.
    pub state: TokenState,
    /// What it allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// The state of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenState {
    /// Accepted.
    Valid,
    /// Was valid once.
    Expired,
    /// Was withdrawn.
    Revoked,
}

impl Identity {
    /// The user that built-in cases log in as. Her password contains a colon, which Basic allows
    /// (RFC 7617 §2) and careless servers cut at; she has one valid and one expired token.
    pub fn alice() -> Self {
        let token = |value: &str, state| Token {
            value: value.to_owned(),
            state,
            scopes: Vec::new(),
        };
        Self {
            user: "alice".to_owned(),
            password: "open:sesame".to_owned(),
            enabled: true,
            roles: Vec::new(),
            tokens: vec![
                token("alice-token-valid", TokenState::Valid),
                token("alice-token-expired", TokenState::Expired),
            ],
            api_keys: Vec::new(),
        }
    }
}
