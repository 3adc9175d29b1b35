//! Countersign checks that an HTTP implementation issues the right challenge, and takes the right
//! decision on the answer.
//!
//! A declarative [`spec`] of expected challenge and decision behaviour drives generated policies
//! and clients against any [`implementation`]; the [`engine`] judges what it sees, shrinks each
//! failure to a minimal case and explains it in one sentence, such as *two profiles, flag false,
//! Basic client*.
//!
//! # In a gateway's own tests
//!
//! [`harness`] is all that is needed: a test without the standard harness puts a gateway under every
//! shipped rule, and each rule is a trial of `cargo test`.
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     countersign::harness::Conformance::new()
//!         .remote("gateway", ["target/debug/gateway", "--control"])
//!         .main()
//! }
//! ```
//!
//! With `--control` the gateway prints a line `countersign-control: http://127.0.0.1:PORT`, and answers there to
//! three requests: what it is, which policies to put in force, and what its log says (`docs/control-protocol.md`).
//! [`harness::Conformance`] says what else there is, such as a target that runs already.
//!
//! For unit tests there are strategies: [`spec::Spec::strategy`] for cases of a spec, [`auth::strategy`] for
//! challenges and field lines, [`credentials::strategy`] for credentials. They are strategies of proptest 1, which
//! a crate that uses them has among its own dev-dependencies. An implementation in Rust may be
//! written against [`implementation::Implementation`]. What is said here of these is kept, and changes are told
//! in the changelog with what to do about them.
//!
//! # The rest
//!
//! Everything else is public so that the command, tests and benchmarks can use it, and may change with any
//! release. A room imports from lower floors only; `docs/architecture.md` draws them.
//!
//! | floor | rooms |
//! |---|---|
//! | 7 | [`report`], [`baseline`], [`corpus`], [`matrix`] |
//! | 6 | [`engine`], [`adapter`] |
//! | 5 | [`results`], [`export`], [`programs`] |
//! | 4 | [`implementation`], [`spec`], [`client`] |
//! | 3 | [`vocabulary`], [`reference`](mod@reference), `import` (with the feature `cli`) |
//! | 2 | [`observation`], [`user_agents`] |
//! | 1 | [`domain`], [`credentials`], [`wire`], [`yaml`], [`files`] |

/// The grammar of HTTP authentication, a crate of its own below every room.
#[doc(inline)]
pub use countersign_auth as auth;

/// As in the command; a library leaves it to who uses it.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "process")]
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
#[cfg(feature = "cli")]
pub mod import;
pub mod matrix;
pub mod observation;
#[cfg(feature = "process")]
pub mod programs;
pub mod reference;
pub mod report;
pub mod results;
pub mod spec;
pub mod user_agents;
pub mod vocabulary;
pub mod wire;
pub mod yaml;
