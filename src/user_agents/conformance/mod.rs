//! Whether a client does what the RFCs ask of one: layouts from the simplest on, what each is about, and what a client
//! does wrong on them. No I/O: who plays them is somebody else's business.

mod cases;
mod judged;
mod rules;
#[cfg(test)]
mod tests;

pub use cases::{ConformanceCase, abilities_scripts, cases};
pub use judged::{Abilities, departs};
pub use rules::{ClientRule, client_rules};
