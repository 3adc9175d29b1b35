//! Kept-alive connections: hyper speaks, the tape remembers.

mod any;
mod behind;
mod failure;
mod http1;
mod http2;
mod tasks;

pub(super) use any::Connection;
pub(super) use behind::Behind;
