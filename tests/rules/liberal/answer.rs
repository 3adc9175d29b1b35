//! An answer, and how it is carried.

use countersign::credentials::Scheme;

use super::liberty::{Liberty, Taken};
use super::request::Request;

/// A page to log in, compressed by gzip: `<title>Log in</title>`.
const COMPRESSED: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xb3, 0x29, 0xc9, 0x2c, 0xc9, 0x49,
    0xb5, 0xf3, 0xc9, 0x4f, 0x57, 0xc8, 0xcc, 0xb3, 0xd1, 0x87, 0xf0, 0x00, 0xd7, 0x19, 0x85, 0x6a,
    0x15, 0x00, 0x00, 0x00,
];

/// What a request is answered with.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub fields: Vec<(&'static str, Vec<u8>)>,
    /// What it is about, and the type of that, where no liberty has another.
    pub content: Option<(&'static str, Vec<u8>)>,
    /// Whether somebody logged in, so that the log says so.
    pub logged_in: bool,
    /// Whether somebody was refused whose log-in failed, so that the log says so.
    pub failed: bool,
    /// What the log says beside that: who it was, with which scheme, and what the policy that decided is for.
    pub user: Option<String>,
    pub scheme: Option<Scheme>,
    pub policy: Option<String>,
    /// What must not be used again from now on: nonces, counts, proofs.
    pub used: Vec<String>,
}

