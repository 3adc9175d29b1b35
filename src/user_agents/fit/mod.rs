//! Which traits describe what a client was seen to do, and which client of the catalogue it is like.

mod likeness;
mod neighbours;
mod search;
#[cfg(test)]
mod tests;

pub use likeness::{Likeness, Row, agreed, alike, misses};
pub use search::describing;
