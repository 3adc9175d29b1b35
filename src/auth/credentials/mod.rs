//! Credentials (RFC 9110 §11.4): their states, their making, and their reading by an origin server.

mod basic;
mod bearer;
mod context;
mod in_words;
mod key;
mod mint;
mod read;
mod state;
#[cfg(test)]
mod tests;

pub use basic::read_basic;
pub use bearer::read_bearer;
pub use context::Context;
pub use key::{KEY, SIGNATURE, is_signed};
pub use mint::{Credentials, authorization, can_answer, check, mint};
pub use read::split_authorization;
pub use state::{CredentialState, NoSuchCredentials};

/// Legal credentials of a scheme that nobody has, written in a way that is tempting to tidy up: what a
/// client sends to an origin server that is to say what it was sent.
pub const FOR_THE_ORIGIN: &str = r#"x-ORIGIN  user="a, \"b\"",nc=00000001"#;
