//! Forms: in which shape, and where in the request, a client puts its credentials.

use std::fmt;

use crate::credentials::Scheme;

/// Declares the forms: each with its word and what it does.
macro_rules! forms {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal;)*) => {
        /// The shape in which credentials stand in a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Form {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Form {
            /// Every form.
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
        }
    };
}

forms! {
    /// As the scheme's definition has it.
    Plain, "plain";
    /// The auth-scheme in mixed case, which means the same (RFC 9110 §11.1).
    OddCase, "odd-case";
    /// Three spaces behind the auth-scheme, which the grammar allows (RFC 9110 §11.4: `1*SP`).
    SeveralSpaces, "several-spaces";
    /// A tab behind the auth-scheme, which the grammar does not allow.
    Tab, "tab";
    /// Blanks behind the value, which are no part of it (RFC 9110 §5.5).
    TrailingBlanks, "trailing-blanks";
    /// The auth-scheme and nothing behind it.
    SchemeOnly, "scheme-only";
    /// A field line without a value.
    Empty, "empty";
    /// The same credentials under an auth-scheme that nobody knows.
    UnknownScheme, "unknown-scheme";
    /// A second `Authorization` line behind the first, with credentials of nobody: the field is no
    /// list, so there may be one only (RFC 9110 §5.3, §11.6.2).
    TwoLines, "two-lines";
    /// A value of 16 KiB.
    Oversized, "oversized";
    /// In the query in place of a field (RFC 6750 §2.3).
    Query, "query";
    /// In a field and in the query: a client must not (RFC 6750 §2).
    FieldAndQuery, "field-and-query";
    /// As the scheme's definition has it, for a proxy, and beside it credentials for the origin server
    /// behind, which are no business of the proxy's (RFC 9110 §11.6.2).
    ForTheOrigin, "for-the-origin";
    /// The names of parameters in mixed case, which mean the same (RFC 9110 §11.2).
    OddNames, "odd-names";
    /// Empty elements in the list of parameters, which a recipient passes over (RFC 9110 §5.6.1.2).
    EmptyElements, "empty-elements";
    /// White space around the `=` of parameters, which a recipient passes over (RFC 9110 §5.6.3).
    SpacedEquals, "spaced-equals";
    /// The user-id with a backslash before each character, which means the same (RFC 9110 §5.6.4).
    QuotedPairs, "quoted-pairs";
}

impl Form {
    /// The form that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.word() == word)
    }

    /// Whether credentials of a scheme have it.
    pub fn fits(self, scheme: Scheme) -> bool {
        match self {
            Self::Plain => true,
            Self::Query | Self::FieldAndQuery => scheme.in_query(),
            Self::ForTheOrigin => {
                matches!(scheme, Scheme::Basic | Scheme::Bearer | Scheme::Digest)
            }
            Self::OddNames | Self::EmptyElements | Self::SpacedEquals | Self::QuotedPairs => {
                scheme == Scheme::Digest
            }
            _ => scheme.in_authorization(),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
