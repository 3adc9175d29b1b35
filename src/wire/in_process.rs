//! Connections to a server that is a part of this program: streams in memory, with no socket between.
//!
//! What passes are the same bytes, by the same writing and reading as over TCP. What TCP does beside that is left
//! out: the operating system is not asked twice for each message, which was most of what an exchange cost.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io;
use std::sync::Arc;

use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many bytes wait in each direction until they are read; about what a socket of loopback holds.
const BUFFERED: usize = 64 * 1024;

/// How many connections wait to be accepted.
const BACKLOG: usize = 128;

/// Where a server of this program is connected to.
#[derive(Clone)]
pub struct InProcess(Arc<ListeningPlace>);

struct ListeningPlace {
    address: String,
    connect: Sender<DuplexStream>,
}

/// The server's side of an [`InProcess`]: it ends, as a listening socket does, when it is dropped.
#[derive(Debug)]
pub struct InProcessListener(Receiver<DuplexStream>);

impl InProcess {
    /// A place that stands for the host and port at which the same server listens by TCP.
    pub fn listen(address: &str) -> (Self, InProcessListener) {
        let (connect, accept) = channel(BACKLOG);
        let place = ListeningPlace {
            address: address.to_owned(),
            connect,
        };
        (Self(Arc::new(place)), InProcessListener(accept))
    }

    /// Whether it stands for this host and port.
    pub(super) fn is(&self, address: &str) -> bool {
        self.0.address == address
    }

    /// Connects; the client's end.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::ConnectionRefused`] once the server listens no more.
    pub(super) async fn connect(&self) -> io::Result<DuplexStream> {
        let (near, far) = duplex(BUFFERED);
        let sent = self.0.connect.send(far).await;
        sent.map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
        Ok(near)
    }
}

impl InProcessListener {
    /// The server's end of the next connection; nothing once nobody can connect any more.
    pub async fn accept(&mut self) -> Option<DuplexStream> {
        self.0.recv().await
    }
}

/// Two are equal that lead to the same listener.
impl PartialEq for InProcess {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for InProcess {}

impl Hash for InProcess {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.address.hash(state);
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("InProcess").field(&self.0.address).finish()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn what_one_end_writes_the_other_reads_until_it_is_dropped() {
        let (place, mut listener) = InProcess::listen("127.0.0.1:1");
        assert!(place.is("127.0.0.1:1") && !place.is("127.0.0.1:2"));
        let mut near = place.connect().await.unwrap();
        let mut far = listener.accept().await.unwrap();
        near.write_all(b"asked").await.unwrap();
        let mut read = [0; 5];
        far.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"asked");
        drop(far);
        assert_eq!(near.read(&mut read).await.unwrap(), 0);
        assert!(near.write_all(b"more").await.is_err());
    }

    #[tokio::test]
    async fn nobody_connects_to_a_listener_that_is_gone() {
        let (place, listener) = InProcess::listen("127.0.0.1:1");
        drop(listener);
        let refused = place.connect().await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[tokio::test]
    async fn two_places_are_equal_that_lead_to_one_listener() {
        let (place, _listener) = InProcess::listen("127.0.0.1:1");
        let (other, _other) = InProcess::listen("127.0.0.1:1");
        assert_eq!(place, place.clone());
        assert_ne!(place, other);
    }
}
