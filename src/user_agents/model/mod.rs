//! The model of a client: a point in a small space of traits, and what it sends to a scripted server.
//!
//! [`Traits`] are few questions that do not depend on each other: what goes with the first request,
//! how the list of challenges is read, which one is chosen, what can be computed, what follows a
//! refusal or a redirection. [`play()`] puts the answers together. Nothing here knows any client by
//! name, nor any case: the catalogue says which client has which traits, and the measurements say
//! whether that is true.

mod describe;
mod inspect;
mod layout;
mod legible;
mod offer;
mod play;
mod read;
mod realms;
mod respond;
mod script;
mod sent;
#[cfg(test)]
mod tests;
mod traits;
mod words;

pub use inspect::{chosen_scheme, computes_digest, offers_read};
pub use layout::{Layout, MOST_LINES};
pub use offer::Offer;
pub use play::{ClientPlay, MOST_KEPT, MOST_REQUESTS, ModelRequest, Reply, Spent, play, reply};
pub use script::{Accepts, RedirectTarget, Redirection, Script, StaleNonce};
pub use sent::{DigestSent, Encoding, SentAuthorization};
pub use traits::*;
pub use words::{Set, TraitWord};
