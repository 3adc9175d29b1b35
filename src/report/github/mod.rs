//! Annotations of GitHub's workflows: a line for each defect, which its runner takes out of what a step writes.
//! `docs/reports.md` explains it.

use std::io::{self, Write};

use crate::results::{Finding, Run};

use super::cause::{observed, replay, title};
use super::escape::{bounded_line, visible_line};
use super::exchange::shortened;
use super::place::place;
use super::rules::packs_of;
use super::summary::{CauseKind, Numbered, RunSummary, headline};

/// The most annotations: of each kind GitHub shows ten of a step, and the log keeps the rest.
const MOST: usize = 100;

/// The most characters of a property, and of a line of a message.
const PROPERTY: usize = 400;
const LINE: usize = 8_000;

/// Writes the annotations of a run, those that fail it first.
pub(super) fn write(run: &Run, mut out: impl Write) -> io::Result<()> {
    let summary = RunSummary::of(run, false);
    let mut lines = Vec::new();
    for pack in packs_of(run, &summary) {
        if let Some(why) = &pack.open {
            let title = no_verdict(&pack.report.pack.0);
            lines.push((0, command("error", None, &title, &bounded_line(why, LINE))));
        }
    }
    for pack in &run.not_begun {
        let title = no_verdict(pack);
        let why = "not begun: the run ended early";
        lines.push((0, command("error", None, &title, &bounded_line(why, LINE))));
    }
    for one in summary.numbered() {
        let (weight, kind) = match (one.kind, one.fails) {
            (CauseKind::Finding, true) => (0, "error"),
            (CauseKind::Finding, false) | (CauseKind::Flaky, _) => (1, "warning"),
            (CauseKind::NotScored, _) => (2, "notice"),
        };
        lines.push((weight, defect(kind, &one, &summary)));
    }
    for stale in run.known.iter().flat_map(|known| &known.stale) {
        if !stale.by_rate {
            let title = format!(
                "countersign: a known departure no longer shows: {}",
                stale.rule
            );
            let why = format!("{}; {}", stale.said, stale.why);
            lines.push((0, command("error", None, &title, &bounded_line(&why, LINE))));
        }
    }
    lines.sort_by_key(|(weight, _)| *weight);
    for (_, line) in lines.iter().take(MOST) {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

fn no_verdict(pack: &str) -> String {
    format!("countersign: no verdict on the whole of {pack}")
}

fn defect(kind: &str, one: &Numbered<'_>, run: &RunSummary<'_>) -> String {
    let finding = one.cause.headline;
    let head = format!(
        "countersign {} {} of {}: {}",
        one.kind.word(),
        one.number,
        one.of,
        finding.rule
    );
    let mut message = vec![title(finding)];
    if finding.unsteady().is_none() {
        let seen: Vec<String> = observed(finding)
            .into_iter()
            .map(|(line, ..)| line)
            .collect();
        message.push(format!(
            "expected: {}",
            shortened(&finding.discrepancy.expected)
        ));
        message.push(format!("observed: {}", seen.join("; ")));
    }
    let again = replay(finding, headline(one, run));
    message.extend(again.into_iter().map(|command| format!("again: {command}")));
    // A line feed of a text is shown; those between them are of the annotation.
    let message: Vec<_> = message
        .iter()
        .map(|line| bounded_line(line, LINE))
        .collect();
    command(kind, Some(finding), &head, &message.join("\n"))
}

fn command(kind: &str, finding: Option<&Finding>, title: &str, message: &str) -> String {
    let mut properties = Vec::new();
    if let Some(place) = finding.and_then(|finding| place(&finding.at)) {
        properties.push(format!("file={}", property(place.file)));
        properties.push(format!("line={}", place.line));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{kind} {}::{}", properties.join(","), data(message))
}

/// A message, whose line feeds stay.
fn data(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(visible_line).collect();
    let text = lines.join("\n").replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&bounded_line(text, PROPERTY))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::escape::is_unseen;
    use super::super::sample::{HOSTILE, hostile, run};
    use super::*;

    fn lines(run: &Run) -> String {
        let mut out = Vec::new();
        write(run, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_run_is_told() {
        snapbox::assert_data_eq!(lines(&run()), snapbox::file!["sample.txt"].raw());
    }

    #[test]
    fn hostile_text_stays_in_its_annotation() {
        for words in [HOSTILE.to_owned(), "::error::%0A\n".repeat(80_000)] {
            let text = lines(&hostile(&words));
            assert_eq!(text.lines().count(), 5, "{text}");
            for line in text.lines() {
                let (properties, message) =
                    line.split_once("::").unwrap().1.split_once("::").unwrap();
                let (kind, properties) = properties.split_once(' ').unwrap();
                assert!(["error", "warning", "notice"].contains(&kind), "{line}");
                let names: Vec<&str> = properties
                    .split(',')
                    .map(|one| one.split_once('=').unwrap().0)
                    .collect();
                assert!(
                    matches!(names[..], ["title"] | ["file", "line", "title"]),
                    "{line}"
                );
                assert!(!message.contains(is_unseen), "{line}");
                assert!(line.len() < 60_000, "{}", line.len());
            }
        }
    }

    #[test]
    fn nothing_ends_an_annotation_or_begins_another() {
        assert_eq!(
            command(
                "error",
                None,
                "a:b,c%\n::x",
                "d%0A\r\n::error::e\x1b[2J\u{202e}"
            ),
            "::error title=a%3Ab%2Cc%25\\n%3A%3Ax::d%250A\\r%0A::error::e\\x1b[2J\\u{202e}"
        );
    }
}
