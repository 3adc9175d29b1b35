//! `countersign completions` and `countersign man`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use countersign::files;

use super::arguments::Arguments;
use super::failure::{CommandFailure, written};
use super::place;

/// The name of the command, as it is installed.
const NAME: &str = "countersign";

/// Prints the completions of a shell.
pub(super) fn completions(shell: Shell) -> Result<ExitCode, CommandFailure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
    written(std::io::stdout().write_all(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page of the command, or writes that of each command to a folder.
pub(super) fn man(folder: Option<&str>) -> Result<ExitCode, CommandFailure> {
    let mut command = Arguments::command();
    command.build();
    let Some(folder) = folder else {
        let page = page(&command).map_err(CommandFailure::environment)?;
        written(std::io::stdout().write_all(&page))?;
        return Ok(ExitCode::SUCCESS);
    };
    place::folder(folder, "manual pages")?;
    let failed = |error| {
        CommandFailure::environment(format!(
            "manual pages cannot be written to {folder}: {error}"
        ))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    put(&command, Path::new(folder)).map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

fn page(command: &clap::Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}

/// Writes the page of a command, and those of the commands below it.
fn put(command: &clap::Command, folder: &Path) -> std::io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    files::replace(&folder.join(format!("{name}.1")), &page(command)?)?;
    for below in command.get_subcommands() {
        if below.get_name() != "help" {
            put(below, folder)?;
        }
    }
    Ok(())
}
