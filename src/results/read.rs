//! Reading a saved run: of what is none it is told where, what belongs there, and what to do. Whoever hands
//! one on may have written it by hand, so it is bounded.

use std::fmt;

use serde_json::Value;
use serde_json::error::Category;

use crate::domain::grouped;
use crate::yaml::{Source, kind_of};

use super::contradiction::Contradiction;
use super::run::{RUN_FORMAT, Run};
use super::shape::{Misfit, misfit};

/// The most bytes of a saved run.
pub const LARGEST_RUN: u64 = 64 * 1024 * 1024;

/// The most findings of one.
const MOST_FINDINGS: usize = 10_000;

/// The most characters of each text in it: many times what is ever written of a message.
const LONGEST_TEXT: usize = 1024 * 1024;

/// The most characters of a reason.
const REASON: usize = 300;

/// The first key of a saved run.
const FORM: &str = "countersign-run";

/// What to do where another file was meant.
const WRITES: &str = "`countersign run --save-run FILE` writes what is read here";

/// What to do where a file is damaged.
const WHOLE: &str = "copy it again from where it was written, or run again with `--save-run`";

/// Why a text is no saved run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRun {
    /// The file.
    pub file: String,
    /// Line and column, from 1, where they are known.
    pub at: Option<(usize, usize)>,
    /// Why.
    pub why: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for UnreadableRun {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        if let Some((line, column)) = self.at {
            write!(out, ":{line}:{column}")?;
        }
        write!(
            out,
            " cannot be read as a saved run: {}\n  help: {}",
            self.why, self.help
        )
    }
}

impl std::error::Error for UnreadableRun {}

/// Why, where, and what to do.
type WhyNone = (String, Option<(usize, usize)>, String);

impl Run {
    /// Reads a saved run.
    ///
    /// # Errors
    ///
    /// Why the text is none, with the place in it.
    pub fn read(source: &Source) -> Result<Self, UnreadableRun> {
        read(&source.text).map_err(|(why, at, help)| UnreadableRun {
            file: source.name.clone(),
            at,
            why,
            help,
        })
    }

    /// Reads a saved run that has these bytes.
    ///
    /// # Errors
    ///
    /// Why they are none.
    pub fn read_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, UnreadableRun> {
        let unreadable = |why: String, help: &str| UnreadableRun {
            file: name.to_owned(),
            at: None,
            why,
            help: help.to_owned(),
        };
        if bytes.len() as u64 > LARGEST_RUN {
            let why = format!("it has more than {} bytes", grouped(LARGEST_RUN));
            return Err(unreadable(
                why,
                "run fewer packs or rules at a time (`--spec`, `--rule`)",
            ));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = grouped(error.utf8_error().valid_up_to() as u64);
            unreadable(
                format!("it is no text: the bytes behind the first {at} are no UTF-8"),
                WRITES,
            )
        })?;
        Self::read(&Source::new(name, text))
    }
}

fn read(text: &str) -> Result<Run, WhyNone> {
    // What is of another form may have anything behind that.
    if let Some(form) = form_of(text) {
        of_this_form(form)?;
    }
    let value: Value = serde_json::from_str(text).map_err(|error| no_json(text, &error))?;
    if !value.is_object() {
        let why = "a JSON object is expected, and it is something else";
        return Err((why.to_owned(), None, WRITES.to_owned()));
    }
    match value.get(FORM) {
        Some(Value::Number(form)) => of_this_form(&form.to_string())?,
        Some(_) => {
            let why = format!("at `{FORM}`, the number {RUN_FORMAT} is expected");
            return Err((why, None, WRITES.to_owned()));
        }
        None if value.get("event").is_some() => return Err(lines_of_json()),
        None => {
            let why = format!("it has no key `{FORM}`");
            return Err((why, None, WRITES.to_owned()));
        }
    }
    bounded(&value)?;
    let help = "no version of Countersign writes that; if the file was edited, undo it, and otherwise run \
                again with `--save-run`";
    let run: Run = serde_json::from_str(text).map_err(|error| {
        let line = (error.line() > 0).then_some((error.line(), error.column()));
        match misfit(&value) {
            Some(Misfit {
                at,
                expected,
                found,
            }) => {
                let why = format!("at `{at}`, {expected} is expected, and there is {found}");
                (why, line, help.to_owned())
            }
            None => (said(&error), line, help.to_owned()),
        }
    })?;
    match run.contradiction() {
        Some(Contradiction { at, why }) => {
            Err((format!("at `{at}`, {why}"), None, help.to_owned()))
        }
        None => Ok(run),
    }
}

