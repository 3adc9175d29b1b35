//! `countersign replay`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use countersign::corpus::{self, Entry, Messages, ReplayState};
use countersign::engine::Options;
use countersign::implementation::{Description, Implementation};

use super::arguments::ReplayOptions;
use super::failure::{CommandFailure, incomplete};
use super::{interrupt, open};

mod endpoint;

/// Tries reproductions again.
pub(super) async fn replay(options: &ReplayOptions) -> Result<ExitCode, CommandFailure> {
    let mut entries = Vec::new();
    // One file that is wrong does not keep the others from being answered.
    let mut wrong = Vec::new();
    for path in files(&options.files)? {
        match corpus::load(&path) {
            Ok(entry) => entries.push((path, entry)),
            Err(why) => wrong.push(CommandFailure::input(why)),
        }
    }
    if entries.is_empty() && wrong.is_empty() {
        return Err(CommandFailure::input(format!(
            "there is no reproduction in {}\n  help: `countersign run --save` writes one for each \
             finding",
            options.files.join(", ")
        )));
    }
    let limits = Options::default();
    let mut sum = Sum::default();
    let (of_endpoints, entries) =
        { entries.into_iter() }.partition::<Entries, _>(|(_, entry)| entry.is_of_endpoint());
    let entries = match &options.endpoint {
        Some(url) => {
            wrong.extend(entries.iter().map(|(path, entry)| {
                CommandFailure::input(format!(
                    "{} was seen on {}, which is no deployed endpoint\n  help: leave out `--endpoint`",
                    path.display(),
                    entry.seen_on.name
                ))
            }));
            let work = endpoint::tried(options, url, of_endpoints, &mut wrong, &mut sum);
            if interrupt::unless_interrupted(work, &limits.stop)
                .await
                .is_none()
            {
                return Ok(interrupt::code());
            }
            Vec::new()
        }
        None => {
            wrong.extend(of_endpoints.iter().map(|(path, _)| {
                CommandFailure::input(format!(
                    "{} was seen at a deployed endpoint\n  help: say where that is: `--endpoint URL`",
                    path.display()
                ))
            }));
            entries
        }
    };
    let groups = grouped(entries, options.against.as_deref(), &mut wrong);
    for (target, entries) in groups {
        let opened = open::open(&target, &options.faults, 0).await;
        let mut implementation = match opened {
            Ok(implementation) => implementation,
            Err(failure) if failure.is_of_environment() => {
                sum.unknown += entries.len();
                for (path, _) in &entries {
                    tell!("{}: could not run on {target}", path.display());
                }
                let _ = failure.report();
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let work = all(&entries, implementation.as_mut(), &limits, &mut sum);
        if interrupt::unless_interrupted(work, &limits.stop)
            .await
            .is_none()
        {
            return Ok(interrupt::code());
        }
        interrupt::end(implementation).await;
        if limits.stop.is_stopped() {
            break;
        }
    }
    for failure in &wrong {
        let _ = failure.report();
    }
    match wrong.last() {
        Some(failure) if !limits.stop.is_stopped() => Ok(ExitCode::from(failure.code())),
        _ => Ok(sum.code(&limits)),
    }
}

/// What was answered so far.
#[derive(Debug, Default)]
struct Sum {
    failing: usize,
    unknown: usize,
}

impl Sum {
    /// The gravest answer decides the exit code.
    fn code(&self, limits: &Options) -> ExitCode {
        if self.failing > 0 {
            ExitCode::FAILURE
        } else if limits.stop.is_stopped() {
            interrupt::code()
        } else if self.unknown > 0 {
            incomplete()
        } else {
            ExitCode::SUCCESS
        }
    }
}

type Entries = Vec<(PathBuf, Entry)>;

/// The reproductions by the implementation that each is tried on: the one that is named, otherwise the
/// one on which it was seen. Where nobody knows where that is, it is added to what is wrong.
fn grouped(
    entries: Entries,
    against: Option<&str>,
    wrong: &mut Vec<CommandFailure>,
) -> Vec<(String, Entries)> {
    let mut groups: Vec<(String, Entries)> = Vec::new();
    for (path, entry) in entries {
        let Some(target) = against.or_else(|| entry.against()) else {
            let seen_on = &entry.seen_on;
            wrong.push(CommandFailure::input(format!(
                "{} was seen on {} {}, which is no adapter that ships\n  help: say where that is: \
                 `--against FOLDER` with the folder of its adapter, or `--against URL` with its \
                 control URL; with another product the answer is whether the failure shows there",
                path.display(),
                seen_on.name,
                seen_on.version
            )));
            continue;
        };
        match groups.iter_mut().find(|(name, _)| name == target) {
            Some((_, group)) => group.push((path, entry)),
            None => groups.push((target.to_owned(), vec![(path, entry)])),
        }
    }
    groups
}

/// The files named, and those in the folders named and in the folders of these, by name.
pub(super) fn files(named: &[String]) -> Result<Vec<PathBuf>, CommandFailure> {
    let mut files = Vec::new();
    for name in named {
        let path = Path::new(name);
        if !path.is_dir() {
            files.push(path.to_owned());
            continue;
        }
        for folder in folders(path).map_err(unreadable(path))? {
            files.extend(corpus::list(&folder).map_err(unreadable(&folder))?);
        }
    }
    Ok(files)
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> CommandFailure {
    move |error| CommandFailure::input(format!("{} cannot be read: {error}", path.display()))
}

/// How many folders may stand in each other.
const DEEPEST: usize = 16;

/// A folder, and the folders below it that are not hidden, in order, each behind the one that it is in. Links are not
/// followed.
fn folders(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut left = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = left.pop() {
        if depth > DEEPEST {
            let why = format!("{} is too many folders down", folder.display());
            return Err(std::io::Error::other(why));
        }
        let mut inner = Vec::new();
        for one in std::fs::read_dir(&folder)? {
            let one = one?;
            let is_hidden = one.file_name().to_string_lossy().starts_with('.');
            if !is_hidden && one.file_type()?.is_dir() {
                inner.push((one.path(), depth + 1));
            }
        }
        // The last is looked into first.
        inner.sort_by(|one, other| other.cmp(one));
        left.extend(inner);
        found.push(folder);
    }
    Ok(found)
}

/// Replays every entry.
async fn all(
    entries: &[(PathBuf, Entry)],
    implementation: &mut dyn Implementation,
    limits: &Options,
    sum: &mut Sum,
) {
    for (path, entry) in entries {
        let replayed = corpus::replay(entry, implementation, limits).await;
        let Description { name, version, .. } = implementation.description();
        let answer = entry.answer(&replayed.state, name, version);
        tell!("{}: {answer}", path.display());
        tell!("  {}", entry.title());
        match &replayed.state {
            ReplayState::Fixed { caution } => {
                let faults = entry.faults_left_out(name, version);
                if !faults.is_empty() {
                    let options: Vec<_> = { faults.iter() }
                        .map(|fault| format!("--fault {fault}"))
                        .collect();
                    tell!(
                        "  note: it was seen with {} seeded, which is not seeded here, so this does not say that \
                         it is fixed: `{}` seeds {} again",
                        if faults.len() > 1 {
                            "faults"
                        } else {
                            "a fault"
                        },
                        options.join(" "),
                        if faults.len() > 1 { "them" } else { "it" }
                    );
                }
                if let Some(caution) = caution {
                    tell!("  note: {caution}");
                }
            }
            ReplayState::StillFailing(found) | ReplayState::FailingDifferently(found) => {
                sum.failing += 1;
                tell!("  expected  {}", found.expected);
                tell!("  observed  {}", found.observed);
                show(&replayed.transcript);
            }
            ReplayState::NotShown { .. } => {
                sum.unknown += 1;
                tell!("  it did not show each time before, so this does not say that it is fixed");
            }
            ReplayState::CouldNotRun(reason) => {
                sum.unknown += 1;
                tell!("  {reason}");
            }
        }
    }
}

fn show(messages: &Messages) {
    for message in &messages.case {
        for (mark, text) in [('>', &message.sent), ('<', &message.received)] {
            for line in text.lines().take_while(|line| !line.is_empty()) {
                tell!("    {mark} {line}");
            }
        }
    }
}
