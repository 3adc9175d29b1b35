//! Transcripts as a reader wants them: text, credentials masked, and nothing in them that differs
//! between two runs on the same implementation.

use crate::client::PATH;
use crate::results::{Transcript, TranscriptEntry};
use crate::wire::Mask;

/// What stands in place of the authority that requests went to.
pub const HOST: &str = "HOST";

/// The most characters of one message that are kept.
const MOST: usize = 4_000;

/// Field lines whose value is when or where something happened, with what stands in its place.
const VOLATILE: [(&str, &str); 1] = [("date", "DATE")];

/// The exchanges of a case and of its sibling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// The case's.
    pub case: Vec<Message>,
    /// The sibling's.
    pub sibling: Vec<Message>,
}

/// One exchange as text: lines end in a line feed, bytes that are no text are `\xNN`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The request.
    pub sent: String,
    /// The response: its head, and its body behind an empty line.
    pub received: String,
}

impl Messages {
    /// What went over the wire, ready to be kept: see [`Message::of`].
    pub fn of(transcript: &Transcript) -> Self {
        let all = |entries: &[TranscriptEntry]| entries.iter().map(Message::of).collect();
        Self {
            case: all(&transcript.case),
            sibling: all(&transcript.sibling),
        }
    }
}

impl Message {
    /// One exchange with credentials masked, in the request and wherever the response repeats them.
    /// The authority becomes [`HOST`], the prefix of the slot and the value of `Date` go away, and
    /// long bodies are cut.
    pub fn of(entry: &TranscriptEntry) -> Self {
        let (sent, head) = (text(&entry.sent), text(&entry.head));
        let mut places = Places::default();
        let mut lines: Vec<String> = Vec::new();
        for (index, line) in sent.lines().enumerate() {
            lines.push(if index == 0 {
                places.request_line(line)
            } else {
                places.field_line(line)
            });
        }
        let head: Vec<String> = head
            .lines()
            .map(|line| places.mask.answer_field(&steady(line)))
            .collect();
        let body = text(&entry.body);
        let mut received = head.join("\n").trim_end().to_owned();
        if !body.trim().is_empty() {
            received.push_str("\n\n");
            received.push_str(body.trim_end());
        }
        Self {
            sent: cut(lines.join("\n").trim_end()),
            received: cut(&places.hide(&received)),
        }
    }

    /// The status of the response, read from its first line.
    pub fn status(&self) -> Option<u16> {
        let line = self.received.lines().next()?;
        line.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse().ok()
    }
}

/// What a request says that must not be kept, or that is another time somewhere else.
#[derive(Default)]
struct Places {
    prefix: String,
    authority: String,
    mask: Mask,
}

impl Places {
    /// The request line without the slot's prefix and without secrets.
    fn request_line(&mut self, line: &str) -> String {
        let line = &self.mask.target(line);
        let mut words = line.splitn(3, ' ');
        let (Some(method), Some(target), Some(version)) =
            (words.next(), words.next(), words.next())
        else {
            return line.to_owned();
        };
        let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let Some(prefix) = path.strip_suffix(PATH) else {
            return line.to_owned();
        };
        // A proxy is asked with the whole URI.
        let (origin, prefix) = match prefix.strip_prefix("http://") {
            Some(rest) => {
                let (_, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (format!("http://{HOST}"), prefix)
            }
            None => (String::new(), prefix),
        };
        self.prefix = prefix.to_owned();
        format!("{method} {origin}{PATH}{query} {version}")
    }

    /// A field line of the request as it may be kept.
    fn field_line(&mut self, line: &str) -> String {
        let Some((name, value)) = line.split_once(':') else {
            return line.to_owned();
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("host") {
            self.authority = value.to_owned();
            return format!("{name}: {HOST}");
        }
        self.mask.field(line)
    }

    /// A response without what the request said.
    fn hide(&self, text: &str) -> String {
        let text = self.mask.hide(text);
        if self.authority.is_empty() {
            return text;
        }
        let below = format!("{}{}/", self.authority, self.prefix);
        text.replace(&below, &format!("{HOST}/"))
            .replace(&self.authority, HOST)
    }
}

/// A field line of a response without what is another time different.
fn steady(line: &str) -> String {
    let volatile = line.split_once(':').and_then(|(name, _)| {
        let (_, instead) = VOLATILE
            .iter()
            .find(|(volatile, _)| name.eq_ignore_ascii_case(volatile))?;
        Some(format!("{name}: {instead}"))
    });
    volatile.unwrap_or_else(|| line.to_owned())
}

/// Bytes as text with line feeds at the ends of lines.
fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().replace("\r\n", "\n").chars() {
            match c {
                '\n' | '\t' => out.push(c),
                c if c.is_control() => out.push_str(&format!("\\x{:02X}", u32::from(c))),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02X}"));
        }
    }
    out
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((at, _)) => {
            let kept = text.get(..at).unwrap_or_default();
            let rest = text.get(at..).unwrap_or_default().chars().count();
            format!("{kept}\n[… {rest} more characters]")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sent: &str, head: &str, body: &[u8]) -> TranscriptEntry {
        TranscriptEntry {
            sent: sent.as_bytes().to_vec(),
            head: head.as_bytes().to_vec(),
            body: body.to_vec(),
        }
    }

