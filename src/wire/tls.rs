//! TLS as far as a way needs it: whoever is met there is taken, because what is looked at is the
//! answer and not who gives it, unless a [`Trust`](super::Trust) says otherwise.
//!
//! Endpoints under test are on loopback, and their certificates are made for the occasion by whoever
//! installs the policies, so there is nobody whose word could tell a right one from a wrong one. The
//! handshake itself is checked in full: the peer must hold the key of the certificate that it shows. A
//! deployed server gets somebody's real credentials, and so must prove whose it is.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::WantsClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error,
    RootCertStore, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::way::Way;

/// The protocols of ALPN (RFC 7301) by the names that IANA has registered.
const HTTP_1: &[u8] = b"http/1.1";
const HTTP_2: &[u8] = b"h2";

/// An encrypted stream.
pub(super) type Encrypted = TlsStream<TcpStream>;

/// The stream below it.
pub(super) fn below(stream: &Encrypted) -> &TcpStream {
    stream.get_ref().0
}

/// Takes any certificate.
#[derive(Debug)]
struct AnyCertificate(CryptoProvider);

/// Whose certificates are believed; the default is to believe everybody.
#[derive(Clone, Debug, Default)]
pub(super) struct Certificates(Option<Arc<ClientConfig>>);

impl Certificates {
    /// Whether it is everybody's, by a client that shows none.
    #[cfg(feature = "http3")]
    pub(super) fn is_anybody(&self) -> bool {
        self.0.is_none()
    }

    /// Everybody's, by a client that shows this.
    pub(super) fn shown(certificate: &ShownCertificate) -> Self {
        Self(Some(Arc::clone(&certificate.0)))
    }

    /// Those for which one of these authorities vouches, given as certificates in PEM, and these
    /// themselves: a server that signed its own shows one that names it an authority; of HTTP/1.1. Whoever asks
    /// for a certificate is shown `client`, a chain and its key.
    ///
    /// # Errors
    ///
    /// In words, when there is no certificate among them that can be read, or `client` cannot be shown.
    pub(super) fn authorities(pem: &[u8], client: Option<(&[u8], &[u8])>) -> Result<Self, String> {
        let read = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
        let given: Vec<CertificateDer<'static>> = read.collect();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(given.iter().cloned());
        if roots.is_empty() {
            return Err("there is no certificate in it (PEM)".to_owned());
        }
        let provider = Arc::new(ring::default_provider());
        let vouched =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| error.to_string())?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(VouchedOrGiven { vouched, given }));
        let mut config = match client {
            None => config.with_no_client_auth(),
            Some((chain, key)) => {
                let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
                    .filter_map(Result::ok)
                    .collect();
                if chain.is_empty() {
                    return Err("there is no certificate in the client's file (PEM)".to_owned());
                }
                // What the parser says of a key may be a part of it.
                let key = PrivateKeyDer::from_pem_slice(key)
                    .map_err(|_| "there is no private key in the client's file (PEM)".to_owned())?;
                config
                    .with_client_auth_cert(chain, key)
                    .map_err(|error| format!("the client's certificate cannot be shown: {error}"))?
            }
        };
        config.alpn_protocols = vec![HTTP_1.to_vec()];
        Ok(Self(Some(Arc::new(config))))
    }
}

/// A certificate that a client shows to whoever asks for one when TLS begins, by HTTP/1.1. Two are equal where they are
/// one. What is shown of it is nothing.
#[derive(Clone)]
pub struct ShownCertificate(Arc<ClientConfig>);

impl ShownCertificate {
    /// One with its private key, both in DER (RFC 5280 §4.1, RFC 5958 §2).
    ///
    /// # Errors
    ///
    /// In words, when they cannot be read, or do not belong together.
    pub fn new(certificate: &[u8], key: &[u8]) -> Result<Self, String> {
        let chain = vec![CertificateDer::from(certificate.to_vec())];
        let key = PrivateKeyDer::Pkcs8(key.to_vec().into());
        let config = taking_anybody()?
            .with_client_auth_cert(chain, key)
            .map_err(|error| format!("the client's certificate cannot be shown: {error}"))?;
        Ok(Self(Arc::new(of_protocol(config, HTTP_1))))
    }
}

impl PartialEq for ShownCertificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for ShownCertificate {}

impl fmt::Debug for ShownCertificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ShownCertificate").finish_non_exhaustive()
    }
}

/// Why TLS did not begin.
pub(super) enum NoHandshake {
    /// The server refused the client's certificate, or that it showed none, by this alert.
    Refused(String),
    /// Anything else, in words.
    Other(String),
}

