//! The grammar of HTTP authentication (RFC 9110 §11): `WWW-Authenticate`, `Proxy-Authenticate`,
//! `Authorization` and `Authentication-Info`, read and written. No I/O, and no dependencies.
//!
//! Reading never fails, and answers twice: [`Challenges::list`] is what a tolerant recipient makes of
//! the bytes, [`Challenges::problems`] has every [`Departure`] from what a sender generates, with its
//! place. So [`Challenges::strict`] is what the grammar says they are, or nothing where that is a matter
//! of opinion.
//!
//! ```
//! use countersign_auth::{Challenges, Departure};
//!
//! let lines = [&b"Basic realm=\"one\", Digest realm=two, nonce=\"n\", qop=\"auth\""[..]];
//! let read = Challenges::parse(lines.into_iter());
//! assert!(read.offers("basic") && read.offers("digest"));
//! // RFC 9110 §11.5 has a sender quote the realm; a recipient reads it all the same.
//! assert!(!read.is_well_formed());
//! assert_eq!(read.departing(Departure::RealmNotQuoted).count(), 1);
//! assert_eq!(read.strict().unwrap()[1].param("realm"), Some("two"));
//! ```
//!
//! Writing is the other half: a [`Challenge`] is written in the plain way, a [`ListStyle`] writes several in
//! any way that every recipient must read alike, and [`departing`] writes them wrongly on purpose.
//!
//! # Features
//!
//! - `proptest`: strategies for challenges and field lines, in `strategy`.
//! - `quickcheck`: `Arbitrary` for challenges, layouts and departures.

#[cfg(any(test, feature = "quickcheck"))]
mod arbitrary;
mod challenge;
mod departure;
pub mod grammar;
mod registry;
mod split;
#[cfg(any(test, feature = "proptest"))]
pub mod strategy;

pub use challenge::{
    AuthenticationInfo, Authorization, Challenge, Challenges, Lines, ListStyle, Order, Param,
    Quoting, Spelling, ValueForm, departing,
};
pub use departure::{Departure, Problem, Recipient, Sender};
pub use registry::{ChallengeShape, REGISTRY, Registered, registered};
pub use split::split_authorization;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
