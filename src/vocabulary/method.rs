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
    /// `POST` with 32 bytes of content.
    PostContent, "post-content", "POST";
    /// `POST` with 200 bytes of content.
    PostLongContent, "post-long-content", "POST";
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
    /// `CONNECT`: a tunnel to an authority, which stands in the place of the target (RFC 9110 §9.3.6). By `tunnel` the
    /// authority is what the implementation names, by another way whoever is asked.
    Connect, "connect", "CONNECT";
    /// Extended `CONNECT` for a WebSocket: it asks for the resource as other methods do, by HTTP/2, of whoever says there
    /// that it takes one (RFC 8441 §3 to §5). What opens is ended at once.
    ExtendedConnect, "extended-connect", "CONNECT";
    /// A CORS preflight for a `GET` with credentials, as a browser sends it on a page's behalf before
    /// the request itself (Fetch §4.8). A browser never puts credentials into it.
    Preflight, "preflight", "OPTIONS";
    /// `GET` on behalf of a page of another origin, as a browser sends it (Fetch, `Origin`).
    CrossOrigin, "cross-origin", "GET";
    /// `POST` of the message with which a client of the Model Context Protocol begins (`initialize`, of revision
    /// 2025-06-18, which later servers know too).
    McpInitialize, "mcp-initialize", "POST";
    /// The same on behalf of a page of another origin.
    McpCrossOrigin, "mcp-cross-origin", "POST";
    /// `POST` of a message that asks a server of that protocol for its tools (`tools/list`), in the session that the
    /// server began just before, if it did.
    McpList, "mcp-list", "POST";
    /// `POST` of a message that calls its tool `ask_upstream`, which has no arguments (`tools/call`), in that session.
    McpCall, "mcp-call", "POST";
    /// `GET` of the stream of messages of such a server, in that session.
    McpStream, "mcp-stream", "GET";
    /// `DELETE` of that session.
    McpEnd, "mcp-end", "DELETE";
    /// `POST` of a form that asks an authorization server about a good token of alice's, which is no JWT (RFC 7662 §2.1).
    Introspect, "introspect", "POST";
    /// The same with a hint that the token is of another type than it is.
    IntrospectHinted, "introspect-hinted", "POST";
    /// The same about a token of hers whose time is over.
    IntrospectExpired, "introspect-expired", "POST";
    /// The same about one that was withdrawn.
    IntrospectRevoked, "introspect-revoked", "POST";
    /// The same about one that nobody ever gave.
    IntrospectUnknown, "introspect-unknown", "POST";
    /// The same form without a token.
    IntrospectNothing, "introspect-nothing", "POST";
}

/// The revision of the Model Context Protocol that its clients speak here.
const MCP_VERSION: (&str, &str) = ("MCP-Protocol-Version", "2025-06-18");

/// What the content is of who sends some for its own sake.
const TEXT: (&str, &str) = ("Content-Type", "text/plain");

/// 32 bytes.
const CONTENT: &str = "a content of thirty-two letters.";

/// 200 bytes.
const LONG_CONTENT: &str = concat!(
    "a content of two hundred letters, which is more than ",
    "a small limit lets pass, and has no two parts that are alike: ",
    "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 9876543210 zyxwvuts.",
);

/// What the content is of who asks about a token (RFC 7662 §2.1).
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// What the content of its messages is.
const JSON: (&str, &str) = ("Content-Type", "application/json");

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
            Self::PostContent | Self::PostLongContent => &[TEXT],
            Self::Propfind => &[("Depth", "0")],
            // RFC 8441 §5: of the handshake's fields those stay that are not about the connection.
            Self::ExtendedConnect => &[("Sec-WebSocket-Version", "13")],
            method if method.is_introspection() => &[FORM],
            Self::CrossOrigin => &[("Origin", ORIGIN)],
            Self::Preflight => &[
                ("Origin", ORIGIN),
                ("Access-Control-Request-Method", "GET"),
                ("Access-Control-Request-Headers", "authorization"),
            ],
            Self::McpInitialize => &[JSON],
            Self::McpCrossOrigin => &[JSON, ("Origin", ORIGIN)],
            Self::McpList | Self::McpCall => &[JSON, MCP_VERSION],
            Self::McpStream | Self::McpEnd => &[MCP_VERSION],
            _ => &[],
        }
    }

    /// The protocol in which it asks to go on, in `:protocol` (RFC 8441 §4).
    pub fn protocol(self) -> Option<&'static str> {
        (self == Self::ExtendedConnect).then_some("websocket")
    }

    /// What answers its requests take (RFC 9110 §12.5.1).
    pub fn accept(self) -> &'static str {
        match self {
            Self::McpInitialize | Self::McpCrossOrigin | Self::McpList | Self::McpCall => {
                "application/json, text/event-stream"
            }
            Self::McpStream => "text/event-stream",
            method if method.is_introspection() => "application/json",
            _ => "*/*",
        }
    }

    /// The content of its requests; mostly none.
    pub fn content(self) -> &'static str {
        match self {
            Self::McpInitialize | Self::McpCrossOrigin => concat!(
                r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","#,
                r#""capabilities":{},"clientInfo":{"name":"countersign","version":"1"}}}"#
            ),
            Self::PostContent => CONTENT,
            Self::PostLongContent => LONG_CONTENT,
            Self::McpList => r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#,
            Self::McpCall => {
                r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"ask_upstream","arguments":{}}}"#
            }
            Self::Introspect => "token=alice-token-valid",
            Self::IntrospectHinted => "token=alice-token-valid&token_type_hint=refresh_token",
            Self::IntrospectExpired => "token=alice-token-expired",
            Self::IntrospectRevoked => "token=alice-token-revoked",
            Self::IntrospectUnknown => "token=a-token-that-nobody-gave",
            Self::IntrospectNothing => "token_type_hint=access_token",
            _ => "",
        }
    }

    /// Whether it asks an authorization server about a token.
    pub fn is_introspection(self) -> bool {
        matches!(
            self,
            Self::Introspect
                | Self::IntrospectHinted
                | Self::IntrospectExpired
                | Self::IntrospectRevoked
                | Self::IntrospectUnknown
                | Self::IntrospectNothing
        )
    }

    /// Whether it is a message of the Model Context Protocol.
    pub fn is_of_mcp(self) -> bool {
        self.is_of_session() || matches!(self, Self::McpInitialize | Self::McpCrossOrigin)
    }

    /// Whether its requests belong to a session that a server of the Model Context Protocol began.
    pub fn is_of_session(self) -> bool {
        matches!(
            self,
            Self::McpList | Self::McpCall | Self::McpStream | Self::McpEnd
        )
    }

    /// Whether what it asks for changes nothing for others: it is safe (RFC 9110 §9.2.1), or a message of the Model
    /// Context Protocol that begins a session, asks for what there is, or ends the session again.
    pub fn is_harmless(self) -> bool {
        match self {
            Self::McpInitialize | Self::McpCrossOrigin | Self::McpList | Self::McpEnd => true,
            _ => ["GET", "HEAD", "OPTIONS"].contains(&self.name()),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_as_long_as_is_said() {
        for (method, bytes) in [
            (Method::Post, 0),
            (Method::PostContent, 32),
            (Method::PostLongContent, 200),
        ] {
            assert_eq!(method.content().len(), bytes, "{method}");
        }
    }
}
