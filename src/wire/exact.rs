//! Requests that HTTP's grammar does not allow, as the bytes that go over the wire.
//!
//! hyper sends nothing outside the grammar, and servers must cope with it all the same (RFC 9110 §5.5,
//! RFC 9112 §5.1, §5.2). hyper is told of a request without the offending lines, reads the response
//! with all its deadlines and bounds, and these bytes go over the wire in the place of its own.

use std::sync::Arc;

use super::message::{FieldLine, Request};

/// Makes sure that a field line outside the grammar arrives as one line, folded or not.
///
/// # Errors
///
/// In words, when its name holds what ends a name, or its value what ends a line.
pub(super) fn check(field: &FieldLine) -> Result<(), String> {
    let name = field.name.as_bytes();
    let ends_a_name = |byte: &u8| matches!(byte, b'\r' | b'\n' | b':');
    let begins_with_blank = matches!(name.first(), Some(b' ' | b'\t'));
    if name.is_empty() || name.iter().any(ends_a_name) || begins_with_blank {
        return Err(format!("`{}` is not a field name", name.escape_ascii()));
    }
    let mut rest = field.value.as_slice();
    while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
        let (before, behind) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        let folded = before.ends_with(b"\r") && matches!(behind.get(1), Some(b' ' | b'\t'));
        if !folded {
            // It may be somebody's own secret.
            return Err(format!("the value of {} is more than one line", field.name));
        }
        rest = behind.get(1..).unwrap_or_default();
    }
    Ok(())
}

/// The bytes of a request: its fields as they are given, behind `Host`, whatever they say of that.
pub(super) fn bytes(request: &Request, target: &str, host: &str) -> Arc<[u8]> {
    let mut out = format!("{} {target} HTTP/1.1\r\nHost: {host}\r\n", request.method).into_bytes();
    let is_host = |field: &&FieldLine| field.name.eq_ignore_ascii_case("host");
    for field in request.fields.iter().filter(|field| !is_host(field)) {
        out.extend_from_slice(field.name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(&field.value);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&request.content);
    out.into()
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;

    use super::*;

    fn field(name: &str, value: &[u8]) -> FieldLine {
        FieldLine {
            name: name.to_owned(),
            value: value.to_vec(),
        }
    }

    #[test]
    fn a_line_that_would_become_two_is_refused() {
        for (name, value) in [
            ("", &b"x"[..]),
            ("a:b", b"x"),
            (" a", b"x"),
            ("\ta", b"x"),
            ("a\r\nb", b"x"),
            ("a", b"x\nb: y"),
            ("a", b"x\r\nb: y"),
            ("a", b"x\r\n"),
            ("a", b"x\n folded"),
            ("a", b"x\r\n folded\r\n\r\n"),
        ] {
            assert!(check(&field(name, value)).is_err(), "{name:?} {value:?}");
        }
        for (name, value) in [
            ("a b", &b"x"[..]),
            ("a", b"x\0y"),
            ("a", b"x\r\n folded\r\n\tagain"),
            ("a", b"x\ry"),
            ("a\u{e9}", b"\x7f"),
        ] {
            assert_eq!(check(&field(name, value)), Ok(()), "{name:?} {value:?}");
        }
    }

    #[test]
    fn fields_go_as_they_are() {
        let request = Request {
            content: Bytes::new(),
            method: "GET".to_owned(),
            path: "/resource".to_owned(),
            fields: vec![field("X Y", b"1\r\n 2"), field("Authorization", b"\0")],
        };
        let expected = b"GET /s0/resource HTTP/1.1\r\nHost: h:1\r\nX Y: 1\r\n 2\r\n\
            Authorization: \0\r\n\r\n";
        assert_eq!(*bytes(&request, "/s0/resource", "h:1"), expected[..]);
    }
}
