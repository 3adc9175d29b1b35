//! `countersign kill-matrix` and `countersign rules`: what the rules do to seeded faults.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use countersign::engine::{Options, Stop};
use countersign::files;
use countersign::matrix::{self, MatrixProgress};
use countersign::reference::Fault;
use countersign::report::{matrix_json, matrix_page, matrix_text};
use countersign::results::Matrix;
use countersign::spec::Spec;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::arguments::{KillMatrixOptions, RulesOptions};
use super::failure::{CommandFailure, written};
use super::{interrupt, open, place, specs};

/// Runs every fault against every rule and prints who kills whom. The exit code is 1 where a fault
/// survives or a rule that is judged kills nothing.
pub(super) async fn kill_matrix(options: &KillMatrixOptions) -> Result<ExitCode, CommandFailure> {
    let faults = open::faults(&options.faults)?;
    let specs = specs::read_specs(&options.specs)?;
    let specs = specs::narrowed(&specs, &options.plan.set)?;
    let all = faults.is_empty();
    let wanted = matrix::MatrixOptions {
        run: Options {
            cases: options.plan.cases,
            seed: options.plan.seed,
            ..Options::default()
        },
        faults: if all { Fault::ALL.to_vec() } else { faults },
        ..matrix::MatrixOptions::default()
    };
    let Some(matrix) = measured(&specs, wanted).await? else {
        return Ok(interrupt::code());
    };
    let text = if options.json {
        format!("{}\n", matrix_json(&matrix, &specs))
    } else {
        matrix_text(&matrix, &specs)
    };
    written(anstream::stdout().write_all(text.as_bytes()))?;
    // With some of the faults only, nothing is said of rules that kill none of them.
    let toothless = all && !matrix.toothless(&specs).is_empty();
    if toothless || !matrix.survivors().is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists rules, or writes a page about those of each pack, with the faults that each kills.
pub(super) async fn rules(options: &RulesOptions) -> Result<ExitCode, CommandFailure> {
    if let Some(folder) = &options.markdown {
        place::folder(folder, "pages")?;
    }
    let specs = specs::read_specs(&options.specs)?;
    let Some(folder) = &options.markdown else {
        let mut text = String::new();
        for spec in &specs {
            text.push_str(&format!("{} {}\n", spec.pack.name, spec.pack.version));
            for rule in &spec.rules {
                text.push_str(&format!("  {} ({})\n", rule.id, rule.level));
                text.push_str(&format!("    {}\n", rule.stated));
                for (outcome, impact) in rule.impact.all() {
                    let outcome = outcome.map_or_else(String::new, |it| format!("{it}: "));
                    text.push_str(&format!("    {outcome}{impact}\n"));
                }
            }
        }
        written(anstream::stdout().write_all(text.as_bytes()))?;
        return Ok(ExitCode::SUCCESS);
    };
    let wanted = matrix::MatrixOptions {
        run: Options {
            cases: matrix::PAGE_CASES,
            ..Options::default()
        },
        ..matrix::MatrixOptions::default()
    };
    let Some(matrix) = measured(&specs, wanted).await? else {
        return Ok(interrupt::code());
    };
    let folder = Path::new(folder);
    let fault = |path: &Path, error: std::io::Error| {
        CommandFailure::environment(format!("could not write {}: {error}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| fault(folder, error))?;
    for spec in &specs {
        let path = folder.join(format!("{}.md", spec.pack.name));
        files::replace(&path, matrix_page(&matrix, spec).as_bytes())
            .map_err(|error| fault(&path, error))?;
        anstream::println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures on other threads, with progress on standard error; nothing where it was interrupted.
async fn measured(
    specs: &[Spec],
    options: matrix::MatrixOptions,
) -> Result<Option<Matrix>, CommandFailure> {
    for spec in specs {
        specs::warn_before_playing(spec)?;
    }
    let stop: Stop = options.run.stop.clone();
    let specs = specs.to_vec();
    let work = tokio::task::spawn_blocking(move || {
        let bar = std::io::stderr().is_terminal().then(progress_bar);
        let result = matrix::measure(&specs, &options, &mut |MatrixProgress { done, of }| {
            if let Some(bar) = &bar {
                bar.set_length(of as u64);
                bar.set_position(done as u64);
            }
        });
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        result
    });
    match interrupt::unless_interrupted(work, &stop).await {
        Some(_) | None if stop.is_stopped() => Ok(None),
        Some(Ok(result)) => result.map(Some).map_err(CommandFailure::environment),
        Some(Err(panic)) => Err(CommandFailure::environment(panic)),
        None => Ok(None),
    }
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("runs {wide_bar} {human_pos}/{human_len} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
