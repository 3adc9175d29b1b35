//! The terminal: progress while a run goes on, the report at its end.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::engine::{Cause, Event, PackReport};

use super::text::{Headline, cause_text, pack_text, summary_text};

/// Writes progress to standard error, where that is a terminal, and the report to `out`.
pub struct Terminal<W> {
    out: W,
    bar: Option<ProgressBar>,
    shows_progress: bool,
}

impl<W> std::fmt::Debug for Terminal<W> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Terminal").finish_non_exhaustive()
    }
}

impl<W: Write> Terminal<W> {
    /// A terminal whose report goes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            bar: None,
            shows_progress: std::io::stderr().is_terminal(),
        }
    }

    /// Names what is under test, before anything is tested.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn opening(&mut self, implementation: &str, version: &str) -> std::io::Result<()> {
        writeln!(
            self.out,
            "countersign {} against {implementation} {version}\n",
            env!("CARGO_PKG_VERSION")
        )
    }

    /// Takes an event.
    pub fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Planned { pack, coverage, .. } if self.shows_progress => {
                let bar = ProgressBar::with_draw_target(
                    Some(coverage.cases()),
                    ProgressDrawTarget::stderr(),
                );
                if let Ok(style) = ProgressStyle::with_template(
                    "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}",
                ) {
                    bar.set_style(style);
                }
                bar.set_message((*pack).to_owned());
                self.bar = Some(bar);
            }
            Event::Progress { judged, .. } => {
                if let Some(bar) = &self.bar {
                    bar.set_position(*judged);
                }
            }
            Event::Done(_) => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
            }
            Event::Planned { .. } | Event::Found(_) => {}
        }
    }

    /// Writes a pack's verdicts.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn pack(&mut self, report: &PackReport) -> std::io::Result<()> {
        writeln!(self.out, "{}", pack_text(report))
    }

    /// Writes the causes and the summary.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn closing(
        &mut self,
        reports: &[PackReport],
        causes: &[Cause<'_>],
        against: &str,
        saved: &[Option<String>],
    ) -> std::io::Result<()> {
        for (index, cause) in causes.iter().enumerate() {
            let what = match (&cause.headline.flaky, cause.headline.scored) {
                (Some(_), _) => "flaky",
                (None, false) => "not scored",
                (None, true) => "finding",
            };
            writeln!(self.out, "{what} {} of {}\n", index + 1, causes.len())?;
            let saved = saved.get(index).and_then(Option::as_deref);
            let headline = Headline {
                against: Some(against),
                test: None,
                saved,
            };
            writeln!(self.out, "{}", cause_text(cause, headline))?;
        }
        write!(self.out, "{}", summary_text(reports, causes))?;
        self.out.flush()
    }
}
