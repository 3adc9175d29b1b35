//! Reports beside that of the terminal: `run --report FORMAT=FILE`.

use std::io::Write;
use std::path::Path;

use countersign::files;
use countersign::report::{Paper, ReportFormat, Telling};
use countersign::results::Run;

use super::arguments::{Format, RunOptions};
use super::failure::{CommandFailure, written};
use super::input::STANDARD;

/// A report that is asked for, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    format: ReportFormat,
    file: String,
}

impl Wanted {
    fn is_to_standard_output(&self) -> bool {
        self.file == STANDARD
    }
}

/// A report as `--report` names it.
pub(super) fn wanted(text: &str) -> Result<Wanted, String> {
    let words = ReportFormat::ALL.map(ReportFormat::word).join(", ");
    let (word, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or_else(|| format!("write FORMAT=FILE, where the format is one of {words}"))?;
    let format = ReportFormat::from_word(word)
        .ok_or_else(|| format!("there is no format `{word}`; there are {words}"))?;
    let file = file.to_owned();
    Ok(Wanted { format, file })
}

/// Whether what is asked for goes together: two reports in one file are none.
pub(super) fn check(options: &RunOptions) -> Result<(), CommandFailure> {
    let reports = &options.reports;
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
    if options.format == Format::Json && reports.iter().any(Wanted::is_to_standard_output) {
        return Err(CommandFailure::input(
            "`--format json` writes to standard output, and so would `--report`: name a file, or leave \
             `--format` out",
        ));
    }
    Ok(())
}

/// Whether standard output has one of these reports, and nothing else.
pub(super) fn take_standard_output(reports: &[Wanted]) -> bool {
    reports.iter().any(Wanted::is_to_standard_output)
}

/// Writes what is asked for. What cannot be written costs the others nothing: the first that could not is told.
pub(super) fn write(
    reports: &[Wanted],
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
        let done = match one.is_to_standard_output() {
            true => to_standard_output(one.format, run, telling),
            false => to_file(one, run, telling),
        };
        result = result.and(done);
    }
    result
}

fn to_standard_output(
    format: ReportFormat,
    run: &Run,
    telling: Telling,
) -> Result<(), CommandFailure> {
    let mut out = std::io::stdout().lock();
    let done = format.write(run, telling, &mut out);
    written(done.and_then(|()| out.flush()))
}

fn to_file(one: &Wanted, run: &Run, telling: Telling) -> Result<(), CommandFailure> {
    let mut text = Vec::new();
    let file = &one.file;
    one.format
        .write(run, telling, &mut text)
        .and_then(|()| files::replace(Path::new(file), &text))
        .map_err(|error| CommandFailure::environment(format!("could not write {file}: {error}")))
}
