//! A run that is kept while it goes on: its plan is played in parts, and each part is on disk once it is played.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use countersign::domain::Case;
use countersign::engine::{self, Options};
use countersign::files;
use countersign::implementation::Implementation;
use countersign::results::{
    Event, Finding, Invocation, NotParts, PlanPart, Run, Subscriber, merge,
};
use countersign::spec::Spec;
use serde_json::{Value, json};

use super::arguments::RunOptions;
use super::failure::{CommandFailure, say};
use super::saved::{keep_in, read};

/// In how many parts a plan is played. More lose less to a kill, and cost more: what is compared over parts is asked
/// again in each.
const PARTS: u32 = 16;

/// The file of a journal that the run holds which keeps it.
const LOCK: &str = "lock";

/// A folder with what was played so far.
#[derive(Debug)]
pub(super) struct KeptRun {
    folder: PathBuf,
    /// Held until the run is over, so that no other keeps its parts there meanwhile.
    _lock: File,
    /// The parts that were played before, by number.
    played: BTreeMap<u32, Run>,
}

impl KeptRun {
    /// Opens the journal that is asked for, which is new unless the run is to go on.
    ///
    /// # Errors
    ///
    /// When it cannot be written to, or is of another run.
    pub(super) fn open(
        options: &RunOptions,
        asked: &Invocation,
        specs: &[Spec],
    ) -> Result<Option<Self>, CommandFailure> {
        let Some(name) = &options.journal else {
            return Ok(None);
        };
        let folder = PathBuf::from(name);
        let head = folder.join("journal.json");
        if options.resume && !head.exists() {
            return Err(CommandFailure::input(format!(
                "{name} has no journal to go on with\n  help: without `--resume` one is begun there"
            )));
        }
        let lock = locked(&folder, name)?;
        let is_there = head.exists();
        let of_this = json!({
            "countersign-journal": 1,
            "version": env!("CARGO_PKG_VERSION"),
            "parts": PARTS,
            "asked": asked,
            // Which specs they were, by their text: a path says nothing of what has stood there.
            "specs": specs.iter().map(|spec| &*spec.source.text).collect::<Vec<&str>>(),
        });
        let failed = |error: &dyn std::fmt::Display| not_kept(name, error);
        if !options.resume {
            if is_there {
                return Err(CommandFailure::input(format!(
                    "{name} has the journal of a run\n  help: `--resume` goes on with that run; name another folder \
                     for a new one"
                )));
            }
            let text = serde_json::to_string_pretty(&of_this).map_err(|error| failed(&error))?;
            files::replace(&head, text.as_bytes()).map_err(|error| failed(&error))?;
            return Ok(Some(Self {
                folder,
                _lock: lock,
                played: BTreeMap::new(),
            }));
        }
        let text = fs::read_to_string(&head).map_err(|error| failed(&error))?;
        let before: Value = serde_json::from_str(&text).map_err(|error| {
            CommandFailure::input(format!(
                "{} is not what a run wrote: {error}",
                head.display()
            ))
        })?;
        if let Some(why) = differs(&before, &of_this, asked) {
            return Err(CommandFailure::input(format!(
                "{name} has the journal of another run: {why}\n  help: go on with the options of then, or name \
                 another folder for a new run"
            )));
        }
        let mut journal = Self {
            folder,
            _lock: lock,
            played: BTreeMap::new(),
        };
        for number in 1..=PARTS {
            let path = journal.part(number);
            if path.exists() {
                let file = path.display();
                let run = read(&file.to_string()).map_err(|failure| {
                    failure.map(|why| {
                        format!("{why}\n  help: or delete {file}: that part of the plan is played again then")
                    })
                })?;
                journal.played.insert(number, run);
            }
        }
        Ok(Some(journal))
    }

    fn part(&self, number: u32) -> PathBuf {
        self.folder
            .join(format!("part-{number:02}-of-{PARTS}.json"))
    }

