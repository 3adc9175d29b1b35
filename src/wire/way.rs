//! Ways to play the same exchange.

use std::fmt;

/// Declares the ways: each with what it is and its word.
macro_rules! ways {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal;)*) => {
        /// How a request travels to whoever answers it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Way {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Way {
            /// Every way, the usual one first, in the order of simplicity.
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

ways! {
    /// HTTP/1.1 over TCP (RFC 9112).
    Http1, "http/1.1";
    /// HTTP/2 over TCP with prior knowledge (RFC 9113 §3.3).
    H2c, "h2c";
    /// HTTP/1.1 over TLS.
    Https, "https";
    /// HTTP/2 over TLS, agreed on by ALPN (RFC 9113 §3.2).
    H2, "h2";
    /// HTTP/3 over QUIC, agreed on by ALPN (RFC 9114 §3.1).
    H3, "h3";
    /// HTTP/1.1 through a forward proxy, which is who asks for credentials (RFC 9110 §11.7).
    ForwardProxy, "forward-proxy";
    /// HTTP/1.1 to a forward proxy that is asked for a tunnel to an authority (`CONNECT`, RFC 9110 §9.3.6), and is who
    /// asks for credentials. A tunnel that opens is ended at once.
    Tunnel, "tunnel";
}

impl Default for Way {
    /// HTTP/1.1 over TCP.
    fn default() -> Self {
        Self::Http1
    }
}

impl Way {
    /// The way that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word)
    }

    /// The ways that this program can play: those that need TLS, HTTP/2 or HTTP/3
    /// are features.
    pub fn built_in() -> impl Iterator<Item = Self> {
        let is_built_in = |way: &Self| {
            (cfg!(feature = "tls") || !way.is_secure())
                && (cfg!(feature = "http2") || !way.is_http2())
                && (cfg!(feature = "http3") || *way != Self::H3)
        };
        Self::ALL.into_iter().filter(is_built_in)
    }

    /// Whether TLS is between us and the implementation, or what QUIC has of it.
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Https | Self::H2 | Self::H3)
    }

    /// Whether it is a proxy that asks for credentials.
    pub fn is_proxy(self) -> bool {
        matches!(self, Self::ForwardProxy | Self::Tunnel)
    }

    /// Whether it is HTTP/2.
    pub fn is_http2(self) -> bool {
        matches!(self, Self::H2c | Self::H2)
    }

    /// Whether its messages are frames, whose field names are lower case: HTTP/2 and HTTP/3 (RFC 9113 §8.2, RFC 9114 §4.2).
    pub fn is_framed(self) -> bool {
        self.is_http2() || self == Self::H3
    }

    /// The field that carries a client's credentials (RFC 9110 §11.6.2, §11.7.2).
    pub fn credentials_field(self) -> &'static str {
        match self.is_proxy() {
            true => "Proxy-Authorization",
            false => "Authorization",
        }
    }

    /// The field in which challenges come (RFC 9110 §11.6.1, §11.7.1).
    pub fn challenge_field(self) -> &'static str {
        match self.is_proxy() {
            true => "Proxy-Authenticate",
            false => "WWW-Authenticate",
        }
    }

    /// The field that tells of credentials that were good (RFC 9110 §11.6.3, §11.7.3).
    pub fn info_field(self) -> &'static str {
        match self.is_proxy() {
            true => "Proxy-Authentication-Info",
            false => "Authentication-Info",
        }
    }

    /// The status that asks for credentials (RFC 9110 §15.5.2, §15.5.8).
    pub fn challenge_status(self) -> u16 {
        match self.is_proxy() {
            true => 407,
            false => 401,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
