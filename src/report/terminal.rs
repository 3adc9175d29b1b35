//! The terminal: progress while a run goes on, the report at its end.

use std::io::Write;
use std::sync::Arc;

use crate::engine::Pulse;
use crate::results::{Event, Run};

use super::cause::{observed, tell, title};
use super::claims::left_out_text;
use super::packs;
use super::page::{Breaks, Page, Paper, Tone};
use super::progress::Progress;
use super::summary::{CauseKind, Numbered, RunSummary, headline};

/// Writes progress to standard error, where that is a terminal, and the report to `out`.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    paper: Paper,
    progress: Arc<Progress>,
    pulse: Pulse,
}

impl<W: Write> Terminal<W> {
    /// A terminal whose report goes to `out`, on this paper. `pulse` is that of the runs it is told of.
    pub fn new(out: W, paper: Paper, progress: Arc<Progress>, pulse: Pulse) -> Self {
        Self {
            out,
            paper,
            progress,
            pulse,
        }
    }

    /// Names the version of the program that runs or ran, what is under test, and the packs that are left
    /// out because they do not bind it.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn opening(
        &mut self,
        by: &str,
        (implementation, version): (&str, &str),
        left_out: &[String],
    ) -> std::io::Result<()> {
        self.progress.clear();
        let mut page = Page::new(self.paper);
        let words = format!("countersign {by} against {implementation} {version}");
        page.say(Tone::Plain, &words);
        page.gap();
        if let Some(words) = left_out_text(left_out, implementation) {
            page.say(Tone::Plain, &words);
            page.gap();
        }
        self.write(page)
    }

    /// Takes an event.
    pub fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Planned { pack, coverage, .. } => {
                self.progress.plays(pack, coverage.cases(), &self.pulse);
            }
            Event::Progress { failures, .. } => self.progress.failures(*failures),
            Event::Done(_) => self.progress.waits("putting together what was found"),
            Event::Found(_) => {}
        }
    }

    /// Writes the report; of each pack every rule, where it is to be verbose.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn closing(&mut self, run: &Run, verbose: bool) -> std::io::Result<()> {
        let run = &RunSummary::of(run, verbose);
        self.progress.clear();
        let mut page = Page::new(self.paper);
        let causes = run.numbered();
        let accuses = causes.iter().any(|one| one.kind == CauseKind::Finding);
        let counts = run.counts();
        let tone = match (counts.findings > counts.lenient || counts.left > 0, accuses) {
            (true, _) => Tone::Bad,
            (false, true) => Tone::Doubt,
            (false, false) => Tone::Good,
        };
        page.say(tone, &run.first());
        page.gap();
        for one in &causes {
            if one.kind != CauseKind::NotScored {
                full(&mut page, one, run);
            }
        }
        packs::left(&mut page, run);
        not_scored(&mut page, &causes, run);
        packs::lines(&mut page, run);
        packs::open(&mut page, run);
        packs::notices(&mut page, run);
        known(&mut page, &run.known);
        list(&mut page, &causes);
        page.say(tone, &run.last());
        self.write(page)
    }

    fn write(&mut self, page: Page) -> std::io::Result<()> {
        self.out.write_all(page.finish().as_bytes())?;
        self.out.flush()
    }
}

/// A cause in full under its number.
fn full(page: &mut Page, one: &Numbered<'_>, run: &RunSummary<'_>) {
    let (tone, aside) = match (one.kind, one.fails) {
        (CauseKind::Finding, true) => (Tone::Bad, String::new()),
        (CauseKind::Finding, false) => {
            let level = one.cause.headline.level;
            (Tone::Doubt, format!(" ({level}: does not fail the run)"))
        }
        _ => (Tone::Doubt, String::new()),
    };
    let head = format!("{} {} of {}{aside}", one.kind.word(), one.number, one.of);
    page.say(tone, &head);
    page.gap();
    tell(page, one.cause, headline(one, run));
    page.gap();
}

/// What rules showed that are not scored: in short, or in full where everything is asked for.
fn not_scored(page: &mut Page, causes: &[Numbered<'_>], run: &RunSummary<'_>) {
    let causes = causes.iter().filter(|one| one.kind == CauseKind::NotScored);
    let mut any = false;
    for one in causes {
        if run.verbose {
            full(page, one, run);
            continue;
        }
        if !any {
            page.say(Tone::Strong, "seen, and not scored");
        }
        any = true;
        let finding = one.cause.headline;
        let head = format!("{}: {}", finding.rule, title(finding));
        page.put("  ", 4, &[(Tone::Plain, &head)], Breaks::Words);
        let seen: Vec<String> = observed(finding)
            .into_iter()
            .map(|(line, ..)| line)
            .collect();
        let seen = format!(
            "expected {}; observed {}",
            finding.discrepancy.expected,
            seen.join("; ")
        );
        page.put("", 4, &[(Tone::Plain, &seen)], Breaks::Words);
    }
    if any {
        page.gap();
    }
}

/// Paragraphs that were laid out in a column of labels.
fn known(page: &mut Page, text: &str) {
    for line in text.lines() {
        let label = line.get(..12).filter(|_| line.starts_with("  "));
        match label {
            Some(label) => {
                let rest = line.get(12..).unwrap_or_default();
                page.put(label.trim_end(), 12, &[(Tone::Plain, rest)], Breaks::Words);
            }
            None => page.say(Tone::Plain, line),
        }
    }
}

/// The findings once more, where there are more than one.
fn list(page: &mut Page, causes: &[Numbered<'_>]) {
    let listed: Vec<&Numbered<'_>> = causes
        .iter()
        .filter(|one| one.kind != CauseKind::NotScored)
        .collect();
    if listed.len() < 2 {
        return;
    }
    for one in listed {
        let finding = one.cause.headline;
        let lead = format!("{:>10} {:<4}", one.kind.word(), one.number);
        let text = format!("{} ({})", title(finding), finding.level);
        page.put(&lead, 16, &[(Tone::Plain, &text)], Breaks::Words);
    }
    page.gap();
}