    /// Plays what is missing, and puts all parts together to the run that would have been made at once.
    ///
    /// # Errors
    ///
    /// When a part cannot be kept, or one that is there is of another implementation.
    pub(super) async fn play(
        self,
        chosen: &[(&Spec, Option<&Case>)],
        asked: Invocation,
        implementation: &mut dyn Implementation,
        limits: &Options,
        subscriber: &mut Subscriber<'_>,
    ) -> Result<Run, CommandFailure> {
        let mut whole: Option<Run> = None;
        if !self.played.is_empty() {
            say(&format!(
                "{} of the {PARTS} parts of the plan were played before, and are not played again",
                self.played.len()
            ));
        }
        for run in self.played.values() {
            whole = Some(self.together(whole, run)?);
        }
        for number in (1..=PARTS).filter(|number| !self.played.contains_key(number)) {
            let limits = Options {
                part: Some(PlanPart { number, of: PARTS }),
                ..limits.clone()
            };
            let found = self.folder.join("findings.jsonl");
            let mut on = |event: Event<'_>| {
                if let Event::Found(finding) = &event {
                    announce(&found, finding);
                }
                subscriber(event);
            };
            let run =
                engine::run_packs(chosen, asked.clone(), implementation, &limits, &mut on).await;
            let ended = run.packs.iter().any(|pack| pack.stopped.is_some());
            let is_cut = ended || !run.not_begun.is_empty();
            if !is_cut {
                keep_in(&self.part(number).display().to_string(), &run)?;
            }
            whole = Some(self.together(whole, &run)?);
            if is_cut {
                break;
            }
        }
        whole.ok_or_else(|| CommandFailure::input("the plan has no parts"))
    }

    fn together(&self, before: Option<Run>, run: &Run) -> Result<Run, CommandFailure> {
        let Some(before) = before else {
            return Ok(run.clone());
        };
        merge(&before, run).map_err(|why| {
            let remedy = match why {
                NotParts::Overlap(_) => {
                    "delete the file that is a copy of another, and its part is played again"
                }
                _ => "name another folder for a new run",
            };
            CommandFailure::input(format!(
                "{} has parts that do not go together: {why}\n  help: {remedy}",
                self.folder.display()
            ))
        })
    }
}

/// Makes the folder of a journal, and holds it for this run.
///
/// # Errors
///
/// When it cannot be made, or another run holds it.
fn locked(folder: &Path, name: &str) -> Result<File, CommandFailure> {
    fs::create_dir_all(folder).map_err(|error| not_kept(name, &error))?;
    let lock = File::create(folder.join(LOCK)).map_err(|error| not_kept(name, &error))?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(CommandFailure::input(format!(
            "another run keeps its journal in {name}\n  help: wait for its end, or name another folder"
        ))),
        // A file system without locks is one in which nobody can tell.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
    }
}

fn not_kept(name: &str, error: &dyn std::fmt::Display) -> CommandFailure {
    CommandFailure::environment(format!("the journal {name} cannot be kept: {error}"))
}

/// In what a journal differs from one that this run would begin.
fn differs(before: &Value, now: &Value, asked: &Invocation) -> Option<String> {
    let differs = |key: &str| before.get(key) != now.get(key);
    let kinds = [
        ("countersign-journal", "it has another form"),
        ("version", "another version of countersign played it"),
        ("parts", "its plan has another number of parts"),
    ];
    let mut kinds = kinds.into_iter();
    if let Some(why) = kinds.find_map(|(key, why)| differs(key).then_some(why)) {
        return Some(why.to_owned());
    }
    let then = before.get("asked").cloned().unwrap_or_default();
    let Ok(then) = serde_json::from_value::<Invocation>(then) else {
        return Some("what was asked for then cannot be read".to_owned());
    };
    // Of other specs the texts are others, too.
    let of_text = || differs("specs").then(|| "a spec has another text since".to_owned());
    then.differs(asked).or_else(of_text)
}

/// Appends a finding, once it is announced, so that it is there whatever comes then. What cannot be written here does
/// not end the run, which writes the part itself later, or says why not.
fn announce(path: &Path, finding: &Finding) {
    let line = serde_json::to_string(finding).map(|text| text + "\n");
    let file = OpenOptions::new().create(true).append(true).open(path);
    if let (Ok(line), Ok(mut file)) = (line, file) {
        let _ = file
            .write_all(line.as_bytes())
            .and_then(|()| file.sync_data());
    }
}
