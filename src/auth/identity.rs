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
