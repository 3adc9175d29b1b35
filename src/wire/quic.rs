//! QUIC below HTTP/3 (RFC 9000), with the TLS of the way `https` in it (RFC 9001).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use quinn::crypto::rustls::{HandshakeData, QuicClientConfig};
use quinn::{
    ClientConfig, ConnectError, Connection, ConnectionError, Endpoint, IdleTimeout,
    TransportConfig, TransportErrorCode, VarInt,
};
use tokio::net::UdpSocket;
use tokio::time::{sleep, timeout};

use super::fault::WireFault;
use super::limits::Limits;
use super::tls::{self, Certificates};
use super::trust::Trust;

/// The protocol of ALPN by the name that IANA has registered (RFC 9114 §3.1).
const HTTP_3: &[u8] = b"h3";

/// Error codes from here on are alerts of TLS (RFC 9001 §4.8).
const ALERTS: u64 = 0x100;

/// How long a peer may be silent before it counts as gone. It is asked for a sign each [`ALIVE`], so that one that is only slow
/// to answer has time, and one that was started anew, and knows the connection no more, is noticed.
const SILENT: Duration = Duration::from_secs(4);

/// How often a connection on which nothing happens asks for a sign (RFC 9000 §10.1.2).
const ALIVE: Duration = Duration::from_secs(1);

/// How long a handshake may take before somebody looks whether the port is closed.
const DOUBT: Duration = Duration::from_millis(100);

/// The most bytes that may come before somebody reads them (RFC 9000 §4).
const WINDOW: u32 = 128 * 1024;

/// The most streams that a peer may have beside requests: its control stream and two of QPACK (RFC 9114 §6.2, RFC 9204 §4.2), and
/// some of no meaning.
const STREAMS: u32 = 16;

/// Connects to an address.
///
/// # Errors
///
/// [`WireFault::Connect`] when that fails or takes too long, and when the server does not agree on HTTP/3;
/// [`WireFault::Refused`] when it refuses the client's certificate.
pub(super) async fn dial(
    address: &str,
    limits: &Limits,
    trust: &Trust,
) -> Result<Connection, WireFault> {
    match timeout(limits.connect, dial_any(address, trust)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(NoQuic::Refused(alert))) => Err(WireFault::Refused { alert }),
        Ok(Err(NoQuic::Other(why))) => Err(WireFault::Connect {
            address: address.to_owned(),
            why,
        }),
        Err(_) => Err(WireFault::Connect {
            address: address.to_owned(),
            why: format!(
                "no answer by QUIC within {:.1} s",
                limits.connect.as_secs_f64()
            ),
        }),
    }
}

/// Why there is no connection.
enum NoQuic {
    /// The server refused the client's certificate by this alert.
    Refused(String),
    /// In words.
    Other(String),
}

/// Connects to the first of an address's addresses that takes a connection.
async fn dial_any(address: &str, trust: &Trust) -> Result<Connection, NoQuic> {
    let other = |why: &dyn std::fmt::Display| NoQuic::Other(why.to_string());
    if trust.proxy.is_some() {
        return Err(other(&"no QUIC goes by a proxy that is asked for a tunnel"));
    }
    let addresses = trust.addresses(address).await;
    let addresses = addresses.map_err(|why| other(&why))?;
    let config = config(&trust.certificates).map_err(|why| other(&why))?;
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut last = other(&"there is no address to connect from");
    for to in addresses {
        let from = trust.from.unwrap_or(match to {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        });
        if from.is_ipv4() != to.is_ipv4() {
            continue;
        }
        match dial_one(from, to, host, config.clone()).await {
            Ok(connection) => return Ok(connection),
            Err(refused @ NoQuic::Refused(_)) => return Err(refused),
            Err(why) => last = why,
        }
    }
    Err(last)
}

