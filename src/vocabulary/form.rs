//! Forms: in which shape, and where in the request, a client puts its credentials.

use std::fmt;

use crate::credentials::{Scheme, SignatureHash};
use crate::wire::Way;

/// With what a form goes, each time with what would be wrong with anything else.
#[derive(Clone, Copy)]
struct Goes {
    with: fn(Scheme) -> bool,
    otherwise: &'static str,
    by: fn(Way) -> bool,
    not_by: &'static str,
}

const ANYWHERE: Goes = Goes {
    with: |_| true,
    otherwise: "",
    by: |_| true,
    not_by: "",
};
const IN_AUTHORIZATION: Goes = Goes {
    with: Scheme::in_authorization,
    otherwise: "the scheme's credentials are not in `Authorization`",
    ..ANYWHERE
};
const AS_LINES: Goes = Goes {
    by: |way| !way.is_framed(),
    not_by: "HTTP/2 and HTTP/3 have fields that are no lines",
    ..IN_AUTHORIZATION
};
const OF_PARAMETERS: Goes = Goes {
    with: |scheme| scheme == Scheme::Digest,
    otherwise: "the scheme's credentials have no parameters",
    ..ANYWHERE
};
const IN_QUERY: Goes = Goes {
    with: Scheme::in_query,
    otherwise: "the scheme's credentials do not go into a query",
    by: |way| !way.is_proxy(),
    not_by: "a proxy takes credentials in its own field only",
};
const OF_KEYS: Goes = Goes {
    with: |scheme| matches!(scheme, Scheme::ApiKey),
    otherwise: "only an API key has a prefix",
    ..ANYWHERE
};
const OF_SIGNATURES: Goes = Goes {
    with: |scheme| matches!(scheme, Scheme::Hmac),
    otherwise: "only a signature is made with a hash of one's choice",
    ..ANYWHERE
};
const BEHIND_A_PROXY: Goes = Goes {
    with: |scheme| scheme.not_for_proxies().is_none(),
    otherwise: "a proxy takes credentials in its own field only",
    by: Way::is_proxy,
    not_by: "there is nobody behind whom it asks",
};

/// Declares the forms: each with what it does, its word, and with what it goes.
macro_rules! forms {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal, $goes:ident;)*) => {
        /// The shape in which credentials stand in a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Form {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Form {
            /// Every form, in the order of simplicity.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word for it in specs.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),*).trim_ascii(),)*
                }
            }

            fn goes(self) -> Goes {
                match self {
                    $(Self::$variant => $goes,)*
                }
            }
        }
    };
}

forms! {
    /// As the scheme's definition has it.
    Plain, "plain", ANYWHERE;
    /// The auth-scheme in mixed case, which means the same (RFC 9110 §11.1).
    OddCase, "odd-case", IN_AUTHORIZATION;
    /// Three spaces behind the auth-scheme, which the grammar allows (RFC 9110 §11.4: `1*SP`).
    SeveralSpaces, "several-spaces", IN_AUTHORIZATION;
    /// A tab behind the auth-scheme, which the grammar does not allow.
    Tab, "tab", IN_AUTHORIZATION;
    /// Blanks behind the value, which are no part of it (RFC 9110 §5.5).
    TrailingBlanks, "trailing-blanks", IN_AUTHORIZATION;
    /// The auth-scheme and nothing behind it.
    SchemeOnly, "scheme-only", IN_AUTHORIZATION;
    /// A field line without a value.
    Empty, "empty", IN_AUTHORIZATION;
    /// The same credentials under an auth-scheme that nobody knows.
    UnknownScheme, "unknown-scheme", IN_AUTHORIZATION;
    /// A second `Authorization` line behind the first, with credentials of nobody: the field is no
    /// list, so there may be one only (RFC 9110 §5.3, §11.6.2).
    TwoLines, "two-lines", IN_AUTHORIZATION;
    /// Credentials of nobody behind a comma in the same value: the field is no list, so there may be one only
    /// (RFC 9110 §11.6.2).
    Joined, "joined", IN_AUTHORIZATION;
    /// A value of 16 KiB.
    Oversized, "oversized", IN_AUTHORIZATION;
    /// The value on a second line that begins with a blank, as was allowed once (RFC 9112 §5.2).
    Folded, "folded", AS_LINES;
    /// A blank between the field's name and its colon, which no message may have (RFC 9112 §5.1).
    BlankBeforeColon, "blank-before-colon", AS_LINES;
    /// In the query in place of a field (RFC 6750 §2.3).
    Query, "query", IN_QUERY;
    /// In a field and in the query: a client must not (RFC 6750 §2).
    FieldAndQuery, "field-and-query", IN_QUERY;
    /// As the scheme's definition has it, for a proxy, and beside it credentials for the origin server
    /// behind, which are no business of the proxy's (RFC 9110 §11.6.2).
    ForTheOrigin, "for-the-origin", BEHIND_A_PROXY;
    /// The names of parameters in mixed case, which mean the same (RFC 9110 §11.2).
    OddNames, "odd-names", OF_PARAMETERS;
    /// Empty elements in the list of parameters, which a recipient passes over (RFC 9110 §5.6.1.2).
    EmptyElements, "empty-elements", OF_PARAMETERS;
    /// White space around the `=` of parameters, which a recipient passes over (RFC 9110 §5.6.3).
    SpacedEquals, "spaced-equals", OF_PARAMETERS;
    /// The user-id with a backslash before each character, which means the same (RFC 9110 §5.6.4).
    QuotedPairs, "quoted-pairs", OF_PARAMETERS;
    /// An API key behind the prefix `Token` and a blank.
    Prefixed, "prefixed", OF_KEYS;
    /// An API key behind the prefix `Token`, without a blank.
    PrefixedJoined, "prefixed-joined", OF_KEYS;
    /// A signature by SHA-384 in place of SHA-256.
    Sha384, "sha-384", OF_SIGNATURES;
    /// A signature by SHA-512 in place of SHA-256.
    Sha512, "sha-512", OF_SIGNATURES;
}

impl Form {
    /// The form that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.word() == word)
    }

    /// The hash with which signatures of this form are made.
    pub fn hash(self) -> SignatureHash {
        match self {
            Self::Sha384 => SignatureHash::Sha384,
            Self::Sha512 => SignatureHash::Sha512,
            _ => SignatureHash::Sha256,
        }
    }

    /// Whether credentials of a scheme can have it.
    ///
    /// # Errors
    ///
    /// What would be wrong.
    pub fn goes_with(self, scheme: Scheme) -> Result<(), &'static str> {
        let goes = self.goes();
        (goes.with)(scheme).then_some(()).ok_or(goes.otherwise)
    }

    /// Whether it can be sent by a way.
    ///
    /// # Errors
    ///
    /// What would be wrong.
    pub fn goes_by(self, way: Way) -> Result<(), &'static str> {
        let goes = self.goes();
        (goes.by)(way).then_some(()).ok_or(goes.not_by)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
