//! The messages of Envoy's external authorization by gRPC (`envoy.service.auth.v3`), as far as a gateway's check needs them, and
//! how gRPC puts one on a stream of HTTP/2.
//!
//! What stands in a message beside that is passed over, as the format has it.

mod protobuf;

use self::protobuf::{ProtoMessage, ProtoValue, fields};
use super::message::FieldLine;

/// The path of a check (`Authorization.Check`).
pub const CHECK_PATH: &str = "/envoy.service.auth.v3.Authorization/Check";

/// The status that a refusal has where it names none.
const FORBIDDEN: u16 = 403;

/// The code of a refusal in `google.rpc.Status`: `PERMISSION_DENIED`.
const PERMISSION_DENIED: u64 = 7;

/// What is said to do with a field of an answer that the request has as well (`HeaderAppendAction`): write over it, or have it
/// where there is none.
const OVERWRITE_OR_ADD: u64 = 2;

/// How many bytes come before a message on a stream: whether it is compressed, and its length.
const PREFIX: usize = 5;

/// A check: what a gateway says of a client's request (`CheckRequest`, in its `attributes.request.http`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckRequest {
    /// `GET`.
    pub method: String,
    /// Path and query, as they stand in the request.
    pub target: String,
    /// `Host` or `:authority`.
    pub host: String,
    /// The fields that it tells, by name; several lines of one are one there. Those that HTTP/2 has beside (`:path`)
    /// are left out.
    pub fields: Vec<FieldLine>,
    /// As much of the content as it tells.
    pub content: Vec<u8>,
}

/// An answer to a check (`CheckResponse`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckResponse {
    /// The client is let in (`ok_response`).
    Ok {
        /// What the server behind is told beside, whatever the client says in those fields.
        fields: Vec<FieldLine>,
        /// The names of fields that the server behind is not to be given.
        removes: Vec<String>,
    },
    /// It is refused (`denied_response`).
    Denied {
        /// With this status.
        status: u16,
        /// These fields of the answer to the client.
        fields: Vec<FieldLine>,
        /// And this content.
        body: String,
    },
}

impl CheckRequest {
    /// Reads one; nothing where the bytes are none.
    pub fn read(message: &[u8]) -> Option<Self> {
        let mut read = Self::default();
        // CheckRequest.attributes, AttributeContext.request, Request.http.
        for at in within(message, &[1, 4, 2])? {
            for field in fields(at)? {
                match field {
                    (2, ProtoValue::Bytes(value)) => read.method = text(value),
                    (3, ProtoValue::Bytes(entry)) => read.fields.extend(entry_of_map(entry)?),
                    (4, ProtoValue::Bytes(value)) => read.target = text(value),
                    (5, ProtoValue::Bytes(value)) => read.host = text(value),
                    (11 | 12, ProtoValue::Bytes(value)) => value.clone_into(&mut read.content),
                    // HeaderMap.headers, where raw values were asked for.
                    (13, ProtoValue::Bytes(map)) => {
                        for header in within(map, &[1])? {
                            read.fields.extend(entry_of_map(header)?);
                        }
                    }
                    _ => {}
                }
            }
        }
        // A map has no order.
        read.fields.sort_by(|one, other| one.name.cmp(&other.name));
        Some(read)
    }

    /// Its bytes.
    pub fn write(&self) -> Vec<u8> {
        let http = ProtoMessage::default().bytes(2, self.method.as_bytes());
        let http = self.fields.iter().fold(http, |http, field| {
            let entry =
                ProtoMessage::default().bytes(1, field.name.to_ascii_lowercase().as_bytes());
            http.message(3, &entry.bytes(2, &field.value))
        });
        let http = http
            .bytes(4, self.target.as_bytes())
            .bytes(5, self.host.as_bytes());
        let http = match self.content.is_empty() {
            true => http,
            false => http.bytes(11, &self.content),
        };
        let request = ProtoMessage::default().message(2, &http);
        let attributes = ProtoMessage::default().message(4, &request);
        ProtoMessage::default().message(1, &attributes).end()
    }
}

