//! Requests as they come, read strictly enough to say what stood in them, and leniently enough to answer whoever
//! sends them.

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::observation::SeenArrival;
use crate::wire::FieldLine;

/// The most bytes of a head, and of a body.
const MOST_HEAD: usize = 64 * 1024;
const MOST_BODY: usize = 1024 * 1024;

/// A request that arrived.
#[derive(Clone, Debug, Default)]
pub(super) struct UpstreamRequest {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) fields: Vec<FieldLine>,
    /// Whether another request may come on the same connection.
    pub(super) stays: bool,
}

impl UpstreamRequest {
    /// The values of all lines of a field, in order.
    pub(super) fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = self.fields.iter();
        let named = named.filter(move |field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.value.as_slice())
    }

    /// What is kept of it, with what is answered.
    pub(super) fn seen(&self, status: Option<u16>, answered: &[FieldLine]) -> SeenArrival {
        SeenArrival {
            fields: self.fields.clone(),
            status,
            answered: answered.to_vec(),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        let value = self.lines(name).next()?;
        Some(String::from_utf8_lossy(value).trim().to_ascii_lowercase())
    }
}

/// The next request on a connection, with its body read and let go; nothing where none comes that can be read.
pub(super) async fn next(
    stream: &mut (impl AsyncRead + Unpin),
    read: &mut Vec<u8>,
) -> Option<UpstreamRequest> {
    let end = until(stream, read, b"\r\n\r\n", MOST_HEAD).await?;
    let head: Vec<u8> = read.drain(..end).collect();
    let asked = parse(&head)?;
    let is_chunked =
        (asked.text("transfer-encoding")).is_some_and(|coding| coding.ends_with("chunked"));
    if is_chunked {
        loop {
            let end = until(stream, read, b"\r\n", MOST_HEAD).await?;
            let line: Vec<u8> = read.drain(..end).collect();
            let size = String::from_utf8_lossy(&line);
            let size = size.trim().split(';').next().unwrap_or_default().to_owned();
            let size = usize::from_str_radix(&size, 16).ok()?;
            if size == 0 {
                // Trailers, if there are some, up to the empty line.
                while until(stream, read, b"\r\n", MOST_HEAD).await? > 2 {
                    let end = read.windows(2).position(|two| two == b"\r\n")?;
                    read.drain(..end + 2);
                }
                read.drain(..2);
                break;
            }
            take(stream, read, size.checked_add(2)?).await?;
        }
    } else if let Some(length) = asked.text("content-length") {
        take(stream, read, length.parse().ok()?).await?;
    }
    Some(asked)
}

/// Reads until these bytes are there; how many come up to their end.
async fn until(
    stream: &mut (impl AsyncRead + Unpin),
    read: &mut Vec<u8>,
    end: &[u8],
    most: usize,
) -> Option<usize> {
    loop {
        let found = read.windows(end.len()).position(|window| window == end);
        if let Some(at) = found {
            return Some(at + end.len());
        }
        if read.len() > most || stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
}

/// Reads so many bytes and lets them go.
async fn take(
    stream: &mut (impl AsyncRead + Unpin),
    read: &mut Vec<u8>,
    count: usize,
) -> Option<()> {
    if count > MOST_BODY {
        return None;
    }
    while read.len() < count {
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
    read.drain(..count);
    Some(())
}

fn parse(head: &[u8]) -> Option<UpstreamRequest> {
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        line.to_vec()
    });
    let first = lines.next()?;
    let first = String::from_utf8_lossy(&first).into_owned();
    let mut words = first.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if !version.starts_with("HTTP/1.") {
        return None;
    }
    let fields = lines.filter(|line| !line.is_empty()).map(|line| {
        let at = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(at);
        Some(FieldLine {
            name: String::from_utf8_lossy(name).into_owned(),
            value: value.get(1..).unwrap_or_default().trim_ascii().to_vec(),
        })
    });
    let mut asked = UpstreamRequest {
        method: method.to_owned(),
        target: target.to_owned(),
        fields: fields.collect::<Option<_>>()?,
        stays: false,
    };
    let connection = asked.text("connection").unwrap_or_default();
    asked.stays = match version {
        "HTTP/1.0" => connection.contains("keep-alive"),
        _ => !connection.contains("close"),
    };
    Some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all_of(mut bytes: &[u8]) -> Vec<(String, String, bool)> {
        let mut read = Vec::new();
        let mut all = Vec::new();
        while let Some(asked) = next(&mut bytes, &mut read).await {
            all.push((asked.method, asked.target, asked.stays));
        }
        all
    }

    #[tokio::test]
    async fn requests_end_where_their_bodies_do() {
        let bytes = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc\
            PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\nU: 2\r\n\r\n\
            PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\
            GET /d HTTP/1.0\r\n\r\nGET /e HTTP/1.1\r\nConnection: close\r\n\r\n";
        let seen = all_of(bytes).await;
        let seen: Vec<(&str, &str, bool)> = seen
            .iter()
            .map(|(method, target, stays)| (method.as_str(), target.as_str(), *stays))
            .collect();
        let expected = [
            ("POST", "/a", true),
            ("PUT", "/b", true),
            ("PUT", "/c", true),
            ("GET", "/d", false),
            ("GET", "/e", false),
        ];
        assert_eq!(seen, expected);
    }

    #[tokio::test]
    async fn what_is_no_request_is_none() {
        for bytes in [
            &b""[..],
            b"GET / HTTP/1.1\r\nHost: x",
            b"GET /\r\n\r\n",
            b"GET / HTTP/2\r\n\r\n",
            b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
            b"PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"PUT / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        ] {
            assert_eq!(
                all_of(bytes).await,
                [],
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
