//! Where those are whom a gateway asks on behalf of a client.

/// Host and port of those whom a gateway asks, on loopback: plain HTTP/1.1, or HTTP/2 with prior knowledge for a service
/// that is asked by gRPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamPlaces {
    /// The service that decides on each request.
    pub auth_service: String,
    /// The server behind.
    pub backend: String,
}
