//! The certificate of the reference implementation: made when it is first needed, known to nobody.

use std::io;
use std::sync::{Arc, OnceLock};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The protocols of ALPN (RFC 7301) by the names that IANA has registered.
const HTTP_1: &[u8] = b"http/1.1";
const HTTP_2: &[u8] = b"h2";

/// Takes up TLS, HTTP/2 rather than HTTP/1.1 where that is built in.
#[derive(Clone)]
pub(super) struct Acceptor(TlsAcceptor);

impl Acceptor {
    /// Takes it up on a connection; the other value is whether HTTP/2 was agreed on.
    ///
    /// # Errors
    ///
    /// When the handshake fails.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, bool)> {
        let stream = self.0.accept(stream).await?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
        Ok((stream, is_http2))
    }
}

/// What takes up TLS here. One certificate serves all reference implementations of a process.
///
/// # Errors
///
/// In words, when no key or certificate can be made.
pub(super) fn acceptor() -> Result<Option<Acceptor>, String> {
    static ACCEPTOR: OnceLock<Result<TlsAcceptor, String>> = OnceLock::new();
    let protocols: &[&[u8]] = match cfg!(feature = "http2") {
        true => &[HTTP_2, HTTP_1],
        false => &[HTTP_1],
    };
    let made = ACCEPTOR.get_or_init(|| make(protocols)).clone();
    made.map(|made| Some(Acceptor(made)))
}

/// A [`TlsAcceptor`] for another server of this crate, one that speaks HTTP/1.1 only.
///
/// # Errors
///
/// In words, when no key or certificate can be made.
#[cfg(feature = "process")]
pub(crate) fn http1_acceptor() -> Result<TlsAcceptor, String> {
    static ACCEPTOR: OnceLock<Result<TlsAcceptor, String>> = OnceLock::new();
    ACCEPTOR.get_or_init(|| make(&[HTTP_1])).clone()
}

fn make(protocols: &[&[u8]]) -> Result<TlsAcceptor, String> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(names).map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(vec![cert.der().clone()], key)
        })
        .map_err(|error| error.to_string())?;
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(TlsAcceptor::from(Arc::new(config)))
}
