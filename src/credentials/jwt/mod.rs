//! Access tokens that are JWTs (RFC 7519, RFC 9068): made by a test issuer in every state, and judged
//! as a resource server should.
//!
//! Bad tokens are the point, so they are made here and by no library. The keys are in this folder and
//! are no secrets. Times are fixed, and the signature (RS256, RFC 7518 §3.3) has no random part, so a
//! token is the same in every run, and a reproduction that holds one can be replayed.

mod keys;
mod make;
mod read;
#[cfg(test)]
mod tests;

pub use keys::{KEY_ID, jwks};
pub use make::{AUDIENCE, ISSUER};
pub use read::{Claims, TokenFault, claims_of, read_jwt};

pub(super) use make::{altered, is_jwt, is_of_test_issuer, token};
