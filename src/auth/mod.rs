//! The vocabulary of HTTP authentication: challenges, credentials, identities. No I/O.
//!
//! [`strategy`] has proptest strategies for them; with the feature `quickcheck` they implement
//! `quickcheck::Arbitrary`.

#[cfg(any(test, feature = "quickcheck"))]
mod arbitrary;
mod challenge;
mod credentials;
mod departure;
mod digest;
mod dpop;
mod grammar;
mod identity;
mod jwt;
mod registry;
mod scheme;
pub mod strategy;
mod unlike;

pub use challenge::{
    AuthenticationInfo, Authorization, Challenge, Challenges, Form, Layout, Lines, Order, Param,
    Quoting, Spelling, departing,
};
pub use credentials::{
    Context, CredentialState, Credentials, FOR_THE_ORIGIN, KEY, NoSuchCredentials, SIGNATURE,
    authorization, can_answer, check, is_signed, mint, read_basic, read_bearer,
    split_authorization,
};
pub use departure::{Departure, Problem, Recipient, Sender};
pub use digest::{
    Algorithm, DigestChallenge, DigestFault, Nonces, OTHER_BODY, Presented, Qop, can_answer_digest,
    digest_covers_body,
};
pub use dpop::{Proof, ProofFault, read_dpop};
pub use identity::{Identity, Token, TokenKind, TokenState};
pub use jwt::{AUDIENCE, Claims, ISSUER, KEY_ID, TokenFault, claims_of, jwks, read_jwt};
pub use registry::{ChallengeShape, REGISTRY, Registered, registered};
pub use scheme::Scheme;
