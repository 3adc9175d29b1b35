//! Auth-schemes that Countersign can speak.

use std::fmt;

/// An auth-scheme (RFC 9110 §11.1) for which Countersign can make credentials.
///
/// A challenge may name any scheme at all, so a [`Challenge`](super::Challenge) holds text; this is
/// the closed set that a client of ours can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// User-id and password (RFC 7617).
    Basic,
    /// A bearer token (RFC 6750).
    Bearer,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 2] = [Self::Basic, Self::Bearer];

    /// The word for it in specs and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Bearer => "bearer",
        }
    }

    /// Its name as registered (IANA HTTP Authentication Schemes), which is what is sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Bearer => "Bearer",
        }
    }

    /// The scheme of this word in a spec.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.word() == word)
    }

    /// The scheme of this name in a message (names compare case-insensitively, RFC 9110 §11.1).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|scheme| scheme.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
