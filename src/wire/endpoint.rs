//! Where requests go.

use std::fmt;
use std::sync::Arc;

use super::in_process::InProcess;
use super::way::Way;

/// What is asked for below a prefix where nobody says anything else.
pub const RESOURCE: &str = "/resource";

/// Where requests of a case go: the origin server at `authority`, below the path `prefix`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Host and port of the origin server, such as `127.0.0.1:9000`.
    pub authority: String,
    /// A path without a slash at its end, such as `/s0`; may be empty.
    pub prefix: String,
    /// What is asked for below it, where that is another path than [`RESOURCE`]: it may have a query, and be empty
    /// where the prefix is the resource.
    pub resource: Option<Arc<str>>,
    /// Host and port to which a tunnel is asked for, where that is not `authority`: a tunnel has no path, so slots
    /// that have one authority are told apart by this.
    pub tunnel: Option<Arc<str>>,
    /// The ways it is reached by, the usual one first, each with the host and port to connect to.
    /// Empty stands for HTTP/1.1 at `authority`.
    pub ways: Arc<[(Way, String)]>,
    /// Where the server is a part of this program: HTTP/1.1 in clear text goes there without a socket, if it is one of
    /// the ways.
    pub in_process: Option<InProcess>,
}

impl Endpoint {
    /// An endpoint that is reached by HTTP/1.1 only.
    pub fn new(authority: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            authority: authority.into(),
            prefix: prefix.into(),
            resource: None,
            tunnel: None,
            ways: Arc::new([]),
            in_process: None,
        }
    }

    /// What is asked for below the prefix: a path, maybe with a query.
    pub fn resource(&self) -> &str {
        self.resource.as_deref().unwrap_or(RESOURCE)
    }

    /// The way that a request takes which asks for none.
    pub fn usual(&self) -> Way {
        self.ways.first().map_or(Way::Http1, |(way, _)| *way)
    }

    /// The way of a request that asks for `way`, where the first of [`Way::ALL`] stands for whichever
    /// is usual: who asks for nothing else is to reach an implementation that is no origin server.
    pub fn taken(&self, way: Way) -> Way {
        if way == Way::default() {
            self.usual()
        } else {
            way
        }
    }

    /// Where to connect to for a way; nothing where the endpoint is not reached by it.
    pub fn address(&self, way: Way) -> Option<&str> {
        if self.ways.is_empty() && way == Way::Http1 {
            return Some(&self.authority);
        }
        let known = self.ways.iter().find(|(known, _)| *known == way);
        known.map(|(_, address)| address.as_str())
    }

    /// Where a connection to that address by this way needs no socket.
    pub(super) fn in_process(&self, way: Way, address: &str) -> Option<&InProcess> {
        let place = self.in_process.as_ref()?;
        (way == Way::Http1 && place.is(address)).then_some(place)
    }

    /// Host and port that a request names by a way: where it connects to, save through a proxy, where
    /// it is the origin server's, and for a tunnel, where it is the tunnel's end.
    pub fn named(&self, way: Way) -> Option<&str> {
        let address = self.address(way)?;
        Some(match way {
            Way::ForwardProxy => &self.authority,
            Way::Tunnel => self.tunnel.as_deref().unwrap_or(&self.authority),
            _ => address,
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "http://{}{}", self.authority, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_the_resource_unless_it_says_otherwise() {
        let mut endpoint = Endpoint::new("127.0.0.1:1", "/s0");
        assert_eq!(endpoint.resource(), "/resource");
        endpoint.resource = Some("/v2/?all=1".into());
        assert_eq!(endpoint.resource(), "/v2/?all=1");
    }

    #[test]
    fn an_endpoint_is_reached_by_http_1_unless_it_says_otherwise() {
        let plain = Endpoint::new("127.0.0.1:1", "/s0");
        assert_eq!(plain.usual(), Way::Http1);
        assert_eq!(plain.address(Way::Http1), Some("127.0.0.1:1"));
        assert_eq!(plain.address(Way::H2c), None);
        let proxied = Endpoint {
            ways: [(Way::ForwardProxy, "127.0.0.1:2".to_owned())].into(),
            ..plain
        };
        assert_eq!(proxied.usual(), Way::ForwardProxy);
        assert_eq!(proxied.taken(Way::Http1), Way::ForwardProxy);
        assert_eq!(proxied.taken(Way::H2c), Way::H2c);
        assert_eq!(proxied.address(Way::Http1), None);
        assert_eq!(proxied.address(Way::ForwardProxy), Some("127.0.0.1:2"));
        assert_eq!(proxied.named(Way::ForwardProxy), Some("127.0.0.1:1"));
        let mut tunnelled = Endpoint {
            ways: [(Way::Tunnel, "127.0.0.1:2".to_owned())].into(),
            ..proxied
        };
        assert_eq!(tunnelled.named(Way::Tunnel), Some("127.0.0.1:1"));
        tunnelled.tunnel = Some("s0.localhost:443".into());
        assert_eq!(tunnelled.named(Way::Tunnel), Some("s0.localhost:443"));
        assert_eq!(tunnelled.address(Way::Tunnel), Some("127.0.0.1:2"));
    }
}
