//! The formats in which a run that is over is told: each a function of it.

use std::io::{self, Write};
use std::sync::Arc;

use crate::engine::Pulse;
use crate::results::{Event, Run};

use super::command::Called;
use super::json::JsonLines;
use super::page::Paper;
use super::progress::Progress;
use super::terminal::Terminal;
use super::{github, html, junit, markdown, sarif};

/// A format in which a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// What a terminal has.
    Text,
    /// One JSON object a line.
    Json,
    /// JUnit's XML.
    Junit,
    /// A page of HTML.
    Html,
    /// A page of Markdown.
    Markdown,
    /// Annotations of GitHub's workflows.
    Github,
    /// SARIF 2.1.0.
    Sarif,
}

/// What a report says of a run beside what the run found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Telling {
    /// The exit code that it ends with.
    pub exit: u8,
    /// Whether a text lists rules that passed as well.
    pub verbose: bool,
    /// What a text is written on.
    pub paper: Paper,
}

impl ReportFormat {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Json,
        Self::Junit,
        Self::Html,
        Self::Markdown,
        Self::Github,
        Self::Sarif,
    ];

    /// The word for it on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Sarif => "sarif",
        }
    }

    /// What it is for.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Text => "For people",
            Self::Json => "One JSON object a line, for programs",
            Self::Junit => "JUnit's XML: a test case for each rule",
            Self::Html => "One page of HTML that opens from disk and fetches nothing",
            Self::Markdown => "A page of Markdown, such as the summary of a job",
            Self::Github => "Annotations of GitHub's workflows, a line for each defect",
            Self::Sarif => "SARIF 2.1.0: a result for each defect",
        }
    }

    /// The format that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// Tells a run.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write(self, run: &Run, telling: Telling, out: impl Write) -> io::Result<()> {
        match self {
            Self::Text => text(run, telling, out),
            Self::Json => json(run, telling.exit, out),
            Self::Junit => junit::write(run, out),
            Self::Html => html::write(run, telling.exit, out),
            Self::Markdown => markdown::write(run, out),
            Self::Github => github::write(run, out),
            Self::Sarif => sarif::write(run, telling.exit, out),
        }
    }
}

fn text(run: &Run, telling: Telling, out: impl Write) -> io::Result<()> {
    // Nothing goes on, so nothing moves.
    let progress = Arc::new(Progress::new("reading a run"));
    progress.close();
    let mut terminal = Terminal::new(out, telling.paper, progress, Pulse::default());
    let (name, version) = &run.implementation;
    terminal.opening(&run.version, (name, version), &run.left_out)?;
    terminal.closing(run, telling.verbose)
}

fn json(run: &Run, exit: u8, out: impl Write) -> io::Result<()> {
    let mut lines = JsonLines::new(out, Called::of(run));
    let (name, version) = &run.implementation;
    lines.opening(&run.version, (name, version), &run.left_out);
    for report in &run.packs {
        lines.on(&Event::Done(report));
    }
    lines.closing(run, exit);
    lines.finish()
}

#[cfg(test)]
mod tests {
    use super::super::escape::is_unseen;
    use super::super::sample::{HOSTILE, hostile};
    use super::*;

    #[test]
    fn what_is_not_to_be_seen_is_shown_in_every_format() {
        let run = hostile(HOSTILE);
        for format in ReportFormat::ALL {
            let mut out = Vec::new();
            format.write(&run, Telling::default(), &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            let found = text.chars().find(|c| is_unseen(*c));
            assert_eq!(found, None, "{}", format.word());
            assert!(text.contains("alert(1)"), "{}", format.word());
        }
    }
}
