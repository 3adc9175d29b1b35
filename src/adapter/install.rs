//! Installing what an adapter needs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::availability::{Availability, COMPLETE, availability, interpreter};
use super::definition::Adapter;
use super::home::Home;
use crate::implementation::last_lines;
use crate::observation::SetupFault;

/// What an installation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstallOutcome {
    /// Nothing: everything was there.
    Already,
    /// Filled a directory with the adapter's packages.
    Environment(PathBuf),
    /// Installed these Debian packages.
    Packages(Vec<String>),
    /// Nothing: the adapter does not say how.
    Nothing,
}

/// Installs what an adapter needs: Debian packages with `apt-get`, packages of Python and npm in a
/// directory below `home`. Blocks, for minutes on a slow network; asks nothing and prints nothing.
///
/// # Errors
///
/// When a step fails, with the last lines that it printed; when Debian packages are needed and this
/// is not the superuser, with the command to run.
pub fn install(adapter: &Adapter, home: &Home) -> Result<InstallOutcome, SetupFault> {
    if availability(adapter, home).is_available() {
        return Ok(InstallOutcome::Already);
    }
    let debian = !adapter.install.debian.is_empty() && !are_installed(&adapter.install.debian);
    if debian {
        packages(adapter)?;
    }
    let done = match home.packages(adapter)? {
        Some(directory) => environment(adapter, directory)?,
        None if debian => InstallOutcome::Packages(adapter.install.debian.clone()),
        None => InstallOutcome::Nothing,
    };
    if done == InstallOutcome::Nothing && adapter.install.debian.is_empty() {
        return Ok(done);
    }
    match availability(adapter, home) {
        Availability::Available { .. } => Ok(done),
        Availability::Missing { reason, remedy } => Err(SetupFault {
            doing: format!("install {}", adapter.name),
            why: format!("the packages are installed, but {reason}"),
            remedy: Some(remedy),
        }),
    }
}

/// Fills the directory of an adapter's packages.
fn environment(adapter: &Adapter, directory: PathBuf) -> Result<InstallOutcome, SetupFault> {
    let doing = format!("install the packages of {}", adapter.name);
    let io_fault = |error: std::io::Error| SetupFault {
        doing: doing.clone(),
        why: format!("{}: {error}", directory.display()),
        remedy: Some("set COUNTERSIGN_HOME to a directory that can be written to".to_owned()),
    };
    fs::create_dir_all(&directory).map_err(io_fault)?;
    // Two runs at once must not build the same environment: the second waits, and finds it done.
    let lock = File::create(directory.join("lock")).map_err(io_fault)?;
    lock.lock().map_err(io_fault)?;
    if directory.join(COMPLETE).is_file() {
        return Ok(InstallOutcome::Already);
    }
    if let Some(python) = &adapter.install.python {
        let requirements = directory.join("requirements.txt");
        fs::write(&requirements, &python.requirements).map_err(io_fault)?;
        virtual_environment(&doing, &directory, &requirements)?;
    }
    if let Some(npm) = &adapter.install.npm {
        fs::write(directory.join("package.json"), &npm.package).map_err(io_fault)?;
        fs::write(directory.join("package-lock.json"), &npm.lock).map_err(io_fault)?;
        run(
            &doing,
            // No scripts: what is installed is used, not trusted with this machine.
            Command::new("npm")
                .args(["ci", "--omit=dev", "--ignore-scripts"])
                .args(["--no-audit", "--no-fund", "--no-update-notifier"])
                .current_dir(&directory),
            "install Node.js with npm, and check the network or npm's own configuration",
        )?;
    }
    fs::write(directory.join(COMPLETE), "").map_err(io_fault)?;
    Ok(InstallOutcome::Environment(directory))
}

fn virtual_environment(
    doing: &str,
    directory: &Path,
    requirements: &Path,
) -> Result<(), SetupFault> {
    let base = if cfg!(windows) { "python" } else { "python3" };
    run(
        doing,
        Command::new(base)
            .args(["-m", "venv", "--clear"])
            .arg(directory.join("venv")),
        "install Python 3 with its venv module (Debian: apt-get install python3-venv)",
    )?;
    run(
        doing,
        Command::new(interpreter(directory))
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .args(["--no-input", "--requirement"])
            .arg(requirements),
        "check the network, or pip's own configuration",
    )
}

/// Whether Debian's package manager knows all of them as installed.
fn are_installed(packages: &[String]) -> bool {
    let said = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}\n"])
        .args(packages)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    said.is_ok_and(|said| {
        let text = String::from_utf8_lossy(&said.stdout);
        said.status.success() && text.lines().all(|line| line == "installed")
    })
}

fn packages(adapter: &Adapter) -> Result<(), SetupFault> {
    let packages = &adapter.install.debian;
    let command = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let doing = format!("install {}", packages.join(" "));
    if !is_superuser() {
        return Err(SetupFault {
            doing,
            why: "only the superuser may install packages".to_owned(),
            remedy: Some(format!("run `sudo {command}`")),
        });
    }
    run(
        &doing,
        Command::new("apt-get")
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
        "run `apt-get update`, or install it by your system's own means",
    )
}

/// Whether this process may do everything: who owns what it creates is who it is.
#[cfg(unix)]
fn is_superuser() -> bool {
    use std::os::unix::fs::MetadataExt;
    tempfile::tempfile()
        .and_then(|file| file.metadata())
        .is_ok_and(|data| data.uid() == 0)
}

#[cfg(not(unix))]
fn is_superuser() -> bool {
    false
}

fn run(doing: &str, command: &mut Command, remedy: &str) -> Result<(), SetupFault> {
    let shown = Path::new(command.get_program()).display().to_string();
    let fault = |why: String| SetupFault {
        doing: doing.to_owned(),
        why,
        remedy: Some(remedy.to_owned()),
    };
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| fault(format!("{shown}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = output.stdout;
    said.extend(output.stderr);
    Err(fault(format!(
        "{shown} ended with {}; its last words:\n{}",
        output.status,
        last_lines(&String::from_utf8_lossy(&said))
    )))
}
