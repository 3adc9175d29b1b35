//! What is foreign in the log of a GitHub workflow: its runner takes lines for commands, whoever wrote them.
//!
//! It does so with a line that begins with `::`, behind blanks too, and with `##[` wherever that stands. Annotations,
//! which are meant as commands, are written past this. Commands are not stopped for the while of a report
//! (`::stop-commands::`): the runner reads standard error at the same time, and annotations stand there.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::LazyLock;

/// What a line begins with that is a command, and what it has in it by the older form.
const COMMAND: &str = "::";
const OLDER: &str = "##[";

static IS_THERE: LazyLock<bool> =
    LazyLock::new(|| std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"));

/// Whether this is a step of a workflow.
pub(super) fn is_there() -> bool {
    *IS_THERE
}

/// How the first character of what would be a command is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColonForm {
    /// As other characters are that do something in a terminal.
    Text,
    /// As an escape of JSON, so that what is read is the same. No line of JSON begins with a colon.
    Json,
}

impl ColonForm {
    fn escaped(self, text: &str) -> Cow<'_, str> {
        let is_command = |line: &str| self == Self::Text && begins_command(line);
        if !text.contains(OLDER) && !text.lines().any(is_command) {
            return Cow::Borrowed(text);
        }
        let older = match self {
            Self::Text => "\\x23#[",
            Self::Json => "\\u0023#[",
        };
        let mut out = String::with_capacity(text.len() + 16);
        for line in text.split_inclusive('\n') {
            match is_command(line) {
                true => out.push_str(&line.replacen(':', "\\x3a", 1).replace(OLDER, older)),
                false => out.push_str(&line.replace(OLDER, older)),
            }
        }
        Cow::Owned(out)
    }
}

/// Whether a line is a command once colours are taken out of it, as they are behind this.
fn begins_command(line: &str) -> bool {
    let plain = anstream::adapter::strip_str(line).to_string();
    plain.trim_start().starts_with(COMMAND)
}

/// A text in which nothing is a command, where this is a step of a workflow.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    match is_there() {
        true => ColonForm::Text.escaped(text),
        false => Cow::Borrowed(text),
    }
}

/// The same of JSON.
pub(super) fn harmless_json(text: &str) -> Cow<'_, str> {
    match is_there() {
        true => ColonForm::Json.escaped(text),
        false => Cow::Borrowed(text),
    }
}

/// Writes lines in which nothing is a command, where this is a step of a workflow. What is no whole line waits for its
/// end, or until it is flushed.
#[derive(Debug)]
pub(super) struct Harmless<W: Write> {
    out: W,
    form: ColonForm,
    waits: Vec<u8>,
}

impl<W: Write> Harmless<W> {
    /// A writer of this form to another.
    pub(super) fn new(out: W, form: ColonForm) -> Self {
        let waits = Vec::new();
        Self { out, form, waits }
    }

    fn hand_over(&mut self, bytes: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes);
        self.out.write_all(self.form.escaped(&text).as_bytes())
    }
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !is_there() {
            return self.out.write(bytes);
        }
        self.waits.extend_from_slice(bytes);
        if let Some(end) = self.waits.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.waits.split_off(end + 1);
            let lines = std::mem::replace(&mut self.waits, rest);
            self.hand_over(&lines)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.waits);
        self.hand_over(&rest)?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Harmless<W> {
    fn drop(&mut self) {
        // Whoever cares for what is lost flushes before.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_command_is_shown() {
        let text = "a :: b\n::error::x\n \t ::add-mask::y\nsays ##[add-mask]z, ##[error]\n\u{a0}::warning::w";
        assert_eq!(
            ColonForm::Text.escaped(text),
            "a :: b\n\\x3a:error::x\n \t \\x3a:add-mask::y\nsays \\x23#[add-mask]z, \\x23#[error]\n\u{a0}\\x3a:warning::w"
        );
        assert_eq!(
            ColonForm::Text.escaped(" \x1b[2m::error::x\x1b[0m"),
            " \x1b[2m\\x3a:error::x\x1b[0m"
        );
        assert!(matches!(
            ColonForm::Text.escaped("plain: a::b # #\n"),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn json_says_the_same() {
        let json = serde_json::json!({"a": "::x ##[error]y"}).to_string();
        let written = ColonForm::Json.escaped(&json);
        assert!(!written.contains("##["));
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&written), read(&json));
    }
}
