//! Reports beside that of the terminal: `--report FORMAT=FILE` of `run` and `merge`.

use std::io::Write;
use std::path::Path;

use countersign::files;
use countersign::report::{Paper, ReportFormat, Telling};
use countersign::results::Run;

use super::failure::{CommandFailure, written};
use super::wanted::WantedReport;
use super::workflow::{self, ColonForm, Harmless};

/// Whether what is asked for goes together: two reports in one file are none, and standard output has one, which
/// `--format` names.
pub(super) fn check(reports: &[WantedReport], format: &str) -> Result<(), CommandFailure> {
    for (at, one) in reports.iter().enumerate() {
        let mut before = reports.iter().take(at);
        if before.any(|other| other.file == one.file) {
            let place = match one.is_to_standard_output() {
                true => "standard output",
                false => one.file.as_str(),
            };
            return Err(CommandFailure::input(format!(
                "two reports cannot both go to {place}: name a file for each"
            )));
        }
    }
    if format != ReportFormat::Text.word()
        && reports.iter().any(WantedReport::is_to_standard_output)
    {
        return Err(CommandFailure::input(format!(
            "`--format {format}` writes to standard output, and so would `--report`: name a file, or leave \
             `--format` out",
        )));
    }
    Ok(())
}

/// Whether standard output has one of these reports, and nothing else.
pub(super) fn take_standard_output(reports: &[WantedReport]) -> bool {
    reports.iter().any(WantedReport::takes_standard_output)
}

/// Writes what is asked for; annotations that go to standard output come behind the text there, by
/// [`annotate`]. What cannot be written costs the others nothing: the first that could not is told.
pub(super) fn write(
    reports: &[WantedReport],
    run: &Run,
    exit: u8,
    verbose: bool,
) -> Result<(), CommandFailure> {
    let telling = Telling {
        exit,
        verbose,
        paper: Paper::default(),
    };
    let mut result = Ok(());
    for one in reports {
        if one.is_to_standard_output() && !one.takes_standard_output() {
            continue;
        }
        let done = match one.is_to_standard_output() {
            true => to_standard_output(one.format, run, telling),
            false => to_file(one, run, telling),
        };
        result = result.and(done);
    }
    result
}

/// Writes the annotations that belong behind the report: on standard output, where they are asked for; and without a word
/// in a job of GitHub's workflows, on standard error, which its runner reads too, so that the report on standard output
/// is the same everywhere.
pub(super) fn annotate(reports: &[WantedReport], run: &Run) {
    let mut asked_for = reports
        .iter()
        .filter(|one| one.format == ReportFormat::Github)
        .peekable();
    // They are told beside the report: where they cannot be written, nothing is lost.
    if asked_for.peek().is_none() && workflow::is_there() {
        let err = std::io::stderr().lock();
        let _ = ReportFormat::Github.write(run, Telling::default(), err);
    }
    if asked_for.any(WantedReport::is_to_standard_output) {
        let _ = to_standard_output(ReportFormat::Github, run, Telling::default());
    }
}

fn to_standard_output(
    format: ReportFormat,
    run: &Run,
    telling: Telling,
) -> Result<(), CommandFailure> {
    written(tell(format, run, telling, std::io::stdout().lock()))
}

/// Tells a run where a workflow of GitHub reads: annotations are commands to it, and nothing else is.
pub(super) fn tell(
    format: ReportFormat,
    run: &Run,
    telling: Telling,
    mut out: impl Write,
) -> std::io::Result<()> {
    let form = match format {
        ReportFormat::Github => {
            format.write(run, telling, &mut out)?;
            return out.flush();
        }
        ReportFormat::Json | ReportFormat::Sarif => ColonForm::Json,
        _ => ColonForm::Text,
    };
    let mut out = Harmless::new(out, form);
    format.write(run, telling, &mut out)?;
    out.flush()
}

fn to_file(one: &WantedReport, run: &Run, telling: Telling) -> Result<(), CommandFailure> {
    let mut text = Vec::new();
    let file = &one.file;
    one.format
        .write(run, telling, &mut text)
        .and_then(|()| files::replace(Path::new(file), &text))
        .map_err(|error| CommandFailure::environment(format!("could not write {file}: {error}")))
}
