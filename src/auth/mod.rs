//! The vocabulary of HTTP authentication: challenges, credentials, identities. No I/O.

mod challenge;
mod credentials;
mod grammar;
mod identity;
mod scheme;

pub use challenge::{Challenge, Challenges, Problem};
pub use credentials::{
    CredentialState, NoSuchCredentials, authorization, read_basic, read_bearer, split_authorization,
};
pub use identity::{Identity, Token, TokenState};
pub use scheme::Scheme;
