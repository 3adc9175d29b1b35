//! `countersign adapters`.

use std::process::ExitCode;

use countersign::adapter::{
    Availability, Home, InstallOutcome, availability, find_adapter, install, shipped_names,
};

use super::arguments::AdaptersCommand;
use super::failure::CommandFailure;

/// Lists adapters, or installs what they need.
pub(super) fn adapters(command: &AdaptersCommand) -> Result<ExitCode, CommandFailure> {
    let home = Home::from_environment();
    match command {
        AdaptersCommand::List => list(&home),
        AdaptersCommand::Install { names, all } => {
            let shipped: Vec<String> = shipped_names().into_iter().map(str::to_owned).collect();
            install_all(if *all { &shipped } else { names }, &home)
        }
    }
}

fn list(home: &Home) -> Result<ExitCode, CommandFailure> {
    let names = shipped_names();
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    for name in names {
        let adapter = find_adapter(name).map_err(CommandFailure::input)?;
        match availability(&adapter, home) {
            Availability::Available { version } => {
                tell!("{name:width$}  {} {version}", adapter.title);
            }
            Availability::Missing { reason, remedy } => {
                tell!("{name:width$}  missing: {reason}; {remedy}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn install_all(names: &[String], home: &Home) -> Result<ExitCode, CommandFailure> {
    for name in names {
        let adapter = find_adapter(name).map_err(CommandFailure::input)?;
        let done = match install(&adapter, home)? {
            InstallOutcome::Already => "was there already".to_owned(),
            InstallOutcome::Environment(path) => format!("installed in {}", path.display()),
            InstallOutcome::Packages(packages) => format!("installed {}", packages.join(", ")),
            InstallOutcome::Nothing => "does not say how it is installed".to_owned(),
        };
        tell!("{name}: {done}");
    }
    Ok(ExitCode::SUCCESS)
}
