//! `countersign check` and `countersign schema`.

use std::io::Write;
use std::process::ExitCode;

use countersign::domain::counted;
use countersign::engine::Plan;
use countersign::report::{RUN_SCHEMA, visible};
use countersign::results::SAVED_RUN_SCHEMA;
use countersign::spec::{Spec, json_schema};
use countersign::user_agents::conformance::{ClientPack, is_client_pack};

use super::arguments::{USUAL_CASES, USUAL_SEED};
use super::failure::{CommandFailure, written};
use super::specs::{look_over, read_source};

/// Checks every spec named; the first that is wrong decides the exit code, all are told of.
pub(super) fn check(specs: &[String]) -> Result<ExitCode, CommandFailure> {
    let mut failure = None;
    for name in specs {
        match looked_over(name) {
            Ok(line) => written(anstream::stdout().write_all(visible(&line).as_bytes()))?,
            Err(wrong) => {
                if let Some(earlier) = failure.replace(wrong) {
                    earlier.report();
                }
            }
        }
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// What is to say of a spec without a mistake, or of a pack for clients.
fn looked_over(name: &str) -> Result<String, CommandFailure> {
    let source = read_source(name)?;
    if is_client_pack(&source) {
        let pack = ClientPack::read(&source).map_err(CommandFailure::input)?;
        let layouts = pack.simple_layouts().len() as u64;
        return Ok(format!(
            "{}: {} {}, {}, {}, no mistakes\n",
            source.name,
            pack.name,
            pack.version,
            counted(pack.rules.len() as u64, "rule", "rules"),
            counted(layouts, "simple layout", "simple layouts"),
        ));
    }
    let spec = Spec::read(&source).map_err(CommandFailure::input)?;
    let warnings = look_over(&spec)?;
    // As a run says it.
    let coverage = Plan::new(&spec, USUAL_CASES, USUAL_SEED).coverage;
    Ok(format!(
        "{}: {} {}, {}, {coverage}, {}\n",
        spec.source.name,
        spec.pack.name,
        spec.pack.version,
        counted(spec.rules.len() as u64, "rule", "rules"),
        match warnings {
            0 => "no mistakes".to_owned(),
            count => counted(count as u64, "warning", "warnings"),
        }
    ))
}

/// Prints the JSON Schema of specs, or of what a run says to programs.
pub(super) fn schema(output: bool, run: bool) -> Result<ExitCode, CommandFailure> {
    let schema = match (output, run) {
        (true, _) => RUN_SCHEMA.to_owned(),
        (false, true) => SAVED_RUN_SCHEMA.to_owned(),
        (false, false) => json_schema(),
    };
    written(anstream::stdout().write_all(schema.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}
