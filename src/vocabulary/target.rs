//! Targets: what a client asks for.

use std::fmt;

/// Declares the targets: each with what it is and its word.
macro_rules! targets {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal;)*) => {
        /// What a client asks for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RequestTarget {
            $($(#[doc = $doc])* $variant,)*
        }

        impl RequestTarget {
            /// Every target, in the order of simplicity.
            pub const ALL: [Self; [$($word,)*].len()] = [$(Self::$variant,)*];

            /// The word for it in specs.
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
        }
    };
}

targets! {
    /// The resource.
    Resource, "resource";
    /// The metadata of the resource, at the URL that a challenge named just before (RFC 9728 §5.1): with one
    /// `GET` and no credentials, for everybody may read it.
    Metadata, "resource-metadata";
}

impl fmt::Display for RequestTarget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
