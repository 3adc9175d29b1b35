//! Who may be asked: which hosts are connected to, by which proxy, and whose certificates are believed there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::lookup_host;

use super::connects_as::ConnectsAs;
use super::proxy::Proxy;
use super::tls::Certificates;

/// Whom a transport believes, and whom it connects to. The default is everybody.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pub(super) certificates: Certificates,
    /// The hosts beyond this machine that are connected to; nothing where all are.
    hosts: Option<Arc<[String]>>,
    /// Who is asked for a tunnel to them.
    pub(super) proxy: Option<Arc<Proxy>>,
    /// The address of this machine from which it connects; nothing where the system may choose.
    pub(super) from: Option<IpAddr>,
}

impl Trust {
    /// Servers for whose certificates one of these authorities vouches, given as certificates in PEM, and
    /// these themselves: a server that signed its own shows one that names it an authority; of HTTP/1.1.
    ///
    /// # Errors
    ///
    /// In words, when there is no certificate among them that can be read.
    pub fn authorities(pem: &[u8]) -> Result<Self, String> {
        Self::with_client(pem, None)
    }

    /// The same, and this certificate is shown to a server that asks for one, given with its key in PEM.
    ///
    /// # Errors
    ///
    /// In words, when a certificate or the key cannot be read, or they do not belong together.
    pub fn with_client(pem: &[u8], client: Option<(&[u8], &[u8])>) -> Result<Self, String> {
        Ok(Self {
            certificates: Certificates::authorities(pem, client)?,
            ..Self::default()
        })
    }

    /// The same, connecting to this machine and to these hosts only. What counts is the address that is connected
    /// to, and for others than this machine the name by which it was asked for.
    #[must_use]
    pub fn only(mut self, hosts: &[String]) -> Self {
        self.hosts = Some(hosts.into());
        self
    }

    /// The same, by a tunnel through a proxy. Then it is the proxy that has to be on this machine or to be one of the
    /// hosts that are connected to; where the server is, the proxy alone knows, and so it has to be named.
    #[must_use]
    pub fn through(mut self, proxy: Option<Proxy>) -> Self {
        self.proxy = proxy.map(Arc::new);
        self
    }

    /// The same of a client that connects as this one.
    pub(super) fn calling_as(&self, caller: &ConnectsAs) -> Self {
        let mut trust = self.clone();
        if let Some(certificate) = &caller.certificate {
            trust.certificates = Certificates::shown(certificate);
        }
        trust.from = caller.from;
        trust
    }

    /// The addresses that are connected to for a host and port, those that may be: its own, or the proxy's.
    ///
    /// # Errors
    ///
    /// Where there is none, or none that may be.
    pub async fn addresses(&self, authority: &str) -> Result<Vec<SocketAddr>, NoAddress> {
        let Some(proxy) = &self.proxy else {
            return self.own_addresses(authority).await;
        };
        if self.hosts.is_some() && !self.is_named(authority) {
            return Err(NoAddress::Unnamed);
        }
        let found = self.own_addresses(proxy.authority()).await;
        found.map_err(|why| NoAddress::OfProxy(proxy.told(&why.to_string())))
    }

    async fn own_addresses(&self, authority: &str) -> Result<Vec<SocketAddr>, NoAddress> {
        let found = lookup_host(authority).await;
        let found = found.map_err(|error| NoAddress::Unknown(error.to_string()))?;
        let found: Vec<SocketAddr> = found.collect();
        if self.hosts.is_none() {
            return Ok(found);
        }
        let named = self.is_named(authority);
        let (may, not): (Vec<SocketAddr>, Vec<SocketAddr>) = found
            .into_iter()
            .partition(|address| named || is_this_machine(address.ip()));
        match (may.is_empty(), not.first()) {
            (false, _) => Ok(may),
            (true, None) => Err(NoAddress::Unknown("it has no address".to_owned())),
            (true, Some(address)) => Err(NoAddress::Foreign(address.ip())),
        }
    }