impl Answer {
    pub fn of(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Adds what liberties put into any answer.
    pub fn decorate(&mut self, on: &Taken) {
        let has = |liberty| on.contains(&liberty);
        let refused = self.status >= 400;
        let mut add = |name, value: &str| self.fields.push((name, value.as_bytes().to_vec()));
        if has(Liberty::Dated) {
            add("Date", "Sat, 28 Nov 2026 10:00:00 GMT");
            add("Server", "Liberal/1.0 (any; comment) mod_any/2");
        }
        if has(Liberty::KeepsAlive) {
            add("Connection", "keep-alive");
            add("Keep-Alive", "timeout=5, max=100");
        }
        if has(Liberty::ClosesEach) {
            add("Connection", "close");
        }
        if has(Liberty::UnknownFields) {
            add("X-Nobody-Knows", "realm=\"not a challenge\", Basic");
            add("X-Empty", "");
            add("Authentication-Control", "Basic realm=\"a realm\"");
            add("Alt-Svc", "clear");
            add("RateLimit-Policy", "\"burst\";q=100;w=60");
            add("X-RateLimit-Remaining", "0");
        }
        if has(Liberty::ManyFields) {
            for _ in 0..200 {
                add("X-Line", "one of many");
            }
        }
        if has(Liberty::Cookies) {
            add("Set-Cookie", "session=aGVsbG8=; Path=/; HttpOnly");
            add(
                "Set-Cookie",
                "csrf=x; Expires=Wed, 09 Jun 2100 10:18:14 GMT",
            );
        }
        if has(Liberty::VariesByAnything) {
            add("Vary", "*");
        }
        if has(Liberty::CorsUnasked) {
            add("Access-Control-Allow-Origin", "*");
            add("Access-Control-Allow-Headers", "X-Other");
            add("Access-Control-Expose-Headers", "X-Other");
        }
        if has(Liberty::RetryAfter) && refused {
            add("Retry-After", "120");
        }
        if has(Liberty::NotStored) {
            add("Cache-Control", "no-store, max-age=0");
            add("Pragma", "no-cache");
            add("Expires", "0");
        }
        if has(Liberty::ChallengesApart) {
            let is = |field: &(&str, Vec<u8>)| field.0 == "WWW-Authenticate";
            let (challenges, others): (Vec<_>, Vec<_>) =
                std::mem::take(&mut self.fields).into_iter().partition(is);
            let several = challenges.len() > 1;
            self.fields.extend(others);
            for challenge in challenges {
                self.fields.push(challenge);
                if several {
                    self.fields.push(("X-Between", b"two of them".to_vec()));
                }
            }
        }
    }

    /// The bytes of the answer, and whether the connection ends with it.
    pub fn to_bytes(&self, request: &Request, on: &Taken) -> (Vec<u8>, bool) {
        let has = |liberty| on.contains(&liberty);
        let head = request.method == "HEAD";
        let refused = self.status >= 400;
        let version = match has(Liberty::AnswersOfHttp10) {
            true => "HTTP/1.0",
            false => "HTTP/1.1",
        };
        let mut bytes = Vec::new();
        if has(Liberty::EarlyHints) || has(Liberty::SeveralInterim) {
            bytes.extend(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n");
        }
        if has(Liberty::SeveralInterim) {
            bytes.extend(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 \r\nX-Word: wait\r\n\r\n");
        }
        let reason = match () {
            () if has(Liberty::NoReason) => "",
            () if has(Liberty::AnyReason) => "HTTP/1.1 200 OK, or not: 100% \"quoted\" (\t)",
            () => reason(self.status),
        };
        bytes.extend(format!("{version} {} {reason}\r\n", self.status).bytes());
        let mut fields = self.fields.clone();
        let mut trailer = Vec::new();
        if has(Liberty::InfoInTrailer) {
            let is = |field: &(&str, Vec<u8>)| field.0 == "Authentication-Info";
            (trailer, fields) = fields.into_iter().partition(is);
        }
        let (kind, mut body) = match &self.content {
            Some((kind, body)) => (*kind, body.clone()),
            None => self.content(request, on),
        };
        // RFC 9110 §15.3.5 and §8.6.
        let none = self.status == 204 || self.status == 304;
        if none || (has(Liberty::NoContentInRefusals) && refused) {
            body.clear();
        }
        if !body.is_empty() {
            fields.push(("Content-Type", kind.as_bytes().to_vec()));
            if has(Liberty::Compressed) && self.content.is_none() {
                fields.push(("Content-Encoding", b"gzip".to_vec()));
            }
        }
        let mut closes = has(Liberty::ClosesEach) || has(Liberty::AnswersOfHttp10);
        let chunked = has(Liberty::Chunked) || has(Liberty::ChunkedFinely) || !trailer.is_empty();
        let unsized_head = head && has(Liberty::HeadUnsized);
        if none || unsized_head {
        } else if has(Liberty::EndsWithTheConnection) {
            closes = true;
        } else if chunked {
            fields.push(("Transfer-Encoding", b"chunked".to_vec()));
        } else {
            fields.push(("Content-Length", body.len().to_string().into_bytes()));
        }
        for (name, value) in fields {
            let name = match () {
                () if has(Liberty::CapitalNames) => name.to_ascii_uppercase(),
                () if has(Liberty::SmallNames) => name.to_ascii_lowercase(),
                () => name.to_owned(),
            };
            bytes.extend(name.bytes());
            let (before, behind): (&[u8], &[u8]) = match () {
                () if has(Liberty::TightValues) => (b":", b""),
                () if has(Liberty::PaddedValues) => (b": \t  ", b" \t "),
                () => (b": ", b""),
            };
            bytes.extend(before);
            bytes.extend(value);
            bytes.extend(behind);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"\r\n");
        if head || none {
            return (bytes, closes);
        }
        if chunked && !has(Liberty::EndsWithTheConnection) {
            bytes.extend(chunks(&body, has(Liberty::ChunkedFinely), &trailer));
        } else {
            bytes.extend(body);
        }
        (bytes, closes)
    }

    fn content(&self, request: &Request, on: &Taken) -> (&'static str, Vec<u8>) {
        let has = |liberty| on.contains(&liberty);
        if has(Liberty::Compressed) {
            return ("text/html", COMPRESSED.to_vec());
        }
        if has(Liberty::LongContent) {
            let page = "<p>Basic realm=\"not a challenge\"</p>\n".repeat(800);
            return ("text/html; charset=utf-8", page.into_bytes());
        }
        if has(Liberty::ProblemDetails) && self.status >= 400 {
            let problem = r#"{"type":"about:blank","title":"Not let in","error":"invalid_token"}"#;
            return ("application/problem+json", problem.as_bytes().to_vec());
        }
        let text = content(self.status, &request.method);
        ("text/plain", text.as_bytes().to_vec())
    }
}

/// The content of an answer where no liberty has another: what Digest proves to the client covers it.
pub fn content(status: u16, method: &str) -> &'static str {
    match (status, method) {
        (204 | 304, _) => "",
        (200..=299, _) => "what was asked for\n",
        _ => "not this\n",
    }
}

/// Content in the format of gzip, in one stored block (RFC 1952 §2.3, RFC 1951 §3.2.4). Nobody who holds an
/// answer against rules looks into it, so what it would be checked by is left at zero.
pub fn compressed(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff, 1];
    bytes.extend(length.to_le_bytes());
    bytes.extend((!length).to_le_bytes());
    bytes.extend(content);
    bytes.extend([0; 4]);
    bytes.extend(u32::from(length).to_le_bytes());
    bytes
}

fn chunks(body: &[u8], finely: bool, trailer: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let size = if finely { 7 } else { 4_096 };
    let mut bytes = Vec::new();
    for chunk in body.chunks(size) {
        match finely {
            true => bytes.extend(format!("00{:X};a;b=\"c d\"\r\n", chunk.len()).bytes()),
            false => bytes.extend(format!("{:x}\r\n", chunk.len()).bytes()),
        }
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    match finely {
        true => bytes.extend(b"000;last\r\nX-Trailer: at the end\r\n"),
        false => bytes.extend(b"0\r\n"),
    }
    for (name, value) in trailer {
        bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "So It Is",
    }
}
