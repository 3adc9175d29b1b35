//! `countersign report`.

use std::process::ExitCode;

use countersign::report::{ReportFormat, Telling};
use countersign::results::Run;

use super::arguments::ReportOptions;
use super::failure::{CommandFailure, written};
use super::paper;
use super::reports::tell;
use super::run::code;
use super::saved::read;

/// Tells a saved run again.
pub(super) fn report(options: &ReportOptions) -> Result<ExitCode, CommandFailure> {
    let run = read(&options.file)?;
    let exit = code(run.verdict());
    print(&run, (options.format, options.verbose), exit)?;
    Ok(match options.exit_code {
        true => ExitCode::from(exit),
        false => ExitCode::SUCCESS,
    })
}

/// Tells a run on standard output.
pub(super) fn print(
    run: &Run,
    (format, verbose): (ReportFormat, bool),
    exit: u8,
) -> Result<(), CommandFailure> {
    let telling = Telling {
        exit,
        verbose,
        paper: paper(),
    };
    let told = match format {
        // Where colours are not wanted, they are taken out on the way.
        ReportFormat::Text => tell(ReportFormat::Text, run, telling, anstream::stdout()),
        format => tell(format, run, telling, std::io::stdout().lock()),
    };
    written(told)
}
