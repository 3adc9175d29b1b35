//! What can be wrong with the credentials of a request, be they let in or not.

/// One thing that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialFlaw {
    /// Those of Basic or Bearer are not what the client was given.
    AnotherSecret,
    /// There are several field lines of credentials (RFC 9110 §5.3).
    SeveralFields,
    /// `response` is not what RFC 7616 §3.4.1 makes of the other parameters, or cannot be held against them.
    WrongResponse,
    /// `uri` is not what is asked for (RFC 7616 §3.4).
    AnotherUri,
    /// What the server gave as `opaque` is changed or left out (RFC 7616 §3.3).
    AnotherOpaque,
    /// `algorithm` is not that of the challenge (RFC 7616 §3.4).
    AnotherAlgorithm,
    /// `qop` is none of those that the challenge has (RFC 7616 §3.4).
    AnotherQop,
    /// `algorithm`, `qop` or `nc` is in quotes (RFC 7616 §3.4).
    QuotedToken,
    /// Another parameter is not in quotes (RFC 7616 §3.4).
    UnquotedString,
    /// There is no `cnonce`, or no `nc` (RFC 7616 §3.4).
    NoClientNonce,
    /// `cnonce` is the same in every play.
    SameClientNonce,
}

impl CredentialFlaw {
    /// Each with its word in packs.
    pub const ALL: [(&'static str, Self); 11] = [
        ("another-secret", Self::AnotherSecret),
        ("several-fields", Self::SeveralFields),
        ("wrong-response", Self::WrongResponse),
        ("another-uri", Self::AnotherUri),
        ("another-opaque", Self::AnotherOpaque),
        ("another-algorithm", Self::AnotherAlgorithm),
        ("another-qop", Self::AnotherQop),
        ("quoted-token", Self::QuotedToken),
        ("unquoted-string", Self::UnquotedString),
        ("no-client-nonce", Self::NoClientNonce),
        ("same-client-nonce", Self::SameClientNonce),
    ];
}

/// What is wrong with credentials that a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFlaw {
    /// Which thing it is.
    pub flaw: CredentialFlaw,
    /// That in words: `` `qop` is in quotes ``.
    pub what: String,
}

impl SeenFlaw {
    /// A flaw in words.
    pub fn new(flaw: CredentialFlaw, what: impl Into<String>) -> Self {
        Self {
            flaw,
            what: what.into(),
        }
    }
}
