//! In which state credentials are.

use std::fmt;

use crate::credentials::Scheme;

/// What a maker says of a state that goes with its scheme and that it does not know. A test rules it out.
pub(super) const UNMADE: &str = "nothing says how they are made";

/// With which schemes a state goes, and what would be wrong with any other.
#[derive(Clone, Copy, PartialEq, Eq)]
struct GoesWith {
    with: &'static [Scheme],
    why: &'static str,
}

const fn goes(with: &'static [Scheme], why: &'static str) -> GoesWith {
    GoesWith { with, why }
}

const ANY: GoesWith = goes(Scheme::ALL, "");
const IN_REQUESTS: GoesWith = goes(
    &[
        Scheme::Basic,
        Scheme::Bearer,
        Scheme::Digest,
        Scheme::Dpop,
        Scheme::ApiKey,
        Scheme::Hmac,
    ],
    "no handshake shows such a certificate",
);
const TIMED: GoesWith = goes(
    &[
        Scheme::Bearer,
        Scheme::Dpop,
        Scheme::ApiKey,
        Scheme::Certificate,
    ],
    "a password does not expire",
);
const WITHDRAWN: GoesWith = goes(
    &[Scheme::Bearer, Scheme::Dpop, Scheme::ApiKey],
    "only a token or a key can be so",
);
const OF_TOKENS: GoesWith = goes(&[Scheme::Bearer, Scheme::Dpop], "only a token can be so");
const OF_JWTS: GoesWith = goes(&[Scheme::Bearer, Scheme::Dpop], "only a JWT can be so");
const ISSUED: GoesWith = goes(
    &[Scheme::Bearer, Scheme::Dpop, Scheme::Certificate],
    "only a JWT or a certificate can be so",
);
const OF_PROOFS: GoesWith = goes(&[Scheme::Dpop], "only DPoP has a proof");
const OF_USERS: GoesWith = goes(
    &[Scheme::Basic, Scheme::Digest, Scheme::Hmac],
    "a token names no user of its own",
);
const IN_ONE_PIECE: GoesWith = goes(
    &[Scheme::Basic, Scheme::Bearer, Scheme::Dpop],
    "the scheme's credentials are a list of parameters",
);
const OF_PASSWORDS: GoesWith = goes(
    &[Scheme::Basic, Scheme::Digest],
    "only a password can be so",
);
const BEYOND_ASCII: GoesWith = goes(
    &[Scheme::Basic, Scheme::Digest],
    "a token is always US-ASCII",
);
const OF_BASIC: GoesWith = goes(&[Scheme::Basic], "only Basic credentials can be so");
const OF_NONCES: GoesWith = goes(
    &[Scheme::Digest, Scheme::Dpop],
    "the scheme has no nonce of the server",
);
const OF_DIGEST: GoesWith = goes(&[Scheme::Digest], "only Digest credentials can be so");
const FOR_ONE_REQUEST: GoesWith = goes(
    &[Scheme::Digest, Scheme::Dpop],
    "the scheme's credentials are for many requests",
);
const OF_PARTS: GoesWith = goes(
    &[Scheme::Digest, Scheme::Dpop, Scheme::Hmac],
    "the scheme's credentials are for any resource, and in one piece",
);
const FOR_ONE_METHOD: GoesWith = goes(
    &[Scheme::Dpop, Scheme::Hmac],
    "the scheme's credentials are for any method",
);
const OF_KEYS: GoesWith = goes(&[Scheme::ApiKey], "only a key can be so");

/// Declares the states: each with what it means, its word, what is odd about such credentials, and with
/// which schemes it goes.
macro_rules! states {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal, $odd:literal, $goes:ident;)*) => {
        /// In which state the credentials are that a client has. The order is that of simplicity: what a
        /// finding does not need is shrunk towards the first.
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

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),*).trim_ascii(),)*
                }
            }

            /// What is odd about them, as a reader needs it who does not see them: *the password, then a
            /// NUL*. Nothing where they are as they should be, or where there are none.
            pub fn in_words(self) -> Option<&'static str> {
                let odd = match self {
                    $(Self::$variant => $odd,)*
                };
                Some(odd).filter(|odd| !odd.is_empty())
            }

            fn goes(self) -> GoesWith {
                match self {
                    $(Self::$variant => $goes,)*
                }
            }
        }
    };
}

