//! What stands for TLS where Countersign is built without it: the reference implementation takes up none, and
//! does not say that it would.

use std::convert::Infallible;
use std::io;

use tokio::net::TcpStream;

use super::peer_certificate::{PeerCertificate, Takes};

/// Takes up TLS: there is none.
#[derive(Clone)]
pub(super) struct Acceptor(Infallible);

/// A connection on which TLS has begun: there is none.
pub(super) struct Accepted {
    pub(super) stream: TcpStream,
    pub(super) is_http2: bool,
    pub(super) certificate: Option<PeerCertificate>,
}

/// Whether a certificate has this name among its names: nobody shows one here.
pub(super) fn is_named(_: &[u8], _: &str) -> bool {
    false
}

impl Acceptor {
    /// Takes it up on a connection.
    ///
    /// # Errors
    ///
    /// Never, as there is none.
    #[allow(clippy::unused_async)] // the one that this stands for waits
    pub(super) async fn accept(&self, _: TcpStream, _: Takes) -> io::Result<Accepted> {
        match self.0 {}
    }
}

/// None.
///
/// # Errors
///
/// Never: what this stands for can fail.
#[allow(clippy::unnecessary_wraps)]
pub(super) fn acceptor() -> Result<Option<Acceptor>, String> {
    Ok(None)
}
