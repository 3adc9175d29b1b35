//! Clients: who asks, how they react to a challenge, and the play of one case.
//!
//! A [`ClientCase`] says who asks. A [`Player`] plays it against an endpoint and hands back the
//! [`Play`]: every exchange and the outcome. Here a client is a [`Persona`], a model of how a user
//! agent reacts to challenges.
//!
//! A real program (curl, a Java client …) is to fit in beside it: a trait `Client` whose one method
//! takes an endpoint and a client case and gives a [`Play`] or a
//! [`WireFault`](crate::wire::WireFault), as [`Player::play`] does. A program's exchanges come from a
//! recording proxy in front of the endpoint, so nothing in [`Play`] presumes that it was we who sent
//! the requests, save that a persona needs no more than two.

mod answers;
mod case;
mod persona;
mod player;
#[cfg(test)]
mod tests;

pub use case::ClientCase;
pub use persona::Persona;
pub use player::{PATH, Play, Player};
