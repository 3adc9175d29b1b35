//! Every client of the catalogue that can be run from here, held against its traits: the program itself is asked by few
//! layouts. Who is not on this machine is listed as ignored.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use countersign::programs::{DriveLimits, Driver, ProgramCommand, play_all};
use countersign::user_agents::catalogue::{
    CatalogueEntry, LAYOUTS, Registry, Runs, everything, scripts,
};
use countersign::user_agents::model::{MOST_KEPT, Reacts, play};
use libtest_mimic::Trial;

use crate::support::wanting;

/// Basic alone; Bearer alone, where Basic is taken; and Bearer in front of Basic on one line, which tells who reads on. Who
/// never looks at a challenge does the same everywhere, and is asked by the last.
const ASKED: [&str; 3] = ["A", "B", "D"];

/// One run of these is several operations, each of which asks anew (clients/README.md): who gets in is what is held.
const SEVERAL: [&str; 2] = ["Mercurial", "Skopeo"];

pub(crate) fn trials() -> Vec<Trial> {
    let all = everything().unwrap();
    let runs = |entry: &'static CatalogueEntry| Some((entry, entry.runs.as_ref()?));
    let mut can_run: Vec<(&CatalogueEntry, &Runs)> = all.entries.iter().filter_map(runs).collect();
    // Those that take long begin first.
    can_run.sort_by_key(|(entry, _)| !entry.name.starts_with(['A', 'C', 'H', 'n']));
    let here = Packages::of(&can_run);
    let trials = can_run.into_iter().map(|(entry, runs)| {
        let name = format!("driven::{}", entry.name);
        let trial = Trial::test(name, move || held(entry, runs));
        here.wanted(runs, trial)
    });
    trials.collect()
}

/// The packages of this machine, of those that clients are in which no program of their own name starts.
struct Packages {
    have: BTreeSet<(&'static str, String)>,
}

impl Packages {
    fn of(all: &[(&CatalogueEntry, &Runs)]) -> Self {
        let wanted = |registry: Registry| -> BTreeSet<&str> {
            let all = all.iter().flat_map(|(_, runs)| &runs.installed);
            let its = all.filter(|(from, _)| *from == registry);
            its.flat_map(|(_, names)| names.split(' ')).collect()
        };
        let found = "import sys, importlib.metadata as m\nfor name in sys.argv[1:]:\n try: m.version(name); print(name)\n except \
                     m.PackageNotFoundError: pass";
        let python = Command::new("python3")
            .args(["-c", found])
            .args(wanted(Registry::Pypi))
            .output();
        let debian = Command::new("dpkg-query")
            .args(["-W", "-f", "${db:Status-Abbrev}${Package}\n"])
            .args(wanted(Registry::Debian))
            .output();
        let folders = std::env::var_os("NODE_PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
        let described = |name: &&str| {
            let mut folders = folders.iter();
            folders.any(|folder| folder.join(name).join("package.json").is_file())
        };
        let mut have = BTreeSet::new();
        for (registry, begin, out) in [
            (Registry::Pypi, "", python),
            (Registry::Debian, "ii ", debian),
        ] {
            let text = out.map_or_else(|_| Vec::new(), |out| out.stdout);
            let text = String::from_utf8_lossy(&text).into_owned();
            let names = text.lines().filter_map(|line| line.strip_prefix(begin));
            have.extend(names.map(|name| (registry.word(), name.to_owned())));
        }
        let npm = wanted(Registry::Npm).into_iter().filter(described);
        have.extend(npm.map(|name| (Registry::Npm.word(), name.to_owned())));
        Self { have }
    }

    /// The trial, ignored where its program is not on this machine, or its package.
    fn wanted(&self, runs: &Runs, trial: Trial) -> Trial {
        let program = runs.command.first().unwrap().as_str();
        let missing = runs.installed.iter().find(|(registry, names)| {
            let is_library = match registry {
                Registry::Debian => ["perl", "mono"].contains(&program),
                Registry::Pypi => program == "python3",
                Registry::Npm => program == "node",
                Registry::Crates => false,
            };
            let has = |name: &str| self.have.contains(&(registry.word(), name.to_owned()));
            is_library && !names.split(' ').all(has)
        });
        let Some((registry, names)) = missing else {
            let compiler = runs.compile.first().map_or(program, String::as_str);
            return wanting(compiler, wanting(program, trial));
        };
        eprintln!("ignored: {}: {} {names}", trial.name(), registry.command());
        trial.with_ignored_flag(true)
    }
}

/// On each layout, the program does what its traits predict.
fn held(entry: &CatalogueEntry, runs: &Runs) -> Result<(), libtest_mimic::Failed> {
    let all = scripts(LAYOUTS)?;
    let asked = match entry.traits.reacts {
        Reacts::Never => &ASKED[2..],
        _ => &ASKED[..],
    };
    let these = all
        .into_iter()
        .filter(|(name, _)| asked.contains(&name.as_str()));
    let (names, scripts): (Vec<_>, Vec<_>) = these.unzip();
    let limits = DriveLimits {
        deadline: Duration::from_secs(120),
        ..DriveLimits::default()
    };
    let driver = Arc::new(Driver::new(ProgramCommand::of(&entry.name, runs), limits)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let plays = play_all(&driver, scripts.clone(), 1);
    let came = runtime.block_on(plays)?;
    assert_eq!(came.len(), asked.len());
    for ((name, script), driven) in names.iter().zip(&scripts).zip(came) {
        let predicted = play(&entry.traits, script);
        let told = format!("{name}: {}\n{}", driven.ending, driven.said);
        assert!(driven.ended(), "{told}");
        assert_eq!(driven.status(), predicted.status, "{told}");
        if !SEVERAL.contains(&entry.name.as_str()) {
            let sent: Vec<String> = predicted.steps.iter().map(ToString::to_string).collect();
            assert_eq!(driven.schemes_sent(MOST_KEPT), sent, "{told}");
        }
    }
    Ok(())
}
