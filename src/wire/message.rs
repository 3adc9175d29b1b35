//! Requests and responses as messages, beside the bytes they came from.

use std::fmt;

use hyper::body::Bytes;

/// A field line: its name as received, and its value as raw bytes (obs-text is legal: RFC 9110 §5.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldLine {
    /// The field name, in the case in which it was sent.
    pub name: String,
    /// The field value without surrounding white space.
    pub value: Vec<u8>,
}

/// A request that a case sends. Its path is relative to the endpoint under test. What is shown of it has no secret: it may
/// carry somebody's own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The path below the endpoint's URL, beginning with `/`.
    pub path: String,
    /// Field lines in order, without `Host`, which the transport adds.
    pub fields: Vec<FieldLine>,
    /// The content; mostly none.
    pub content: Bytes,
}

impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        out.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path.split('?').next().unwrap_or_default())
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// The value of the first field line of this name (names compare case-insensitively).
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        self.fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
            .map(|field| field.value.as_slice())
    }
}

/// How the body of a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyEnd {
    /// At its declared end.
    Complete,
    /// Reading stopped at the bound on size.
    TooLong,
    /// Reading stopped at the deadline.
    TooSlow,
    /// The connection broke before the declared end.
    Broken,
}

/// A response as received.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Field lines in the order received.
    pub fields: Vec<FieldLine>,
    /// The first bytes of the body, up to the transport's bound.
    pub body: Vec<u8>,
    /// How the body ended.
    pub body_end: BodyEnd,
    /// Status line and field lines exactly as received, with the empty line that ends them.
    pub head: Vec<u8>,
}

impl Response {
    /// The values of all field lines of this name, in order (names compare case-insensitively).
    pub fn fields_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name))
            .map(|field| field.value.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_request_has_no_secret() {
        let request = Request {
            method: "GET".to_owned(),
            path: "/api?access_token=s3same".to_owned(),
            fields: vec![FieldLine {
                name: "X-Gate".to_owned(),
                value: b"s3same".to_vec(),
            }],
            content: Bytes::new(),
        };
        let shown = format!("{request:?}");
        assert!(
            shown.contains("X-Gate") && shown.contains("\"/api\""),
            "{shown}"
        );
        let bytes = format!("{:?}", b"s3same");
        assert!(
            !shown.contains("s3same") && !shown.contains(&bytes),
            "{shown}"
        );
    }
}
