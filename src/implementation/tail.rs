//! What a program said last: a bounded memory of its output, for the texts of faults.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

/// The bytes that are remembered.
const MOST_BYTES: usize = 64 * 1024;

/// The lines that a fault shows.
const MOST_LINES: usize = 12;

/// The last bytes of a program's output; clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail(Arc<Mutex<Remembered>>);

#[derive(Debug, Default)]
struct Remembered {
    bytes: VecDeque<u8>,
    /// How many bytes came in all.
    total: u64,
}

impl Tail {
    /// Adds what came.
    pub(super) fn push(&self, bytes: &[u8]) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.total = said.total.saturating_add(bytes.len() as u64);
        said.bytes.extend(bytes);
        let surplus = said.bytes.len().saturating_sub(MOST_BYTES);
        said.bytes.drain(..surplus);
    }

    /// How much was said by now, for [`Tail::since`].
    #[cfg(any(test, feature = "process"))]
    pub(crate) fn mark(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).total
    }

    /// What was said since a mark, as far as it is remembered.
    pub(crate) fn since(&self, mark: u64) -> String {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = usize::try_from(said.total.saturating_sub(mark)).unwrap_or(usize::MAX);
        let skipped = said.bytes.len().saturating_sub(wanted);
        let bytes: Vec<u8> = said.bytes.iter().skip(skipped).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Reads a stream to its end, remembering its last bytes.
    pub(crate) async fn follow(self, mut stream: impl AsyncRead + Unpin) {
        let mut buffer = [0_u8; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            self.push(buffer.get(..count).unwrap_or_default());
        }
    }
}

/// The last lines of a text, indented for a fault; says so where there are none.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    if lines.is_empty() {
        return "  (it said nothing)".to_owned();
    }
    let skipped = lines.len().saturating_sub(MOST_LINES);
    // What went wrong stands above the places where it did, of which there may be more than are shown.
    let (above, last) = lines.split_at_checked(skipped).unwrap_or_default();
    let reason = above.iter().rev().find(|line| tells_why(line));
    let reason = reason.map(|line| format!("  {}\n  …", excerpt(line, 400)));
    let last = last.iter().map(|line| format!("  {}", excerpt(line, 400)));
    let shown: Vec<String> = reason.into_iter().chain(last).collect();
    shown.join("\n")
}

/// Whether a line says what went wrong, as programs of most languages begin it: at the line's beginning, with a word for
/// an error.
fn tells_why(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let words = ["error", "exception", "panicked"];
    !line.starts_with([' ', '\t']) && words.iter().any(|word| lower.contains(word))
}

/// A text from outside as it may be shown: without control characters, and cut to `most` characters.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (index, c) in text.trim().chars().enumerate() {
        if index == most {
            shown.push('…');
            break;
        }
        match c {
            '\n' | '\t' => shown.push(c),
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_bytes_are_kept() {
        let tail = Tail::default();
        tail.push(b"early\n");
        let mark = tail.mark();
        for _ in 0..20_000 {
            tail.push(b"0123456789\n");
        }
        tail.push(b"late \x1b[31m\n");
        assert!(tail.since(mark).len() <= MOST_BYTES);
        let shown = last_lines(&tail.since(0));
        assert_eq!(shown.lines().count(), MOST_LINES);
        assert!(shown.ends_with("late \\u{1b}[31m"), "{shown}");
        assert_eq!(tail.since(tail.mark()), "");
    }

    /// As Node.js and Java write it.
    #[test]
    fn what_went_wrong_is_shown_with_where() {
        let places = "    at Module.require (x.js:1:1)\n".repeat(20);
        let said = format!(
            "  throw err;\nError: Cannot find module 'x'\nRequire stack:\n{places}Node.js v20\n"
        );
        let shown = last_lines(&said);
        let mut lines = shown.lines();
        assert_eq!(
            lines.next(),
            Some("  Error: Cannot find module 'x'"),
            "{shown}"
        );
        assert_eq!(lines.next(), Some("  …"));
        assert_eq!(lines.clone().count(), MOST_LINES);
        assert_eq!(lines.last(), Some("  Node.js v20"));
        // Once, where it is among the last.
        assert_eq!(last_lines("Error: x\nlast\n"), "  Error: x\n  last");
    }
}
