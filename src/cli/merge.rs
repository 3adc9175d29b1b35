//! `countersign merge`.

use std::process::ExitCode;

use countersign::results::{Run, merge as put_together};

use super::arguments::MergeOptions;
use super::failure::{COULD_NOT_RUN, CommandFailure, say};
use super::report::print;
use super::run::code;
use super::saved::{keep_in, read};

/// Puts saved runs of the parts of one plan together.
pub(super) fn merge(options: &MergeOptions) -> Result<ExitCode, CommandFailure> {
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
    let missing = missing(&run);
    let exit = match code(run.verdict()) {
        0 if missing.is_some() => COULD_NOT_RUN,
        exit => exit,
    };
    let kept = options.save_run.as_deref();
    kept.map_or(Ok(()), |file| keep_in(file, &run))?;
    print(&run, (options.format, options.verbose), exit)?;
    if let Some(missing) = missing {
        say(&missing);
    }
    Ok(ExitCode::from(exit))
}

/// Which parts of the plan nobody played.
fn missing(run: &Run) -> Option<String> {
    let parts = run.packs.iter().find_map(|report| report.parts.as_ref())?;
    let missing = (1..=parts.of).filter(|part| !parts.numbers.contains(part));
    let missing: Vec<String> = missing.map(|part| format!("{part}/{}", parts.of)).collect();
    Some(format!(
        "no verdict on the whole: of the plan the parts {} are missing",
        missing.join(", ")
    ))
}
