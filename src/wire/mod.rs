//! One exchange, as bytes and as messages.
//!
//! [`Transport`] plays requests over kept-alive connections, by whichever [`Way`] is asked for. hyper
//! speaks and parses, in strict mode; the bytes are recorded underneath it, because a parser's view is
//! not evidence. What comes back is [`Received`]: the bytes first, and messages only for whoever asks.
//! HTTP/2 and HTTP/3 are recorded as their heads decoded, since frames can be read by nobody.
//!
//! What a gateway asks its auth service by gRPC is here as messages alone (`ext_authz`).

mod alike;
mod care;
mod connection;
mod connects_as;
#[cfg_attr(
    not(any(feature = "http2", feature = "http3")),
    allow(
        dead_code,
        reason = "heads are written by whoever speaks HTTP/2 or HTTP/3"
    )
)]
mod decoded;
mod dress;
mod endpoint;
mod exact;
mod ext_authz;
mod fault;
mod in_process;
mod irregular;
mod limits;
mod mask;
mod message;
mod patience;
mod prepared;
mod proxy;
#[cfg(feature = "http3")]
mod quic;
mod stream;
mod tape;
#[cfg_attr(not(feature = "tls"), path = "tls_left_out.rs")]
mod tls;
mod transport;
mod trust;
mod upstream_places;
mod way;

pub use alike::{Equal, SameRequest};
pub use care::{
    Account, Bounds, Care, HALTED, Heed, LOCKED, LeftOut, NO_LOG_INS, NO_REQUESTS, Risk, wait_of,
};
pub use connects_as::ConnectsAs;
pub use dress::Dressed;
pub use endpoint::{Endpoint, RESOURCE};
pub use ext_authz::{CHECK_PATH, CheckRequest, CheckResponse, framed, unframed};
pub use fault::WireFault;
pub use in_process::{InProcess, InProcessListener};
pub use irregular::{Irregular, Irregularities};
pub use limits::Limits;
pub use mask::{MASK, Mask};
pub use message::{BodyEnd, FieldLine, Request, Response};
pub use patience::comes_back;
pub use prepared::{PreparedRequest, host_of};
pub use proxy::Proxy;
pub use tls::ShownCertificate;
pub use transport::{Received, Transport};
pub use trust::{NoAddress, Trust};
pub use upstream_places::UpstreamPlaces;
pub use way::Way;
