//! A request as it came: HTTP/1.1 (RFC 9112), read so that every byte is kept.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most bytes of a head.
const MOST_HEAD: usize = 64 * 1024;

/// The most bytes of a body.
const MOST_BODY: usize = 1024 * 1024;

/// The most field lines.
const MOST_FIELDS: usize = 128;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReadRequest {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) fields: Vec<(String, Vec<u8>)>,
    /// Without the framing of chunks.
    pub(super) body: Vec<u8>,
    /// The head as it came.
    pub(super) head: Vec<u8>,
    /// Whether the connection ends with the answer.
    pub(super) is_last: bool,
}

impl ReadRequest {
    /// The value of the first field line of a name.
    pub(super) fn field(&self, name: &str) -> Option<&[u8]> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(have, _)| have.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_slice())
    }

    /// The values of all field lines of a name.
    pub(super) fn all(&self, name: &str) -> Vec<&[u8]> {
        let named = { self.fields.iter() }.filter(|(have, _)| have.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice()).collect()
    }

    fn has(&self, name: &str, word: &str) -> bool {
        let value = self.field(name).map(String::from_utf8_lossy);
        value.is_some_and(|value| value.to_ascii_lowercase().contains(word))
    }

    /// Whether it is meant for a proxy (RFC 9112 §3.2.2).
    pub(super) fn is_for_proxy(&self) -> bool {
        self.target.contains("://")
    }

    /// The path that is asked for, in either form of the target.
    pub(super) fn path(&self) -> &str {
        match self.target.split_once("://") {
            Some((_, behind)) => behind
                .find('/')
                .and_then(|at| behind.get(at..))
                .unwrap_or("/"),
            None => &self.target,
        }
    }
}

/// Why no further request was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoRequest {
    /// The program closed the connection.
    Closed,
    /// What came is no request.
    NotHttp(&'static str),
}

/// Reads the next request of a connection; `buffer` has what was read beyond the one before.
pub(super) async fn read(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> Result<ReadRequest, NoRequest> {
    let (mut asked, length) = loop {
        if let Some(read) = head(buffer)? {
            break read;
        }
        if buffer.len() > MOST_HEAD {
            return Err(NoRequest::NotHttp("a head of more than 64 KiB"));
        }
        more(stream, buffer).await?;
    };
    asked.head = buffer.drain(..length).collect();
    if asked.has("expect", "100-continue") {
        let told = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await;
        told.map_err(|_| NoRequest::Closed)?;
    }
    if asked.has("transfer-encoding", "chunked") {
        asked.body = chunks(stream, buffer).await?;
    } else if let Some(length) = asked.field("content-length") {
        let length = std::str::from_utf8(length).ok();
        let length = length.and_then(|text| text.trim().parse::<usize>().ok());
        let length = length.ok_or(NoRequest::NotHttp("a length that is no number"))?;
        if length > MOST_BODY {
            return Err(NoRequest::NotHttp("a body of more than 1 MiB"));
        }
        while buffer.len() < length {
            more(stream, buffer).await?;
        }
        asked.body = buffer.drain(..length).collect();
    }
    Ok(asked)
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), NoRequest> {
    match stream.read_buf(buffer).await {
        Ok(0) | Err(_) if buffer.is_empty() => Err(NoRequest::Closed),
        Ok(0) | Err(_) => Err(NoRequest::NotHttp("a request that breaks off")),
        Ok(_) => Ok(()),
    }
}

/// A head, if it is there in full, and its length.
pub(super) fn head(buffer: &[u8]) -> Result<Option<(ReadRequest, usize)>, NoRequest> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let length = match request.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) if buffer.first() == Some(&0x16) => {
            return Err(NoRequest::NotHttp("TLS, where the URL says http"));
        }
        Err(_) => return Err(NoRequest::NotHttp("what is no HTTP/1.1 request")),
    };
    let mut asked = ReadRequest {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        fields: { request.headers.iter() }
            .map(|field| (field.name.to_owned(), field.value.to_vec()))
            .collect(),
        ..ReadRequest::default()
    };
    let old = request.version == Some(0);
    asked.is_last =
        asked.has("connection", "close") || old && !asked.has("connection", "keep-alive");
    Ok(Some((asked, length)))
}

/// A body in chunks (RFC 9112 §7.1).
async fn chunks(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Vec<u8>, NoRequest> {
    let mut body = Vec::new();
    loop {
        let line = line(stream, buffer).await?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16);
        let size = size.map_err(|_| NoRequest::NotHttp("a chunk without a length"))?;
        if size == 0 {
            while !self::line(stream, buffer).await?.is_empty() {}
            return Ok(body);
        }
        if body.len().saturating_add(size) > MOST_BODY {
            return Err(NoRequest::NotHttp("a body of more than 1 MiB"));
        }
        while buffer.len() < size + 2 {
            more(stream, buffer).await?;
        }
        body.extend(buffer.drain(..size));
        buffer.drain(..2);
    }
}

/// A line without its end.
async fn line(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<String, NoRequest> {
    loop {
        if let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
        if buffer.len() > MOST_HEAD {
            return Err(NoRequest::NotHttp("a line of more than 64 KiB"));
        }
        more(stream, buffer).await?;
    }
}
