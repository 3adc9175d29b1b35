//! `countersign corpus`: what stands in folders of reproductions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use countersign::corpus::{self, Entry, Saved};
use countersign::domain::counted;

use super::corpus_options::CorpusCommand;
use super::failure::CommandFailure;
use super::place;
use super::replay::files;

/// Does what is asked of a corpus.
pub(super) fn corpus(command: &CorpusCommand) -> Result<ExitCode, CommandFailure> {
    match command {
        CorpusCommand::List { files, markdown } => list(files, *markdown),
        CorpusCommand::Check { files } => check(files),
        CorpusCommand::Merge { to, from } => merge(to, from),
        CorpusCommand::Prune { files, remove } => prune(files, *remove),
    }
}

type Reproductions = Vec<(PathBuf, Entry)>;

/// The reproductions of these files, and what is wrong with others.
fn read(named: &[String]) -> Result<(Reproductions, Vec<CommandFailure>), CommandFailure> {
    let (mut entries, mut wrong) = (Vec::new(), Vec::new());
    if let Some(name) = named.iter().find(|name| !Path::new(name).exists()) {
        return Err(CommandFailure::input(format!(
            "there is no file or folder `{name}`\n  help: name files that `countersign run --save` wrote, or folders of \
             them; the reproductions that ship stand in the folder `corpus` of Countersign's source"
        )));
    }
    for path in files(named)? {
        match corpus::load(&path) {
            Ok(entry) => entries.push((path, entry)),
            Err(why) => wrong.push(CommandFailure::input(why)),
        }
    }
    if entries.is_empty() && wrong.is_empty() {
        return Err(CommandFailure::input(format!(
            "there is no reproduction in {}\n  help: `countersign run --save` writes one for each finding",
            named.join(", ")
        )));
    }
    Ok((entries, wrong))
}

/// Success, or what is wrong with files, of which the last gives the exit code.
fn ended(wrong: &[CommandFailure]) -> Result<ExitCode, CommandFailure> {
    CommandFailure::all(wrong).map_or(Ok(ExitCode::SUCCESS), Err)
}

fn list(named: &[String], markdown: bool) -> Result<ExitCode, CommandFailure> {
    let (mut entries, wrong) = read(named)?;
    entries.sort_by(|(_, one), (_, other)| {
        let key = |entry: &Entry| {
            (
                entry.seen_on.name.clone(),
                entry.rule.pack.clone(),
                entry.title(),
            )
        };
        key(one).cmp(&key(other))
    });
    if markdown {
        tell!("| seen on | shows | rule | file |");
        tell!("|---|---|---|---|");
    }
    let mut product = String::new();
    for (path, entry) in &entries {
        let (seen_on, rule) = (&entry.seen_on, &entry.rule);
        let seen_on = format!("{} {}", seen_on.name, seen_on.version);
        if markdown {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let below = named
                .iter()
                .find_map(|folder| path.strip_prefix(folder).ok());
            let link = below
                .filter(|path| !path.as_os_str().is_empty())
                .unwrap_or(path);
            tell!(
                "| {} | {} | `{}` ({}, {}) | [{name}]({link}) |",
                in_cell(&seen_on),
                in_cell(&entry.title()),
                rule.id,
                rule.pack,
                rule.level,
                link = link.display()
            );
            continue;
        }
        if product != seen_on {
            tell!("{seen_on}");
            product = seen_on;
        }
        tell!("  {}", entry.title());
        tell!(
            "    {} ({}, {}): {}",
            rule.id,
            rule.pack,
            rule.level,
            path.display()
        );
    }
    ended(&wrong)
}

/// A text in a cell of a table in Markdown.
fn in_cell(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "&lt;")
}

/// Whether a file is called by what it says. A number stands behind the name of one beside which another stays that was
/// edited.
fn is_called_by_contents(path: &Path, entry: &Entry) -> bool {
    let own = entry.file_name();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = own.strip_suffix(".yaml").unwrap_or(&own);
    name.starts_with(stem) || name.ends_with(&format!("{:08x}.yaml", entry.digest()))
}

/// Those that show what another shows of the same product, each with that other: the first that is called by what it says,
/// and else the first.
fn doubles(entries: &Reproductions) -> Vec<(&Path, &Path)> {
    let mut known: HashMap<(String, u32), &Path> = HashMap::new();
    let mut doubles = Vec::new();
    let (called, others): (Vec<_>, Vec<_>) =
        { entries.iter() }.partition(|(path, entry)| is_called_by_contents(path, entry));
    for (path, entry) in called.into_iter().chain(others) {
        let key = (entry.product(), entry.digest());
        match known.get(&key) {
            Some(first) => doubles.push((path.as_path(), *first)),
            None => {
                known.insert(key, path);
            }
        }
    }
    doubles
}

fn check(named: &[String]) -> Result<ExitCode, CommandFailure> {
    let (entries, mut wrong) = read(named)?;
    for (path, entry) in &entries {
        if !is_called_by_contents(path, entry) {
            let own = entry.file_name();
            wrong.push(CommandFailure::input(format!(
                "{} would be called {own}: what it says was edited, or it was given another name\n  help: a \
                 corpus that is called by contents has each once: rename it, or run again with `--save`",
                path.display()
            )));
        }
    }
    for (path, first) in doubles(&entries) {
        wrong.push(CommandFailure::input(format!(
            "{} shows what {} shows, of the same product\n  help: `countersign corpus prune` names those that \
             are too many",
            path.display(),
            first.display()
        )));
    }
    if wrong.is_empty() {
        tell!(
            "{}, no mistakes",
            counted(entries.len() as u64, "reproduction", "reproductions")
        );
    }
    ended(&wrong)
}

fn merge(to: &str, from: &[String]) -> Result<ExitCode, CommandFailure> {
    let (entries, mut wrong) = read(from)?;
    place::folder(to, "reproductions")?;
    let there = match Path::new(to).is_dir() {
        true => corpus::list(Path::new(to)).map_err(CommandFailure::environment)?,
        false => Vec::new(),
    };
    let mut known: Vec<(String, u32)> = Vec::new();
    for path in there {
        match corpus::load(&path) {
            Ok(entry) => known.push((entry.product(), entry.digest())),
            Err(why) => wrong.push(CommandFailure::input(why)),
        }
    }
    let mut taken = 0;
    for (_, entry) in &entries {
        let key = (entry.product(), entry.digest());
        if known.contains(&key) {
            continue;
        }
        let Saved { path, .. } = corpus::save(Path::new(to), entry).map_err(|error| {
            CommandFailure::environment(format!("could not save to {to}: {error}"))
        })?;
        tell!("{}", path.display());
        known.push(key);
        taken += 1;
    }
    tell!(
        "{} taken, {} there already",
        counted(taken, "reproduction", "reproductions"),
        entries.len() as u64 - taken
    );
    ended(&wrong)
}

fn prune(named: &[String], remove: bool) -> Result<ExitCode, CommandFailure> {
    let (entries, wrong) = read(named)?;
    let doubles = doubles(&entries);
    for (path, first) in &doubles {
        tell!("{}: shows what {} shows", path.display(), first.display());
        if remove {
            std::fs::remove_file(path).map_err(|error| {
                CommandFailure::environment(format!(
                    "{} cannot be removed: {error}",
                    path.display()
                ))
            })?;
        }
    }
    let what = if remove { "removed" } else { "too many" };
    tell!(
        "{} {what}, of {}",
        doubles.len(),
        counted(entries.len() as u64, "reproduction", "reproductions")
    );
    ended(&wrong)
}
