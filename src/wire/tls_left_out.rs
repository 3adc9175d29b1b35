//! What stands for TLS where Countersign is built without it: a way that needs it is not played, and whoever
//! asks for one is told.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::way::Way;

/// What is said instead.
const LEFT_OUT: &str = "this Countersign is built without the feature `tls`";

/// Whose certificates are believed: nobody shows one here.
#[derive(Clone, Debug, Default)]
pub(super) struct Certificates(());

impl Certificates {
    /// Everybody's, by a client that shows this.
    pub(super) fn shown(certificate: &ShownCertificate) -> Self {
        match certificate.0 {}
    }

    /// Nothing is believed that cannot be looked at.
    ///
    /// # Errors
    ///
    /// Always.
    pub(super) fn authorities(_: &[u8], _: Option<(&[u8], &[u8])>) -> Result<Self, String> {
        Err(LEFT_OUT.to_owned())
    }
}

/// A certificate that a client shows, of which there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCertificate(Infallible);

impl ShownCertificate {
    /// None.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn new(_: &[u8], _: &[u8]) -> Result<Self, String> {
        Err(LEFT_OUT.to_owned())
    }
}

/// Why TLS did not begin.
pub(super) enum NoHandshake {
    /// The server refused the client's certificate, which nobody shows here.
    #[allow(dead_code, reason = "the room that this stands for has both")]
    Refused(String),
    /// In words.
    Other(String),
}

/// The alert by which a server refuses a client's certificate: none.
pub(super) fn refusal(_: &(dyn std::error::Error + 'static)) -> Option<String> {
    None
}

/// An encrypted stream, of which there is none.
#[derive(Debug)]
pub(super) struct Encrypted(Infallible);

/// Encrypts no connection.
///
/// # Errors
///
/// Always.
pub(super) async fn shake_hands(
    _: TcpStream,
    _: &str,
    way: Way,
    _: &Certificates,
) -> Result<Encrypted, NoHandshake> {
    Err(NoHandshake::Other(format!(
        "{LEFT_OUT}, which `{way}` needs: add it where Cargo.toml names countersign"
    )))
}

/// The stream below.
pub(super) fn below(stream: &Encrypted) -> &TcpStream {
    match stream.0 {}
}

impl AsyncRead for Encrypted {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match self.0 {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use crate::wire::stream::Stream;
    use crate::wire::{Limits, Trust, Way};

    #[tokio::test]
    async fn whoever_asks_for_it_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (limits, trust) = (Limits::default(), Trust::default());
        for way in Way::ALL {
            let dialled = Stream::dial(&address, way, &limits, &trust).await;
            assert_eq!(dialled.is_err(), way.is_secure(), "{way}");
            assert_eq!(Way::built_in().any(|one| one == way), !way.is_secure());
            if let Err(fault) = dialled {
                let told = fault.to_string();
                assert!(told.contains("without the feature `tls`"), "{told}");
                assert!(told.contains(way.word()), "{told}");
            }
        }
    }
}
