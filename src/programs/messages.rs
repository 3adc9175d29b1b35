//! What passed over one connection, taken apart afterwards: requests from one side, answers from the other.

use std::ops::Range;

use super::asked::ReadRequest;

/// The most field lines of a message.
const MOST_FIELDS: usize = 128;

/// An answer as it passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) status: u16,
    pub(super) fields: Vec<(String, Vec<u8>)>,
    pub(super) head: Vec<u8>,
    /// All of its bytes.
    pub(super) raw: Vec<u8>,
    /// Without the framing of chunks.
    pub(super) body: Vec<u8>,
    /// Whether it came to its declared end; without one, it ends with the connection.
    pub(super) is_whole: bool,
}

/// The requests in what a program sent over one connection, each with where it stands there; what is none ends them.
pub(super) fn requests(sent: &[u8]) -> Vec<(Range<usize>, ReadRequest)> {
    let mut all = Vec::new();
    let mut bytes = sent;
    while let Some((mut asked, length)) = super::asked::head(bytes).ok().flatten() {
        let begins = sent.len() - bytes.len();
        let (head, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        asked.head = head.to_vec();
        let (body, behind, _) = body(rest, &asked.fields, false);
        asked.body = body;
        bytes = behind;
        all.push((begins..sent.len() - bytes.len(), asked));
    }
    all
}

/// The answers in what came back, to requests of these methods; interim ones (RFC 9110 §15.2) are none.
pub(super) fn answers(mut bytes: &[u8], methods: &[&str]) -> Vec<Passed> {
    let mut all = Vec::new();
    let mut methods = methods.iter();
    while let Some((mut answer, length)) = answer(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        if (100..200).contains(&answer.status) {
            bytes = rest;
            continue;
        }
        let is_head = methods.next() == Some(&"HEAD");
        let empty = is_head || matches!(answer.status, 204 | 304);
        let behind = match empty {
            true => {
                answer.is_whole = true;
                rest
            }
            false => {
                let (body, behind, is_whole) = body(rest, &answer.fields, true);
                (answer.body, answer.is_whole) = (body, is_whole);
                behind
            }
        };
        let length = bytes.len() - behind.len();
        answer.raw = bytes.get(..length).unwrap_or_default().to_vec();
        bytes = behind;
        all.push(answer);
    }
    all
}

fn answer(bytes: &[u8]) -> Option<(Passed, usize)> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let Ok(httparse::Status::Complete(length)) = response.parse(bytes) else {
        return None;
    };
    let passed = Passed {
        status: response.code?,
        fields: { response.headers.iter() }
            .map(|field| (field.name.to_owned(), field.value.to_vec()))
            .collect(),
        head: bytes.get(..length)?.to_vec(),
        ..Passed::default()
    };
    Some((passed, length))
}

/// The body at the beginning of these bytes, what follows it, and whether it is there to its end. Without a length an
/// answer goes on to the end of the connection.
fn body<'b>(
    bytes: &'b [u8],
    fields: &[(String, Vec<u8>)],
    to_the_end: bool,
) -> (Vec<u8>, &'b [u8], bool) {
    let field = |name: &str| {
        let mut fields = fields.iter();
        let found = fields.find(|(have, _)| have.eq_ignore_ascii_case(name));
        found.map(|(_, value)| String::from_utf8_lossy(value).trim().to_ascii_lowercase())
    };
    if field("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
        return chunks(bytes);
    }
    match field("content-length").and_then(|length| length.parse().ok()) {
        Some(length) => match bytes.split_at_checked(length) {
            Some((body, rest)) => (body.to_vec(), rest, true),
            None => (bytes.to_vec(), &[], false),
        },
        None if to_the_end => (bytes.to_vec(), &[], true),
        None => (Vec::new(), bytes, true),
    }
}

/// A body in chunks (RFC 9112 §7.1).
fn chunks(mut bytes: &[u8]) -> (Vec<u8>, &[u8], bool) {
    let mut body = Vec::new();
    while let Some((line, rest)) = line(bytes) {
        let size = line.split(';').next().unwrap_or_default().trim();
        let Ok(size) = usize::from_str_radix(size, 16) else {
            return (body, &[], false);
        };
        bytes = rest;
        if size == 0 {
            while let Some((line, rest)) = self::line(bytes) {
                bytes = rest;
                if line.is_empty() {
                    return (body, bytes, true);
                }
            }
            return (body, bytes, false);
        }
        body.extend_from_slice(bytes.get(..size).unwrap_or(bytes));
        bytes = bytes.get(size.saturating_add(2)..).unwrap_or_default();
    }
    (body, &[], false)
}

fn line(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end + 1)?;
    Some((String::from_utf8_lossy(line).trim_end().to_owned(), rest))
}
