//! Why an origin server refuses a request, as far as its challenges say so.

use crate::credentials::Scheme;

/// Why a request is refused, as far as its challenges say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No credentials: nothing is said of errors (RFC 6750 §3.1).
    Nothing,
    /// Credentials of another scheme than those accepted; nothing is said of errors either.
    Other,
    /// Credentials of this scheme that do not do.
    With(Scheme, Error),
}

/// What is wrong with credentials, as far as a challenge says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// `invalid_request` of RFC 6750 §3.1.
    InvalidRequest,
    /// `invalid_token` of RFC 6750 §3.1; of other schemes whatever is not right.
    InvalidToken,
    /// `insufficient_scope` of RFC 6750 §3.1.
    InsufficientScope,
    /// `insufficient_user_authentication` of RFC 9470 §3.
    InsufficientUserAuthentication,
    /// `stale` of RFC 7616 §3.3.
    Stale,
    /// `invalid_dpop_proof` of RFC 9449 §7.1.
    InvalidProof,
    /// `use_dpop_nonce` of RFC 9449 §9.
    UseNonce,
}

impl Error {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken | Self::Stale => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
            Self::InvalidProof => "invalid_dpop_proof",
            Self::UseNonce => "use_dpop_nonce",
        }
    }

    pub(super) fn description(self) -> &'static str {
        match self {
            Self::InvalidRequest => "More than one access token was sent",
            Self::InvalidToken | Self::Stale => "The access token expired or is not known",
            Self::InsufficientScope => "The access token does not allow this",
            Self::InsufficientUserAuthentication => "A stronger and more recent log-in is needed",
            Self::InvalidProof => "There is no proof of having the key, or none that is good",
            Self::UseNonce => "The proof must have the nonce of this answer",
        }
    }
}
