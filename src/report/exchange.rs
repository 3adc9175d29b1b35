//! Exchanges as lines: secrets masked, bytes that are no text escaped, long lines cut.

use crate::domain::grouped;
use crate::results::{Finding, TranscriptEntry};

use super::cause::odd_by_exchange;

/// The fields that carry challenges: an origin server's, and a proxy's.
const CHALLENGE_FIELDS: [&str; 2] = ["WWW-Authenticate", "Proxy-Authenticate"];

/// The fields that carry credentials.
const CREDENTIAL_FIELDS: [&str; 2] = ["authorization", "proxy-authorization"];

/// The most characters of a line that are shown.
const LONGEST: usize = 600;

/// How many of a longer one are.
const BEGINNING: usize = 200;

/// How many are shown of one that was shown before.
const AGAIN: usize = 40;

/// The challenges of the answer that a finding accuses.
pub(super) struct AccusedLines {
    /// Its challenge fields.
    pub(super) lines: Vec<String>,
    /// The field that it should have and has not.
    pub(super) none: Option<&'static str>,
}

/// The challenges of the answer that a finding accuses.
pub(super) fn challenges(finding: &Finding) -> AccusedLines {
    let mut accused = AccusedLines {
        lines: Vec::new(),
        none: None,
    };
    let speaks_of_sibling = finding.discrepancy.accuses_sibling();
    let entries = match speaks_of_sibling {
        true => &finding.transcript.sibling,
        false => &finding.transcript.case,
    };
    let Some(last) = entries.last() else {
        return accused;
    };
    let head = last.without_secrets().head_lines();
    let status = head.first().and_then(|line| line.split(' ').nth(1));
    let [asked, asked_by_proxy] = CHALLENGE_FIELDS;
    let wanted = match status {
        Some("401") => Some(asked),
        Some("407") => Some(asked_by_proxy),
        _ => None,
    };
    let is_challenge = |line: &&String| is_one_of(line, &CHALLENGE_FIELDS);
    accused.lines = head.iter().filter(is_challenge).cloned().collect();
    accused.none = wanted.filter(|_| accused.lines.is_empty());
    accused
}

/// The exchanges of a finding as lines.
pub(super) struct Shown {
    pub(super) case: Vec<String>,
    pub(super) sibling: Vec<String>,
}

impl Shown {
    /// Those of a finding. What was told of the accused answer before is not told again at length.
    pub(super) fn of(finding: &Finding) -> Self {
        let told = challenges(finding).lines;
        let odd = odd_by_exchange(&finding.case, finding.transcript.case.len());
        Self {
            case: shown(&finding.transcript.case, &odd, &told),
            sibling: shown(&finding.transcript.sibling, &[], &told),
        }
    }
}

/// Each exchange as the lines of its request and of its answer.
pub(super) fn messages(entries: &[TranscriptEntry]) -> Vec<(Vec<String>, Vec<String>)> {
    let shorten = |lines: Vec<String>| lines.iter().map(|line| shortened(line)).collect();
    let entries = entries.iter().map(TranscriptEntry::without_secrets);
    entries
        .map(|entry| (shorten(entry.sent_lines()), shorten(entry.head_lines())))
        .collect()
}

/// Exchanges as lines: `>` before what was sent, `<` before what came. `odd` is said of each beside
/// its credentials; of long lines that were told before the beginning is enough.
pub(super) fn shown(
    entries: &[TranscriptEntry],
    odd: &[Option<&str>],
    told: &[String],
) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let (entry, odd) = (entry.without_secrets(), odd.get(at).copied().flatten());
        for line in entry.sent_lines() {
            let aside = match odd {
                Some(odd) if is_one_of(&line, &CREDENTIAL_FIELDS) => format!("  ({odd})"),
                _ => String::new(),
            };
            lines.push(format!("> {}{aside}", shortened(&line)));
        }
        for line in entry.head_lines() {
            let line = match told.contains(&line) {
                true => cut(&line, LONGEST, AGAIN),
                false => shortened(&line),
            };
            lines.push(format!("< {line}"));
        }
    }
    lines
}

/// A text of bounded length: a longer one is cut, and its length told.
pub(super) fn shortened(text: &str) -> String {
    cut(text, LONGEST, BEGINNING)
}

fn cut(text: &str, longest: usize, beginning: usize) -> String {
    let length = text.chars().count();
    if length <= longest {
        return text.to_owned();
    }
    let kept: String = text.chars().take(beginning).collect();
    format!("{kept}… ({} characters in all)", grouped(length as u64))
}

fn is_one_of(line: &str, names: &[&str]) -> bool {
    let name = line.split(':').next().unwrap_or_default();
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sent: &str, head: &str) -> TranscriptEntry {
        TranscriptEntry {
            sent: sent.as_bytes().to_vec(),
            head: head.as_bytes().to_vec(),
            body: Vec::new(),
        }
    }

    #[test]
    fn secrets_are_masked_and_told_in_words() {
        let entry = entry(
            "GET /s0/resource?access_token=token-of-alice HTTP/1.1\r\nauthorization: Basic \
             YWxpY2U6eAA=\r\nx-api-key: key\r\n\r\n",
            "HTTP/1.1 401 No\r\nlocation: /?access_token=token-of-alice\r\n\r\n",
        );
        assert_eq!(
            shown(&[entry], &[Some("the password, then a NUL")], &[]),
            [
                "> GET /s0/resource?access_token=*** HTTP/1.1",
                "> authorization: Basic ***  (the password, then a NUL)",
                "> x-api-key: ***",
                "< HTTP/1.1 401 No",
                "< location: /?access_token=***",
            ]
        );
    }

    #[test]
    fn a_long_challenge_is_cut_and_its_length_told() {
        let long = format!("www-authenticate: Basic realm=\"{}\"", "a".repeat(65_536));
        let entry = entry(
            "GET / HTTP/1.1\r\n\r\n",
            &format!("HTTP/1.1 401 No\r\n{long}\r\n\r\n"),
        );
        let lines = shown(&[entry], &[], std::slice::from_ref(&long));
        assert_eq!(lines.len(), 3);
        assert!(lines[2].len() < 100, "{}", lines[2]);
        assert!(
            lines[2].ends_with("… (65,568 characters in all)"),
            "{}",
            lines[2]
        );
        assert!(shortened(&long).len() < 300);
        assert_eq!(shortened("short"), "short");
    }
}
