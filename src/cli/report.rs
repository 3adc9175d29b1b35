//! `countersign report`.

use std::process::ExitCode;
use std::sync::Arc;

use countersign::engine::Pulse;
use countersign::report::{Called, JsonLines, Progress, Terminal};
use countersign::results::{Event, Run};
use countersign::yaml::Source;

use super::arguments::{Format, ReportOptions};
use super::failure::{Failure, written};
use super::paper;
use super::run::code;

/// Tells a saved run again.
pub(super) fn report(options: &ReportOptions) -> Result<ExitCode, Failure> {
    let file = &options.file;
    let text = match file.as_str() {
        "-" => std::io::read_to_string(std::io::stdin()),
        file => std::fs::read_to_string(file),
    };
    let text = text.map_err(|error| Failure::input(format!("{file} cannot be read: {error}")))?;
    let run = Run::read(&Source::new(file.as_str(), text)).map_err(Failure::input)?;
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