impl CheckResponse {
    /// Reads one; nothing where the bytes are none.
    pub fn read(message: &[u8]) -> Option<Self> {
        let mut code = 0;
        for status in within(message, &[1])? {
            for field in fields(status)? {
                if let (1, ProtoValue::Number(value)) = field {
                    code = value;
                }
            }
        }
        if code == 0 {
            let (mut told, mut removes) = (Vec::new(), Vec::new());
            for field in all_within(message, 3)? {
                match field {
                    (2, ProtoValue::Bytes(option)) => told.extend(field_of_option(option)?),
                    (5, ProtoValue::Bytes(name)) => removes.push(text(name)),
                    _ => {}
                }
            }
            return Some(Self::Ok {
                fields: told,
                removes,
            });
        }
        let (mut status, mut told, mut body) = (FORBIDDEN, Vec::new(), String::new());
        for field in all_within(message, 2)? {
            match field {
                (1, ProtoValue::Bytes(of)) => {
                    for field in fields(of)? {
                        if let (1, ProtoValue::Number(value)) = field {
                            status = u16::try_from(value).ok()?;
                        }
                    }
                }
                (2, ProtoValue::Bytes(option)) => told.extend(field_of_option(option)?),
                (3, ProtoValue::Bytes(value)) => body = text(value),
                _ => {}
            }
        }
        Some(Self::Denied {
            status,
            fields: told,
            body,
        })
    }

    /// Its bytes.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Ok {
                fields: told,
                removes,
            } => {
                let ok = told.iter().fold(ProtoMessage::default(), |ok, field| {
                    ok.message(2, &option(field).number(3, OVERWRITE_OR_ADD))
                });
                let ok = removes
                    .iter()
                    .fold(ok, |ok, name| ok.bytes(5, name.as_bytes()));
                let allowed = ProtoMessage::default().message(1, &ProtoMessage::default());
                allowed.message(3, &ok).end()
            }
            Self::Denied {
                status,
                fields: told,
                body,
            } => {
                let status = ProtoMessage::default().number(1, u64::from(*status));
                let denied = ProtoMessage::default().message(1, &status);
                let denied = told
                    .iter()
                    .fold(denied, |denied, field| denied.message(2, &option(field)));
                let denied = denied.bytes(3, body.as_bytes());
                let code = ProtoMessage::default().number(1, PERMISSION_DENIED);
                let refused = ProtoMessage::default().message(1, &code);
                refused.message(2, &denied).end()
            }
        }
    }
}

/// A message as it stands on a stream of gRPC.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut framed = vec![0];
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(message);
    framed
}

/// The one message of a stream; nothing where there is none, it is compressed, or more comes behind it.
pub fn unframed(stream: &[u8]) -> Option<&[u8]> {
    let (prefix, message) = stream.split_at_checked(PREFIX)?;
    let [0, length @ ..] = prefix else {
        return None;
    };
    let length = u32::from_be_bytes(length.try_into().ok()?);
    (usize::try_from(length) == Ok(message.len())).then_some(message)
}

/// The messages that stand in fields of these numbers, each in one of the number before.
fn within<'m>(message: &'m [u8], numbers: &[u64]) -> Option<Vec<&'m [u8]>> {
    let mut found = vec![message];
    for wanted in numbers {
        let mut inner = Vec::new();
        for one in found {
            let of_number = fields(one)?.into_iter().filter_map(|field| match field {
                (number, ProtoValue::Bytes(value)) if number == *wanted => Some(value),
                _ => None,
            });
            inner.extend(of_number);
        }
        found = inner;
    }
    Some(found)
}

/// The fields of the messages that stand in fields of this number.
fn all_within(message: &[u8], number: u64) -> Option<Vec<(u64, ProtoValue<'_>)>> {
    let mut all = Vec::new();
    for one in within(message, &[number])? {
        all.extend(fields(one)?);
    }
    Some(all)
}

/// What a name and a value say, which is an entry of a map or a `HeaderValue`; nothing of what HTTP/2 has beside fields.
fn entry_of_map(entry: &[u8]) -> Option<Option<FieldLine>> {
    let mut line = FieldLine {
        name: String::new(),
        value: Vec::new(),
    };
    for field in fields(entry)? {
        match field {
            (1, ProtoValue::Bytes(name)) => line.name = text(name),
            (2 | 3, ProtoValue::Bytes(value)) => value.clone_into(&mut line.value),
            _ => {}
        }
    }
    let is_one = !line.name.starts_with(':');
    Some(is_one.then_some(line))
}

/// What a `HeaderValueOption` says.
fn field_of_option(option: &[u8]) -> Option<Option<FieldLine>> {
    let mut last = None;
    for header in within(option, &[1])? {
        last = entry_of_map(header)?;
    }
    Some(last)
}