async fn dial_one(
    from: IpAddr,
    to: SocketAddr,
    host: &str,
    config: ClientConfig,
) -> Result<Connection, NoQuic> {
    // It lives for as long as its connection.
    let endpoint = Endpoint::client(SocketAddr::new(from, 0))
        .map_err(|error| NoQuic::Other(error.to_string()))?;
    let connecting = endpoint
        .connect_with(config, to, host)
        .map_err(|error| match error {
            ConnectError::InvalidServerName(_) => {
                NoQuic::Other(format!("`{host}` is not the name of a TLS server"))
            }
            error => NoQuic::Other(error.to_string()),
        })?;
    let connected = tokio::select! {
        connected = connecting => connected,
        why = closed_port(from, to) => return Err(NoQuic::Other(why)),
    };
    let connection = connected.map_err(|error| match refusal(&error) {
        Some(alert) => NoQuic::Refused(alert),
        None => NoQuic::Other(format!("no QUIC: {}", words(&error))),
    })?;
    let agreed = connection
        .handshake_data()
        .and_then(|data| data.downcast::<HandshakeData>().ok())
        .and_then(|data| data.protocol);
    if agreed.as_deref() != Some(HTTP_3) {
        let why = "the QUIC server does not agree on HTTP/3 (ALPN)";
        return Err(NoQuic::Other(why.to_owned()));
    }
    Ok(connection)
}

/// Waits until the system says that nobody has the port. QUIC's own socket serves many peers and is not told (RFC 1122
/// §4.1.3.3), so another one sends an empty datagram, which no peer takes for anything (RFC 9000 §5.2).
async fn closed_port(from: IpAddr, to: SocketAddr) -> String {
    sleep(DOUBT).await;
    let looked = async {
        let socket = UdpSocket::bind(SocketAddr::new(from, 0)).await?;
        socket.connect(to).await?;
        socket.send(&[]).await?;
        socket.recv(&mut [0; 1]).await
    };
    match looked.await {
        Err(error) => error.to_string(),
        // Somebody is there, and the handshake goes on.
        Ok(_) => std::future::pending().await,
    }
}

/// How a client with these certificates connects.
fn config(certificates: &Certificates) -> Result<ClientConfig, String> {
    static ANYBODY: OnceLock<Result<ClientConfig, String>> = OnceLock::new();
    match certificates.is_anybody() {
        true => ANYBODY.get_or_init(|| make(certificates)).clone(),
        false => make(certificates),
    }
}

fn make(certificates: &Certificates) -> Result<ClientConfig, String> {
    let tls = tls::config_for(HTTP_3, certificates)?;
    let crypto = QuicClientConfig::try_from(tls).map_err(|error| error.to_string())?;
    let mut config = ClientConfig::new(Arc::new(crypto));
    let mut transport = TransportConfig::default();
    let silent = IdleTimeout::try_from(SILENT).map_err(|error| error.to_string())?;
    transport
        .max_idle_timeout(Some(silent))
        .keep_alive_interval(Some(ALIVE))
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(STREAMS))
        .stream_receive_window(VarInt::from_u32(WINDOW))
        .receive_window(VarInt::from_u32(WINDOW))
        .datagram_receive_buffer_size(None)
        // What is sent and received is small: looking for larger packets is not worth a packet.
        .mtu_discovery_config(None);
    config.transport_config(Arc::new(transport));
    Ok(config)
}

/// The alert by which a server refuses a client's certificate, or that it shows none, where that is what ended a connection.
pub(super) fn refusal(error: &ConnectionError) -> Option<String> {
    let ConnectionError::ConnectionClosed(close) = error else {
        return None;
    };
    tls::alert_of_certificates(alert(close.error_code)?)
}

fn alert(code: TransportErrorCode) -> Option<u8> {
    u8::try_from(u64::from(code).checked_sub(ALERTS)?).ok()
}

/// Why a connection ended, in words.
pub(super) fn words(error: &ConnectionError) -> String {
    let ended = match error {
        ConnectionError::ConnectionClosed(close) => alert(close.error_code),
        ConnectionError::TransportError(error) => alert(error.code),
        _ => None,
    };
    match ended {
        // no_application_protocol (RFC 7301 §3.2)
        Some(120) => "the QUIC server does not agree on HTTP/3 (ALPN)".to_owned(),
        _ => error.to_string(),
    }
}

/// How long a peer was silent that counts as gone.
pub(super) fn silent() -> Duration {
    SILENT
}
