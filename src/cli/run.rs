//! `countersign run`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::baseline::Baseline;
use countersign::corpus::{self, Entry, Saved};
use countersign::domain::Case;
use countersign::engine::{self, Options, Stop};
use countersign::implementation::{Description, Implementation};
use countersign::report::{Called, JsonLines, Progress, Terminal, no_verdict};
use countersign::results::{Event, Invocation, Run, RunVerdict, Stopped, Subscriber};
use countersign::spec::Spec;
use countersign::wire::Limits;

use super::arguments::{Format, RunOptions};
use super::cast::{self, Players};
use super::failure::{COULD_NOT_RUN, CommandFailure, written};
use super::interrupt::Interruptions;
use super::journal::KeptRun;
use super::prepare::prepare;
use super::program::program;
use super::saved::keep_in;
use super::workflow::{ColonForm, Harmless};
use super::{baseline, changed_since, faults, interrupt, open, paper, reports};

/// The exit code of a run that found something.
const FOUND: u8 = 1;

/// Runs specs against an implementation and reports.
pub(super) async fn run(options: &RunOptions) -> Result<ExitCode, CommandFailure> {
    let mut interruptions = Interruptions::watch();
    let progress = Arc::new(Progress::new("reading the specs"));
    let reading = {
        // Reading leaves no moment to a task, and an interruption is to be heard meanwhile.
        let (options, progress) = (options.clone(), Arc::clone(&progress));
        tokio::task::spawn_blocking(move || prepare(&options, &progress))
    };
    let Some(prepared) = interruptions.before(reading).await else {
        progress.close();
        return Ok(interrupt::early());
    };
    let prepared = prepared.map_err(CommandFailure::environment)??;
    if !prepared.warnings.is_empty() {
        progress.clear();
        super::failure::warn(&prepared.warnings);
    }
    let unnoticed = faults::unnoticed(&options.faults, &prepared.specs, &options.rules);
    if !unnoticed.is_empty() {
        progress.clear();
        super::failure::warn(&unnoticed.join("\n"));
    }
    let finding = cast::players(options);
    let Some(players) = interruptions.before(finding).await else {
        progress.close();
        return Ok(interrupt::early());
    };
    let players = players?;
    let journal = KeptRun::open(options, &asked(options), &prepared.specs)?;
    progress.waits(&format!("starting {}", options.against));
    let opening = open::open_for(&prepared.specs, &options.against, &options.faults);
    let Some(implementation) = interruptions.before(opening).await else {
        progress.close();
        return Ok(interrupt::early());
    };
    let mut implementation = implementation?;
    baseline::check(prepared.known.as_ref(), &implementation.description().name)?;
    let bound = bound(prepared.chosen, options, implementation.description());
    let limits = Options {
        cases: options.plan.cases,
        seed: options.plan.seed,
        rules: options.rules.clone(),
        excluded: options.excluded.clone(),
        limits: within(options.request_timeout),
        // Reading the specs and starting the implementation is not what the time is for.
        until: options
            .max_time
            .and_then(|time| Instant::now().checked_add(time)),
        most_findings: options.max_findings,
        connections: usize::from(options.connections),
        part: options.shard,
        stop: Stop::default(),
        ..Options::default()
    };
    let work = all(
        options,
        &bound,
        (&prepared.specs, prepared.known, prepared.before),
        (journal, &players),
        implementation.as_mut(),
        &limits,
        &progress,
    );
    let result = interruptions.during(work, &limits.stop).await;
    match result {
        Some(result) => {
            progress.waits(&format!("stopping {}", options.against));
            interrupt::end(implementation).await;
            progress.clear();
            result.map(ExitCode::from)
        }
        None => {
            progress.close();
            Ok(interrupt::code())
        }
    }
}

/// The bounds on each exchange, where each part of it may take so long.
fn within(time: Option<Duration>) -> Limits {
    let usual = Limits::default();
    match time {
        Some(time) => Limits {
            connect: time,
            head: time,
            body: time,
            ..usual
        },
        None => usual,
    }
}

/// The specs that are played, and the names of those that are left out.
struct Bound {
    chosen: Vec<(Spec, Option<Case>)>,
    left_out: Vec<String>,
}

