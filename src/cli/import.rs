//! `countersign import` and `countersign advise`.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use countersign::import::{ImportNotes, Imported, advise_on, read, servicenow, written};
use countersign::report::{advice_html, advice_json, advice_text, visible};
use countersign::yaml::Source;

use super::clients::catalogue;
use super::failure::{CommandFailure, warn, written as told_to};
use super::import_options::{AdviceFailOn, AdviceFormat, AdviseOptions, ImportCommand};
use super::input::STANDARD;
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
    let imported = policies(&options.files)?;
    let catalogue = catalogue()?;
    let advised = advise_on(&imported, catalogue);
    match options.format {
        AdviceFormat::Html => {
            let from = options.files.join(", ");
            let page =
                advice_html(&from, &imported, &advised).map_err(CommandFailure::environment)?;
            told_to(anstream::stdout().write_all(harmless(&page).as_bytes()))?;
        }
        AdviceFormat::Json => {
            let json = advice_json(&imported, &advised);
            anstream::println!("{}", harmless_json(&json.to_string()));
        }
        AdviceFormat::Text => {
            let text = advice_text(&imported, &advised);
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

/// Policies out of exported records, or out of the YAML that an import printed.
fn policies(files: &[String]) -> Result<Imported, CommandFailure> {
    if let [file] = files {
        let source = source(file)?;
        let begins = source.text.trim_start();
        if !begins.starts_with(['<', '{', '[']) {
            return read(&source).map_err(CommandFailure::input);
        }
        return of_sources(&[source]);
    }
    records(files)
}

fn records(files: &[String]) -> Result<Imported, CommandFailure> {
    let sources: Result<Vec<Source>, CommandFailure> =
        files.iter().map(|file| source(file)).collect();
    of_sources(&sources?)
}

fn of_sources(sources: &[Source]) -> Result<Imported, CommandFailure> {
    let mut told = ImportNotes::default();
    let imported = servicenow(sources, &mut told);
    if told.has_errors() {
        return Err(CommandFailure::input(told.render()));
    }
    if told.count() > 0 {
        warn(&told.render());
    }
    Ok(imported)
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
