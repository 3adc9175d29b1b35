//! Writing an entry as the catalogue's files have it.

use super::CatalogueEntry;
use super::runs::Runs;
use crate::yaml::{flow, quoted_if_needed};

/// The keys whose values are lists.
const LISTS: [&str; 6] = [
    "chokes-on",
    "knows",
    "quirks",
    "digest.algorithms",
    "digest.miscomputes",
    "digest.needs",
];

/// An entry as an item of a file's list `clients`. Read again it is the same entry.
pub fn written(entry: &CatalogueEntry) -> String {
    let text = |key: &str, value: &str| format!("    {key}: {}\n", quoted_if_needed(value));
    let mut out = format!("  - name: {}\n", quoted_if_needed(&entry.name));
    out.push_str(&text("mode", &entry.mode));
    out.push_str(&text("version", &entry.version));
    out.push_str(&text("driven", &entry.driven));
    if let Some(runs) = &entry.runs {
        out.push_str(&written_runs(runs));
    }
    if let Some(note) = &entry.note {
        out.push_str(&text("note", note));
    }
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for (key, value) in entry.traits.describe() {
        let value = match LISTS.contains(&key) {
            true if value == "nothing" => "[]".to_owned(),
            true => flow(value.split(", ")),
            false => value,
        };
        match key.split_once('.') {
            None => out.push_str(&format!("    {key}: {value}\n")),
            Some((group, key)) => {
                let pair = format!("{key}: {value}");
                match groups.iter_mut().find(|(have, _)| *have == group) {
                    Some((_, pairs)) => pairs.push(pair),
                    None => groups.push((group, vec![pair])),
                }
            }
        }
    }
    for (group, pairs) in groups {
        out.push_str(&format!("    {group}: {{{}}}\n", pairs.join(", ")));
    }
    out
}

fn written_runs(runs: &Runs) -> String {
    let mut out = format!("    runs:\n      command: {}\n", flow(&runs.command));
    let pairs = |pairs: &[(String, String)]| {
        let pairs = pairs.iter();
        let pairs = pairs
            .map(|(name, text)| format!("{}: {}", quoted_if_needed(name), quoted_if_needed(text)));
        pairs.collect::<Vec<String>>().join(", ")
    };
    for (key, map) in [("environment", &runs.environment), ("files", &runs.files)] {
        if !map.is_empty() {
            out.push_str(&format!("      {key}: {{{}}}\n", pairs(map)));
        }
    }
    if let Some(driver) = &runs.driver {
        out.push_str(&format!("      driver: {driver}\n"));
    }
    if !runs.compile.is_empty() {
        out.push_str(&format!("      compile: {}\n", flow(&runs.compile)));
    }
    let codes = |codes: &[i32]| {
        let codes: Vec<String> = codes.iter().map(i32::to_string).collect();
        format!("[{}]", codes.join(", "))
    };
    let exit = [("in", &runs.exit.inside), ("refused", &runs.exit.refused)];
    let said = exit.iter().filter(|(_, codes)| !codes.is_empty());
    let said: Vec<String> = said
        .map(|(key, list)| format!("{key}: {}", codes(list)))
        .collect();
    if !said.is_empty() {
        out.push_str(&format!("      exit: {{{}}}\n", said.join(", ")));
    }
    if !runs.version.is_empty() {
        out.push_str(&format!("      version: {}\n", flow(&runs.version)));
    }
    let installed = runs.installed.iter();
    let installed: Vec<String> = installed
        .map(|(registry, what)| format!("{}: {}", registry.word(), quoted_if_needed(what)))
        .collect();
    if !installed.is_empty() {
        out.push_str(&format!("      installed: {{{}}}\n", installed.join(", ")));
    }
    out
}
