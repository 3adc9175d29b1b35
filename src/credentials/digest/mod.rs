//! The Digest scheme (RFC 7616), both sides: answering a challenge, and judging the answer.

mod algorithm;
mod answer;
mod challenge;
mod hash;
mod nonce;
mod outline;
mod presented;
#[cfg(test)]
mod tests;

pub use algorithm::{Algorithm, Qop};
pub use answer::OutlinedNonce;
pub use challenge::{DigestChallenge, can_answer_digest, digest_covers_body};
pub use nonce::Nonces;
pub use outline::DigestOutline;
pub use presented::{DigestFault, Presented};

pub(super) use answer::answer;