states! {
    /// They are good.
    Valid, "valid", "", ANY;
    /// A known user with a wrong password, or a well-formed token that is listed nowhere.
    WrongSecret, "wrong-secret", "a wrong password, or a token that is listed nowhere", IN_REQUESTS;
    /// A user whom nobody knows, with a password that would be right for another.
    UnknownUser, "unknown-user", "a user whom nobody knows", OF_USERS;
    /// Not what the scheme's grammar asks for.
    Malformed, "malformed", "not what the scheme's grammar asks for", IN_REQUESTS;
    /// Good once, and past their time.
    Expired, "expired", "good once, and past its time", TIMED;
    /// The client has none.
    None, "none", "", ANY;
    /// Right, of a user who may not log in.
    DisabledUser, "disabled-user", "right, of a user who may not log in", ANY;
    /// Good, of another user, who has no role and is in no group where the first has and is.
    OtherUser, "other-user", "right, of another user", ANY;
    /// Good, with something behind them that does not belong there.
    TrailingJunk, "trailing-junk", "right, then a space and a word that does not belong there", IN_ONE_PIECE;
    /// Basic: user-id and password without a colon between them.
    NoColon, "no-colon", "no colon between user-id and password", OF_BASIC;
    /// Basic: the user-id is empty.
    EmptyUser, "empty-user", "an empty user-id", OF_BASIC;
    /// Basic: the password is empty.
    EmptyPassword, "empty-password", "an empty password", OF_BASIC;
    /// Good, of a user whose password has a colon (RFC 7617 §2: the first one ends the user-id).
    ColonInPassword, "colon-in-password", "right, with a colon in the password", OF_PASSWORDS;
    /// Good, of a user whose user-id and password are beyond US-ASCII, in UTF-8 (RFC 7617 §2.1).
    Utf8, "utf-8", "right, beyond US-ASCII, in UTF-8", BEYOND_ASCII;
    /// The same in Latin-1, as user agents send it that know no `charset`.
    Latin1, "latin-1", "right, beyond US-ASCII, in Latin-1", OF_BASIC;
    /// Basic: good, with a NUL behind the password, where a careless server stops reading.
    Nul, "nul", "the password, then a NUL", OF_BASIC;
    /// Basic: a control character in the password (RFC 7617 §2 forbids them).
    ControlCharacter, "control-character", "a control character in the password", OF_BASIC;
    /// Basic: good, base64 without the padding that it needs (RFC 4648 §3.2).
    NoPadding, "no-padding", "right, in base64 without its padding", OF_BASIC;
    /// Tokens: withdrawn.
    Revoked, "revoked", "a token that was withdrawn", WITHDRAWN;
    /// Tokens: it has the look of a JWT, and is none.
    Garbage, "garbage", "the look of a JWT, and none", OF_TOKENS;
    /// Tokens: good, and not for what is asked.
    InsufficientScope, "insufficient-scope", "good, without the scope that is asked for", OF_TOKENS;
    /// JWTs: not good before a time to come (RFC 7519 §4.1.5).
    NotYetValid, "not-yet-valid", "not good before a time to come", OF_JWTS;
    /// JWTs: meant for another (RFC 7519 §4.1.3).
    WrongAudience, "wrong-audience", "meant for another audience", OF_JWTS;
    /// JWTs: of no audience (RFC 7519 §4.1.3, which RFC 9068 §2.2 requires).
    NoAudience, "no-audience", "meant for nobody in particular", OF_JWTS;
    /// JWTs: said to be of another issuer (RFC 7519 §4.1.1). Certificates: of another authority, which calls itself as the
    /// right one does.
    WrongIssuer, "wrong-issuer", "of another issuer", ISSUED;
    /// JWTs: signed with a key that nobody trusts. DPoP: the proof is of another key than the token is
    /// bound to.
    WrongKey, "wrong-key", "signed with another key than the right one", OF_JWTS;
    /// JWTs: said to be of another type than an access token, such as an ID token (RFC 9068 §4).
    WrongTyp, "wrong-typ", "said to be of another type than an access token", OF_JWTS;
    /// JWTs: not signed, and saying so (RFC 7519 §6, RFC 8725 §3.1).
    AlgNone, "alg-none", "not signed, and saying so", OF_JWTS;
    /// Bearer: the token is bound to a key, and sent without a proof (RFC 9449 §7.2). DPoP: it is bound
    /// to none.
    WrongBinding, "wrong-binding", "bound to a key, and sent without a proof; or the other way round", OF_JWTS;
    /// Digest: the nonce is past its time, where the client can know such a one; else, and in DPoP
    /// proofs, one that the server never issued.
    StaleNonce, "stale-nonce", "a nonce that is past its time, or that the server never issued", OF_NONCES;
    /// Digest: good, sent a second time as they are.
    Replayed, "replayed", "good, sent a second time as they are", FOR_ONE_REQUEST;
    /// Digest: good, and then once more for the nonce that the server names for the next request
    /// (RFC 7616 §3.5); where it names none, the first answer stands.
    NextNonce, "next-nonce", "good, for the nonce that the server named last", OF_DIGEST;
    /// Digest: the server never issued the nonce.
    ForeignNonce, "foreign-nonce", "a nonce that the server never issued", OF_DIGEST;
    /// Digest: the nonce has the first half of one that the server issued, and another end.
    ForgedNonce, "forged-nonce", "a nonce of which the server issued the first half only", OF_DIGEST;
    /// Digest: the nonce is of a time to come, where the client can make such a one; else one that the
    /// server never issued.
    FutureNonce, "future-nonce", "a nonce of a time to come", OF_DIGEST;
    /// Digest, DPoP and signatures: made for another resource.
    WrongUri, "wrong-uri", "made for another resource", OF_PARTS;
    /// Digest: of a quality that covers the body (RFC 7616 §3.4.3), made for another body than is sent.
    OtherBody, "other-body", "made for another body", OF_DIGEST;
    /// Digest: a quality of protection that was not offered.
    WrongQop, "wrong-qop", "a quality of protection that was not offered", OF_DIGEST;
    /// Digest: no quality of protection, and no nonce of the client's, as RFC 2069 had it.
    NoQop, "no-qop", "no quality of protection, although one was offered", OF_DIGEST;
    /// Digest: the realm is another one than was named, and the digest is that of the named one.
    WrongRealm, "wrong-realm", "another realm than was named", OF_DIGEST;
    /// Digest: the algorithm is said to be another one than was offered, and the digest is that of the offered one.
    WrongAlgorithm, "wrong-algorithm", "another algorithm than was offered", OF_DIGEST;
    /// Digest: a nonce count of zero (RFC 7616 §3.4: the first is one).
    WrongCount, "wrong-nc", "a nonce count of zero", OF_DIGEST;
    /// A parameter that the scheme cannot do without is left out; of DPoP the proof.
    MissingParameter, "missing-parameter", "a parameter left out that must be there", OF_PARTS;
    /// Digest: `username` and `username*` at once (RFC 7616 §3.4).
    TwoUsernames, "two-usernames", "`username` and `username*` at once", OF_DIGEST;
    /// Digest: `username` names nobody, and `username*` beside it whose the digest is.
    OtherUsername, "other-username", "`username` of nobody, and another `username*`", OF_DIGEST;
    /// DPoP: the proof is for another method (RFC 9449 §4.3). Signatures: made for another method.
    WrongMethod, "wrong-method", "a proof or signature for another method", FOR_ONE_METHOD;
    /// DPoP: the proof is for another token.
    WrongToken, "wrong-token", "a proof for another token", OF_PROOFS;
    /// DPoP: the proof was made a day ago (RFC 9449 §11.1).
    OldProof, "old-proof", "a proof that was made a day ago", OF_PROOFS;
    /// DPoP: the proof is signed with another key than it names.
    ForgedProof, "forged-proof", "a proof that is signed with another key than it names", OF_PROOFS;
    /// DPoP: there are two proofs.
    TwoProofs, "two-proofs", "two proofs", OF_PROOFS;
    /// DPoP: the proof has no identifier (RFC 9449 §4.2).
    ProofWithoutId, "proof-without-jti", "a proof without its identifier", OF_PROOFS;
    /// DPoP: the proof says of no method that it is for it.
    ProofWithoutMethod, "proof-without-htm", "a proof without its method", OF_PROOFS;
    /// DPoP: the proof says of no resource that it is for it.
    ProofWithoutUri, "proof-without-htu", "a proof without its resource", OF_PROOFS;
    /// DPoP: the proof does not say when it was made.
    ProofWithoutTime, "proof-without-iat", "a proof without its time", OF_PROOFS;
    /// DPoP: the proof says of no token that it is for it.
    ProofWithoutToken, "proof-without-ath", "a proof without its token", OF_PROOFS;
    /// DPoP: the proof is said to be of another type (RFC 9449 §4.3).
    WrongProofTyp, "wrong-proof-typ", "a proof that is called by another type", OF_PROOFS;
    /// DPoP: the proof is not signed, and says so.
    UnsignedProof, "unsigned-proof", "a proof that is not signed, and says so", OF_PROOFS;
    /// DPoP: the proof is signed with a secret that everybody knows, its public key, and says so.
    SymmetricProof, "symmetric-proof", "a proof that is signed with its public key as a secret", OF_PROOFS;
    /// DPoP: the proof tells a private key.
    PrivateKeyTold, "private-key-told", "a proof that tells a private key", OF_PROOFS;
    /// DPoP: the proof is of tomorrow.
    FutureProof, "future-proof", "a proof that is made a day ahead", OF_PROOFS;
    /// API keys: good, in letters of the other case.
    OtherCase, "other-case", "right, in letters of the other case", OF_KEYS;
    /// API keys: good, without the last character.
    CutShort, "cut-short", "right, without its last character", OF_KEYS;
    /// API keys: good, with a character more behind it.
    Lengthened, "lengthened", "right, with a character more behind it", OF_KEYS;
}

