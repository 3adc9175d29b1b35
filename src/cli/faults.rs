//! `countersign faults`.

use std::io::Write;
use std::process::ExitCode;

use countersign::matrix::published_kills;
use countersign::reference::Fault;
use countersign::spec::Spec;
use serde_json::json;

use super::failure::{CommandFailure, written};

/// Lists every fault that can be seeded: its name, what it does, for which pack it was seeded, and the
/// real product in which it was seen.
pub(super) fn faults(as_json: bool) -> Result<ExitCode, CommandFailure> {
    let list = if as_json { lines() } else { text() };
    written(anstream::stdout().write_all(list.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// What is said of faults that no rule of what is to be played is known to notice: a run that finds nothing
/// would say nothing of them.
pub(super) fn unnoticed(faults: &[String], specs: &[Spec], rules: &[String]) -> Vec<String> {
    // Of rules that do not ship nothing is known.
    if !specs.iter().all(Spec::ships) {
        return Vec::new();
    }
    let kills = published_kills();
    let faults = faults.iter().filter_map(|name| Fault::from_name(name));
    let told = faults.filter_map(|fault| {
        let killers: Vec<_> = kills.iter().filter(|kill| kill.fault == fault).collect();
        let is_played = |pack: &str| specs.iter().any(|spec| spec.pack.name == pack);
        let is_asked = |rule: &str| rules.is_empty() || rules.iter().any(|one| one == rule);
        let played: Vec<_> = killers.iter().filter(|kill| is_played(kill.pack)).collect();
        let what = match played.is_empty() {
            _ if played.iter().any(|kill| is_asked(kill.rule)) => return None,
            true => "no rule of these specs is",
            false => "none of these rules is",
        };
        let noticed = killers.first().map_or_else(String::new, |kill| {
            format!("; `--spec {} --rule {}` is", kill.pack, kill.rule)
        });
        Some(format!(
            "note: {what} known to notice the fault `{fault}`{noticed}"
        ))
    });
    told.collect()
}

fn lines() -> String {
    let line = |fault: &Fault| {
        let line = json!({
            "fault": fault.name(), "summary": fault.summary(), "pack": fault.pack(),
            "seen": fault.seen(),
        });
        format!("{line}\n")
    };
    Fault::ALL.iter().map(line).collect()
}

fn text() -> String {
    let mut text = String::new();
    let mut pack = "";
    for fault in Fault::ALL {
        if pack != fault.pack() {
            let gap = if pack.is_empty() { "" } else { "\n" };
            pack = fault.pack();
            text.push_str(&format!("{gap}{pack}\n"));
        }
        text.push_str(&format!("  {fault}\n    {}\n", fault.summary()));
        if let Some(seen) = fault.seen() {
            text.push_str(&format!("    seen in {seen}\n"));
        }
    }
    text
}
