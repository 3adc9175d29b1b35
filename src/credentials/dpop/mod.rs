//! DPoP proofs (RFC 9449): that the sender of a token has the key that it is bound to.
//!
//! They are signed with ES256, which every implementation of DPoP has. The keys are in this folder and
//! are no secrets. A proof is for one request and says when it was made, so it is another each time.

mod keys;
mod make;
mod outline;
mod read;
#[cfg(test)]
mod tests;

pub use outline::{ProofClaim, ProofOutline};
pub use read::{DpopProof, ProofFault, read_dpop};

pub(super) use keys::own_thumbprint;
pub(super) use make::proofs;
