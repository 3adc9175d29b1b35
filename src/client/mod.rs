//! Clients: how they react to a challenge, and the play of one case.
//!
//! A [`ClientCase`] says who asks. A [`Player`] plays it against an endpoint and hands back the
//! [`Play`]: every exchange and the outcome. Here a client is a [`Persona`], a model of how a user
//! agent reacts to challenges: at each [`Turn`] it says what is [`Next`], given what was answered so
//! far. The player does the rest: it makes the credentials, puts them into the request in the case's
//! [`Form`], and sends it.
//!
//! A real program (curl, a Java client …) may stand behind a client of a case: [`RealClients`] says which clients it
//! can be and lets it ask; what passed becomes the exchanges of a [`Play`], in which nothing presumes that it was we
//! who sent the requests.
//!
//! [`ClientCase`]: crate::vocabulary::ClientCase
//! [`Form`]: crate::vocabulary::Form
//! [`Persona`]: crate::vocabulary::Persona

mod answers;
mod base;
mod by_program;
mod closed;
mod cookies;
mod fetch;
mod guest;
mod modelled;
mod player;
mod program_memory;
mod reaction;
mod real;
mod request;
#[cfg(test)]
mod scripted;
mod shape;
#[cfg(test)]
mod tests;
mod told;
mod turn;

pub use cookies::Cookies;
pub use guest::{GuestManners, Repeats, in_words};
pub use player::{Play, Player};
pub use program_memory::ProgramMemory;
pub use real::{Asking, PassedExchange, ProgramPlay, RealClients};

pub use request::PATH;
pub use told::ToldBefore;
pub use turn::{Next, Turn, nonce_for_proofs};
