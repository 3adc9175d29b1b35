//! TLS, and the certificates that clients show by it.

use std::sync::Arc;

use countersign::credentials::{client_authority, name_in_certificate};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::verify_server_name;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig, SignatureScheme,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Takes up TLS, and asks for a certificate.
pub struct Acceptor {
    acceptor: TlsAcceptor,
    judge: Arc<dyn ClientCertVerifier>,
}

/// What a client showed.
#[derive(Clone)]
pub struct Shown {
    certificate: CertificateDer<'static>,
    /// Whether its authority is the right one, and its time has come and not gone.
    pub good: bool,
}

impl Shown {
    /// Whether it is of a user.
    pub fn is_of(&self, user: &str) -> bool {
        let name = name_in_certificate(user).and_then(|name| ServerName::try_from(name).ok());
        let parsed = ParsedCertificate::try_from(&self.certificate);
        matches!((name, parsed), (Some(name), Ok(parsed)) if verify_server_name(&parsed, &name).is_ok())
    }
}

impl Acceptor {
    /// One that refuses bad certificates itself, or lets the server answer who shows one.
    pub fn new(answers: bool) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(client_authority().unwrap().into()).unwrap();
        let provider = Arc::new(default_provider());
        let judge = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .allow_unauthenticated()
            .build()
            .unwrap();
        let verifier: Arc<dyn ClientCertVerifier> = match answers {
            true => Arc::new(Anybody(Arc::clone(&judge))),
            false => Arc::clone(&judge),
        };
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            judge,
        }
    }

    /// A connection with TLS on it, and what was shown; nothing where there is none.
    pub async fn accept(&self, stream: TcpStream) -> Option<(TlsStream<TcpStream>, Option<Shown>)> {
        let stream = match self.acceptor.accept(stream).into_fallible().await {
            Ok(stream) => stream,
            Err((_, mut stream)) => {
                // Who has not read why it was refused never does, once there is a reset.
                let _ = stream.shutdown().await;
                let mut rest = [0; 1024];
                while matches!(stream.read(&mut rest).await, Ok(1..)) {}
                return None;
            }
        };
        let shown = stream.get_ref().1.peer_certificates();
        let shown = shown.and_then(<[_]>::first).map(|shown| Shown {
            certificate: shown.clone().into_owned(),
            good: { self.judge.verify_client_cert(shown, &[], UnixTime::now()) }.is_ok(),
        });
        Some((stream, shown))
    }
}

/// Takes whatever is shown by who has its key.
#[derive(Debug)]
struct Anybody(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for Anybody {
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
