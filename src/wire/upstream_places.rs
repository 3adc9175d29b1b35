//! Where those are whom a gateway asks on behalf of a client.

/// Host and port of those whom a gateway asks: plain HTTP/1.1 on loopback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamPlaces {
    /// The service that decides on each request.
    pub auth_service: String,
    /// The server behind.
    pub backend: String,
}
