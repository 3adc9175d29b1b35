//! Exchanges without their secrets: as they are shown, and as a run keeps them in its file.
//!
//! What is told of a run is the same with and without, and so is which findings are one defect: that hangs on
//! statuses and challenges, in which no secret of a request stands unless a server repeats it there.

use std::sync::Arc;

use crate::observation::Answer;
use crate::wire::{FieldLine, Mask, Response};

use super::accused::Accused;
use super::finding::{Finding, Flaky, Transcript, TranscriptEntry, Unsteady};
use super::run::Run;

impl Run {
    /// The run with the secrets of its exchanges masked, so that it may be handed on. Doing so twice changes
    /// nothing more.
    pub fn without_secrets(&self) -> Self {
        let mut run = self.clone();
        for report in &mut run.packs {
            let spare = report.parts.iter_mut().flat_map(|parts| &mut parts.spare);
            report
                .findings
                .iter_mut()
                .chain(spare)
                .for_each(mask_finding);
        }
        run
    }
}

fn mask_finding(finding: &mut Finding) {
    let mut mask = Mask::default();
    let entries = finding.transcript.case.iter();
    for entry in entries.chain(&finding.transcript.sibling) {
        sent(entry, &mut mask);
    }
    for Accused { answers, .. } in &mut finding.evidence {
        for answer in answers {
            *answer = Arc::new(masked_answer(answer, &mut mask));
        }
    }
    finding.transcript = finding.transcript.without_secrets();
    if let Some(Flaky { otherwise, why, .. }) = &mut finding.flaky {
        *otherwise = otherwise.without_secrets();
        if let Some(Unsteady::Before(before)) = why {
            before.transcript = before.transcript.without_secrets();
        }
    }
}

impl Transcript {
    /// Its exchanges without their secrets.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let all = |entries: &[TranscriptEntry]| {
            let entries = entries.iter();
            entries.map(TranscriptEntry::without_secrets).collect()
        };
        Self {
            case: all(&self.case),
            sibling: all(&self.sibling),
        }
    }
}

impl TranscriptEntry {
    /// The exchange as a person reads it: its secrets are masked, in the request and wherever the answer
    /// repeats them, and bytes that are no printable ASCII are escaped.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut mask = Mask::default();
        let (mut lines, form) = sent(self, &mut mask);
        let mut request = message(&lines);
        request.extend(form.bytes());
        lines = self.head_lines();
        let head: Vec<String> = lines.iter().map(|line| mask.answer_field(line)).collect();
        let body = self.body_lines();
        let body: String = body.iter().map(|line| mask.hide(line) + "\n").collect();
        Self {
            sent: request,
            head: message(&head),
            body: body.into_bytes(),
        }
    }
}

/// The lines of a request's head and what follows, without secrets, which the mask learns.
fn sent(entry: &TranscriptEntry, mask: &mut Mask) -> (Vec<String>, String) {
    let lines = entry.sent_lines();
    let lines = lines.iter().enumerate().map(|(index, line)| match index {
        0 => mask.target(line),
        _ => mask.field(line),
    });
    let lines: Vec<String> = lines.collect();
    let content = TranscriptEntry {
        sent: Vec::new(),
        head: Vec::new(),
        body: content_of(&entry.sent).to_vec(),
    };
    // Content in the form of a query (RFC 6750 §2.2) has names as a query has.
    let content = content.body_lines().join("\n");
    let masked = mask.target(&format!("?{content}"));
    (
        lines,
        masked.strip_prefix('?').unwrap_or(&masked).to_owned(),
    )
}

/// What follows the head of a message.
fn content_of(message: &[u8]) -> &[u8] {
    let mut at = 0;
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if matches!(line, b"\r\n" | b"\n") {
            break;
        }
    }
    message.get(at..).unwrap_or_default()
}

/// A head as bytes; nothing where nothing was exchanged.
fn message(lines: &[String]) -> Vec<u8> {
    match lines {
        [] => Vec::new(),
        lines => format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes(),
    }
}

fn masked_answer(answer: &Answer, mask: &mut Mask) -> Answer {
    let response = &answer.response;
    let mut field = |field: &FieldLine| {
        let line = mask.answer_field(&format!("{}: {}", field.name, text(&field.value)));
        let value = line.get(field.name.len() + 2..).unwrap_or_default();
        FieldLine {
            name: field.name.clone(),
            value: bytes(value),
        }
    };
    let fields: Vec<FieldLine> = response.fields.iter().map(&mut field).collect();
    let head = text(&response.head);
    let head: String = (head.split_inclusive('\n'))
        .map(|line| mask.answer_field(line))
        .map(|line| match line.ends_with('\n') {
            true => line,
            false => line + "\r\n",
        })
        .collect();
    Answer {
        irregular: answer.irregular,
        ..Answer::new(Response {
            status: response.status,
            fields,
            body: bytes(&mask.hide(&text(&response.body))),
            body_end: response.body_end,
            head: bytes(&head),
        })
    }
}

/// Bytes as text of as many characters.
fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The bytes of such a text.
fn bytes(text: &str) -> Vec<u8> {
    let bytes = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?'));
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sent: &str, head: &str, body: &str) -> TranscriptEntry {
        TranscriptEntry {
            sent: sent.as_bytes().to_vec(),
            head: head.as_bytes().to_vec(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn no_secret_of_an_exchange_is_left_in_any_part_of_it() {
        let secret = "token-of-alice";
        let exchange = entry(
            &format!(
                "POST /r?api_key={secret} HTTP/1.1\r\nauthorization: Bearer {secret}\r\n\
                 cookie: session={secret}\r\nx: y\r\n\r\naccess_token={secret}&a=b"
            ),
            &format!(
                "HTTP/1.1 401 No\r\nwww-authenticate: Bearer realm=\"{secret}\"\r\n\
                 set-cookie: session=0123; Path=/\r\nx: \x07\r\n\r\n"
            ),
            &format!("{{\n  \"you sent\": \"{secret}\"\n}}\n"),
        );
        let masked = exchange.without_secrets();
        assert_eq!(
            text(&masked.sent),
            "POST /r?api_key=*** HTTP/1.1\r\nauthorization: Bearer ***\r\ncookie: ***\r\nx: y\r\n\r\n\
             access_token=***&a=b"
        );
        assert_eq!(
            text(&masked.head),
            "HTTP/1.1 401 No\r\nwww-authenticate: Bearer realm=\"***\"\r\n\
             set-cookie: session=***; Path=/\r\nx: \\x07\r\n\r\n"
        );
        assert_eq!(text(&masked.body), "{\n  \"you sent\": \"***\"\n}\n");
        assert_eq!(masked.without_secrets(), masked);
        let nothing = entry("", "", "");
        assert_eq!(nothing.without_secrets(), nothing);
    }
}