impl CredentialState {
    /// Whether credentials of a scheme can be in it.
    ///
    /// # Errors
    ///
    /// What would be wrong: a password does not expire, a token names no user.
    pub fn goes_with(self, scheme: Scheme) -> Result<(), &'static str> {
        let GoesWith { with, why } = self.goes();
        with.contains(&scheme).then_some(()).ok_or(why)
    }

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
        matches!(self.goes(), OF_JWTS | ISSUED)
    }

    /// Whether it is about the nonce of the server, and a client that is told to ask with a newer one does not: the
    /// first answer is what matters.
    pub fn keeps_its_nonce(self) -> bool {
        matches!(
            self,
            Self::StaleNonce | Self::ForeignNonce | Self::ForgedNonce | Self::FutureNonce
        )
    }

    /// Whether a client shows good credentials first, and what it is about behind them.
    pub fn is_shown_twice(self) -> bool {
        matches!(self, Self::Replayed | Self::NextNonce)
    }

    /// Whether it is about a DPoP proof, and the token that goes with it is good.
    pub(super) fn is_of_proof(self) -> bool {
        self.goes() == OF_PROOFS
            || matches!(self, Self::WrongMethod | Self::WrongKey | Self::StaleNonce)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_odd_is_told() {
        assert_eq!(
            CredentialState::Nul.in_words(),
            Some("the password, then a NUL")
        );
        let told = CredentialState::ALL
            .iter()
            .filter(|state| state.in_words().is_some());
        assert_eq!(told.count() + 2, CredentialState::ALL.len());
    }
}
