//! Whether what an adapter needs is there: cheap, and without starting the implementation.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::adapter::{Adapter, Kind, Origin, Program, Python};
use super::home::Home;

/// How long a program may take to say its version.
const VERSION_WITHIN: Duration = Duration::from_secs(5);

/// The most bytes that are read of what it says.
const MOST_BYTES: u64 = 64 * 1024;

/// The file that marks a virtual environment as complete.
pub(super) const COMPLETE: &str = "complete";

/// Whether an adapter's implementation can be run here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Available {
        /// The version that would run.
        version: String,
    },
    /// It cannot.
    Missing {
        /// What is missing.
        reason: String,
        /// What to do about it.
        remedy: String,
    },
}

impl Availability {
    /// Whether it can be run.
    pub fn is_available(&self) -> bool {
        matches!(self, Self::Available { .. })
    }
}

/// Whether what an adapter needs is there. Runs at most the program's own version command; suits a
/// listing of tests, which must be quick.
pub fn availability(adapter: &Adapter, home: &Home) -> Availability {
    match located(adapter, home) {
        Ok(Located { version, .. }) => Availability::Available { version },
        Err((reason, remedy)) => Availability::Missing { reason, remedy },
    }
}

/// The program of an adapter, found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Located {
    /// Its path; `None` where none is started.
    pub(super) program: Option<PathBuf>,
    /// Its version, or that of the package that the adapter is about.
    pub(super) version: String,
}

/// Finds the program of an adapter; otherwise the reason and the remedy.
pub(super) fn located(adapter: &Adapter, home: &Home) -> Result<Located, (String, String)> {
    if let Kind::Remote(Origin::Running(url)) = &adapter.kind {
        return Ok(Located {
            program: None,
            version: format!("at {url}"),
        });
    }
    if let Some(python) = &adapter.install.python {
        return in_environment(adapter, python, home);
    }
    match &adapter.program {
        Some(program) => in_path(adapter, program),
        None => Ok(Located {
            program: None,
            version: "unknown".to_owned(),
        }),
    }
}

fn in_environment(
    adapter: &Adapter,
    python: &Python,
    home: &Home,
) -> Result<Located, (String, String)> {
    let remedy = format!("run `countersign adapters install {}`", adapter.name);
    let directory = home
        .environment(adapter, python)
        .map_err(|fault| (fault.why, fault.remedy.unwrap_or_default()))?;
    let program = interpreter(&directory);
    if directory.join(COMPLETE).is_file() && program.is_file() {
        Ok(Located {
            program: Some(program),
            version: python.version.clone(),
        })
    } else {
        let reason = format!(
            "its Python packages are not installed in {}",
            directory.display()
        );
        Err((reason, remedy))
    }
}

/// The interpreter of the virtual environment in an adapter's directory.
pub(super) fn interpreter(directory: &Path) -> PathBuf {
    if cfg!(windows) {
        directory.join("venv/Scripts/python.exe")
    } else {
        directory.join("venv/bin/python")
    }
}

fn in_path(adapter: &Adapter, program: &Program) -> Result<Located, (String, String)> {
    let remedy = match adapter.install.debian.as_slice() {
        [] => format!("install {}", adapter.title),
        packages => format!(
            "run `countersign adapters install {}` (Debian: {})",
            adapter.name,
            packages.join(" ")
        ),
    };
    let Some(path) = program.find.iter().find_map(|name| find(name)) else {
        let names = program.find.join("`, `");
        return Err((format!("there is no program `{names}`"), remedy));
    };
    let said = version_words(&path, &program.version)
        .map_err(|why| (format!("{} {why}", path.display()), remedy.clone()))?;
    match said.split_once(program.after.as_str()) {
        Some((_, rest)) => Ok(Located {
            version: rest
                .split_whitespace()
                .next()
                .unwrap_or("unknown")
                .to_owned(),
            program: Some(path),
        }),
        None => {
            let said = super::tail::excerpt(&said, 200);
            let reason = format!(
                "{} does not say `{}` and its version, but: {said}",
                path.display(),
                program.after
            );
            Err((reason, remedy))
        }
    }
}

/// A program by its name in `PATH`, or by its absolute path.
fn find(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    if path.is_absolute() {
        return is_program(path).then(|| path.to_owned());
    }
    std::env::split_paths(&std::env::var_os("PATH")?)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(name))
        .find(|candidate| is_program(candidate))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path)
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// What a program says of its version, on either output.
fn version_words(program: &Path, arguments: &[String]) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("cannot be run: {error}");
    let mut said = tempfile::tempfile().map_err(failed)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(said.try_clone().map_err(failed)?)
        .stderr(said.try_clone().map_err(failed)?)
        .spawn()
        .map_err(failed)?;
    let begun = Instant::now();
    while child.try_wait().map_err(failed)?.is_none() {
        if begun.elapsed() > VERSION_WITHIN {
            let _ = child.kill();
            let _ = child.wait();
            return Err("does not say its version in time".to_owned());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut bytes = Vec::new();
    said.rewind().map_err(failed)?;
    said.take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
