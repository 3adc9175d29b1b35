//! `countersign replay`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use countersign::corpus::{self, Entry, Messages, State};
use countersign::engine::Options;
use countersign::implementation::Implementation;

use super::arguments::ReplayOptions;
use super::failure::{Failure, incomplete};
use super::{interrupt, open};

/// Tries reproductions again.
pub(super) async fn replay(options: &ReplayOptions) -> Result<ExitCode, Failure> {
    let mut entries = Vec::new();
    for path in files(&options.files)? {
        let entry = corpus::load(&path).map_err(Failure::input)?;
        entries.push((path, entry));
    }
    if entries.is_empty() {
        return Err(Failure::input(format!(
            "there is no reproduction in {}\n  help: `countersign run --save` writes one for each \
             finding",
            options.files.join(", ")
        )));
    }
    let limits = Options::default();
    let mut implementation = open::open(&options.against, &options.faults, 0).await?;
    let work = all(&entries, implementation.as_mut(), &limits);
    let result = interrupt::unless_interrupted(work, &limits.stop).await;
    match result {
        Some(code) => {
            interrupt::end(implementation).await;
            Ok(code)
        }
        None => Ok(interrupt::code()),
    }
}

/// The files named, and those in the folders named.
fn files(named: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for name in named {
        let path = Path::new(name);
        if path.is_dir() {
            let found = corpus::list(path)
                .map_err(|error| Failure::input(format!("{name} cannot be read: {error}")))?;
            files.extend(found);
        } else {
            files.push(path.to_owned());
        }
    }
    Ok(files)
}

/// Replays every entry; the gravest answer decides the exit code.
async fn all(
    entries: &[(PathBuf, Entry)],
    implementation: &mut dyn Implementation,
    limits: &Options,
) -> ExitCode {
    let (mut failing, mut unknown) = (0, 0);
    for (path, entry) in entries {
        let replayed = corpus::replay(entry, implementation, limits).await;
        anstream::println!("{}: {}", path.display(), replayed.state.word());
        anstream::println!("  {}", entry.sentence);
        match &replayed.state {
            State::Fixed { caution } => {
                if let Some(caution) = caution {
                    anstream::println!("  note: {caution}");
                }
            }
            State::StillFailing(found) | State::FailingDifferently(found) => {
                failing += 1;
                anstream::println!("  expected  {}", found.expected);
                anstream::println!("  observed  {}", found.observed);
                show(&replayed.transcript);
            }
            State::CouldNotRun(reason) => {
                unknown += 1;
                anstream::println!("  {reason}");
            }
        }
    }
    if failing > 0 {
        ExitCode::FAILURE
    } else if limits.stop.is_stopped() {
        interrupt::code()
    } else if unknown > 0 {
        incomplete()
    } else {
        ExitCode::SUCCESS
    }
}

fn show(messages: &Messages) {
    for message in &messages.case {
        for (mark, text) in [('>', &message.sent), ('<', &message.received)] {
            for line in text.lines().take_while(|line| !line.is_empty()) {
                anstream::println!("    {mark} {line}");
            }
        }
    }
}
