//! One exchange, as bytes and as messages.
//!
//! [`Transport`] plays requests over kept-alive HTTP/1.1 connections. hyper speaks and parses, in
//! strict mode; the bytes are recorded underneath it, because a parser's view is not evidence. What
//! comes back is [`Received`]: the bytes first, and messages only for whoever asks.

mod connection;
mod endpoint;
mod fault;
mod limits;
mod message;
mod prepared;
mod tape;
mod transport;
mod way;

pub use endpoint::Endpoint;
pub use fault::WireFault;
pub use limits::Limits;
pub use message::{BodyEnd, Field, Request, Response};
pub use prepared::{Prepared, host_of};
pub use transport::{Received, Transport};
pub use way::Way;
