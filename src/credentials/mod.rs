//! Credentials (RFC 9110 §11.4) and who has them: identities, the states that credentials can be in, their
//! making, and their reading by an origin server. No I/O.
//!
//! The secrets and keys in this room are for tests. [`strategy`] has a proptest strategy; with the
//! feature `quickcheck` its types implement `quickcheck::Arbitrary`.

#[cfg(any(test, feature = "quickcheck"))]
mod arbitrary;
mod basic;
mod bearer;
mod certificate;
mod context;
mod digest;
mod dpop;
mod identity;
mod inputs;
mod introspection;
mod jwt;
mod key;
mod key_place;
mod mint;
mod scheme;
mod secret;
mod signature_hash;
mod state;
pub mod strategy;
#[cfg(test)]
mod tests;
mod unlike;

pub use basic::read_basic;
pub use bearer::read_bearer;
pub use certificate::{
    IssuedCertificate, client_authority, client_authority_pem, name_in_certificate,
};
pub use context::Context;
pub use digest::{
    Algorithm, DigestChallenge, DigestFault, DigestOutline, Nonces, OutlinedNonce, Presented, Qop,
    can_answer_digest, digest_covers_body,
};
pub use dpop::{DpopProof, ProofClaim, ProofFault, ProofOutline, read_dpop};
pub use identity::{GROUP, Identity, ROLE, Token, TokenKind, TokenState, ToldIdentity};
pub use inputs::OTHER_BODY;
pub use introspection::{IssuerUrls, KnownToken};
pub use jwt::{AUDIENCE, Claims, ISSUER, KEY_ID, TokenFault, claims_of, jwks, read_jwt};
pub use key::{KEY, KEY_PREFIX, SIGNATURE, is_signed, is_signed_by};
pub use key_place::KeyPlace;
pub use mint::{Credentials, authorization, can_answer, check, mint};
pub use scheme::Scheme;
pub use secret::Secret;
pub use signature_hash::SignatureHash;
pub use state::{CredentialState, NoSuchCredentials};
pub use unlike::Turned;

/// Legal credentials of a scheme that nobody has, written in a way that is tempting to tidy up: what a
/// client sends to an origin server that is to say what it was sent.
pub const FOR_THE_ORIGIN: &str = r#"x-ORIGIN  user="a, \"b\"",nc=00000001"#;
