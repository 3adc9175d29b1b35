//! `countersign clients measure`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::files::{MOST_WRITTEN, read_text, replace};
use countersign::programs::{DriveLimits, Driven, Driver, ProgramCommand, play_all};
use countersign::user_agents::catalogue::{Catalogue, CatalogueEntry, Registry, written};
use countersign::user_agents::drawn::drawn;
use countersign::user_agents::model::Script;
use countersign::yaml::Source;
use serde_json::json;

use super::{entry, gateways, layouts, measured, runs, smallest};
use crate::cli::clients_options::MeasureOptions;
use crate::cli::failure::{CommandFailure, incomplete, say};
use crate::cli::interrupt::{self, Interruptions};
use measured::Measured;

/// The layouts that say something of connections and of field names, which the model does not look at.
const LEFT_OUT: [&str; 2] = ["X9", "Z10"];

/// Measures a program, or clients of the catalogue.
pub(super) async fn measure(
    catalogue: &Catalogue,
    options: &MeasureOptions,
) -> Result<ExitCode, CommandFailure> {
    let cases = match &options.layouts {
        Some(file) => layouts::cases(file)?,
        None => {
            let mut cases = layouts::measured()?;
            cases.retain(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
            cases
        }
    };
    let cases = match options.drawn {
        Some(count) => smallest::cases(&drawn(usize::from(count), options.seed)),
        None => layouts::named(cases, &options.cases)?,
    };
    let mut interruptions = Interruptions::watch();
    if !options.command.is_empty() {
        let mut command = ProgramCommand::typed(&options.command).map_err(CommandFailure::input)?;
        if let Some(name) = &options.name {
            command.name.clone_from(name);
        }
        if options.catalogue.is_some() {
            let twin = catalogue.find(&command.name);
            if twin.is_some() {
                return Err(CommandFailure::input(format!(
                    "there is a client `{}` already\n  help: give the entry another name by `--name`",
                    command.name
                )));
            }
        }
        let Some(measured) = one(command.clone(), cases, options, &mut interruptions).await? else {
            return Ok(interrupt::code());
        };
        let told = own(catalogue, options, &measured)?;
        // Whoever names layouts wants to know of those.
        if told == ExitCode::SUCCESS && options.layouts.is_none() && options.cases.is_empty() {
            let met = met(&command, options);
            let Some(met) = interruptions.before(met).await else {
                return Ok(interrupt::code());
            };
            met?;
        }
        return Ok(told);
    }
    let mut entries = Vec::new();
    for name in &options.names {
        let entry = entry(catalogue, name)?;
        let runs = runs(entry)?;
        entries.push((entry, runs));
    }
    let (mut differs, mut missing) = (false, false);
    for (entry, runs) in entries {
        let command = ProgramCommand::of(&entry.name, runs);
        let measured = match one(command, cases.clone(), options, &mut interruptions).await {
            Ok(Some(measured)) => measured,
            Ok(None) => return Ok(interrupt::code()),
            Err(failure) => {
                say(failure.text());
                for (registry, what) in &runs.installed {
                    say(&format!(
                        "  it is installed by: {} {what}",
                        Registry::command(*registry)
                    ));
                }
                missing = true;
                continue;
            }
        };
        if options.json {
            lines(&entry.mode, &measured);
        }
        differs |= measured.tell_against(entry, &runs.exit, !options.json);
        if let (Some(count), false) = (options.drawn, options.json) {
            let layouts = drawn(usize::from(count), options.seed);
            let driver = Driver::new(ProgramCommand::of(&entry.name, runs), limits(options))?;
            let told = smallest::tell(&driver, &entry.traits, layouts, &measured);
            match interruptions.before(told).await {
                Some(told) => told?,
                None => return Ok(interrupt::code()),
            }
        }
    }
    Ok(match (differs, missing) {
        (true, _) => ExitCode::FAILURE,
        (false, true) => incomplete(),
        (false, false) => ExitCode::SUCCESS,
    })
}

/// Tells which real gateways a program gets into; nothing of one that asks by a proxy, which they are not.
async fn met(command: &ProgramCommand, options: &MeasureOptions) -> Result<(), CommandFailure> {
    if command.is_behind_proxy() {
        return Ok(());
    }
    let driver = Arc::new(Driver::new(command.clone(), limits(options))?);
    let ways = gateways::ways();
    let driven = gateways::asked(&driver, &ways, usize::from(options.jobs)).await?;
    match options.json {
        true => gateways::tell_json(&ways, &driven),
        false => gateways::tell(&ways, &driven),
    }
    Ok(())
}

/// Plays every layout; nothing where that was interrupted.
async fn one(
    command: ProgramCommand,
    cases: Vec<(String, Script)>,
    options: &MeasureOptions,
    interruptions: &mut Interruptions,
) -> Result<Option<Measured>, CommandFailure> {
    let begun = Instant::now();
    let driver = Arc::new(Driver::new(command.clone(), limits(options))?);
    let scripts = cases.iter().map(|(_, script)| script.clone()).collect();
    let all = play_all(&driver, scripts, usize::from(options.jobs));
    let Some(driven) = interruptions.before(all).await else {
        return Ok(None);
    };
    let driven: Vec<Driven> = driven?;
    Ok(Some(Measured::new(command, cases, driven, begun.elapsed())))
}

fn limits(options: &MeasureOptions) -> DriveLimits {
    DriveLimits {
        deadline: Duration::from_secs(options.deadline),
        passed: options.pass.clone(),
    }
}

/// Tells of a program that somebody typed.
fn own(
    catalogue: &Catalogue,
    options: &MeasureOptions,
    measured: &Measured,
) -> Result<ExitCode, CommandFailure> {
    if options.json {
        lines(&measured.command.name, measured);
        // What it is like is looked for only where somebody is told.
        if options.catalogue.is_none() {
            return Ok(match measured.says_something() {
                true => ExitCode::SUCCESS,
                false => incomplete(),
            });
        }
    }
    let Some(found) = measured.tell(super::catalogue()?, !options.json) else {
        return Ok(incomplete());
    };
    if let Some(file) = &options.catalogue {
        keep(catalogue, file, &found)?;
        if !options.json {
            tell!("Kept as `{}` in {file}.", found.name);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One line for each layout, in the form of the measurements.
fn lines(mode: &str, measured: &Measured) {
    for row in measured.rows() {
        let line = json!({
            "case": row.case,
            "schemes_sent": row.schemes_sent,
            "requests": row.requests,
            "final_status": row.final_status,
            "modes": [mode],
        });
        tell!("{line}");
    }
}

/// Adds an entry to a file of a catalogue, or puts it in the place of the one of that name.
fn keep(catalogue: &Catalogue, file: &str, entry: &CatalogueEntry) -> Result<(), CommandFailure> {
    let path = std::path::Path::new(file);
    let before = match path.exists() {
        true => read_text(path, MOST_WRITTEN)
            .map_err(|error| CommandFailure::input(format!("{file} cannot be read: {error}")))?,
        false => String::new(),
    };
    let mut all = Catalogue::default();
    if !before.trim().is_empty() {
        all.add(&Source::new(file, before.as_str()))
            .map_err(CommandFailure::input)?;
    }
    if all.find(&entry.name).is_some() || catalogue.find(&entry.name).is_some() {
        return Err(CommandFailure::input(format!(
            "{file} has a client `{}` already\n  help: take it out, or give this one another name by `--name`",
            entry.name
        )));
    }
    let head = match before.trim().is_empty() {
        true => "countersign: 1\nclients:\n".to_owned(),
        false => format!("{}\n\n", before.trim_end()),
    };
    let text = format!("{head}{}", written(entry));
    replace(path, text.as_bytes())
        .map_err(|error| CommandFailure::environment(format!("{file} cannot be written: {error}")))
}
