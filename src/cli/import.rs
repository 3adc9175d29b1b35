//! `countersign import` and `countersign advise`.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use countersign::import::{
    Gate, ImportNotes, Imported, advise_on, gateway_api, is_gateway_api, is_kong, is_nginx,
    judge_gates, kong, nginx, read, servicenow, written,
};
use countersign::report::{
    advice_html, advice_json, advice_text, gates_html, gates_json, gates_text, visible,
};
use countersign::yaml::Source;

use super::clients::catalogue;
use super::failure::{CommandFailure, warn, written as told_to};
use super::import_options::{AdviceFailOn, AdviceFormat, AdviseOptions, ImportCommand};
use super::input::STANDARD;
use super::probe::openapi;
use super::workflow::{harmless, harmless_json};

/// The most bytes of one file that are read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Clients are shut out, and that was to count.
const SHUT_OUT: u8 = 1;

/// Reads exported records, and prints them as policies.
pub(super) fn import(command: &ImportCommand) -> Result<ExitCode, CommandFailure> {
    let ImportCommand::Servicenow { files } = command;
    let imported = records(files)?;
    let text = written(&imported);
    told_to(anstream::stdout().write_all(harmless(&visible(&text)).as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// Says what policies come to.
pub(super) fn advise(options: &AdviseOptions) -> Result<ExitCode, CommandFailure> {
    if let [file] = options.files.as_slice() {
        let source = source(file)?;
        if let Some(gates) = gates(&source)? {
            return advise_on_gates(options, &gates);
        }
        return advise_on_policies(options, &policy_file(source)?);
    }
    advise_on_policies(options, &records(&options.files)?)
}

/// Says what policies of the platform come to.
fn advise_on_policies(
    options: &AdviseOptions,
    imported: &Imported,
) -> Result<ExitCode, CommandFailure> {
    let catalogue = catalogue()?;
    let advised = advise_on(imported, catalogue);
    match options.format {
        AdviceFormat::Html => {
            let from = options.files.join(", ");
            let page =
                advice_html(&from, imported, &advised).map_err(CommandFailure::environment)?;
            told_to(anstream::stdout().write_all(harmless(&page).as_bytes()))?;
        }
        AdviceFormat::Json => {
            let json = advice_json(imported, &advised);
            anstream::println!("{}", harmless_json(&json.to_string()));
        }
        AdviceFormat::Text => {
            let text = advice_text(imported, &advised);
            told_to(anstream::stdout().write_all(harmless(&visible(&text)).as_bytes()))?;
        }
    }
    let counts = options.fail_on == Some(AdviceFailOn::ShutOut);
    let shuts_out = advised.iter().any(|one| one.shuts_out());
    Ok(match counts && shuts_out {
        true => ExitCode::from(SHUT_OUT),
        false => ExitCode::SUCCESS,
    })
}

/// Says whom the places of a gateway shut out.
fn advise_on_gates(options: &AdviseOptions, gates: &[Gate]) -> Result<ExitCode, CommandFailure> {
    let judged = judge_gates(gates, catalogue()?);
    let text = match options.format {
        AdviceFormat::Html => {
            let from = options.files.join(", ");
            harmless(&gates_html(&from, &judged).map_err(CommandFailure::environment)?).into_owned()
        }
        AdviceFormat::Json => format!("{}\n", harmless_json(&gates_json(&judged).to_string())),
        AdviceFormat::Text => harmless(&visible(&gates_text(&judged))).into_owned(),
    };
    told_to(anstream::stdout().write_all(text.as_bytes()))?;
    let counts = options.fail_on == Some(AdviceFailOn::ShutOut);
    Ok(match counts && judged.iter().any(|one| one.shuts_out()) {
        true => ExitCode::from(SHUT_OUT),
        false => ExitCode::SUCCESS,
    })
}

/// The places of a gateway's configuration or of an OpenAPI document; nothing where a text is neither.
fn gates(source: &Source) -> Result<Option<Vec<Gate>>, CommandFailure> {
    let text = source.text.trim_start();
    let is_openapi = match text.starts_with('{') {
        true => text.contains("\"openapi\""),
        false => text.lines().any(|line| line.starts_with("openapi:")),
    };
    if is_openapi {
        let read = openapi::gates(&source.name, &source.text);
        let read = read.map_err(|why| CommandFailure::input(format!("{}: {why}", source.name)));
        return read.map(Some);
    }
    let read: fn(&Source, &mut ImportNotes) -> Vec<Gate> = if is_kong(text) {
        kong
    } else if is_gateway_api(text) {
        gateway_api
    } else if !text.starts_with(['<', '{', '[']) && is_nginx(text) {
        nginx
    } else {
        return Ok(None);
    };
    let mut told = ImportNotes::default();
    let gates = read(source, &mut told);
    without_errors(&told)?;
    Ok(Some(gates))
}

/// Policies out of exported records, or out of the YAML that an import printed.
fn policy_file(source: Source) -> Result<Imported, CommandFailure> {
    match source.text.trim_start().starts_with(['<', '{', '[']) {
        true => of_sources(&[source]),
        false => read(&source).map_err(CommandFailure::input),
    }
}

fn records(files: &[String]) -> Result<Imported, CommandFailure> {
    let sources: Result<Vec<Source>, CommandFailure> =
        files.iter().map(|file| source(file)).collect();
    of_sources(&sources?)
}

fn of_sources(sources: &[Source]) -> Result<Imported, CommandFailure> {
    let mut told = ImportNotes::default();
    let imported = servicenow(sources, &mut told);
    without_errors(&told)?;
    Ok(imported)
}

/// Tells what is to be told of texts that were read.
fn without_errors(told: &ImportNotes) -> Result<(), CommandFailure> {
    if told.has_errors() {
        return Err(CommandFailure::input(told.render()));
    }
    if told.count() > 0 {
        warn(&told.render());
    }
    Ok(())
}

fn source(file: &str) -> Result<Source, CommandFailure> {
    let unreadable = |why: String| CommandFailure::input(format!("{file} cannot be read: {why}"));
    let mut bytes = Vec::new();
    let (name, read) = match file {
        STANDARD => (
            "standard input",
            std::io::stdin()
                .lock()
                .take(LARGEST + 1)
                .read_to_end(&mut bytes),
        ),
        _ => (
            file,
            std::fs::File::open(file)
                .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)),
        ),
    };
    read.map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable(format!("it has more than {LARGEST} bytes")));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| unreadable("it is not UTF-8: export it again, or convert it".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(Source::new(name, text))
}