    /// Whether the host before a port is one of those that are connected to beyond this machine.
    fn is_named(&self, authority: &str) -> bool {
        let host = authority.rsplit_once(':');
        let host = host.map_or(authority, |(host, _)| host);
        let mut hosts = self.hosts.iter().flat_map(|hosts| hosts.iter());
        hosts.any(|known| is_same_host(known, host))
    }
}

/// Why nobody can be asked at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAddress {
    /// No address of it is known, and why not.
    Unknown(String),
    /// It is at one that may not be asked.
    Foreign(IpAddr),
    /// It is asked by a proxy, which alone knows its address, and it is not among the hosts that may be asked.
    Unnamed,
    /// The same of the proxy by which it is asked, in words.
    OfProxy(String),
}

impl std::fmt::Display for NoAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(why) | Self::OfProxy(why) => f.write_str(why),
            Self::Unnamed => {
                f.write_str("its address is the proxy's to know, and it is not allowed by name")
            }
            Self::Foreign(address) => {
                write!(f, "{address}, which is not on this machine and not allowed")
            }
        }
    }
}

/// Whether two ways to write a host are of the same one: brackets and the case of letters do not matter (RFC 3986 §3.2.2).
fn is_same_host(one: &str, other: &str) -> bool {
    let bare = |host: &str| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.trim_end_matches('.').to_ascii_lowercase()
    };
    let (one, other) = (bare(one), bare(other));
    match (one.parse::<IpAddr>(), other.parse::<IpAddr>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Whether an address is of this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3), also where it stands in one of IPv6.
fn is_this_machine(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => {
            let mapped = address.to_ipv4_mapped();
            address.is_loopback() || mapped.as_ref().is_some_and(Ipv4Addr::is_loopback)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_counts_is_the_address() {
        let none = Trust::default().only(&[]);
        for near in [
            "127.0.0.1:1",
            "127.9.9.9:1",
            "[::1]:1",
            "[::ffff:127.0.0.1]:1",
        ] {
            assert!(none.addresses(near).await.is_ok(), "{near}");
        }
        for far in [
            "192.0.2.1:1",
            "0.0.0.0:1",
            "[::]:1",
            "[::ffff:192.0.2.1]:1",
            "[2001:db8::1]:1",
        ] {
            let why = none.addresses(far).await.unwrap_err();
            assert!(why.to_string().contains("not allowed"), "{far}: {why}");
            assert!(Trust::default().addresses(far).await.is_ok(), "{far}");
        }
        let some = Trust::default().only(&["192.0.2.1".to_owned(), "[2001:DB8::0:1]".to_owned()]);
        assert!(some.addresses("192.0.2.1:1").await.is_ok());
        assert!(some.addresses("[2001:db8::1]:1").await.is_ok());
        assert!(some.addresses("192.0.2.2:1").await.is_err());
    }

    #[tokio::test]
    async fn behind_a_proxy_what_counts_is_the_name() {
        let by = |proxy: &str, hosts: &[&str]| {
            let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
            let trust = Trust::default().only(&hosts);
            trust.through(Some(Proxy::new(proxy)))
        };
        // Whoever is connected to is the proxy, and no name of the server is looked up here.
        let found = by("127.0.0.1:3128", &["far.invalid"]);
        let found = found.addresses("far.invalid:443").await.unwrap();
        assert_eq!(found, ["127.0.0.1:3128".parse().unwrap()]);
        // An address of this machine would be one of the proxy's.
        for near in ["127.0.0.1:80", "localhost:80", "far.invalid:80"] {
            let why = by("127.0.0.1:3128", &[]).addresses(near).await;
            assert_eq!(why, Err(NoAddress::Unnamed), "{near}");
        }
        let far = by("192.0.2.1:3128", &["far.invalid"]);
        let why = far.addresses("far.invalid:443").await.unwrap_err();
        assert!(matches!(why, NoAddress::OfProxy(_)), "{why}");
        let far = by("192.0.2.1:3128", &["far.invalid", "192.0.2.1"]);
        assert!(far.addresses("far.invalid:443").await.is_ok());
    }
}
