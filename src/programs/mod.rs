//! Real programs as clients: each is started by itself, in a process group with a home, a cache and an environment of
//! its own, against a recording server on loopback that sees every byte, and ended with its group when its time is up.
//!
//! What it did becomes the same words that the model of [`user_agents`](crate::user_agents) has, so that the two can be
//! held against each other. Nothing here is charged to a server under test: whatever goes wrong with a program is
//! told as the program's.

mod answer;
mod asked;
mod cast;
mod command;
mod compiled;
mod driver;
mod flaws;
mod judge;
mod many;
mod messages;
mod origin;
mod presented;
mod relay;
mod seen;
#[cfg(test)]
mod tests;

pub use cast::Cast;
pub use command::{ClientSecrets, ProgramCommand};
pub use driver::{DriveLimits, Driver, play_all};
pub use origin::ScriptedOrigin;
pub use seen::{Driven, ProgramEnd, SeenRequest, Worth};
