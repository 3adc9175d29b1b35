//! `countersign run`.

use std::path::Path;
use std::process::ExitCode;

use countersign::corpus::{self, Entry};
use countersign::engine::{self, Cause, Event, Options, PackReport, Stop, Stopped, causes};
use countersign::implementation::Implementation;
use countersign::report::{JsonLines, Terminal};
use countersign::spec::{Spec, read_case};
use countersign::yaml::{Source, nearest};

use super::arguments::{Format, RunOptions};
use super::failure::{Failure, incomplete};
use super::{interrupt, open, specs};

/// Runs specs against an implementation and reports.
pub(super) async fn run(options: &RunOptions) -> Result<ExitCode, Failure> {
    let specs = specs::open_specs(&options.specs)?;
    check_rules(&specs, &options.rules)?;
    let specs = specs::narrowed(specs, &options.set)?;
    let limits = Options {
        cases: options.cases,
        seed: options.seed,
        rules: options.rules.clone(),
        connections: usize::from(options.connections),
        stop: Stop::default(),
        ..Options::default()
    };
    let mut implementation = open::open(&options.against, &options.faults, 0).await?;
    let work = all(options, &specs, implementation.as_mut(), &limits);
    let result = interrupt::unless_interrupted(work, &limits.stop).await;
    implementation.stop().await;
    match result {
        Some(result) => result,
        None => Ok(interrupt::code()),
    }
}

/// A rule that no spec has would select nothing, and a run of nothing finds nothing.
fn check_rules(specs: &[Spec], rules: &[String]) -> Result<(), Failure> {
    let known: Vec<&str> = specs
        .iter()
        .flat_map(|spec| spec.rules.iter().map(|rule| rule.id.as_str()))
        .collect();
    for rule in rules {
        if !known.contains(&rule.as_str()) {
            let help = match nearest(rule, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the rules are {}", known.join(", ")),
            };
            return Err(Failure::input(format!(
                "no spec has a rule `{rule}`\n  help: {help}"
            )));
        }
    }
    Ok(())
}

async fn all(
    options: &RunOptions,
    specs: &[Spec],
    implementation: &mut dyn Implementation,
    limits: &Options,
) -> Result<ExitCode, Failure> {
    let mut terminal = Terminal::new(anstream::stdout());
    let mut lines = JsonLines::new(std::io::stdout());
    let text = options.format == Format::Text;
    if text {
        let description = implementation.description();
        terminal.opening(&description.name, &description.version)?;
    }
    let mut reports = Vec::new();
    for spec in specs {
        if !limits.rules.is_empty() && !spec.rules.iter().any(|r| limits.rules.contains(&r.id)) {
            continue;
        }
        let mut subscriber = |event: Event<'_>| {
            if text {
                terminal.on(&event);
            } else {
                lines.on(&event);
            }
        };
        let report = match &options.case {
            Some(text) => {
                let source = Source::new("--case", text.as_str());
                let case = read_case(&source, &spec.domain).map_err(Failure::input)?;
                engine::judge_one(spec, &case, implementation, limits, &mut subscriber).await
            }
            None => engine::run(spec, implementation, limits, &mut subscriber).await,
        };
        if text {
            terminal.pack(&report)?;
        }
        let ended = report.stopped.is_some();
        reports.push(report);
        if ended {
            break;
        }
    }
    let all = causes(reports.iter().flat_map(|report| &report.findings));
    let saved = save(options, &all, implementation)?;
    if text {
        terminal.closing(&reports, &all, &options.against, &saved)?;
    }
    Ok(code(&reports))
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

/// The answer as an exit code. A run in which nothing was judged has not shown that the
/// implementation conforms.
fn code(reports: &[PackReport]) -> ExitCode {
    if reports
        .iter()
        .any(|report| report.accusations().next().is_some())
    {
        return ExitCode::FAILURE;
    }
    if reports
        .iter()
        .any(|report| report.stopped == Some(Stopped::Asked))
    {
        return interrupt::code();
    }
    let judged: u64 = reports.iter().map(|report| report.judged).sum();
    if judged == 0 || !reports.iter().all(PackReport::is_complete) {
        return incomplete();
    }
    ExitCode::SUCCESS
}
