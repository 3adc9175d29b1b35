//! Methods: what a client asks to be done with the resource.

use std::fmt;

/// The origin of the page on whose behalf a browser asks.
const ORIGIN: &str = "https://client.example";

/// Declares the methods: each with what it is, its word, and its token in a request.
macro_rules! methods {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal, $name:literal;)*) => {
        /// The method of a client's requests.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Method {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Method {
            /// Every method, in the order of simplicity.
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

            /// The method token of the request (RFC 9110 §9.1).
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

methods! {
    /// `GET`.
    Get, "get", "GET";
    /// `HEAD`: the answer has no body (RFC 9110 §9.3.2).
    Head, "head", "HEAD";
    /// `POST` with an empty body.
    Post, "post", "POST";
    /// `OPTIONS` of the resource.
    Options, "options", "OPTIONS";
    /// `PUT` of an empty body.
    Put, "put", "PUT";
    /// `PATCH` with an empty body (RFC 5789).
    Patch, "patch", "PATCH";
    /// `DELETE`.
    Delete, "delete", "DELETE";
    /// `PROPFIND` of the resource alone, as clients of WebDAV ask first (RFC 4918 §9.1).
    Propfind, "propfind", "PROPFIND";
    /// A CORS preflight for a `GET` with credentials, as a browser sends it on a page's behalf before
    /// the request itself (Fetch §4.8). A browser never puts credentials into it.
    Preflight, "preflight", "OPTIONS";
    /// `GET` on behalf of a page of another origin, as a browser sends it (Fetch, `Origin`).
    CrossOrigin, "cross-origin", "GET";
}

impl Method {
    /// The method that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }

    /// The field lines that its requests have beside those of every request.
    pub fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            // RFC 9110 §8.6: a user agent should say that the body is empty where one is expected.
            Self::Post | Self::Put | Self::Patch => &[("Content-Length", "0")],
            Self::Propfind => &[("Depth", "0")],
            Self::CrossOrigin => &[("Origin", ORIGIN)],
            Self::Preflight => &[
                ("Origin", ORIGIN),
                ("Access-Control-Request-Method", "GET"),
                ("Access-Control-Request-Headers", "authorization"),
            ],
            Self::Get | Self::Head | Self::Options | Self::Delete => &[],
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
