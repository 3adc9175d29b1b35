//! `countersign check` and `countersign schema`.

use std::process::ExitCode;

use countersign::domain::counted;
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
                    "{}: {} {}, {}, a domain of {}, {}",
                    spec.source.name,
                    spec.pack.name,
                    spec.pack.version,
                    counted(spec.rules.len() as u64, "rule", "rules"),
                    counted(spec.domain.count(), "case", "cases"),
                    match warnings {
                        0 => "no mistakes".to_owned(),
                        count => counted(count as u64, "warning", "warnings"),
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
