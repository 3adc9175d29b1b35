//! Taking connections for the servers of Countersign's own that stand beside an implementation.

use std::io;

use tokio::net::{TcpListener, TcpStream};

/// The next connection, on which whatever is written is sent at once. An answer that waits for the other side
/// to acknowledge what went before, such as the end of a TLS handshake, waits forty milliseconds on Linux,
/// and the implementation waits for it.
///
/// # Errors
///
/// The operating system's words.
pub(crate) async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test]
    async fn nothing_waits_for_what_went_before() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (accepted, _client) = tokio::join!(accept(&listener), TcpStream::connect(address));
        assert!(accepted.unwrap().nodelay().unwrap());
    }
}
