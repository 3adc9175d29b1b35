//! What stands for HTTP/3 at a listener where Countersign is built without it: the reference implementation does
//! not say that it would speak it.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use super::tls::Acceptor;
use super::way::ConnectionState;

/// What takes up QUIC, of which there is none.
pub(super) struct QuicListener(Infallible);

impl QuicListener {
    /// None.
    ///
    /// # Errors
    ///
    /// Never: what this stands for can fail.
    #[allow(clippy::unnecessary_wraps)]
    pub(super) fn open(_: &Acceptor, _: u16) -> io::Result<Option<Self>> {
        Ok(None)
    }

    /// Where it is.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        match self.0 {}
    }

    /// Takes up nothing.
    #[allow(clippy::unused_async)]
    pub(super) async fn serve(self, _: ConnectionState) {
        match self.0 {}
    }
}
