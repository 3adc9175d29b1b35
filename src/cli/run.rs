//! `countersign run`.

use std::path::Path;
use std::process::ExitCode;

use countersign::baseline::{Baseline, Settled};
use countersign::corpus::{self, Entry};
use countersign::domain::Case;
use countersign::engine::{self, Cause, Event, Options, PackReport, Stop, Stopped, causes};
use countersign::implementation::{Description, Implementation};
use countersign::report::{JsonLines, Terminal, left_out_json, left_out_text};
use countersign::spec::{Rule, SHIPPED, Spec, read_case, shipped};
use countersign::yaml::{Source, nearest};

use super::arguments::{Format, RunOptions};
use super::failure::{Failure, incomplete, written};
use super::{baseline, interrupt, open, specs};

/// Runs specs against an implementation and reports.
pub(super) async fn run(options: &RunOptions) -> Result<ExitCode, Failure> {
    let specs = specs::read_specs(&options.specs)?;
    check_rules(&specs, &options.rules)?;
    let chosen = chosen(specs::narrowed(&specs, &options.set)?, options)?;
    for spec in &specs {
        specs::look_over(spec)?;
    }
    let limits = Options {
        cases: options.cases,
        seed: options.seed,
        rules: options.rules.clone(),
        connections: usize::from(options.connections),
        stop: Stop::default(),
        ..Options::default()
    };
    let known = baseline::find(options, &specs)?;
    let mut implementation = open::open_for(&specs, &options.against, &options.faults).await?;
    baseline::check(known.as_ref(), &implementation.description().name)?;
    let (chosen, left_out) = bound(chosen, options, implementation.description());
    let work = all(
        options,
        (&chosen, &left_out),
        (&specs, known.unwrap_or_default()),
        implementation.as_mut(),
        &limits,
    );
    let result = interrupt::unless_interrupted(work, &limits.stop).await;
    match result {
        Some(result) => {
            interrupt::end(implementation).await;
            result
        }
        None => Ok(interrupt::code()),
    }
}

/// The specs that have a rule to judge, each with the case if one is given.
fn chosen(specs: Vec<Spec>, options: &RunOptions) -> Result<Vec<(Spec, Option<Case>)>, Failure> {
    let has_rule = |spec: &Spec| {
        let is_named = |rule: &Rule| options.rules.contains(&rule.id);
        options.rules.is_empty() || spec.rules.iter().any(is_named)
    };
    specs
        .into_iter()
        .filter(has_rule)
        .map(|spec| {
            let read = |text: &String| {
                read_case(&Source::new("--case", text.as_str()), &spec.domain)
                    .map_err(Failure::input)
            };
            let case = options.case.as_ref().map(read).transpose()?;
            Ok((spec, case))
        })
        .collect()
}

/// The specs that bind the implementation, and the names of those that do not. What was asked for by name
/// binds: a spec, or a rule that only such specs have.
fn bound(
    chosen: Vec<(Spec, Option<Case>)>,
    options: &RunOptions,
    description: &Description,
) -> (Vec<(Spec, Option<Case>)>, Vec<String>) {
    let binds = |(spec, _): &(Spec, Option<Case>)| engine::is_bound(spec, description);
    let by_name = !options.specs.is_empty() || !chosen.iter().any(binds);
    let (bound, left): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|one| by_name || binds(one));
    let left = left.into_iter().map(|(spec, _)| spec.pack.name);
    (bound, left.collect())
}

/// A rule that no spec has would select nothing, and a run of nothing finds nothing.
fn check_rules(specs: &[Spec], rules: &[String]) -> Result<(), Failure> {
    let known: Vec<&str> = specs
        .iter()
        .flat_map(|spec| spec.rules.iter().map(|rule| rule.id.as_str()))
        .collect();
    for rule in rules {
        if !known.contains(&rule.as_str()) {
            let elsewhere = SHIPPED.iter().find_map(|(name, _)| {
                let spec = Spec::read(&shipped(name)?).ok()?;
                spec.rules
                    .iter()
                    .any(|one| one.id == *rule)
                    .then_some(*name)
            });
            let help = match (elsewhere, nearest(rule, known.iter().copied())) {
                (Some(pack), _) => format!("add `--spec {pack}`, which has it"),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => format!("the rules are {}", known.join(", ")),
            };
            return Err(Failure::input(format!(
                "none of the specs has a rule `{rule}`\n  help: {help}"
            )));
        }
    }
    Ok(())
}

async fn all(
    options: &RunOptions,
    (chosen, left_out): (&[(Spec, Option<Case>)], &[String]),
    (specs, known): (&[Spec], Baseline),
    implementation: &mut dyn Implementation,
    limits: &Options,
) -> Result<ExitCode, Failure> {
    let mut terminal = Terminal::new(anstream::stdout());
    let mut lines = JsonLines::new(std::io::stdout());
    let text = options.format == Format::Text;
    if text {
        let description = implementation.description();
        written(terminal.opening(&description.name, &description.version))?;
    }
    for pack in left_out {
        let name = &implementation.description().name;
        let line = match text {
            true => left_out_text(pack, name) + "\n",
            false => left_out_json(pack, name).to_string(),
        };
        anstream::println!("{line}");
    }
    let mut reports = Vec::new();
    for (spec, case) in chosen {
        let mut subscriber = |event: Event<'_>| {
            if text {
                terminal.on(&event);
            } else {
                lines.on(&event);
            }
        };
        let report = match case {
            Some(case) => {
                engine::judge_one(spec, case, implementation, limits, &mut subscriber).await
            }
            None => engine::run(spec, implementation, limits, &mut subscriber).await,
        };
        if text {
            written(terminal.pack(&report))?;
        }
        let ended = report.stopped.is_some();
        reports.push(report);
        if ended {
            break;
        }
    }
    let settled = baseline::settle(&known, &reports, options);
    let all = causes(settled.fresh.iter().copied());
    let saved = save(options, &all, implementation)?;
    if text {
        written(terminal.closing(&reports, &all, &options.against, &saved))?;
    }
    baseline::report(&settled, &known, options.format);
    baseline::save(options, &known, &settled, &reports, specs)?;
    Ok(code(&reports, &settled))
}

/// Saves the headline of each cause; the paths, in the order of the causes.
fn save(
    options: &RunOptions,
    causes: &[Cause<'_>],
    implementation: &dyn Implementation,
) -> Result<Vec<Option<String>>, Failure> {
    let Some(folder) = &options.save else {
        return Ok(Vec::new());
    };
    let description = implementation.description();
    causes
        .iter()
        .map(|cause| {
            let entry = Entry::of(cause.headline, &description.name, &description.version);
            let path = corpus::save(Path::new(folder), &entry).map_err(|error| {
                Failure::environment(format!("could not save to {folder}: {error}"))
            })?;
            Ok(Some(path.display().to_string()))
        })
        .collect()
}

/// The answer as an exit code. A run in which nothing was judged of a pack has not shown that the
/// implementation conforms to it, whatever it makes of the others.
fn code(reports: &[PackReport], settled: &Settled<'_>) -> ExitCode {
    let mut fresh = settled.fresh.iter();
    if fresh.any(|finding| finding.accuses()) || !settled.stale.is_empty() {
        return ExitCode::FAILURE;
    }
    if reports
        .iter()
        .any(|report| report.stopped == Some(Stopped::Asked))
    {
        return interrupt::code();
    }
    let judges = |report: &PackReport| report.judged > 0 && report.is_complete();
    if reports.is_empty() || !reports.iter().all(judges) {
        return incomplete();
    }
    ExitCode::SUCCESS
}
