//! What is left to a server of the Model Context Protocol: each choice with the text that leaves it. Sections without a
//! document are of revision 2025-11-25.

use std::collections::BTreeSet;

use super::gateway_liberty::liberties;
use super::{GivenUp, LiberalMcp, Liberty, Taker};

liberties! { McpLiberty {
    // What revisions differ in.

    /// 400 to a page of another origin (2025-06-18, Transports, Security Warning: no status is named).
    OriginIsABadRequest, "revisions";
    /// 404 to it (the same).
    OriginIsHidden, "revisions";
    /// The metadata is at the well-known URI of the host alone, of which challenges say nothing (Protected Resource
    /// Metadata Discovery Requirements).
    MetadataAtTheRoot, "revisions";
    /// `initialize` is unknown, and there are no sessions (2026-07-28).
    NewestAlone, "revisions";
    /// No sessions are begun (Session Management: a server may).
    NoSessions, "revisions";
    /// Who has no token is told of that before anybody looks at the origin (no text has an order).
    OriginBehindTheToken, "origin";

    // What metadata says (RFC 9728 §2, §3.2).

    /// More members, of other languages and unknown ones, and blanks between them (RFC 9728 §2: additional ones may be
    /// used; RFC 8259 §2, §7).
    MetadataWithMore, "metadata";
    /// Several authorization servers (Authorization Server Location).
    MetadataOfSeveralServers, "metadata";
    /// Compressed (RFC 9110 §8.4; the clients here say nothing of codings, §12.5.3).
    MetadataCompressed, "metadata";
    /// A media type in capitals, with a parameter (RFC 9110 §8.3.1).
    MetadataTyped, "metadata";
    /// Stored for a while, and for pages of any origin (RFC 9111 §5.2; RFC 9728 says nothing of either).
    MetadataStored, "metadata";

    // How challenges are written (RFC 9110 §11.2; RFC 6750 §3).

    /// No realm (RFC 6750 §3: may be).
    NoRealm, "challenges";
    /// Tokens where there may be tokens (RFC 9110 §11.2).
    TokensForQuotes, "challenges";
    /// Names in odd case (RFC 9110 §11.1, §11.2).
    OddCase, "challenges";
    /// A challenge of another scheme before, in the same line (RFC 9110 §11.6.1).
    OtherSchemeFirst, "challenges";
    /// A challenge of another scheme behind, in a line of its own.
    OtherSchemeBehind, "challenges";
    /// Unknown parameters, and what went wrong in words (RFC 6750 §3: may be used).
    MoreParameters, "challenges";

    // What challenges say of scopes.

    /// In the opposite order (RFC 6749 §3.3: the order does not matter).
    ScopesTurned, "scopes";
    /// Related scopes beside (Server Scope Management).
    ScopesWithMore, "scopes";
    /// To whose token is not good as well (RFC 6750 §3: may be).
    ScopesToEverybody, "scopes";

    // What is refused.

    /// A malformed `Authorization` gets 401 (RFC 6750 §3.1: malformed tokens are invalid).
    MalformedIsUnauthorized, "malformed";
    /// The same without an error, as where nobody takes it for credentials (RFC 6750 §3.1).
    MalformedIsNothing, "malformed";
    /// The refusal is told as an error of JSON-RPC too (Transports: the body may be one).
    RefusalsSayWhy, "refusals";
    /// Refusals say what stands in a page (RFC 9110 §15.5).
    RefusalsArePages, "refusals";
    /// A token of another type is taken (RFC 9068 §4 binds whoever follows it).
    AnyType, "types";
    /// A token in the query is read (RFC 6750 §2.3).
    QueryRead, "query";

    // Sessions (Session Management).

    /// The session is looked at before the token: 400 without one, 404 to one that is not there.
    SessionBeforeToken, "sessions";
    /// 403 to who goes on with another's session (Session Hijacking names no status).
    ForeignSessionIsForbidden, "sessions of others";
    /// 400 to the same.
    ForeignSessionIsABadRequest, "sessions of others";
    /// No client may end a session: 405, whether or not there is one (may).
    EndsNone, "ends";
    /// There is a stream (Listening for Messages from the Server).
    Streams, "streams";
    /// That there is none is told before anybody looks at the token (405; no text has an order).
    NoStreamForAnybody, "streams";
    /// Messages are answered by streams of events (Sending Messages to the Server).
    AnswersByStreams, "answers";

    // The server behind (Access Token Privilege Restriction).

    /// It is asked without any token.
    AsksWithoutAToken, "upstream";
    /// It is asked twice, and told who asks.
    AsksTwice, "upstream";

    // How answers are carried, as with a gateway.

    /// Chunked, with cookies.
    Chunked, "carriage";
    /// The connection ends with each answer.
    ClosesEach, "carriage";
    /// No reason phrase, and names in small letters.
    NoReason, "carriage";
    /// An interim answer first, and pages of any origin may read it.
    EarlyHints, "carriage";
} }

impl Liberty for McpLiberty {
    const PACK: &'static str = "mcp-authorization";
    const ALL: &'static [Self] = Self::EVERY;

    fn matter(self) -> &'static str {
        self.is_in()
    }

    fn given_up(self) -> &'static [GivenUp] {
        match self {
            Self::MetadataAtTheRoot => &[(
                "a-missing-scope-comes-with-the-metadata",
                "a 403 should, though no 401 does",
            )],
            Self::AnyType => &[(
                "a-token-that-is-no-access-token-is-refused",
                "RFC 9068 is not asked for",
            )],
            Self::QueryRead => &[(
                "a-token-in-the-query-opens-nothing",
                "RFC 6750 §2.3: may, though OAuth 2.1 has no such way",
            )],
            _ => &[],
        }
    }

    fn takes(taken: BTreeSet<Self>) -> impl Taker<Self> {
        LiberalMcp::taking(taken)
    }
}
