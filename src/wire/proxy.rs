//! A proxy between whoever asks and a server: it is asked for a tunnel (RFC 9110 §9.3.6), and what passes through that is
//! the server's, byte for byte. Requests in clear text are not handed to it whole, since a proxy that passes them on
//! writes them anew (RFC 9110 §7.6), and what it does wrong would be put down to the server.

use std::fmt;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest head of an answer that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// Where a proxy is, and what lets one in there.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    authority: String,
    authorization: Option<String>,
}

impl Proxy {
    /// The proxy at this host and port, which is spoken to in clear text.
    pub fn new(authority: impl Into<String>) -> Self {
        Self {
            authority: authority.into(),
            authorization: None,
        }
    }

    /// The same, with what is sent to it in `Proxy-Authorization` (RFC 9110 §11.7.2): it goes to the proxy alone.
    #[must_use]
    pub fn authorized_by(mut self, value: String) -> Self {
        self.authorization = Some(value);
        self
    }

    /// Its host and port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Makes a connection to the proxy one to this host and port.
    ///
    /// # Errors
    ///
    /// In words, where it answers with anything but success, and where it breaks off. Nothing of what it sent stands in
    /// them, save its status: it was sent a secret.
    pub(super) async fn open(&self, stream: &mut TcpStream, address: &str) -> Result<(), String> {
        let own = self.authorization.as_deref();
        let own = own.map_or_else(String::new, |value| {
            format!("Proxy-Authorization: {value}\r\n")
        });
        let head = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n{own}\r\n");
        let broken = |error: std::io::Error| self.told(&error.to_string());
        stream.write_all(head.as_bytes()).await.map_err(broken)?;
        match self.answer(stream).await.map_err(broken)? {
            Some(200..300) => Ok(()),
            Some(status) => Err(self.told(&format!("it opens no tunnel, and answers {status}"))),
            None => Err(self.told("it does not answer as a proxy of HTTP does")),
        }
    }

    /// What is said where something goes wrong with the proxy.
    pub(super) fn told(&self, why: &str) -> String {
        format!("by the proxy at {}: {why}", self.authority)
    }

    /// The status that the proxy answers with. No byte behind the head is taken, since it is the server's.
    async fn answer(&self, stream: &mut TcpStream) -> std::io::Result<Option<u16>> {
        let mut head = Vec::new();
        while head.len() < LONGEST {
            head.push(stream.read_u8().await?);
            if head.ends_with(b"\r\n\r\n") {
                return Ok(status(&head));
            }
        }
        Ok(None)
    }
}

/// Without what lets one in.
impl fmt::Debug for Proxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Proxy")
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

/// The status of a head (RFC 9112 §4).
fn status(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.")?.get(1..)?;
    let digits = rest.strip_prefix(b" ")?.get(..3)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// What becomes of the request for a tunnel where a proxy answers so, and what it heard.
    async fn opened(answer: &'static [u8]) -> (Result<u8, String>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            while !heard.ends_with(b"\r\n\r\n") {
                heard.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(answer).await.unwrap();
            String::from_utf8(heard).unwrap()
        });
        let mut stream = TcpStream::connect(&place).await.unwrap();
        let proxy = Proxy::new(place).authorized_by("Basic c2VjcmV0".to_owned());
        assert!(!format!("{proxy:?}").contains("c2VjcmV0"));
        let opened = match proxy.open(&mut stream, "far.example:443").await {
            Ok(()) => Ok(stream.read_u8().await.unwrap()),
            Err(why) => Err(why.replace(proxy.authority(), "PLACE")),
        };
        (opened, serving.await.unwrap())
    }

    #[tokio::test]
    async fn a_tunnel_begins_behind_the_head() {
        let (opened, heard) = opened(b"HTTP/1.0 200 yes\r\nVia: b\r\n\r\nSERVER").await;
        assert_eq!(opened, Ok(b'S'));
        assert_eq!(
            heard,
            "CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\nProxy-Authorization: Basic c2VjcmV0\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn a_proxy_that_opens_none_is_told_without_a_word_of_it() {
        for (answer, why) in [
            (
                &b"HTTP/1.1 407 c2VjcmV0\r\n\r\n"[..],
                "it opens no tunnel, and answers 407",
            ),
            (
                b"HTTP/1.1 abc\r\n\r\n",
                "it does not answer as a proxy of HTTP does",
            ),
            (b"SSH-2.0-c2VjcmV0\r\n", "unexpected end of file"),
        ] {
            let (opened, _) = opened(answer).await;
            assert_eq!(opened, Err(format!("by the proxy at PLACE: {why}")));
        }
    }
}
