//! What a client's request carries beside its credentials: what it may try on a gateway that asks others.

use std::fmt;

use super::target::RequestTarget;
use crate::wire::Way;

/// Declares what a request may carry: each with what it is, its word, and its field lines.
macro_rules! baggage {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal, $fields:expr;)*) => {
        /// What a request carries beside what every request does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Baggage {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Baggage {
            /// All of it, the simplest first.
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

            /// Its field lines, name and value, in order.
            pub fn fields(self) -> &'static [(&'static str, &'static str)] {
                match self {
                    $(Self::$variant => $fields,)*
                }
            }
        }
    };
}

baggage! {
    /// Nothing.
    Nothing, "none", &[];
    /// The identity of somebody else, in the field in which an auth service tells of one: `X-User`.
    ForgedUser, "forged-user", &[("X-User", "mallory")];
    /// The same twice.
    ForgedTwice, "forged-twice", &[("X-User", "mallory"), ("X-User", "mallory")];
    /// The same in other letters, which are the same name (RFC 9110 §5.1).
    ForgedOddCase, "forged-odd-case", &[("x-uSER", "mallory")];
    /// The same with `_` for `-`, which is another name, and the same variable where fields become variables
    /// (RFC 3875 §4.1.18).
    ForgedUnderscore, "forged-underscore", &[("X_User", "mallory")];
    /// The same, named by `Connection`, so that an intermediary takes away what has that name (RFC 9110 §7.6.1).
    ForgedAndNamed, "forged-and-named", &[("X-User", "mallory"), ("Connection", "X-User")];
    /// `Connection` names the field in which the auth service tells who asks (RFC 9110 §7.6.1).
    NamedByConnection, "named-by-connection", &[("Connection", "X-User")];
    /// A field for the next server alone, which `Connection` names (RFC 9110 §7.6.1).
    NamedField, "named-field", &[("X-For-One-Hop", "countersign"), ("Connection", "X-For-One-Hop")];
    /// Fields in which gateways tell what was asked, with something else in them.
    ForgedTarget, "forged-target", &[
        ("X-Forwarded-Method", "OPTIONS"),
        ("X-Forwarded-Uri", "/open-to-all"),
        ("X-Original-Uri", "/open-to-all"),
        ("X-Original-Url", "/open-to-all"),
        ("X-Original-Method", "OPTIONS"),
    ];
    /// What a browser says that asks for a page: it would rather have HTML than anything else (RFC 9110 §12.5.1).
    AsksForHtml, "asks-for-html", &[ACCEPTS_HTML];
    /// What a program says that asks for data: it takes JSON alone.
    AsksForJson, "asks-for-json", &[ACCEPTS_JSON];
    /// What libraries of scripts in pages say of themselves: `X-Requested-With`.
    ByScript, "by-script", &[("X-Requested-With", "XMLHttpRequest")];
    /// What something in front says that ended TLS: that the client came by https (RFC 7239 §5.4).
    CameByHttps, "came-by-https", &[("X-Forwarded-Proto", "https"), ("Forwarded", "proto=https")];
    /// Another `Host`, of letters that a name may have and a challenge parts its own words by: quotes once it is decoded,
    /// and commas (RFC 3986 §3.2.2).
    OddHost, "odd-host", &[("Host", "a,of-the-host=%22x.example")];
    /// What something in front says that was asked for another host; here it is said by the client (RFC 7239 §5.3).
    ForgedHost, "forged-host", &[
        ("X-Forwarded-Host", "forged.example"),
        ("Forwarded", "host=forged.example"),
    ];
    /// Another `Host` than that of the whole URL that is asked for, of which the former is nothing (RFC 9112 §3.2.2).
    HostOfAnother, "host-of-another", &[("Host", "another.example")];
    /// A cookie.
    Cookie, "cookie", &[("Cookie", "session=countersign")];
    /// The cookies that the answers to the steps before it set (RFC 6265 §5.4); none where none did.
    ToldCookies, "told-cookies", &[];
    /// The wish to go on in another protocol, which nobody knows (RFC 9110 §7.8).
    Upgrade, "upgrade", &[("Connection", "Upgrade"), ("Upgrade", "countersign-unheard-of")];
    /// The wish to go on as a WebSocket, all that its handshake needs (RFC 6455 §4.1). What a server switches to is ended at once.
    WebSocket, "websocket", &[
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "Y291bnRlcnNpZ24ta2V5IQ=="),
    ];
    /// The wish to go on in HTTP/2, all that the old way to it needs (RFC 7540 §3.2, which RFC 9113 took away). What a
    /// server switches to is ended at once.
    UpgradeToHttp2, "upgrade-to-http2", &[
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAMAAABkAAQAAP__"),
    ];
    /// `Expect`, as a client sends it that waits for a word before its content; this one does not wait (RFC 9110
    /// §10.1.1).
    Expects, "expects-continue", &[("Expect", "100-continue")];
    /// Credentials for a proxy before the gateway, which are none of the gateway's (RFC 9110 §11.7.2).
    ProxyCredentials, "proxy-credentials", &[("Proxy-Authorization", "Basic bm9ib2R5Om5vdGhpbmc=")];
}

const ACCEPTS_HTML: (&str, &str) = ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1");

const ACCEPTS_JSON: (&str, &str) = ("Accept", "application/json");

impl Baggage {
    /// Whether it can go by a way.
    pub(super) fn goes_by(self, way: Way) -> Result<(), &'static str> {
        let fields = || self.fields().iter().map(|(name, _)| *name);
        match way.is_framed()
            && fields().any(|name| ["Host", "Connection", "Upgrade"].contains(&name))
        {
            true => Err("HTTP/2 and HTTP/3 have no field of one connection, and no `Host`"),
            false => Ok(()),
        }
    }

    /// Whether it goes with a target.
    pub(super) fn goes_with(self, target: RequestTarget) -> Result<(), &'static str> {
        match self == Self::HostOfAnother && target != RequestTarget::AbsoluteForm {
            true => {
                Err("a Host of another server is another request, unless the target is a whole URL")
            }
            false => Ok(()),
        }
    }

    /// Whether it is what answers before told of, and not the same each time.
    pub fn is_told(self) -> bool {
        self == Self::ToldCookies
    }

    /// Whether it says in place of the method which answers are taken.
    pub fn accepts(self) -> bool {
        self.fields()
            .iter()
            .any(|(name, _)| *name == ACCEPTS_HTML.0)
    }
}

impl fmt::Display for Baggage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
