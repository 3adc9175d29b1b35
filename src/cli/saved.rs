//! Saved runs as files.

use std::io::Read;
use std::path::Path;

use countersign::domain::grouped;
use countersign::files;
use countersign::results::{LARGEST_RUN, Run};

use super::failure::CommandFailure;
use super::input::STANDARD;

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

/// What is read of a file: one byte more than the largest run has, where there is more.
fn taken(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST_RUN + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Keeps a run in a file.
pub(super) fn keep_in(file: &str, run: &Run) -> Result<(), CommandFailure> {
    let why = |error: &dyn std::fmt::Display| {
        CommandFailure::environment(format!("could not write {file}: {error}"))
    };
    let text = run.to_json().map_err(|error| why(&error))?;
    if text.len() as u64 > LARGEST_RUN {
        super::failure::say(&format!(
            "note: {file} has {} bytes, and `countersign report` reads {} at most: run fewer packs or rules at a \
             time (`--spec`, `--rule`)",
            grouped(text.len() as u64),
            grouped(LARGEST_RUN)
        ));
    }
    files::replace(Path::new(file), text.as_bytes()).map_err(|error| why(&error))
}
