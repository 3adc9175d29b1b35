//! The baseline of a run: which it is, and what it makes of what was found.

use std::io::ErrorKind;
use std::path::Path;

use countersign::adapter::{Folder, find_adapter};
use countersign::baseline::{BASELINE_FILE, Baseline, BaselineComparison, Day, changes, write};
use countersign::files::{self, MOST_WRITTEN, read_text};
use countersign::results::{Finding, KnownDefect, KnownDefects, Run, Whose, place_of};
use countersign::spec::Spec;
use countersign::yaml::Source;

use super::arguments::{RunOptions, USUAL_CASES, USUAL_SEED};
use super::failure::CommandFailure;
use super::open::is_adapter;

/// The word that turns every baseline off.
const NONE: &str = "none";

/// The baseline that a run is held against, if there is one.
pub(super) fn find(
    options: &RunOptions,
    specs: &[Spec],
) -> Result<Option<Baseline>, CommandFailure> {
    let source = match options.baseline.as_deref() {
        Some(NONE) => return Ok(None),
        Some(file) => {
            match read_text(Path::new(file), MOST_WRITTEN) {
                Ok(text) if options.accept && text.trim().is_empty() => return Ok(None),
                Ok(text) => Source::new(file, text),
                // It is made at the end.
                Err(error) if options.accept && error.kind() == ErrorKind::NotFound => {
                    return Ok(None);
                }
                Err(error) => return Err(unreadable(file, &error)),
            }
        }
        None if is_adapter(&options.against) => {
            // A mistake in the adapter is told when it is opened.
            let folder = match find_adapter(&options.against) {
                Ok(adapter) => adapter.folder,
                Err(_) => return Ok(None),
            };
            match folder.read(BASELINE_FILE) {
                Ok(text) => Source::new(folder.shown(BASELINE_FILE), text),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => {
                    let shown = folder.shown(BASELINE_FILE);
                    return Err(CommandFailure::input(format!(
                        "{shown} cannot be read: {error}"
                    )));
                }
            }
        }
        None => return Ok(None),
    };
    Baseline::read(&source, specs)
        .map(Some)
        .map_err(CommandFailure::input)
}

/// What to do where a baseline cannot be read.
fn unreadable(file: &str, error: &std::io::Error) -> CommandFailure {
    let inside = Path::new(file).join(BASELINE_FILE);
    let remedy = match error.kind() {
        _ if inside.is_file() => format!("name the file in it: `--baseline {}`", inside.display()),
        _ if Path::new(file).is_dir() => format!(
            "it is a folder; `--write-baseline {}` makes a baseline in it",
            inside.display()
        ),
        ErrorKind::NotFound => format!("`--write-baseline {file}` makes one"),
        _ => "name a file that can be read".to_owned(),
    };
    CommandFailure::input(format!(
        "the baseline {file} cannot be read: {error}\n  help: {remedy}, and `--baseline none` does without"
    ))
}

/// A baseline of another implementation would excuse what nobody looked at.
pub(super) fn check(
    baseline: Option<&Baseline>,
    implementation: &str,
) -> Result<(), CommandFailure> {
    match baseline {
        Some(baseline) if baseline.implementation != implementation => {
            Err(CommandFailure::input(format!(
                "{} is about {}, and this is {implementation}\n  help: name its own baseline, or \
             `--baseline none`",
                baseline.file, baseline.implementation
            )))
        }
        _ => Ok(()),
    }
}

/// What the baseline makes of what was found; without one, everything is new.
pub(super) fn compare<'a>(
    baseline: &'a Baseline,
    run: &'a Run,
    options: &RunOptions,
) -> BaselineComparison<'a> {
    // With other cases, a minimal case may be another one, or not be met at all.
    let whole = options.plan.set.is_empty()
        && options.shard.is_none()
        && options.case.is_none()
        && options.plan.cases == USUAL_CASES
        && options.plan.seed == USUAL_SEED
        && options.max_time.is_none()
        && options.max_findings.is_none();
    let has = |rules: &[String], rule: &str| rules.iter().any(|one| one == rule);
    let is_judged = |rule: &str| {
        (options.rules.is_empty() || has(&options.rules, rule)) && !has(&options.excluded, rule)
    };
    baseline.compare(run, &is_judged, whole, Day::today())
}

/// The file to which what is found is written as a baseline, if that is asked for.
pub(super) fn written(options: &RunOptions) -> Result<Option<String>, CommandFailure> {
    if !options.accept {
        return Ok(options.write_baseline.clone());
    }
    if let Some(file) = options.baseline.as_ref().filter(|file| *file != NONE) {
        return Ok(Some(file.clone()));
    }
    let adapter = is_adapter(&options.against).then(|| find_adapter(&options.against));
    match adapter {
        Some(Ok(adapter)) if matches!(adapter.folder, Folder::Disk(_)) => {
            Ok(Some(adapter.folder.shown(BASELINE_FILE)))
        }
        // A mistake in the adapter is told when it is opened.
        Some(Err(_)) => Ok(None),
        _ => Err(CommandFailure::input(
            "`--accept` does not know where to write: no baseline is named, and the implementation has no adapter's \
             folder\n  help: name a file, which need not be there yet: `--write-baseline known.yaml`",
        )),
    }
}

/// What a run that was saved before makes of what was found: what it found as well does not count.
pub(super) fn found_before(file: &str, before: &Run, run: &Run) -> KnownDefects {
    let found: Vec<_> = before
        .packs
        .iter()
        .flat_map(|pack| &pack.findings)
        .collect();
    let fresh = run.causes();
    let shows = fresh.iter().filter_map(|cause| {
        let findings = [vec![cause.headline], cause.others.clone()].concat();
        let is_old = |one: &&&_| found.iter().any(|old| is_same(old, one));
        let old: Vec<_> = findings.iter().filter(is_old).collect();
        let places: Vec<_> = old
            .iter()
            .filter_map(|one| place_of(&run.packs, one))
            .collect();
        (!places.is_empty()).then(|| KnownDefect {
            title: cause.headline.title(),
            whose: Whose::Unsaid,
            reason: format!("it was found in {file} as well"),
            link: None,
            confirmed: "not looked at since".to_owned(),
            findings: places,
        })
    });
    KnownDefects {
        file: file.to_owned(),
        shows: shows.collect(),
        stale: Vec::new(),
    }
}

/// Whether two findings of two runs are one: the same rule is broken in the same way by the same minimal case.
fn is_same(one: &Finding, other: &Finding) -> bool {
    one.pack.0 == other.pack.0
        && one.rule == other.rule
        && one.discrepancy.kind == other.discrepancy.kind
        && one.case == other.case
}

/// Writes what was found as a baseline, if that is asked for.
pub(super) fn save(
    options: &RunOptions,
    known: &Baseline,
    run: &Run,
    specs: &[Spec],
) -> Result<(), CommandFailure> {
    let Some(file) = written(options)? else {
        return Ok(());
    };
    let file = file.as_str();
    if run.packs.iter().any(|report| report.stopped.is_some()) {
        return Err(CommandFailure::environment(format!(
            "{file} was not written: the run ended early"
        )));
    }
    let compared = compare(known, run, options);
    let text = write(Some(known), &compared, run, specs);
    files::replace(Path::new(file), text.as_bytes())
        .map_err(|error| CommandFailure::environment(format!("could not write {file}: {error}")))?;
    // Standard output belongs to the report.
    for line in changes(Some(known), &compared, run) {
        anstream::eprintln!("{}", super::workflow::harmless(&format!("{file}: {line}")));
    }
    Ok(())
}
