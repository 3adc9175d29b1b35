//! One exchange, as bytes and as messages.

mod endpoint;
mod fault;
mod message;

pub use endpoint::Endpoint;
pub use fault::WireFault;
pub use message::{BodyEnd, Field, Request, Response};
