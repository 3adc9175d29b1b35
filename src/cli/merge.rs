//! `countersign merge`.

use std::process::ExitCode;

use countersign::results::{Run, merge as put_together};

use super::arguments::MergeOptions;
use super::failure::CommandFailure;
use super::report::print;
use super::reports;
use super::run::code;
use super::saved::{keep_in, read};

/// Puts saved runs of the parts of one plan together.
pub(super) fn merge(options: &MergeOptions) -> Result<ExitCode, CommandFailure> {
    reports::check(&options.reports, options.format.word())?;
    let mut all: Option<Run> = None;
    for file in &options.files {
        let run = read(file)?;
        all = Some(match all {
            None => run,
            Some(before) => put_together(&before, &run).map_err(|why| {
                CommandFailure::input(format!(
                    "{file} does not go together with what is named before it: {why}\n  help: name each part of \
                     one plan once: runs with the same options but for `--shard`"
                ))
            })?,
        });
    }
    let Some(run) = all else {
        return Err(CommandFailure::input("no run is named"));
    };
    let run = run.as_whole();
    let exit = code(run.verdict());
    let kept = options.save_run.as_deref();
    kept.map_or(Ok(()), |file| keep_in(file, &run))?;
    let not_reported = reports::write(&options.reports, &run, exit, options.verbose);
    if !reports::take_standard_output(&options.reports) {
        print(&run, (options.format, options.verbose), exit)?;
    }
    reports::annotate(&options.reports, &run);
    not_reported?;
    Ok(ExitCode::from(exit))
}
