//! In which state credentials are.

use std::fmt;

use crate::auth::Scheme;

/// Declares the states: each with its word and what it means.
macro_rules! states {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal;)*) => {
        /// In which state the credentials are that a client has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum CredentialState {
            $($(#[doc = $doc])* $variant,)*
        }

        impl CredentialState {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word for it in specs.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

states! {
    /// They are good.
    Valid, "valid";
    /// A known user with a wrong password, or a well-formed token that is listed nowhere.
    WrongSecret, "wrong-secret";
    /// A user whom nobody knows, with a password that would be right for another.
    UnknownUser, "unknown-user";
    /// Not what the scheme's grammar asks for.
    Malformed, "malformed";
    /// Good once, and past their time.
    Expired, "expired";
    /// The client has none.
    None, "none";
}

impl CredentialState {
    /// The state that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }
}

impl fmt::Display for CredentialState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// A combination of scheme, state and identity for which no credentials exist. Never a finding: the
/// case is not applicable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchCredentials {
    /// The scheme.
    pub scheme: Scheme,
    /// The state.
    pub state: CredentialState,
    /// What it lacks.
    pub why: &'static str,
}

impl fmt::Display for NoSuchCredentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, state, why } = self;
        write!(
            out,
            "there are no `{state}` credentials for {scheme}: {why}"
        )
    }
}

impl std::error::Error for NoSuchCredentials {}
