//! The vocabulary of HTTP authentication: challenges, credentials, identities. No I/O.

mod challenge;
mod identity;

pub use challenge::{Challenge, Challenges, Problem};
pub use identity::{Identity, Token, TokenState};
