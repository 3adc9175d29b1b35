//! Kept-alive connections: hyper speaks, the tape remembers.

mod any;
mod behind;
mod failure;
mod http1;
#[cfg_attr(not(feature = "http2"), path = "http2_left_out.rs")]
mod http2;
#[cfg_attr(not(feature = "http3"), path = "http3_left_out.rs")]
mod http3;
mod shortcut;
#[cfg(feature = "http2")]
mod tasks;

pub(super) use any::Connection;
pub(super) use behind::Behind;
pub(super) use shortcut::KnownResponses;