/// The alert by which a server refuses a client's certificate, or that it shows none (RFC 8446 §6.2), where that is what
/// ended a connection. Of TLS 1.3 it comes when the client thinks that the handshake is over. What older servers say in
/// place of `certificate_required` may mean anything, and is none.
pub(super) fn refusal(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        let within = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        let found = within
            .and_then(|within| within.downcast_ref::<Error>())
            .or_else(|| error.downcast_ref::<Error>());
        if let Some(Error::AlertReceived(alert)) = found {
            return is_of_certificates(*alert).then(|| format!("{alert:?}"));
        }
        next = error.source();
    }
    None
}

/// An alert by its number, where it is one by which a server refuses a client's certificate.
#[cfg(feature = "http3")]
pub(super) fn alert_of_certificates(number: u8) -> Option<String> {
    let alert = AlertDescription::from(number);
    is_of_certificates(alert).then(|| format!("{alert:?}"))
}

fn is_of_certificates(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError
            | AlertDescription::CertificateRequired
    )
}

/// Takes a certificate for which an authority vouches, and one of the authorities' own.
#[derive(Debug)]
struct VouchedOrGiven {
    vouched: Arc<WebPkiServerVerifier>,
    given: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for VouchedOrGiven {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self
            .vouched
            .verify_server_cert(shown, chain, name, ocsp, now);
        let refused = match verified {
            Ok(verified) => return Ok(verified),
            Err(refused) => refused,
        };
        // That it belongs to an authority is the last thing looked at before who vouches for it, behind
        // the time in which it is valid.
        let only_for_that = match &refused {
            Error::InvalidCertificate(CertificateError::Other(why)) => {
                why.to_string().contains("CaUsedAsEndEntity")
            }
            _ => false,
        };
        if !only_for_that
            || !self
                .given
                .iter()
                .any(|given| given.as_ref() == shown.as_ref())
        {
            return Err(refused);
        }
        verify_server_name(&ParsedCertificate::try_from(shown)?, name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.vouched
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.vouched
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.vouched.supported_verify_schemes()
    }
}

/// Encrypts a connection to an address.
///
/// # Errors
///
/// When the handshake fails, or when HTTP/2 is wanted and the server does not agree on it.
/// A server that agrees on nothing speaks HTTP/1.1.
pub(super) async fn shake_hands(
    stream: TcpStream,
    address: &str,
    way: Way,
    trust: &Certificates,
) -> Result<Encrypted, NoHandshake> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| NoHandshake::Other(format!("`{host}` is not the name of a TLS server")))?;
    let connector = match &trust.0 {
        Some(config) => TlsConnector::from(Arc::clone(config)),
        None => connector(way).map_err(NoHandshake::Other)?,
    };
    let connected = connector.connect(name, stream).await;
    let stream = connected.map_err(|error| match refusal(&error) {
        Some(alert) => NoHandshake::Refused(alert),
        None => NoHandshake::Other(format!("no TLS: {error}")),
    })?;
    let agreed = stream.get_ref().1.alpn_protocol();
    if way.is_http2() && agreed != Some(HTTP_2) {
        let why = "the TLS server does not agree on HTTP/2 (ALPN)";
        return Err(NoHandshake::Other(why.to_owned()));
    }
    Ok(stream)
}

/// The one connector of all connections by a way: making it costs more than a handshake.
fn connector(way: Way) -> Result<TlsConnector, String> {
    static HTTP_1_TLS: OnceLock<Result<TlsConnector, String>> = OnceLock::new();
    static HTTP_2_TLS: OnceLock<Result<TlsConnector, String>> = OnceLock::new();
    let (known, protocol) = if way.is_http2() {
        (&HTTP_2_TLS, HTTP_2)
    } else {
        (&HTTP_1_TLS, HTTP_1)
    };
    known.get_or_init(|| connector_for(protocol)).clone()
}

fn connector_for(protocol: &[u8]) -> Result<TlsConnector, String> {
    let config = of_protocol(taking_anybody()?.with_no_client_auth(), protocol);
    Ok(TlsConnector::from(Arc::new(config)))
}

/// A client of this protocol with these certificates.
///
/// # Errors
///
/// In words, when none can be made.
#[cfg(feature = "http3")]
pub(super) fn config_for(
    protocol: &[u8],
    certificates: &Certificates,
) -> Result<ClientConfig, String> {
    let config = match &certificates.0 {
        Some(config) => ClientConfig::clone(config),
        None => taking_anybody()?.with_no_client_auth(),
    };
    Ok(of_protocol(config, protocol))
}

/// A client that takes any certificate, and is yet to say what it shows.
fn taking_anybody() -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, String> {
    let provider = ring::default_provider();
    let verifier = Arc::new(AnyCertificate(provider.clone()));
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(verifier))
}

fn of_protocol(mut config: ClientConfig, protocol: &[u8]) -> ClientConfig {
    config.alpn_protocols = vec![protocol.to_vec()];
    config
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
