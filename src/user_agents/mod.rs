//! User agents: how real programs read challenges and answer them, as a model; the catalogue of those that
//! were measured; which traits describe what was seen of one; layouts by chance; and which of them get in where certain challenges are
//! sent. No I/O.

pub mod catalogue;
pub mod conformance;
pub mod drawn;
pub mod fit;
pub mod model;
pub mod reach;
