//! Heads of HTTP/2 and HTTP/3 messages in words: how they are kept as evidence, and how they are read again.
//!
//! The layout is that of HTTP/1, so that a reader finds everything in its place. Neither a name nor a
//! value can hold a line break there (RFC 9113 §8.2.1, RFC 9114 §4.2), so it is unambiguous. Lines of one name stand
//! together, at the place of the first.

use std::io::Write;

use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Request, Response};

use super::message::FieldLine;

/// The version of what is written; no head of HTTP/1 begins with one of these and a space (RFC 9112 §2.3).
#[derive(Clone, Copy)]
pub(super) struct FramedVersion(&'static str);

/// HTTP/2.
#[cfg(any(feature = "http2", test))]
pub(super) const HTTP_2: FramedVersion = FramedVersion("HTTP/2");
/// HTTP/3.
#[cfg(any(feature = "http3", test))]
pub(super) const HTTP_3: FramedVersion = FramedVersion("HTTP/3");

/// What a head of these versions begins with.
const BEGINNINGS: [&[u8]; 2] = [b"HTTP/2 ", b"HTTP/3 "];

/// Writes the head of a request: `GET /path HTTP/2`, `:authority` as `host`, `:protocol` under its own name, which no field
/// can have (RFC 9110 §5.1), then its fields.
pub(super) fn write_request<B>(
    version: FramedVersion,
    request: &Request<B>,
    protocol: Option<&str>,
    out: &mut Vec<u8>,
) {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    // Writing to memory does not fail.
    let _ = write!(
        out,
        "{} {target} {}\r\nhost: {authority}\r\n",
        request.method(),
        version.0
    );
    if let Some(protocol) = protocol {
        let _ = write!(out, ":protocol: {protocol}\r\n");
    }
    write_fields(request.headers(), out);
}

/// Writes the head of a response: `HTTP/2 401`, then its fields.
pub(super) fn write_response<B>(version: FramedVersion, response: &Response<B>, out: &mut Vec<u8>) {
    let _ = write!(out, "{} {}\r\n", version.0, response.status().as_u16());
    write_fields(response.headers(), out);
}

fn write_fields(fields: &HeaderMap<HeaderValue>, out: &mut Vec<u8>) {
    for (name, value) in fields {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// Reads a response's head out of what [`write_response`] wrote: its fields, and its length. Nothing
/// when this is no head of these.
pub(super) fn read_response(bytes: &[u8]) -> Option<(Vec<FieldLine>, usize)> {
    let begins = |line: &[u8]| BEGINNINGS.iter().any(|version| line.starts_with(version));
    if !begins(bytes) {
        return None;
    }
    let mut fields = Vec::new();
    let mut read = 0;
    loop {
        let rest = bytes.get(read..)?;
        let length = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = rest.get(..length)?;
        read += length + 2;
        if line.is_empty() {
            return Some((fields, read));
        }
        if let Some(colon) = line.windows(2).position(|pair| pair == b": ")
            && !begins(line)
        {
            let (name, value) = line.split_at_checked(colon)?;
            fields.push(FieldLine {
                name: String::from_utf8_lossy(name).into_owned(),
                value: value.get(2..).unwrap_or_default().to_vec(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut response = Response::new(());
        *response.status_mut() = hyper::StatusCode::UNAUTHORIZED;
        let headers = response.headers_mut();
        for value in [&b"Basic realm=\"a: b\""[..], b"", b"Bearer \xe9"] {
            let value = HeaderValue::from_bytes(value).unwrap();
            headers.append("www-authenticate", value);
        }
        for version in [HTTP_2, HTTP_3] {
            let mut bytes = Vec::new();
            write_response(version, &response, &mut bytes);
            let mut head = version.0.as_bytes().to_vec();
            head.extend_from_slice(
                b" 401\r\nwww-authenticate: Basic realm=\"a: b\"\r\n\
                www-authenticate: \r\nwww-authenticate: Bearer \xe9\r\n\r\n",
            );
            assert_eq!(bytes, head);
            bytes.extend_from_slice(b"body\r\n\r\n");
            let (fields, length) = read_response(&bytes).unwrap();
            assert_eq!(length, head.len());
            let values: Vec<&[u8]> = fields.iter().map(|field| &*field.value).collect();
            assert_eq!(values, [&b"Basic realm=\"a: b\""[..], b"", b"Bearer \xe9"]);
            assert!(fields.iter().all(|field| field.name == "www-authenticate"));
        }
        assert_eq!(read_response(b"HTTP/1.1 200 OK\r\n\r\n"), None);
    }
}