    #[test]
    fn what_differs_between_runs_and_what_is_secret_goes_away() {
        let message = Message::of(&entry(
            "GET /s12/resource HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nauthorization: Basic \
             YWxpY2U6b3Blbg==\r\n\r\n",
            "HTTP/1.1 302 Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nLocation: \
             http://127.0.0.1:4711/s12/login\r\n\r\n",
            b"{\"you sent\": \"Basic YWxpY2U6b3Blbg==\"}\r\n",
        ));
        assert_eq!(
            message.sent,
            "GET /resource HTTP/1.1\nHost: HOST\nauthorization: Basic ***"
        );
        assert_eq!(
            message.received,
            "HTTP/1.1 302 Found\nDate: DATE\nLocation: http://HOST/login\n\n{\"you sent\": \
             \"Basic ***\"}"
        );
        assert_eq!(message.status(), Some(302));
    }

    #[test]
    fn keys_and_tokens_are_masked_wherever_they_stand() {
        let message = Message::of(&entry(
            "GET /s12/resource?access_token=token-of-alice HTTP/1.1\r\nx-api-key: key-of-alice\r\n\
             x-hmac-signature: alice:c2lnbmF0dXJl\r\n\r\n",
            "HTTP/1.1 401 No\r\nset-cookie: session=0123; Path=/\r\n\r\n",
            b"key-of-alice",
        ));
        assert_eq!(
            message.sent,
            "GET /resource?access_token=*** HTTP/1.1\nx-api-key: ***\nx-hmac-signature: ***"
        );
        assert_eq!(
            message.received,
            "HTTP/1.1 401 No\nset-cookie: session=***; Path=/\n\n***"
        );
    }

    #[test]
    fn what_a_proxy_was_asked_keeps_its_form() {
        let message = Message::of(&entry(
            "GET http://127.0.0.1:4711/s12/resource HTTP/1.1\r\nhost: 127.0.0.1:4711\r\n\
             proxy-authorization: Bearer token-of-alice\r\n\r\n",
            "HTTP/2 407\r\n\r\n",
            b"",
        ));
        assert_eq!(
            message.sent,
            "GET http://HOST/resource HTTP/1.1\nhost: HOST\nproxy-authorization: Bearer ***"
        );
        assert_eq!(message.status(), Some(407));
    }

    #[test]
    fn any_bytes_are_text_of_bounded_length() {
        let message = Message::of(&entry("", "", &[0, 0xff, b'a', b'\r']));
        assert_eq!(message.received.trim(), "\\x00\\xFFa\\x0D");
        assert_eq!(message.status(), None);
        let long = Message::of(&entry("", "HTTP/1.1 200 OK\r\n\r\n", &vec![b'x'; 100_000]));
        assert!(long.received.chars().count() < MOST + 40);
        assert!(long.received.ends_with("more characters]"));
        let lone = Message::of(&entry("Authorization", "\r\n", b""));
        assert_eq!(lone.sent, "Authorization");
    }
}
