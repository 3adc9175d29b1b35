//! Auth-schemes that Countersign can speak.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares the schemes: each with its word in specs and its name in messages.
macro_rules! schemes {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal, $name:literal;)*) => {
        /// An auth-scheme (RFC 9110 §11.1) for which Countersign can make credentials.
        ///
        /// A challenge may name any scheme at all, so a [`Challenge`](crate::auth::Challenge) holds text;
        /// this is the closed set that a client of ours can answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scheme {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Scheme {
            /// Every scheme, in the order of simplicity.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word for it in specs and on the command line.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What it is, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),*).trim_ascii(),)*
                }
            }

            /// Its name as registered (IANA HTTP Authentication Schemes), which is what is sent; of what
            /// is not registered, the name that some servers use.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

schemes! {
    /// User-id and password (RFC 7617).
    Basic, "basic", "Basic";
    /// A bearer token (RFC 6750).
    Bearer, "bearer", "Bearer";
    /// A hash over password, nonce and request (RFC 7616).
    Digest, "digest", "Digest";
    /// A token that is bound to a key, with a proof of having the key (RFC 9449).
    Dpop, "dpop", "DPoP";
    /// A secret in a field of its own or in the query. No registered scheme: there is no challenge that
    /// asks for it.
    ApiKey, "api-key", "ApiKey";
    /// A keyed hash of the request in a field of its own or in the query. No registered scheme either.
    Hmac, "hmac", "HMAC";
    /// A certificate that the client shows when TLS begins (RFC 8446 §4.4.2). No registered scheme either: no
    /// challenge asks for it.
    Certificate, "certificate", "Certificate";
}

impl Scheme {
    /// The scheme of this word in a spec.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|scheme| scheme.word() == word)
    }

    /// The scheme of this name in a message (names compare case-insensitively, RFC 9110 §11.1).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|scheme| scheme.name().eq_ignore_ascii_case(name))
    }

    /// Whether it is registered, and so has a challenge of its own.
    pub fn is_registered(self) -> bool {
        !matches!(self, Self::ApiKey | Self::Hmac | Self::Certificate)
    }

    /// Whether its credentials stand in `Authorization`, behind its name.
    pub fn in_authorization(self) -> bool {
        self.is_registered()
    }

    /// Whether its credentials may stand in the query as well (RFC 6750 §2.3).
    pub fn in_query(self) -> bool {
        matches!(self, Self::Bearer | Self::ApiKey | Self::Hmac)
    }

    /// Why its credentials are not for proxies; nothing where they are.
    pub fn not_for_proxies(self) -> Option<&'static str> {
        match self {
            Self::Dpop => Some("DPoP is not for proxies (RFC 9449 §7.1)"),
            Self::ApiKey | Self::Hmac => Some("a proxy takes credentials in its own field only"),
            Self::Certificate => Some("a certificate is for whoever ends TLS"),
            Self::Basic | Self::Bearer | Self::Digest => None,
        }
    }

    /// Whether its credentials are shown when a connection begins, and stand in no request.
    pub fn is_of_connection(self) -> bool {
        self == Self::Certificate
    }

    /// Whether its credentials cannot be made before a challenge of it was seen.
    pub fn needs_challenge(self) -> bool {
        self == Self::Digest
    }

    /// Whether its credentials are bound to one request, so that they cannot be made once and sent
    /// many times.
    pub fn is_bound(self) -> bool {
        matches!(self, Self::Digest | Self::Dpop | Self::Hmac)
    }
}

/// By its word.
impl Serialize for Scheme {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Scheme {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        let unknown = || serde::de::Error::custom(format!("`{word}` names no scheme"));
        Self::from_word(&word).ok_or_else(unknown)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::registered;

    #[test]
    fn schemes_that_are_spoken_are_registered_or_say_that_they_are_not() {
        for scheme in Scheme::ALL.iter().copied() {
            let known = registered(scheme.name());
            assert_eq!(known.is_some(), scheme.is_registered(), "{scheme}");
        }
    }
}
