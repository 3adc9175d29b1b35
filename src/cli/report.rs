//! `countersign report`.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use countersign::engine::Pulse;
use countersign::report::{Called, JsonLines, Progress, Terminal};
use countersign::results::{Event, LARGEST_RUN, Run};

use super::arguments::{Format, ReportOptions};
use super::failure::{CommandFailure, written};
use super::input::STANDARD;
use super::paper;
use super::run::code;

/// Tells a saved run again.
pub(super) fn report(options: &ReportOptions) -> Result<ExitCode, CommandFailure> {
    let file = &options.file;
    let (name, bytes) = match file.as_str() {
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
    let run = Run::read_bytes(name, bytes).map_err(CommandFailure::input)?;
    let (name, version) = &run.implementation;
    let exit = code(run.verdict());
    let told = match options.format {
        Format::Text => {
            // Nothing goes on, so nothing moves.
            let progress = Arc::new(Progress::new("reading a run"));
            progress.close();
            let mut terminal =
                Terminal::new(anstream::stdout(), paper(), progress, Pulse::default());
            terminal
                .opening(&run.version, (name, version), &run.left_out)
                .and_then(|()| terminal.closing(&run, options.verbose))
        }
        Format::Json => {
            let asked = &run.asked;
            let called = Called {
                against: &asked.against,
                faults: &asked.faults,
                set: &asked.set,
                baseline: asked.baseline.as_deref(),
            };
            let mut lines = JsonLines::new(std::io::stdout(), called);
            lines.opening(&run.version, (name, version), &run.left_out);
            for report in &run.packs {
                lines.on(&Event::Done(report));
            }
            lines.closing(&run, exit);
            lines.finish()
        }
    };
    written(told)?;
    Ok(match options.exit_code {
        true => ExitCode::from(exit),
        false => ExitCode::SUCCESS,
    })
}

/// What is read of a file: one byte more than the largest run has, where there is more.
fn taken(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST_RUN + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
