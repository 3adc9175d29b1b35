//! Whether what an adapter needs is there: cheap, and without starting the implementation.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::definition::{Adapter, AdapterKind, Origin, Program, VersionCommand};
use super::home::Home;
use crate::implementation::{Space, excerpt};

/// How long a program may take to say its version: a Java runtime takes a second of a machine that does nothing else.
const VERSION_WITHIN: Duration = Duration::from_secs(20);

/// The most bytes that are read of what it says.
const MOST_BYTES: u64 = 64 * 1024;

/// What Node.js is called, which runs what npm installed.
const NODE: [&str; 2] = ["node", "nodejs"];

/// The file that marks a directory of packages as complete.
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

/// The programs of an adapter, found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Located {
    /// The path of the one that runs; `None` where none is started.
    pub(super) program: Option<PathBuf>,
    /// The paths of the others, by the names that templates use.
    pub(super) programs: BTreeMap<String, PathBuf>,
    /// The directory of the adapter's packages, if it has any.
    pub(super) home: Option<PathBuf>,
    /// The version of the program, or that of the package that the adapter is about.
    pub(super) version: String,
}

/// Finds the programs of an adapter; otherwise the reason and the remedy.
pub(super) fn located(adapter: &Adapter, home: &Home) -> Result<Located, (String, String)> {
    if let AdapterKind::Remote(Origin::Running(url)) = &adapter.kind {
        return Ok(Located {
            version: format!("at {url}"),
            ..Located::default()
        });
    }
    Space::is_there_room().map_err(|fault| {
        let reason = format!("it was not possible to {}: {}", fault.doing, fault.why);
        (reason, fault.remedy.unwrap_or_default())
    })?;
    let directory = home
        .packages(adapter)
        .map_err(|fault| (fault.why, fault.remedy.unwrap_or_default()))?;
    if let Some(directory) = &directory
        && !directory.join(COMPLETE).is_file()
    {
        let reason = format!("its packages are not installed in {}", directory.display());
        return Err((reason, remedy(adapter)));
    }
    let places = places(directory.as_deref());
    let sought = |names: &[String]| {
        let found = names.iter().find_map(|name| find(name, &places));
        found.ok_or_else(|| {
            let reason = format!("there is no program `{}`", names.join("`, `"));
            (reason, remedy(adapter))
        })
    };
    let program = match &adapter.program {
        Some(program) => Some(sought(&program.find)?),
        None if adapter.install.npm.is_some() => Some(sought(&NODE.map(str::to_owned))?),
        None => directory.as_deref().map(interpreter),
    };
    let programs = adapter
        .programs
        .iter()
        .map(|(name, find)| Ok((name.clone(), sought(find)?)))
        .collect::<Result<_, (String, String)>>()?;
    let install = &adapter.install;
    let pinned = match (&install.python, &install.npm) {
        (Some(python), _) => Some(&python.version),
        (None, npm) => npm.as_ref().map(|npm| &npm.version),
    };
    let version = match (pinned, &program, &adapter.program) {
        (Some(pinned), ..) => pinned.clone(),
        (
            None,
            Some(path),
            Some(Program {
                version: Some(version),
                ..
            }),
        ) => read_version(path, version).map_err(|reason| (reason, remedy(adapter)))?,
        _ => "unknown".to_owned(),
    };
    Ok(Located {
        program,
        programs,
        home: directory,
        version,
    })
}

/// What to do about an adapter whose programs or packages are missing.
fn remedy(adapter: &Adapter) -> String {
    let command = format!("run `countersign adapters install {}`", adapter.called());
    let install = &adapter.install;
    match install.debian.as_slice() {
        [] if install.python.is_none() && install.npm.is_none() => {
            format!("install {}", adapter.title)
        }
        [] => command,
        packages => format!("{command} (Debian: {})", packages.join(" ")),
    }
}

/// Where an adapter's packages put programs: what is run, and what packages contain.
fn places(directory: Option<&Path>) -> Vec<PathBuf> {
    let Some(directory) = directory else {
        return Vec::new();
    };
    let mut places = vec![
        directory.join("venv/bin"),
        directory.join("venv/Scripts"),
        directory.join("node_modules/.bin"),
    ];
    let versions = std::fs::read_dir(directory.join("venv/lib"));
    let mut packages: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("site-packages"))
        .collect();
    packages.sort_unstable();
    places.extend(packages);
    places
}

/// The interpreter of the virtual environment in an adapter's directory.
pub(super) fn interpreter(directory: &Path) -> PathBuf {
    if cfg!(windows) {
        directory.join("venv/Scripts/python.exe")
    } else {
        directory.join("venv/bin/python")
    }
}

/// The version that a program says; otherwise what is wrong.
fn read_version(path: &Path, version: &VersionCommand) -> Result<String, String> {
    let shown = path.display();
    let said = version_words(path, &version.run).map_err(|why| format!("{shown} {why}"))?;
    match said.split_once(version.after.as_str()) {
        Some((_, rest)) => Ok(rest
            .split_whitespace()
            .next()
            .unwrap_or("unknown")
            .to_owned()),
        None => {
            let said = excerpt(&said, 200);
            Err(format!(
                "{shown} does not say `{}` and its version, but: {said}",
                version.after
            ))
        }
    }
}

/// A program by its name in one of the places or in `PATH`, or by its absolute path.
fn find(name: &str, places: &[PathBuf]) -> Option<PathBuf> {
    let path = Path::new(name);
    if path.is_absolute() {
        return is_program(path).then(|| path.to_owned());
    }
    let all = std::env::var_os("PATH").unwrap_or_default();
    let searched = std::env::split_paths(&all).filter(|directory| directory.is_absolute());
    let mut candidates = places.iter().cloned().chain(searched);
    candidates.find_map(|directory| Some(directory.join(name)).filter(|path| is_program(path)))
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