/// The specs that bind the implementation, and the names of those that do not. To name a spec claims nothing: whoever
/// has nothing to do with a pack would be accused of all that it asks for. `--claim` does.
fn bound(
    chosen: Vec<(Spec, Option<Case>)>,
    options: &RunOptions,
    description: &Description,
) -> Bound {
    let (chosen, left): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|(spec, _)| {
        engine::is_bound(spec, description) || options.claims.contains(&spec.pack.name)
    });
    let left = left.into_iter().map(|(spec, _)| spec.pack.name);
    Bound {
        chosen,
        left_out: left.collect(),
    }
}

/// Plays everything and reports; the exit code.
async fn all(
    options: &RunOptions,
    bound: &Bound,
    (specs, known, before): (&[Spec], Option<Baseline>, Option<Run>),
    (journal, players): (Option<KeptRun>, &Players),
    implementation: &mut dyn Implementation,
    limits: &Options,
    progress: &Arc<Progress>,
) -> Result<u8, CommandFailure> {
    let text = options.format == Format::Text;
    let is_told_there = text && !reports::take_standard_output(&options.reports);
    let (baseline, known) = (known.is_some(), known.unwrap_or_default());
    let out = Harmless::new(anstream::stdout(), ColonForm::Text);
    let pulse = limits.pulse.clone();
    let mut terminal = Terminal::new(out, paper(), Arc::clone(progress), pulse);
    let called = Called {
        against: &options.against,
        faults: &options.faults,
        claims: &options.claims,
        set: &options.plan.set,
        catalogue: options.catalogue.as_deref(),
        baseline: options.baseline.as_deref(),
    };
    let mut lines = JsonLines::new(Harmless::new(std::io::stdout(), ColonForm::Json), called);
    let description = implementation.description().clone();
    let (name, version) = (&description.name, &description.version);
    if is_told_there {
        written(terminal.opening(env!("CARGO_PKG_VERSION"), (name, version), &bound.left_out))?;
    } else if !text {
        progress.clear();
        lines.opening(env!("CARGO_PKG_VERSION"), (name, version), &bound.left_out);
    }
    let is_kept = journal.is_some();
    let mut subscriber = |event: Event<'_>| {
        terminal.on(&event);
        // What is played in parts is told when they are put together.
        if !text && !is_kept {
            lines.on(&event);
        }
    };
    let chosen = bound.chosen.iter();
    let chosen: Vec<(&Spec, Option<&Case>)> =
        chosen.map(|(spec, case)| (spec, case.as_ref())).collect();
    let asked = asked(options);
    let mut run = match journal {
        Some(journal) => {
            let played = journal.play(&chosen, asked, implementation, limits, &mut subscriber);
            played.await?
        }
        None => {
            let subscriber = &mut subscriber;
            by_all(&chosen, asked, players, implementation, limits, subscriber).await
        }
    };
    if is_kept && !text {
        for pack in &run.packs {
            let found = pack.findings.iter().map(Event::Found);
            found
                .chain([Event::Done(pack)])
                .for_each(|event| lines.on(&event));
        }
    }
    run.left_out.clone_from(&bound.left_out);
    progress.clear();
    if baseline {
        let compared = baseline::compare(&known, &run, options);
        let over = compared.over.iter().map(|(departure, until)| {
            format!(
                "`{}` was to be known until {until}, and counts again",
                departure.finding
            )
        });
        let over: Vec<String> = over.collect();
        let known = compared.known(&known, &run);
        run.learn(known);
        if let Some(first) = run.packs.first_mut() {
            first.notices.extend(over);
        }
    }
    if let (Some(file), Some(before)) = (&options.changed_since, &before) {
        let not_compared = changed_since::not_compared(file, before, &run);
        if let Some(first) = run.packs.first_mut() {
            first.notices.extend(not_compared);
        }
        let found = baseline::found_before(file, before, &run);
        let known = match run.known.take() {
            Some(mut known) => {
                known.shows.extend(found.shows);
                known
            }
            None => found,
        };
        run.learn(known);
    }
    // What cannot be saved does not cost the report: it is told when that is written.
    let (saved, not_saved) = save(options, &Entry::all_of(&run));
    let no_baseline = baseline::save(options, &known, &run, specs).err();
    for (defect, path) in run.defects.iter_mut().zip(saved) {
        defect.saved = path;
    }
    let not_kept = keep(options, &run).err();
    let failure = not_saved.or(no_baseline).or(not_kept);
    let ends = |failure: &Option<CommandFailure>| match failure {
        Some(failure) => failure.code(),
        None => match (code(run.verdict()), players.missing) {
            (0, true) => COULD_NOT_RUN,
            (code, _) => code,
        },
    };
    let exit = ends(&failure);
    let not_reported = reports::write(&options.reports, &run, exit, options.verbose).err();
    let failure = failure.or(not_reported);
    let exit = ends(&failure);
    let reported = if is_told_there {
        terminal.closing(&run, options.verbose)
    } else if text {
        Ok(())
    } else {
        lines.closing(&run, exit);
        lines.finish()
    };
    reports::annotate(&options.reports, &run);
    for report in &run.packs {
        if let Some(stopped) = report
            .stopped
            .as_ref()
            .filter(|why| **why != Stopped::Asked)
        {
            super::failure::say(&format!("{} ended early: {stopped}", report.pack.0));
        }
    }
    let ended = run.packs.iter().any(|report| report.stopped.is_some());
    if exit == COULD_NOT_RUN
        && !ended
        && let Some(why) = no_verdict(&run)
    {
        super::failure::say(&why);
    }
    if exit == interrupt::CODE {
        super::failure::say("interrupted: what was judged until then is no verdict on the whole");
    }
    if let Some(failure) = failure {
        // Both are told: this one now, the report's by whoever called.
        failure.report();
    }
    written(reported)?;
    Ok(exit)
}

