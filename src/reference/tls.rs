//! The certificate of the reference implementation: made when it is first needed, known to nobody. And the taking of
//! those that clients show.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    SignatureScheme,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::peer_certificate::{CertificateFlaw, PeerCertificate, Takes};
use crate::credentials::client_authority;

/// How long a client is waited for that was refused, until it has gone.
const LEAVE: Duration = Duration::from_secs(5);

/// The protocols of ALPN (RFC 7301) by the names that IANA has registered.
const HTTP_1: &[u8] = b"http/1.1";
const HTTP_2: &[u8] = b"h2";

/// Takes up TLS, HTTP/2 rather than HTTP/1.1 where that is built in.
#[derive(Clone)]
pub(super) struct Acceptor {
    /// Asks for no certificate.
    silent: TlsAcceptor,
    /// Asks for one, which has to be good.
    sound: TlsAcceptor,
    /// Asks for one, and takes any.
    any: TlsAcceptor,
    /// Asks for a good one, and goes on with nobody who has none.
    demanding: TlsAcceptor,
    /// What says which are good.
    judge: Arc<dyn ClientCertVerifier>,
}

/// A connection on which TLS has begun.
pub(super) struct Accepted {
    pub(super) stream: TlsStream<TcpStream>,
    /// Whether HTTP/2 was agreed on.
    pub(super) is_http2: bool,
    /// What the client showed.
    pub(super) certificate: Option<PeerCertificate>,
}

impl Acceptor {
    /// Takes it up on a connection.
    ///
    /// # Errors
    ///
    /// When the handshake fails. Then the connection is over too, once the client has read why.
    pub(super) async fn accept(&self, stream: TcpStream, takes: Takes) -> io::Result<Accepted> {
        let stream = match self.taking(takes).accept(stream).into_fallible().await {
            Ok(stream) => stream,
            Err((error, stream)) => {
                take_leave(stream).await;
                return Err(error);
            }
        };
        let connection = stream.get_ref().1;
        let shown = connection.peer_certificates().and_then(<[_]>::first);
        Ok(Accepted {
            is_http2: connection.alpn_protocol() == Some(HTTP_2),
            certificate: shown.map(|shown| self.judged(shown)),
            stream,
        })
    }

    /// How TLS is taken up where certificates are taken so.
    #[cfg(feature = "http3")]
    pub(super) fn config(&self, takes: Takes) -> &ServerConfig {
        self.taking(takes).config()
    }

    fn taking(&self, takes: Takes) -> &TlsAcceptor {
        match takes {
            Takes::None => &self.silent,
            Takes::Sound => &self.sound,
            Takes::Any => &self.any,
            Takes::Demanded => &self.demanding,
        }
    }

    /// What a certificate that a client showed is.
    pub(super) fn judged(&self, shown: &CertificateDer<'_>) -> PeerCertificate {
        let verified = self.judge.verify_client_cert(shown, &[], UnixTime::now());
        let flaw = verified.err().map(|error| match error {
            Error::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            ) => CertificateFlaw::OutOfTime,
            _ => CertificateFlaw::OfAnother,
        });
        PeerCertificate {
            der: shown.to_vec(),
            flaw,
        }
    }
}

/// Ends a connection whose client may be sending still: what it has not read of an alert is lost where a socket is closed
/// on bytes that nobody read.
async fn take_leave(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let mut rest = [0; 1024];
    let reading = async { while matches!(stream.read(&mut rest).await, Ok(1..)) {} };
    let _ = timeout(LEAVE, reading).await;
}

/// Takes whatever certificate is shown by whoever has its key.
#[derive(Debug)]
struct AnyClient(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Whether a certificate has this name among its names.
pub(super) fn is_named(certificate: &[u8], name: &str) -> bool {
    let certificate = CertificateDer::from(certificate);
    let (Ok(parsed), Ok(name)) = (
        ParsedCertificate::try_from(&certificate),
        ServerName::try_from(name),
    ) else {
        return false;
    };
    verify_server_name(&parsed, &name).is_ok()
}

/// What takes up TLS here. One certificate serves all reference implementations of a process.
///
/// # Errors
///
/// In words, when no key or certificate can be made.
pub(super) fn acceptor() -> Result<Option<Acceptor>, String> {
    static ACCEPTOR: OnceLock<Result<Acceptor, String>> = OnceLock::new();
    ACCEPTOR.get_or_init(make_all).clone().map(Some)
}

fn make_all() -> Result<Acceptor, String> {
    let protocols: &[&[u8]] = match cfg!(feature = "http2") {
        true => &[HTTP_2, HTTP_1],
        false => &[HTTP_1],
    };
    let judge = vouched(false)?;
    let own = own_certificate()?;
    let with = |verifier: Arc<dyn ClientCertVerifier>| make(&own, protocols, verifier);
    Ok(Acceptor {
        silent: with(WebPkiClientVerifier::no_client_auth())?,
        sound: with(Arc::clone(&judge))?,
        any: with(Arc::new(AnyClient(Arc::clone(&judge))))?,
        demanding: with(vouched(true)?)?,
        judge,
    })
}

/// Who takes the certificates of our authority's clients.
fn vouched(demanding: bool) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let authority = client_authority().ok_or("no authority of clients can be made")?;
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(authority))
        .map_err(|error| error.to_string())?;
    let provider = Arc::new(ring::default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = match demanding {
        true => builder,
        false => builder.allow_unauthenticated(),
    };
    let built = builder.build().map_err(|error| error.to_string())?;
    Ok(built)
}

/// A [`TlsAcceptor`] for another server of this crate, one that speaks HTTP/1.1 only.
///
/// # Errors
///
/// In words, when no key or certificate can be made.
#[cfg(feature = "process")]
pub(crate) fn http1_acceptor() -> Result<TlsAcceptor, String> {
    static ACCEPTOR: OnceLock<Result<TlsAcceptor, String>> = OnceLock::new();
    let made = || {
        let own = own_certificate()?;
        make(&own, &[HTTP_1], WebPkiClientVerifier::no_client_auth())
    };
    ACCEPTOR.get_or_init(made).clone()
}

/// A certificate that a server signed for itself, and its key.
type OwnCertificate = (CertificateDer<'static>, PrivateKeyDer<'static>);

fn own_certificate() -> Result<OwnCertificate, String> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(names).map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    Ok((cert.der().clone(), key))
}

fn make(
    (certificate, key): &OwnCertificate,
    protocols: &[&[u8]],
    clients: Arc<dyn ClientCertVerifier>,
) -> Result<TlsAcceptor, String> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_client_cert_verifier(clients)
                .with_single_cert(vec![certificate.clone()], key.clone_key())
        })
        .map_err(|error| error.to_string())?;
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(TlsAcceptor::from(Arc::new(config)))
}
