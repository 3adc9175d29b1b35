//! Countersign checks that an HTTP implementation issues the right challenge, and takes the right
//! decision on the answer.
//!
//! A declarative [`spec`] of expected challenge and decision behaviour drives generated policies
//! and clients against any [`implementation`]; the [`engine`] judges what it sees, shrinks each
//! failure to a minimal case and explains it in one sentence, such as *two profiles, flag false,
//! Basic client*.
//!
//! # The rooms
//!
//! A room imports from lower floors only. `docs/architecture.md` draws them.
//!
//! | floor | rooms |
//! |---|---|
//! | 7 | [`report`], [`baseline`], [`corpus`], [`matrix`] |
//! | 6 | [`engine`], [`adapter`] |
//! | 5 | [`results`], [`export`] |
//! | 4 | [`implementation`], [`spec`], [`client`] |
//! | 3 | [`vocabulary`], [`reference`](mod@reference) |
//! | 2 | [`observation`], [`user_agents`] |
//! | 1 | [`domain`], [`credentials`], [`wire`], [`yaml`], [`files`] |
//!
//! A gateway's own repository needs [`harness`] (floor 8) alone.

/// The grammar of HTTP authentication, a crate of its own below every room.
#[doc(inline)]
pub use countersign_auth as auth;

pub mod adapter;
pub mod baseline;
pub mod client;
pub mod corpus;
pub mod credentials;
pub mod domain;
pub mod engine;
pub mod export;
pub mod files;
pub mod harness;
pub mod implementation;
pub mod matrix;
pub mod observation;
pub mod reference;
pub mod report;
pub mod results;
pub mod spec;
pub mod user_agents;
pub mod vocabulary;
pub mod wire;
pub mod yaml;
