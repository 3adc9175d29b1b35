//! `countersign clients`.

mod gateways;
mod layouts;
mod measure;
mod measured;
mod play;
mod play_told;
mod smallest;
mod test;
mod tested;

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::ExitCode;

use countersign::files::{MOST_WRITTEN, read_text};
use countersign::programs::ProgramCommand;
use countersign::report::counted;
use countersign::user_agents::catalogue::{
    Catalogue, CatalogueEntry, LATER, LAYOUTS, MEASUREMENTS, Runs, everything, measurements,
    scripts, shipped, without_marks,
};
use countersign::user_agents::model::{Accepts, ClientPlay, Script, play};
use countersign::user_agents::reach::{Fate, Reach};
use countersign::yaml::{Source, nearest};
use serde_json::json;

use super::clients_options::ClientsCommand;
use super::failure::CommandFailure;

/// Lists clients, shows one, predicts what they do, or runs a program.
pub(super) async fn clients(command: &ClientsCommand) -> Result<ExitCode, CommandFailure> {
    let driven = everything().map_err(CommandFailure::input)?;
    match command {
        ClientsCommand::List => list(driven),
        ClientsCommand::Show { name } => show(driven, name),
        ClientsCommand::Predict { file, json } => predict(catalogue()?, file, *json),
        ClientsCommand::Measure(options) => measure::measure(driven, options).await,
        ClientsCommand::Test(options) => test::test(driven, options).await,
        ClientsCommand::Play(options) => play::play(driven, options).await,
    }
}

pub(super) use layouts::layout_of;

/// The catalogue that ships.
pub(super) fn catalogue() -> Result<&'static Catalogue, CommandFailure> {
    shipped().map_err(CommandFailure::input)
}

/// Adds the clients of a file to a catalogue.
pub(super) fn add_file(catalogue: &mut Catalogue, file: &str) -> Result<(), CommandFailure> {
    let text = read_text(Path::new(file), MOST_WRITTEN)
        .map_err(|error| CommandFailure::input(format!("{file} cannot be read: {error}")))?;
    match text.trim().is_empty() {
        true => Ok(()),
        false => catalogue
            .add(&Source::new(file, text.as_str()))
            .map_err(CommandFailure::input),
    }
}

/// The programs that a command line names: one that is typed, and clients of the catalogue.
fn commands(
    catalogue: &Catalogue,
    names: &[String],
    typed: &[String],
) -> Result<Vec<ProgramCommand>, CommandFailure> {
    let mut commands = Vec::new();
    if !typed.is_empty() {
        commands.push(ProgramCommand::typed(typed).map_err(CommandFailure::input)?);
    }
    for name in names {
        let entry = entry(catalogue, name)?;
        let runs = runs(entry)?;
        commands.push(ProgramCommand::of(&entry.name, runs));
    }
    Ok(commands)
}

/// How the program of a client is run.
pub(super) fn runs(entry: &CatalogueEntry) -> Result<&Runs, CommandFailure> {
    entry.runs.as_ref().ok_or_else(|| {
        CommandFailure::input(format!(
            "`{}` cannot be run from here: its entry has no `runs`\n  help: `countersign clients list` marks those \
             that can",
            entry.name
        ))
    })
}

fn list(catalogue: &Catalogue) -> Result<ExitCode, CommandFailure> {
    let names = catalogue.entries.iter().map(|entry| entry.name.len());
    let width = names.max().unwrap_or(0);
    let mut out = BufWriter::new(anstream::stdout());
    for entry in &catalogue.entries {
        let runs = if entry.runs.is_some() { "runs" } else { "    " };
        writeln!(out, "{:width$}  {runs}  {}", entry.name, entry.version)?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The client of a name.
pub(super) fn entry<'c>(
    catalogue: &'c Catalogue,
    name: &str,
) -> Result<&'c CatalogueEntry, CommandFailure> {
    catalogue.find(name).ok_or_else(|| {
        // The same program, used in whichever way.
        let begins = |entry: &&CatalogueEntry| {
            let split = entry.name.split_at_checked(name.len());
            split.is_some_and(|(begin, rest)| {
                begin.eq_ignore_ascii_case(name) && rest.starts_with(' ')
            })
        };
        let such: Vec<&str> = catalogue
            .entries
            .iter()
            .filter(begins)
            .map(|entry| entry.name.as_str())
            .collect();
        let names = catalogue.entries.iter();
        let known = names.flat_map(|entry| [entry.name.as_str(), entry.mode.as_str()]);
        let help = match (such.is_empty(), nearest(name, known)) {
            (false, _) => format!("these begin so: {}", such.join("; ")),
            (true, Some(meant)) => format!("did you mean `{meant}`?"),
            (true, None) => "`countersign clients list` names them".to_owned(),
        };
        CommandFailure::input(format!("there is no client `{name}`\n  help: {help}"))
    })
}

