//! Requests and responses as messages, beside the bytes they came from.

/// A field line: its name as received, and its value as raw bytes (obs-text is legal: RFC 9110 §5.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldLine {
    /// The field name, in the case in which it was sent.
    pub name: String,
    /// The field value without surrounding white space.
    pub value: Vec<u8>,
}

/// A request that a case sends. Its path is relative to the endpoint under test.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The path below the endpoint's URL, beginning with `/`.
    pub path: String,
    /// Field lines in order, without `Host`, which the transport adds.
    pub fields: Vec<FieldLine>,
    /// The content; mostly none.
    pub content: &'static [u8],
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
