//! The certificate of the reference implementation: made when it is first needed, known to nobody.

use std::sync::{Arc, OnceLock};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// The protocols of ALPN (RFC 7301) by the names that IANA has registered.
const HTTP_1: &[u8] = b"http/1.1";
pub(super) const HTTP_2: &[u8] = b"h2";

/// Takes up TLS on a connection, HTTP/2 rather than HTTP/1.1. One certificate serves all reference
/// implementations of a process.
///
/// # Errors
///
/// In words, when no key or certificate can be made.
pub(super) fn acceptor() -> Result<TlsAcceptor, String> {
    static ACCEPTOR: OnceLock<Result<TlsAcceptor, String>> = OnceLock::new();
    ACCEPTOR.get_or_init(|| make(&[HTTP_2, HTTP_1])).clone()
}

/// The same for another server of this crate, one that speaks HTTP/1.1 only.
///
/// # Errors
///
/// In words, when no key or certificate can be made.
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