/// The number of the form, where it is the first key, as it is written.
fn form_of(text: &str) -> Option<&str> {
    let rest = text.trim_start().strip_prefix('{')?.trim_start();
    let rest = rest.strip_prefix('"')?.strip_prefix(FORM)?;
    let rest = rest.strip_prefix('"')?.trim_start().strip_prefix(':')?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest.get(..end)
        .filter(|digits| !digits.is_empty() && digits.len() < 20)
}

fn of_this_form(form: &str) -> Result<(), WhyNone> {
    if form == RUN_FORMAT.to_string() {
        return Ok(());
    }
    let why = format!("it is of form {form}, and this program reads form {RUN_FORMAT}");
    let help = match form {
        "1" => "no release has written that form: run again with `--save-run`",
        _ => "read it with the version of Countersign that wrote it, which its key `version` names",
    };
    Err((why, None, help.to_owned()))
}

/// What a text is that is no JSON.
fn no_json(text: &str, error: &serde_json::Error) -> WhyNone {
    let begin = text.trim_start();
    let at = (error.line() > 0 && error.column() > 0).then_some((error.line(), error.column()));
    if begin.is_empty() {
        return ("it is empty".to_owned(), None, WRITES.to_owned());
    }
    if !begin.starts_with(['{', '[']) {
        let (why, help) = match kind_of(begin) {
            Some((what, takes)) => (format!("this is {what}"), takes),
            None => (
                "a JSON object is expected, which begins with `{`".to_owned(),
                WRITES,
            ),
        };
        return (why, None, help.to_owned());
    }
    let first = begin.lines().next().unwrap_or_default();
    let first: Option<Value> = serde_json::from_str(first).ok();
    if first.is_some_and(|first| first.get("event").is_some()) {
        return lines_of_json();
    }
    let why = match error.classify() {
        Category::Eof => "it ends in the middle: it was not written or copied whole",
        _ => "what stands here is no JSON",
    };
    (why.to_owned(), at, WHOLE.to_owned())
}

fn lines_of_json() -> WhyNone {
    let why = "these are the lines of a report, which `--format json` writes";
    (why.to_owned(), None, WRITES.to_owned())
}

/// That nothing in it is larger than what is read.
fn bounded(value: &Value) -> Result<(), WhyNone> {
    let help = "no version of Countersign writes that";
    let packs = value.get("packs").and_then(Value::as_array);
    let findings = packs.into_iter().flatten().filter_map(|pack| {
        let findings = pack.get("findings")?.as_array()?;
        Some(findings.len())
    });
    if findings.sum::<usize>() > MOST_FINDINGS {
        let most = grouped(MOST_FINDINGS as u64);
        let why = format!("it has more than {most} findings");
        return Err((why, None, help.to_owned()));
    }
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) if text.len() > LONGEST_TEXT => {
                let most = grouped(LONGEST_TEXT as u64);
                let why = format!("it has a text of more than {most} bytes");
                return Err((why, None, help.to_owned()));
            }
            Value::Array(items) => left.extend(items),
            Value::Object(fields) => left.extend(fields.values()),
            _ => {}
        }
    }
    Ok(())
}

/// What reading said of a value that has the right shape, without what is only of the parser.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    let of_the_parser = ["invalid ", "missing ", "unknown ", "expected "];
    if of_the_parser.iter().any(|begin| text.starts_with(begin)) {
        return "a value that ends here is none that can stand there".to_owned();
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let all = lines.collect::<Vec<_>>().join("; ");
    all.chars().take(REASON).collect()
}
