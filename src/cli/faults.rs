//! `countersign faults`.

use std::io::Write;
use std::process::ExitCode;

use countersign::reference::Fault;
use serde_json::json;

use super::failure::{CommandFailure, written};

/// Lists every fault that can be seeded: its name, what it does, for which pack it was seeded, and the
/// real product in which it was seen.
pub(super) fn faults(as_json: bool) -> Result<ExitCode, CommandFailure> {
    let list = if as_json { lines() } else { text() };
    written(anstream::stdout().write_all(list.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
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
