//! Exchanges as lines: secrets masked, bytes that are no text escaped, long lines cut.

use crate::domain::{Case, counted, grouped};
use crate::results::{Finding, Transcript, TranscriptEntry};
use crate::spec::Flaw;

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

/// The most lines of content that are shown.
const CONTENT_LINES: usize = 24;

/// The most characters of them: a document often is a single line, and a member that matters may stand anywhere.
const CONTENT: usize = 4_000;

/// What stands for the head of an answer that never came.
const NO_ANSWER: &str = "(no answer: the connection was closed)";

/// The fewest exchanges in a row that are shown as one where they are the same.
const FOLDED: u64 = 3;

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
    // Of asks that were to be answered alike, which one it is stands in what was observed, and the last need not be it.
    let is_of_asks = matches!(finding.discrepancy.kind.flaw, Flaw::Asks(_));
    let Some(last) = accused_entry(finding).filter(|_| !is_of_asks) else {
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

/// The exchange that a finding accuses.
fn accused_entry(finding: &Finding) -> Option<&TranscriptEntry> {
    let entries = match finding.discrepancy.accuses_sibling() {
        true => &finding.transcript.sibling,
        false => &finding.transcript.case,
    };
    entries.last()
}

/// The beginning of the content of the answer that a finding accuses, where the finding is about content:
/// nothing in the head shows it then.
pub(super) fn content(finding: &Finding) -> Vec<String> {
    let entry = accused_entry(finding);
    entry.map_or_else(Vec::new, |entry| {
        content_of(entry, &finding.discrepancy.kind.flaw)
    })
}

fn content_of(entry: &TranscriptEntry, flaw: &Flaw) -> Vec<String> {
    let is_about_content = match flaw {
        Flaw::Json(_) | Flaw::Body => true,
        Flaw::Content { present } => *present,
        _ => false,
    };
    if !is_about_content {
        return Vec::new();
    }
    let lines = entry.without_secrets().body_lines();
    if lines.is_empty() {
        return vec!["none was read".to_owned()];
    }
    let (mut shown, mut room) = (Vec::new(), CONTENT);
    for line in lines.iter().take(CONTENT_LINES) {
        if room == 0 {
            break;
        }
        let line = cut(line, room, room);
        room = room.saturating_sub(line.chars().count());
        shown.push(line);
    }
    let left = lines.len() - shown.len();
    if left > 0 {
        let left = counted(left as u64, "more line", "more lines");
        shown.push(format!("… {left}"));
    }
    shown
}

/// The exchanges of a finding as lines.
pub(super) struct ShownExchanges {
    pub(super) case: Vec<String>,
    pub(super) sibling: Vec<String>,
}

impl ShownExchanges {
    /// Those of a finding. What was told of the accused answer before is not told again at length.
    pub(super) fn of(finding: &Finding) -> Self {
        let told = challenges(finding).lines;
        let of = |case: &Case, entries: &[TranscriptEntry]| {
            shown(entries, &odd_by_exchange(case, entries.len()), &told)
        };
        let Transcript { case, sibling } = &finding.transcript;
        Self {
            case: of(&finding.case, case),
            sibling: match &finding.sibling {
                Some((other, _)) => of(other, sibling),
                None => Vec::new(),
            },
        }
    }
}

/// Each exchange as the lines of its request and of its answer.
pub(super) fn messages(entries: &[TranscriptEntry]) -> Vec<(Vec<String>, Vec<String>)> {
    let shorten = |lines: Vec<String>| lines.iter().map(|line| shortened(line)).collect();
    let entries = entries.iter().map(TranscriptEntry::without_secrets);
    entries
        .map(|entry| (shorten(entry.sent_lines()), shorten(received_lines(&entry))))
        .collect()
}

/// Exchanges as lines: `>` before what was sent, `<` before what came. `odd` is said of each beside
/// its credentials; of long lines that were told before the beginning is enough. Several in a row that are the same
/// are shown once, with how many they are.
pub(super) fn shown(
    entries: &[TranscriptEntry],
    odd: &[Option<&str>],
    told: &[String],
) -> Vec<String> {
    let mut all: Vec<(Vec<String>, u64)> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let lines = shown_one(entry, odd.get(at).copied().flatten(), told);
        match all.last_mut() {
            Some((before, times)) if is_same(before, &lines) => *times += 1,
            _ => all.push((lines, 1)),
        }
    }
    let mut shown = Vec::new();
    for (lines, times) in all {
        match times {
            0..FOLDED => (0..times).for_each(|_| shown.extend(lines.iter().cloned())),
            _ => {
                shown.extend(lines);
                shown.push(format!(
                    "  (this {} times, one after the other)",
                    grouped(times)
                ));
            }
        }
    }
    shown
}