fn show(catalogue: &Catalogue, name: &str) -> Result<ExitCode, CommandFailure> {
    let entry = entry(catalogue, name)?;
    let mut out = BufWriter::new(anstream::stdout());
    writeln!(out, "{}\n{}\n{}\n", entry.name, entry.version, entry.driven)?;
    if let Some(runs) = &entry.runs {
        writeln!(out, "run from here as: {}", runs.command.join(" "))?;
        for (registry, what) in &runs.installed {
            writeln!(out, "installed by: {} {what}", registry.command())?;
        }
        writeln!(out)?;
    }
    for (key, value) in entry.traits.describe() {
        writeln!(out, "  {key}: {value}")?;
    }
    if let Some(note) = &entry.note {
        writeln!(out, "\n{note}")?;
    }
    writeln!(out)?;
    predicted(&mut out, entry)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// How a measurement names what was sent.
type WordOfMeasurement = fn(&str) -> &str;

fn as_it_is(word: &str) -> &str {
    word
}

/// How much of what the client was seen to do its traits predict, and what not.
fn predicted(out: &mut impl std::io::Write, entry: &CatalogueEntry) -> Result<(), CommandFailure> {
    let mut rows = 0;
    let mut missed = Vec::new();
    for (layouts, rows_there, told) in [
        (LAYOUTS, MEASUREMENTS, as_it_is as WordOfMeasurement),
        (LATER.0, LATER.1, without_marks),
    ] {
        let scripts = scripts(layouts).map_err(CommandFailure::input)?;
        let measured = measurements(rows_there).map_err(CommandFailure::input)?;
        for row in measured.iter().filter(|row| row.mode == entry.mode) {
            let Some((case, script)) = scripts.iter().find(|(case, _)| *case == row.case) else {
                continue;
            };
            rows += 1;
            let played = play(&entry.traits, script);
            let sent: Vec<String> = sent(&played)
                .iter()
                .map(|word| told(word).to_owned())
                .collect();
            if sent != row.schemes_sent || played.status != row.final_status {
                let was = row.schemes_sent.join(", ");
                missed.push(format!("  {case}: sent {was}, not {}", sent.join(", ")));
            }
        }
    }
    if rows == 0 {
        writeln!(
            out,
            "`countersign clients measure` holds it against its traits."
        )?;
        return Ok(());
    }
    writeln!(
        out,
        "Predicts {} of {rows} measured layouts.",
        rows - missed.len()
    )?;
    for line in missed {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// What each request carried, as the measurements name it.
fn sent(played: &ClientPlay<'_>) -> Vec<String> {
    let steps = played.steps.iter();
    steps.map(|step| step.to_string()).collect()
}

fn predict(catalogue: &Catalogue, file: &str, json: bool) -> Result<ExitCode, CommandFailure> {
    let cases = layouts::cases(file)?;
    let mut out = BufWriter::new(anstream::stdout());
    match json {
        true => {
            for (case, script) in &cases {
                for (entry, fate) in &Reach::of(catalogue, script).clients {
                    line(&mut out, entry, case, script, fate)?;
                }
            }
        }
        false => summary(&mut out, catalogue, &cases)?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// One prediction, in the form of the measurements.
fn line(
    out: &mut impl std::io::Write,
    entry: &CatalogueEntry,
    case: &str,
    script: &Script,
    fate: &Fate,
) -> Result<(), CommandFailure> {
    let played = play(&entry.traits, script);
    let line = json!({
        "mode": entry.mode,
        "case": case,
        "requests": played.requests,
        "first_preemptive": played.volunteered(),
        "schemes_sent": sent(&played),
        "final_status": played.status,
        "fate": fate.word(),
    });
    writeln!(out, "{line}")?;
    Ok(())
}

/// For each case, how many get in, and who does not: counted as `countersign reach` counts.
fn summary(
    out: &mut impl std::io::Write,
    catalogue: &Catalogue,
    cases: &[(String, Script)],
) -> Result<(), CommandFailure> {
    for (case, script) in cases {
        let reach = Reach::of(catalogue, script);
        writeln!(out, "{case}: accepted {}", accepted(script.accepts))?;
        writeln!(out, "  {}", counted(&reach))?;
        let is_out = |fate: &Fate| matches!(fate, Fate::Out(_));
        let shut_out = reach.clients.iter().filter(|(_, fate)| is_out(fate));
        let shut_out: Vec<&str> = shut_out.map(|(entry, _)| entry.name.as_str()).collect();
        if !shut_out.is_empty() {
            writeln!(out, "  shut out: {}", shut_out.join("; "))?;
        }
    }
    Ok(())
}

/// The words for the schemes that are accepted.
fn accepted(accepts: Accepts) -> String {
    let words = [
        ("basic", accepts.basic),
        ("bearer", accepts.bearer),
        ("digest", accepts.digest),
    ];
    let words = words.into_iter().filter(|(_, accepted)| *accepted);
    let words: Vec<&str> = words.map(|(word, _)| word).collect();
    match words.is_empty() {
        true => "nothing".to_owned(),
        false => words.join(", "),
    }
}