/// The `HeaderValueOption` of a field.
fn option(field: &FieldLine) -> ProtoMessage {
    let header = ProtoMessage::default().bytes(1, field.name.as_bytes());
    ProtoMessage::default().message(1, &header.bytes(2, &field.value))
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, value: &str) -> FieldLine {
        FieldLine {
            name: name.to_owned(),
            value: value.as_bytes().to_vec(),
        }
    }

    /// A message in a field of this number, by the format, with two bytes of length where one is not enough.
    fn put(number: u8, inner: &[u8]) -> Vec<u8> {
        let low = u8::try_from(inner.len() % 128).unwrap();
        let mut bytes = vec![number << 3 | 2];
        match inner.len() / 128 {
            0 => bytes.push(low),
            high => bytes.extend([low | 0x80, u8::try_from(high).unwrap()]),
        }
        bytes.extend_from_slice(inner);
        bytes
    }

    #[test]
    fn a_check_is_read_as_a_gateway_writes_it() {
        let header = |name: &[u8], value: &[u8]| put(3, &[put(1, name), put(2, value)].concat());
        let raw = [put(1, b"x-raw"), put(3, b"\xff")].concat();
        let http = [
            put(1, b"an id"),
            put(2, b"POST"),
            header(b"x-b", b""),
            header(b":path", b"/s0/resource"),
            header(b"authorization", b"Basic x"),
            put(4, b"/s0/resource?a=b"),
            put(5, b"example:80"),
            put(6, b"http"),
            vec![9 << 3, 3],
            put(11, b"abc"),
            put(13, &put(1, &raw)),
        ]
        .concat();
        // Source and time stand beside it.
        let time = put(1, &[1 << 3, 0x96, 1]);
        let context = [put(1, b"\x0a\x00"), put(4, &[time, put(2, &http)].concat())].concat();
        let read = CheckRequest::read(&put(1, &context)).unwrap();
        let expected = CheckRequest {
            method: "POST".to_owned(),
            target: "/s0/resource?a=b".to_owned(),
            host: "example:80".to_owned(),
            fields: vec![
                line("authorization", "Basic x"),
                line("x-b", ""),
                FieldLine {
                    name: "x-raw".to_owned(),
                    value: b"\xff".to_vec(),
                },
            ],
            content: b"abc".to_vec(),
        };
        assert_eq!(read, expected);
        assert_eq!(CheckRequest::read(&expected.write()), Some(expected));
        // Nothing is said where nothing stands, and what is cut is nothing.
        assert_eq!(CheckRequest::read(b""), Some(CheckRequest::default()));
        assert_eq!(CheckRequest::read(&put(1, b"\x22\x09x")), None);
    }

    #[test]
    fn an_answer_is_written_as_the_format_has_it() {
        let ok = CheckResponse::Ok {
            fields: vec![line("X-User", "alice")],
            removes: vec!["x-old".to_owned()],
        };
        let header = put(1, &[put(1, b"X-User"), put(2, b"alice")].concat());
        let told = put(2, &[header, vec![3 << 3, 2]].concat());
        let expected = [put(1, b""), put(3, &[told, put(5, b"x-old")].concat())];
        assert_eq!(ok.write(), expected.concat());
        assert_eq!(CheckResponse::read(&ok.write()), Some(ok));

        let denied = CheckResponse::Denied {
            status: 401,
            fields: vec![line("WWW-Authenticate", "A"), line("WWW-Authenticate", "B")],
            body: "no".to_owned(),
        };
        let challenge = |value: &[u8]| {
            let header = [put(1, b"WWW-Authenticate"), put(2, value)].concat();
            put(2, &put(1, &header))
        };
        let status = put(1, &[1 << 3, 0x91, 3]);
        let inner = [status, challenge(b"A"), challenge(b"B"), put(3, b"no")];
        let expected = [put(1, &[1 << 3, 7]), put(2, &inner.concat())];
        assert_eq!(denied.write(), expected.concat());
        assert_eq!(CheckResponse::read(&denied.write()), Some(denied));

        // A refusal that says no more is a 403.
        let bare = CheckResponse::read(&put(1, &[1 << 3, 16]));
        assert!(matches!(
            bare,
            Some(CheckResponse::Denied { status: 403, .. })
        ));
        assert_eq!(CheckResponse::read(b"200 OK, come in"), None);
    }

    #[test]
    fn a_stream_has_one_message() {
        assert_eq!(framed(b"abc"), b"\0\0\0\0\x03abc");
        assert_eq!(unframed(b"\0\0\0\0\x03abc"), Some(&b"abc"[..]));
        assert_eq!(unframed(b"\0\0\0\0\0"), Some(&b""[..]));
        for bytes in [
            &b""[..],
            b"\0\0\0\0",
            b"\x01\0\0\0\x03abc",
            b"\0\0\0\0\x03ab",
            b"\0\0\0\0\x03abc\0\0\0\0\0",
        ] {
            assert_eq!(unframed(bytes), None, "{bytes:?}");
        }
    }
}