/// Whether two exchanges were the same, the time at which each was answered aside.
fn is_same(one: &[String], other: &[String]) -> bool {
    let timeless = |line: &&String| !line.to_ascii_lowercase().starts_with("< date:");
    let (one, other) = (one.iter().filter(timeless), other.iter().filter(timeless));
    one.eq(other)
}

/// The lines of an answer's head, or one that says that there is none.
fn received_lines(entry: &TranscriptEntry) -> Vec<String> {
    match entry.head.is_empty() {
        true => vec![NO_ANSWER.to_owned()],
        false => entry.head_lines(),
    }
}

fn shown_one(entry: &TranscriptEntry, odd: Option<&str>, told: &[String]) -> Vec<String> {
    let entry = entry.without_secrets();
    let mut lines = Vec::new();
    for line in entry.sent_lines() {
        let aside = match odd {
            Some(odd) if is_one_of(&line, &CREDENTIAL_FIELDS) => format!("  ({odd})"),
            _ => String::new(),
        };
        lines.push(format!("> {}{aside}", shortened(&line)));
    }
    for line in received_lines(&entry) {
        let line = match told.contains(&line) {
            true => cut(&line, LONGEST, AGAIN),
            false => shortened(&line),
        };
        lines.push(format!("< {line}"));
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
    fn content_is_shown_where_a_finding_is_about_it() {
        let document = "{\"resource\": \"token-of-alice\",\n\"x\": \"\x1b[2J\u{e9}\"}\n";
        let asked = entry(
            "GET /metadata HTTP/1.1\r\nauthorization: Bearer token-of-alice\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
        );
        let answered = |body: &str| TranscriptEntry {
            body: body.as_bytes().to_vec(),
            ..asked.clone()
        };
        let told = |flaw: &str, body: &str| {
            let kind: crate::spec::Kind = flaw.parse().unwrap();
            content_of(&answered(body), &kind.flaw)
        };
        assert_eq!(
            told("json resource", document),
            ["{\"resource\": \"***\",", "\"x\": \"\\x1b[2J\\xc3\\xa9\"}"]
        );
        assert_eq!(told("json", ""), ["none was read"]);
        assert_eq!(told("challenges missing", document), [""; 0]);
        // What is long is cut, in either direction.
        let long = told("body", &"x".repeat(9_000));
        assert_eq!(long.len(), 1);
        assert!(long[0].ends_with("x… (9,000 characters in all)"));
        assert!(long[0].chars().count() < CONTENT + 40);
        let high = told("content present", &"x\n".repeat(100));
        assert_eq!(high.len(), CONTENT_LINES + 1);
        assert_eq!(high.last().map(String::as_str), Some("… 76 more lines"));
    }

    #[test]
    fn the_same_in_a_row_is_shown_once() {
        let at = |second: u32, status: &str| {
            let answer = format!("HTTP/1.1 {status}\r\nDate: Mon, 01:00:0{second} GMT\r\n\r\n");
            entry("GET / HTTP/1.1\r\n\r\n", &answer)
        };
        let same = [
            at(1, "401 No"),
            at(2, "401 No"),
            at(3, "401 No"),
            at(4, "200 OK"),
        ];
        assert_eq!(
            shown(&same, &[], &[]),
            [
                "> GET / HTTP/1.1",
                "< HTTP/1.1 401 No",
                "< Date: Mon, 01:00:01 GMT",
                "  (this 3 times, one after the other)",
                "> GET / HTTP/1.1",
                "< HTTP/1.1 200 OK",
                "< Date: Mon, 01:00:04 GMT",
            ]
        );
        // Two are what a comparison is about.
        assert_eq!(shown(&same[1..], &[], &[]).len(), 9);
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
