//! One exchange, as bytes and as messages.

mod fault;
mod message;

pub use fault::WireFault;
pub use message::{BodyEnd, Field, Request, Response};
