//! Asking the auth service and the backend.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::reply::Reply;
use crate::liberal::request::Request;

/// How long an answer may take. Nothing hangs on how long: the service answers at once or never.
const PATIENCE: Duration = Duration::from_millis(150);

/// A request to somebody behind.
#[derive(Clone, Debug)]
pub struct Inward {
    pub method: String,
    pub target: String,
    pub host: String,
    pub fields: Vec<(String, Vec<u8>)>,
    pub content: Vec<u8>,
    /// Whether it is one of HTTP/1.0.
    pub old: bool,
    pub chunked: bool,
}

/// An answer whose head has come, and the first bytes of its content.
struct Begun {
    stream: TcpStream,
    reply: Reply,
    read: Vec<u8>,
}

/// Connections that are kept.
#[derive(Default)]
pub struct Kept(Mutex<HashMap<String, Vec<TcpStream>>>);

impl Kept {
    fn taken(&self, place: &str) -> Option<TcpStream> {
        self.0.lock().unwrap().get_mut(place)?.pop()
    }

    fn put(&self, place: &str, stream: TcpStream) {
        let mut all = self.0.lock().unwrap();
        all.entry(place.to_owned()).or_default().push(stream);
    }

    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

impl Inward {
    fn bytes(&self, keeps: bool) -> Vec<u8> {
        let version = if self.old { "HTTP/1.0" } else { "HTTP/1.1" };
        let Self {
            method,
            target,
            host,
            ..
        } = self;
        let mut bytes = format!("{method} {target} {version}\r\nHost: {host}\r\n").into_bytes();
        for (name, value) in &self.fields {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if !keeps {
            bytes.extend(b"Connection: close\r\n");
        }
        let chunked = self.chunked && !self.old && !self.content.is_empty();
        if chunked {
            bytes.extend(b"Transfer-Encoding: chunked\r\n\r\n");
            for chunk in self.content.chunks(50) {
                bytes.extend(
                    [
                        format!("{:X};x=y\r\n", chunk.len()).as_bytes(),
                        chunk,
                        b"\r\n",
                    ]
                    .concat(),
                );
            }
            bytes.extend(b"0\r\n\r\n");
            return bytes;
        }
        if !self.content.is_empty() || matches!(&*self.method, "POST" | "PUT") {
            bytes.extend(format!("Content-Length: {}\r\n", self.content.len()).bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.content);
        bytes
    }

    /// What is answered; nothing where that is no answer, or its head does not come in time.
    pub async fn ask(&self, place: &str, kept: Option<&Kept>) -> Option<Reply> {
        let keeps = kept.is_some() && !self.old;
        if let Some(stream) = kept.and_then(|kept| kept.taken(place)) {
            let begun = timeout(PATIENCE, self.begun(stream, keeps)).await.ok()?;
            // One that was closed meanwhile is no answer (RFC 9112 §9.3.1).
            let reply = match begun {
                Some(begun) => self.to_the_end(begun, place, kept, keeps).await,
                None => None,
            };
            if reply.is_some() {
                return reply;
            }
        }
        let fresh = async {
            let stream = TcpStream::connect(place).await.ok()?;
            let _ = stream.set_nodelay(true);
            self.begun(stream, keeps).await
        };
        let begun = timeout(PATIENCE, fresh).await.ok()??;
        self.to_the_end(begun, place, kept, keeps).await
    }

    /// The head of an answer, and what came behind it.
    async fn begun(&self, mut stream: TcpStream, keeps: bool) -> Option<Begun> {
        stream.write_all(&self.bytes(keeps)).await.ok()?;
        let mut read = Vec::new();
        let end = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        };
        let head: Vec<u8> = read.drain(..end).collect();
        // The first line of an answer is `HTTP/1.1 200 …`: as a request it would have the status for its target.
        let line = head.split(|byte| *byte == b'\r').next()?;
        let line = std::str::from_utf8(line).ok()?.strip_prefix("HTTP/1.")?;
        let status: u16 = line.get(2..5)?.parse().ok()?;
        let fields = Request::read(&head).fields;
        let reply = Reply {
            status,
            fields,
            ..Reply::default()
        };
        Some(Begun {
            stream,
            reply,
            read,
        })
    }

    /// The whole answer, or as much of its content as came in time.
    async fn to_the_end(
        &self,
        begun: Begun,
        place: &str,
        kept: Option<&Kept>,
        keeps: bool,
    ) -> Option<Reply> {
        let Begun {
            mut stream,
            mut reply,
            mut read,
        } = begun;
        let length = reply.all("content-length").next().map(<[u8]>::to_vec);
        let length =
            length.and_then(|length| String::from_utf8(length).ok()?.parse::<usize>().ok());
        let has_none = self.method == "HEAD" || matches!(reply.status, 204 | 304);
        let length = length.filter(|_| !has_none).unwrap_or(0);
        while read.len() < length {
            match timeout(PATIENCE, stream.read_buf(&mut read)).await {
                Ok(Ok(0) | Err(_)) => return None,
                Ok(Ok(_)) => {}
                Err(_) => break,
            }
        }
        reply.missing = length.saturating_sub(read.len());
        // What comes behind an answer is none (RFC 9112 §9.2): that connection is not kept.
        let keeps = keeps && read.len() == length;
        read.truncate(length);
        reply.content = read;
        if let (true, Some(kept)) = (keeps, kept) {
            kept.put(place, stream);
        }
        Some(reply)
    }
}
