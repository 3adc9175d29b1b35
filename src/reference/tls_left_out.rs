//! What stands for TLS where Countersign is built without it: the reference implementation takes up none, and
//! does not say that it would.

use std::convert::Infallible;
use std::io;

use tokio::net::TcpStream;

/// Takes up TLS: there is none.
#[derive(Clone)]
pub(super) struct Acceptor(Infallible);

impl Acceptor {
    /// Takes it up on a connection; the other value is whether HTTP/2 was agreed on.
    ///
    /// # Errors
    ///
    /// Never, as there is none.
    #[allow(clippy::unused_async)] // the one that this stands for waits
    pub(super) async fn accept(&self, _: TcpStream) -> io::Result<(TcpStream, bool)> {
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
