//! Policies of a platform, in the words of the specs, with their history.

use std::fmt;

/// Policies that were read together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The property of the instance that has a 401 name the first scheme only; nothing where it was not read, and
    /// it is at its default then, which is true.
    pub first_scheme_only: Option<bool>,
    /// The policies, in the order read.
    pub policies: Vec<ImportedPolicy>,
}

/// An API access policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedPolicy {
    /// What people call it.
    pub name: String,
    /// Which requests it is for.
    pub protects: Protects,
    /// Whether it is active.
    pub active: bool,
    /// Its flag *Advertise all auth schemes*.
    pub advertise_all: bool,
    /// Its profiles, in the order of the list.
    pub profiles: Vec<Profile>,
}

/// Which requests a policy is for, as its record says it; what it does not say is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protects {
    /// What it says of each, in the order of the form.
    pub what: Vec<(String, String)>,
}

/// An authentication profile that is attached to a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What people call it.
    pub name: String,
    /// What clients log in with.
    pub scheme: ProfileScheme,
    /// Whether it is active.
    pub active: bool,
    /// When it was attached to the policy, as `YYYY-MM-DD HH:MM:SS`.
    pub mapped: Option<String>,
    /// When it was configured last.
    pub configured: Option<String>,
}

/// What clients log in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileScheme {
    /// User and password (RFC 7617).
    Basic,
    /// A token of OAuth (RFC 6750).
    Bearer,
    /// An ID token of an identity provider.
    IdToken,
    /// A certificate (mutual TLS).
    Certificate,
    /// A key in a field of its own or in the query.
    ApiKey,
    /// A signature in a field of its own or in the query.
    Hmac,
    /// A user-name token of web services.
    Wsse,
    /// The records do not say.
    Unknown,
}

impl ProfileScheme {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Basic,
        Self::Bearer,
        Self::IdToken,
        Self::Certificate,
        Self::ApiKey,
        Self::Hmac,
        Self::Wsse,
        Self::Unknown,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Bearer => "bearer",
            Self::IdToken => "id-token",
            Self::Certificate => "certificate",
            Self::ApiKey => "api-key",
            Self::Hmac => "hmac",
            Self::Wsse => "wsse",
            Self::Unknown => "unknown",
        }
    }

    /// That of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.word() == word)
    }
}

impl fmt::Display for ProfileScheme {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// Whether a text is a date and a time as the platform stores them, so that two of them can be compared as texts.
pub(super) fn is_time(text: &str) -> bool {
    let is_like = |pattern: &str| {
        text.len() == pattern.len()
            && text
                .bytes()
                .zip(pattern.bytes())
                .all(|(byte, like)| match like {
                    b'0' => byte.is_ascii_digit(),
                    _ => byte == like,
                })
    };
    is_like("0000-00-00 00:00:00")
}
