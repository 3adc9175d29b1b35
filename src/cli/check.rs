//! `countersign check` and `countersign schema`.

use std::process::ExitCode;

use countersign::spec::JSON_SCHEMA;

use super::failure::Failure;
use super::specs::{look_over, read_spec};

/// Checks every spec named; the first that is wrong decides the exit code, all are told of.
pub(super) fn check(specs: &[String]) -> Result<ExitCode, Failure> {
    let mut failure = None;
    for name in specs {
        let looked_over = read_spec(name).and_then(|spec| {
            let warnings = look_over(&spec)?;
            Ok((spec, warnings))
        });
        match looked_over {
            Ok((spec, warnings)) => {
                anstream::println!(
                    "{}: {} {}, {} rules, a domain of {} cases, {}",
                    spec.source.name,
                    spec.pack.name,
                    spec.pack.version,
                    spec.rules.len(),
                    spec.domain.count(),
                    match warnings {
                        0 => "no mistakes".to_owned(),
                        1 => "1 warning".to_owned(),
                        count => format!("{count} warnings"),
                    }
                );
            }
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

/// Prints the JSON Schema.
pub(super) fn schema() -> Result<ExitCode, Failure> {
    anstream::print!("{JSON_SCHEMA}");
    Ok(ExitCode::SUCCESS)
}