/// Runs packs, by one cast of programs after the other, or by models.
async fn by_all(
    chosen: &[(&Spec, Option<&Case>)],
    asked: Invocation,
    players: &Players,
    implementation: &mut dyn Implementation,
    limits: &Options,
    subscriber: &mut Subscriber<'_>,
) -> Run {
    let mut whole: Option<Run> = None;
    for programs in &players.casts {
        let limits = Options {
            programs: programs.clone(),
            ..limits.clone()
        };
        let asked = asked.clone();
        let run = engine::run_packs(chosen, asked, implementation, &limits, subscriber).await;
        let ended = { run.packs.iter() }.any(|pack| pack.stopped.is_some());
        match &mut whole {
            None => whole = Some(run),
            Some(whole) => {
                whole.packs.extend(run.packs);
                whole.not_begun.extend(run.not_begun);
                whole.defects = whole.put_together();
            }
        }
        if ended {
            break;
        }
    }
    let nothing = || {
        let description = implementation.description();
        let product = (description.name.clone(), description.version.clone());
        Run::new(asked.clone(), product, Vec::new())
    };
    whole.unwrap_or_else(nothing)
}

/// Saves reproductions; the paths, in their order, and what went wrong.
fn save(options: &RunOptions, entries: &[Entry]) -> (Vec<Option<String>>, Option<CommandFailure>) {
    let Some(folder) = &options.save else {
        return (Vec::new(), None);
    };
    let mut failure = None;
    let paths = entries
        .iter()
        .map(|entry| match corpus::save(Path::new(folder), entry) {
            Ok(Saved { path, kept }) => {
                if let Some(kept) = kept {
                    super::failure::say(&format!(
                        "note: {} was edited, or is of something else, and stays as it is; the finding is in {}",
                        kept.display(),
                        path.display()
                    ));
                }
                Some(path.display().to_string())
            }
            Err(error) => {
                let why = format!("could not save to {folder}: {error}");
                failure.get_or_insert_with(|| CommandFailure::environment(why));
                None
            }
        })
        .collect();
    (paths, failure)
}

/// What was asked for, as far as a saved run keeps it.
fn asked(options: &RunOptions) -> Invocation {
    Invocation {
        program: program(),
        against: options.against.clone(),
        faults: options.faults.clone(),
        specs: options.specs.clone(),
        claims: options.claims.clone(),
        rules: options.rules.clone(),
        excluded: options.excluded.clone(),
        set: options.plan.set.clone(),
        clients: options.clients.clone(),
        catalogue: options.catalogue.clone(),
        case: options.case.clone(),
        cases: options.plan.cases,
        seed: options.plan.seed,
        baseline: options.baseline.clone(),
        fail_on: options.fail_on.level(),
    }
}

/// Keeps the run itself, where that is asked for.
fn keep(options: &RunOptions, run: &Run) -> Result<(), CommandFailure> {
    match &options.save_run {
        Some(file) => keep_in(file, run),
        None => Ok(()),
    }
}

/// The answer as an exit code.
pub(super) fn code(verdict: RunVerdict) -> u8 {
    match verdict {
        RunVerdict::Conforms => 0,
        RunVerdict::Departs => FOUND,
        RunVerdict::Interrupted => interrupt::CODE,
        RunVerdict::Unknown => COULD_NOT_RUN,
    }
}
