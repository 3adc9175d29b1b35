//! What the engine makes of servers of every kind: what it finds, how it tells it, and whom it leaves alone.
//!
//! One program of many files: a program links the whole of Countersign, and takes longer to link than
//! most of its tests to run.

#[path = "../support/mod.rs"]
mod support;

mod blame;
mod causes;
mod conversations;
mod corpus;
mod hostile;
mod log_ins;
mod seed;
mod seen;
mod set_up;
mod sockets;
mod space;
mod strategy;
