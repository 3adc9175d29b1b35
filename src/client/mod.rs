//! Clients: who asks, how they react to a challenge, and the play of one case.
//!
//! A [`ClientCase`] says who asks. A [`Player`] plays it against an endpoint and hands back the
//! [`Play`]: every exchange and the outcome. Here a client is a [`Persona`], a model of how a user
//! agent reacts to challenges: at each [`Turn`] it says what is [`Next`], given what was answered so
//! far. The player does the rest: it makes the credentials, puts them into the request in the case's
//! [`Form`], and sends it.
//!
//! A real program (curl, a Java client …) is to fit in beside it: a trait `Client` whose one method
//! takes an endpoint and a client case and gives a [`Play`] or a
//! [`WireFault`](crate::wire::WireFault), as [`Player::play`] does. A program's exchanges come from a
//! recording proxy in front of the endpoint, so nothing in [`Play`] presumes that it was we who sent
//! the requests.

mod answers;
mod case;
mod cast;
mod curl;
mod form;
mod method;
mod modelled;
mod persona;
mod player;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;
mod turn;

pub use case::ClientCase;
pub use cast::identities_for;
pub use curl::{curl, path_quoted, shell_quoted};
pub use form::Form;
pub use method::Method;
pub use persona::{Catalogued, Persona};
pub use player::{PATH, Play, Player};
pub use turn::{Next, Turn};
