//! Requests as they come, read strictly enough to say what stood in them, and leniently enough to answer whoever
//! sends them.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::observation::SeenArrival;
use crate::wire::FieldLine;

/// The most bytes of a head, and of a body.
const MOST_HEAD: usize = 64 * 1024;
pub(super) const MOST_BODY: usize = 1024 * 1024;

/// So many bytes of a body are kept.
pub(super) const KEPT: usize = 4 * 1024;

/// What is said to who waits for it before the content (RFC 9110 §15.2.1).
const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A request that arrived.
#[derive(Clone, Debug, Default)]
pub(super) struct UpstreamRequest {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) fields: Vec<FieldLine>,
    /// The beginning of its content, up to a bound.
    pub(super) content: Vec<u8>,
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
            content: self.content.clone(),
            status,
            answered: answered.to_vec(),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        let value = self.lines(name).next()?;
        Some(String::from_utf8_lossy(value).trim().to_ascii_lowercase())
    }
}

/// The next request on a connection, with the beginning of its body; nothing where none comes that can be read.
pub(super) async fn next(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    read: &mut Vec<u8>,
) -> Option<UpstreamRequest> {
    let end = until(stream, read, b"\r\n\r\n", MOST_HEAD).await?;
    let head: Vec<u8> = read.drain(..end).collect();
    let mut asked = parse(&head)?;
    let waits = asked.text("expect").as_deref() == Some("100-continue");
    if waits && read.is_empty() {
        stream.write_all(GO_ON).await.ok()?;
    }
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
            take(stream, read, size, &mut asked.content).await?;
            take(stream, read, 2, &mut Vec::new()).await?;
        }
    } else if let Some(length) = asked.text("content-length") {
        let length = length.parse().ok()?;
        take(stream, read, length, &mut asked.content).await?;
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

/// Reads so many bytes, and lets them go that are beyond what is kept.
async fn take(
    stream: &mut (impl AsyncRead + Unpin),
    read: &mut Vec<u8>,
    count: usize,
    kept: &mut Vec<u8>,
) -> Option<()> {
    if count > MOST_BODY {
        return None;
    }
    while read.len() < count {
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
    let room = KEPT.saturating_sub(kept.len());
    kept.extend(read.drain(..count).take(room));
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
        content: Vec::new(),
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

    async fn all_of(bytes: &[u8]) -> Vec<(String, String, bool)> {
        let mut read = Vec::new();
        let mut all = Vec::new();
        let mut stream = tokio::io::join(bytes, tokio::io::sink());
        while let Some(asked) = next(&mut stream, &mut read).await {
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
    async fn the_beginning_of_a_body_is_kept_and_who_waits_is_told_to_go_on() {
        let mut long = b"PUT / HTTP/1.1\r\nContent-Length: 9000\r\n\r\n".to_vec();
        long.resize(long.len() + 9_000, b'x');
        let chunked =
            b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        for (bytes, kept) in [(&long[..], vec![b'x'; KEPT]), (chunked, b"abcde".to_vec())] {
            let mut stream = tokio::io::join(bytes, tokio::io::sink());
            let asked = next(&mut stream, &mut Vec::new()).await.unwrap();
            assert_eq!(asked.content, kept);
        }
        let (mut client, mut server) = tokio::io::duplex(1 << 10);
        let head = b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
        client.write_all(head).await.unwrap();
        let waits = async {
            let mut told = vec![0; GO_ON.len()];
            client.read_exact(&mut told).await.unwrap();
            client.write_all(b"ok").await.unwrap();
            told
        };
        let mut read = Vec::new();
        let (told, asked) = tokio::join!(waits, next(&mut server, &mut read));
        assert_eq!((&*told, &*asked.unwrap().content), (GO_ON, &b"ok"[..]));
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
