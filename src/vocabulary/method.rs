//! Methods: what a client asks to be done with the resource.

use std::fmt;

/// The origin of the page on whose behalf a browser asks.
const ORIGIN: &str = "https://client.example";

/// The method of a client's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// `GET`.
    Get,
    /// `HEAD`: the answer has no body (RFC 9110 §9.3.2).
    Head,
    /// `POST` with an empty body.
    Post,
    /// `OPTIONS` of the resource.
    Options,
    /// A CORS preflight for a `GET` with credentials, as a browser sends it on a page's behalf before
    /// the request itself (Fetch §4.8). A browser never puts credentials into it.
    Preflight,
    /// `GET` on behalf of a page of another origin, as a browser sends it (Fetch, `Origin`).
    CrossOrigin,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 6] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Options,
        Self::Preflight,
        Self::CrossOrigin,
    ];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Head => "head",
            Self::Post => "post",
            Self::Options => "options",
            Self::Preflight => "preflight",
            Self::CrossOrigin => "cross-origin",
        }
    }

    /// The method that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }

    /// The method token of the request (RFC 9110 §9.1).
    pub fn name(self) -> &'static str {
        match self {
            Self::Get | Self::CrossOrigin => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Options | Self::Preflight => "OPTIONS",
        }
    }

    /// The field lines that its requests have beside those of every request.
    pub fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            // RFC 9110 §8.6: a user agent should say that the body is empty where one is expected.
            Self::Post => &[("Content-Length", "0")],
            Self::CrossOrigin => &[("Origin", ORIGIN)],
            Self::Preflight => &[
                ("Origin", ORIGIN),
                ("Access-Control-Request-Method", "GET"),
                ("Access-Control-Request-Headers", "authorization"),
            ],
            Self::Get | Self::Head | Self::Options => &[],
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
