//! What the shipped rules are worth: each finds the faults that it is for, accuses no conforming server, and
//! says where it is written.
//!
//! Apart from the engine's tests, because it keeps all cores busy for minutes.

#[path = "../support/mod.rs"]
mod support;

mod between;
mod defects;
mod liberal;
mod matrix;
mod pages;
mod sources;
mod teeth;
