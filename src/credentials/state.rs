//! In which state credentials are.

use std::fmt;

use crate::credentials::{Identity, Scheme};

/// Declares the states: each with its word and what it means.
macro_rules! states {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal;)*) => {
        /// In which state the credentials are that a client has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum CredentialState {
            $($(#[doc = $doc])* $variant,)*
        }

        impl CredentialState {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word for it in specs.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

states! {
    /// They are good.
    Valid, "valid";
    /// A known user with a wrong password, or a well-formed token that is listed nowhere.
    WrongSecret, "wrong-secret";
    /// A user whom nobody knows, with a password that would be right for another.
    UnknownUser, "unknown-user";
    /// Not what the scheme's grammar asks for.
    Malformed, "malformed";
    /// Good once, and past their time.
    Expired, "expired";
    /// The client has none.
    None, "none";
    /// Right, of a user who may not log in.
    DisabledUser, "disabled-user";
    /// Good, with something behind them that does not belong there.
    TrailingJunk, "trailing-junk";
    /// Basic: user-id and password without a colon between them.
    NoColon, "no-colon";
    /// Basic: the user-id is empty.
    EmptyUser, "empty-user";
    /// Basic: the password is empty.
    EmptyPassword, "empty-password";
    /// Good, of a user whose password has a colon (RFC 7617 §2: the first one ends the user-id).
    ColonInPassword, "colon-in-password";
    /// Good, of a user whose user-id and password are beyond US-ASCII, in UTF-8 (RFC 7617 §2.1).
    Utf8, "utf-8";
    /// The same in Latin-1, as user agents send it that know no `charset`.
    Latin1, "latin-1";
    /// Basic: good, with a NUL behind the password, where a careless server stops reading.
    Nul, "nul";
    /// Basic: a control character in the password (RFC 7617 §2 forbids them).
    ControlCharacter, "control-character";
    /// Basic: good, base64 without the padding that it needs (RFC 4648 §3.2).
    NoPadding, "no-padding";
    /// Tokens: withdrawn.
    Revoked, "revoked";
    /// Tokens: it has the look of a JWT, and is none.
    Garbage, "garbage";
    /// Tokens: good, and not for what is asked.
    InsufficientScope, "insufficient-scope";
    /// JWTs: not good before a time to come (RFC 7519 §4.1.5).
    NotYetValid, "not-yet-valid";
    /// JWTs: meant for another (RFC 7519 §4.1.3).
    WrongAudience, "wrong-audience";
    /// JWTs: said to be of another issuer (RFC 7519 §4.1.1).
    WrongIssuer, "wrong-issuer";
    /// JWTs: signed with a key that nobody trusts. DPoP: the proof is of another key than the token is
    /// bound to.
    WrongKey, "wrong-key";
    /// JWTs: not signed, and saying so (RFC 7519 §6, RFC 8725 §3.1).
    AlgNone, "alg-none";
    /// Bearer: the token is bound to a key, and sent without a proof (RFC 9449 §7.2). DPoP: it is bound
    /// to none.
    WrongBinding, "wrong-binding";
    /// Digest: the nonce is past its time, where the client can know such a one; else, and in DPoP
    /// proofs, one that the server never issued.
    StaleNonce, "stale-nonce";
    /// Digest: good, sent a second time as they are.
    Replayed, "replayed";
    /// Digest: good, and then once more for the nonce that the server names for the next request
    /// (RFC 7616 §3.5); where it names none, the first answer stands.
    NextNonce, "next-nonce";
    /// Digest: the server never issued the nonce.
    ForeignNonce, "foreign-nonce";
    /// Digest: the nonce is of a time to come, where the client can make such a one; else one that the
    /// server never issued.
    FutureNonce, "future-nonce";
    /// Digest, DPoP and signatures: made for another resource.
    WrongUri, "wrong-uri";
    /// Digest: of a quality that covers the body (RFC 7616 §3.4.3), made for another body than is sent.
    OtherBody, "other-body";
    /// Digest: a quality of protection that was not offered.
    WrongQop, "wrong-qop";
    /// Digest: a nonce count of zero (RFC 7616 §3.4: the first is one).
    WrongCount, "wrong-nc";
    /// A parameter that the scheme cannot do without is left out; of DPoP the proof.
    MissingParameter, "missing-parameter";
    /// Digest: `username` and `username*` at once (RFC 7616 §3.4).
    TwoUsernames, "two-usernames";
    /// DPoP: the proof is for another method (RFC 9449 §4.3).
    WrongMethod, "wrong-method";
    /// DPoP: the proof is for another token.
    WrongToken, "wrong-token";
    /// DPoP: the proof was made a day ago (RFC 9449 §11.1).
    OldProof, "old-proof";
    /// DPoP: the proof is signed with another key than it names.
    ForgedProof, "forged-proof";
    /// DPoP: there are two proofs.
    TwoProofs, "two-proofs";
}

impl CredentialState {
    /// The state that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }

    /// Whether whoever takes credentials in that state for good ones is bound to take these too: where a
    /// secret is not looked at, what else may be wrong with one does not matter, nor does it where what
    /// cannot be read is passed over.
    pub fn is_let_in_with(self, worse: Self) -> bool {
        let unreadable = matches!(
            self,
            Self::Malformed
                | Self::TrailingJunk
                | Self::NoColon
                | Self::NoPadding
                | Self::Garbage
                | Self::EmptyUser
                | Self::EmptyPassword
        );
        match worse {
            Self::WrongSecret => {
                !matches!(self, Self::Valid | Self::None) && (!unreadable || self == Self::Garbage)
            }
            Self::Malformed => unreadable,
            _ => self == worse,
        }
    }

    /// Whether it is about what a JWT says of itself, which no opaque token has.
    pub fn needs_jwt(self) -> bool {
        matches!(
            self,
            Self::NotYetValid
                | Self::WrongAudience
                | Self::WrongIssuer
                | Self::WrongKey
                | Self::AlgNone
                | Self::WrongBinding
        )
    }

    /// Whether it is about a DPoP proof, and the token that goes with it is good.
    pub(super) fn is_of_proof(self) -> bool {
        matches!(
            self,
            Self::WrongKey
                | Self::StaleNonce
                | Self::Replayed
                | Self::WrongUri
                | Self::MissingParameter
                | Self::WrongMethod
                | Self::WrongToken
                | Self::OldProof
                | Self::ForgedProof
                | Self::TwoProofs
        )
    }

    /// Whose credentials they are: the first identity's, or those of one who is as the state needs it.
    ///
    /// # Errors
    ///
    /// What no identity is.
    pub(super) fn identity(
        self,
        scheme: Scheme,
        identities: &[Identity],
    ) -> Result<&Identity, &'static str> {
        let find = |fits: &dyn Fn(&Identity) -> bool, why| {
            identities.iter().find(|one| fits(one)).ok_or(why)
        };
        match self {
            Self::DisabledUser => find(&|one| !one.enabled, "every identity may log in"),
            Self::ColonInPassword if !matches!(scheme, Scheme::Basic | Scheme::Digest) => {
                Err("only a password can be so")
            }
            Self::ColonInPassword => find(
                &|one| one.enabled && one.password.contains(':'),
                "no password has a colon",
            ),
            Self::Utf8 | Self::Latin1 if matches!(scheme, Scheme::Bearer | Scheme::Dpop) => {
                Err("a token is always US-ASCII")
            }
            Self::Utf8 | Self::Latin1 => find(
                &|one| one.enabled && !one.user.is_ascii(),
                "every user-id is US-ASCII",
            ),
            Self::InsufficientScope => find(
                &|one| one.enabled && one.is_limited(),
                "every token has all scopes, or none is told of any",
            ),
            _ => identities.first().ok_or("there is no identity"),
        }
    }
}

impl fmt::Display for CredentialState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// A combination of scheme, state and identity for which no credentials exist. Never a finding: the
/// case is not applicable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchCredentials {
    /// The scheme.
    pub scheme: Scheme,
    /// The state.
    pub state: CredentialState,
    /// What it lacks.
    pub why: &'static str,
}

impl fmt::Display for NoSuchCredentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, state, why } = self;
        write!(
            out,
            "there are no `{state}` credentials for {scheme}: {why}"
        )
    }
}

impl std::error::Error for NoSuchCredentials {}
