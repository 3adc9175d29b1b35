//! `countersign adapters`.

use std::process::ExitCode;

use super::arguments::AdaptersCommand;
use super::failure::Failure;

/// Lists adapters, or installs what they need.
pub(super) fn adapters(_command: &AdaptersCommand) -> Result<ExitCode, Failure> {
    Ok(ExitCode::SUCCESS)
}
