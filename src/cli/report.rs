//! `countersign report`.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use countersign::report::{ReportFormat, Telling};
use countersign::results::{LARGEST_RUN, Run};

use super::arguments::ReportOptions;
use super::failure::{CommandFailure, written};
use super::input::STANDARD;
use super::paper;
use super::reports::tell;
use super::run::code;

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

/// Reads a saved run.
pub(super) fn read(file: &str) -> Result<Run, CommandFailure> {
    let (name, bytes) = match file {
        STANDARD => ("standard input", taken(std::io::stdin().lock())),
        file if Path::new(file).is_dir() => {
            let why = format!(
                "{file} is a directory: name the file in it that `countersign run --save-run FILE` wrote"
            );
            return Err(CommandFailure::input(why));
        }
        file => (file, std::fs::File::open(file).and_then(taken)),
    };
    let bytes =
        bytes.map_err(|error| CommandFailure::input(format!("{name} cannot be read: {error}")))?;
    Run::read_bytes(name, bytes).map_err(CommandFailure::input)
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

/// What is read of a file: one byte more than the largest run has, where there is more.
fn taken(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST_RUN + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
