//! Ways to play the same exchange.

use std::fmt;

/// How a request travels to whoever answers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// HTTP/1.1 over TCP (RFC 9112).
    #[default]
    Http1,
    /// HTTP/2 over TCP with prior knowledge (RFC 9113 §3.3).
    H2c,
    /// HTTP/1.1 over TLS.
    Https,
    /// HTTP/2 over TLS, agreed on by ALPN (RFC 9113 §3.2).
    H2,
    /// HTTP/1.1 through a forward proxy, which is who asks for credentials (RFC 9110 §11.7).
    ForwardProxy,
}

impl Way {
    /// Every way, the usual one first.
    pub const ALL: [Self; 5] = [
        Self::Http1,
        Self::H2c,
        Self::Https,
        Self::H2,
        Self::ForwardProxy,
    ];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Http1 => "http/1.1",
            Self::H2c => "h2c",
            Self::Https => "https",
            Self::H2 => "h2",
            Self::ForwardProxy => "forward-proxy",
        }
    }

    /// The way that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word)
    }

    /// Whether TLS is between us and the implementation.
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Https | Self::H2)
    }

    /// Whether it is HTTP/2, whose messages are frames and whose field names are lower case.
    pub fn is_http2(self) -> bool {
        matches!(self, Self::H2c | Self::H2)
    }

    /// The field that carries a client's credentials (RFC 9110 §11.6.2, §11.7.2).
    pub fn credentials_field(self) -> &'static str {
        match self {
            Self::ForwardProxy => "Proxy-Authorization",
            _ => "Authorization",
        }
    }

    /// The field in which challenges come (RFC 9110 §11.6.1, §11.7.1).
    pub fn challenge_field(self) -> &'static str {
        match self {
            Self::ForwardProxy => "Proxy-Authenticate",
            _ => "WWW-Authenticate",
        }
    }

    /// The field that tells of credentials that were good (RFC 9110 §11.6.3, §11.7.3).
    pub fn info_field(self) -> &'static str {
        match self {
            Self::ForwardProxy => "Proxy-Authentication-Info",
            _ => "Authentication-Info",
        }
    }

    /// The status that asks for credentials (RFC 9110 §15.5.2, §15.5.8).
    pub fn challenge_status(self) -> u16 {
        match self {
            Self::ForwardProxy => 407,
            _ => 401,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
