//! Equal requests, and how they were answered: whoever answers them differently answers from several instances, or by
//! chance, and no rule that compares two answers may accuse it.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::message::Request;

/// Fields that are the same in every request, and say nothing.
const USUAL: [&str; 2] = ["host", "user-agent"];

/// What is said of content where all of it is taken. Whoever asks for a page in its place may be answered by one.
const TAKES_ALL: (&str, &[u8]) = ("accept", b"*/*");

/// Which requests are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SameRequest(u64);

impl SameRequest {
    /// Of a request below a prefix.
    pub fn of(prefix: &str, request: &Request) -> Self {
        let fields = request.fields.iter();
        let fields = fields.map(|field| (field.name.as_str(), field.value.as_slice()));
        Self::hashed(
            &request.method,
            &format!("{prefix}{}", request.path),
            fields,
            &request.content,
        )
    }

    /// Of the bytes of a request as sent.
    pub fn of_bytes(sent: &[u8]) -> Self {
        const END: &[u8] = b"\r\n\r\n";
        let end = sent.windows(END.len()).position(|at| at == END);
        let (head, content) = match end {
            Some(end) => sent.split_at(end + END.len()),
            None => (sent, &[][..]),
        };
        let mut lines = head.split(|byte| *byte == b'\n').map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            String::from_utf8_lossy(line).into_owned()
        });
        let first = lines.next().unwrap_or_default();
        let mut words = first.split(' ');
        let (method, target) = (words.next(), words.next());
        let lines: Vec<String> = lines.collect();
        let fields = lines.iter().filter_map(|line| line.split_once(": "));
        let fields = fields.map(|(name, value)| (name, value.as_bytes()));
        Self::hashed(
            method.unwrap_or_default(),
            target.unwrap_or_default(),
            fields,
            content,
        )
    }

    fn hashed<'a>(
        method: &str,
        target: &str,
        fields: impl Iterator<Item = (&'a str, &'a [u8])>,
        content: &[u8],
    ) -> Self {
        let mut hasher = DefaultHasher::new();
        (method, target, content).hash(&mut hasher);
        for (name, value) in fields {
            let name = name.to_ascii_lowercase();
            let is_usual = USUAL.contains(&name.as_str()) || (name.as_str(), value) == TAKES_ALL;
            if !is_usual {
                (name, String::from_utf8_lossy(value)).hash(&mut hasher);
            }
        }
        Self(hasher.finish())
    }
}

/// One request and how often it was answered how.
#[derive(Clone)]
pub struct Equal {
    /// What it is, in words without a secret.
    pub label: String,
    /// The request, where it may be sent as often as one likes: it has no credentials, or such as are let in.
    pub harmless: Option<Arc<Request>>,
    /// The answers, in words, and how often each came.
    pub answers: Vec<(String, u32)>,
}

/// Without the request, which may have secrets.
impl fmt::Debug for Equal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Equal")
            .field("label", &self.label)
            .field("answers", &self.answers)
            .finish_non_exhaustive()
    }
}

impl Equal {
    /// How often it was asked.
    pub fn count(&self) -> u32 {
        self.answers.iter().map(|(_, count)| count).sum()
    }
}

/// Every request that was sent.
#[derive(Debug, Default)]
pub(super) struct Alike(BTreeMap<SameRequest, Equal>);

impl Alike {
    pub(super) fn note(&mut self, same: SameRequest, asked: &Equal) {
        let equal = self.0.entry(same).or_insert_with(|| Equal {
            answers: Vec::new(),
            ..asked.clone()
        });
        for (answer, count) in &asked.answers {
            match equal.answers.iter_mut().find(|(known, _)| known == answer) {
                Some((_, known)) => *known += count,
                None => equal.answers.push((answer.clone(), *count)),
            }
        }
    }

    pub(super) fn get(&self, same: SameRequest) -> Option<&Equal> {
        self.0.get(&same)
    }

    /// Whether requests that are called so were sent, and answered by no 401, 403 or 407; with wrong credentials by nothing
    /// but success.
    pub(super) fn is_let_in(&self, label: &str, wrong: bool) -> bool {
        let is_refusal = |answer: &str| {
            let status = answer.get(..3).unwrap_or_default();
            match wrong {
                true => !status.starts_with('2'),
                false => matches!(status, "401" | "403" | "407"),
            }
        };
        let mut called = self
            .0
            .values()
            .filter(|equal| equal.label == label)
            .peekable();
        called.peek().is_some()
            && called.all(|equal| !equal.answers.iter().any(|(answer, _)| is_refusal(answer)))
    }

    /// Those that were answered in more than one way.
    pub(super) fn differing(&self) -> impl Iterator<Item = &Equal> {
        self.0.values().filter(|equal| equal.answers.len() > 1)
    }
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;

    use super::*;
    use crate::wire::FieldLine;

    #[test]
    fn a_request_and_its_bytes_are_the_same() {
        let request = Request {
            content: Bytes::new(),
            method: "GET".to_owned(),
            path: "?a".to_owned(),
            fields: vec![FieldLine {
                name: "Authorization".to_owned(),
                value: b"Basic x ".to_vec(),
            }],
        };
        let same = SameRequest::of("/api", &request);
        let sent = b"GET /api?a HTTP/1.1\r\nhost: x\r\nauthorization: Basic x \r\n\r\n";
        assert_eq!(same, SameRequest::of_bytes(sent));
        let other = b"GET /api?a HTTP/1.1\r\nhost: x\r\nauthorization: Basic y\r\n\r\n";
        assert_ne!(same, SameRequest::of_bytes(other));
        let takes = |what: &str| {
            let sent =
                format!("GET /api?a HTTP/1.1\r\naccept: {what}\r\nauthorization: Basic x \r\n\r\n");
            SameRequest::of_bytes(sent.as_bytes())
        };
        assert_eq!(same, takes("*/*"));
        assert_ne!(same, takes("text/html"));
    }
}
