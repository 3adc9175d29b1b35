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
        let of_it = kills.iter().filter(|kill| kill.fault == fault);
        let killers: Vec<(&str, &str)> = of_it.map(|kill| (kill.pack, kill.rule)).collect();
        note(fault.name(), &killers, specs, rules)
    });
    told.collect()
}

/// What is said of a fault that is known to be noticed by these rules, each with its pack in front.
fn note(fault: &str, killers: &[(&str, &str)], specs: &[Spec], rules: &[String]) -> Option<String> {
    let Some((pack, rule)) = killers.first() else {
        return Some(format!(
            "note: nobody has measured yet which rules notice the fault `{fault}`; `countersign kill-matrix --fault \
             {fault}` does"
        ));
    };
    let is_played = |pack: &str| specs.iter().any(|spec| spec.pack.name == pack);
    let is_asked = |rule: &str| rules.is_empty() || rules.iter().any(|one| one == rule);
    let played = killers.iter().filter(|(pack, _)| is_played(pack));
    let what = match played.clone().next() {
        None => "no rule of these specs is",
        Some(_) if played.clone().any(|(_, rule)| is_asked(rule)) => return None,
        Some(_) => "none of these rules is",
    };
    Some(format!(
        "note: {what} known to notice the fault `{fault}`; `--spec {pack} --rule {rule}` is"
    ))
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

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::spec::shipped;

    #[test]
    fn of_a_fault_that_nobody_measured_nothing_is_said_to_be_known() {
        let specs = [Spec::read(&shipped("reachability").unwrap()).unwrap()];
        let note = |killers: &[(&str, &str)], rules: &[String]| note("new", killers, &specs, rules);
        let unmeasured = note(&[], &[]).unwrap();
        assert!(
            unmeasured.starts_with("note: nobody has measured yet"),
            "{unmeasured}"
        );
        assert_eq!(note(&[("reachability", "a")], &[]), None);
        assert_eq!(
            note(&[("other", "b"), ("reachability", "a")], &["a".to_owned()]),
            None
        );
        let other = note(&[("other", "b")], &[]).unwrap();
        assert!(
            other.contains("no rule of these specs is") && other.contains("--spec other --rule b")
        );
        let left_out = note(&[("reachability", "a")], &["c".to_owned()]).unwrap();
        assert!(left_out.contains("none of these rules is"), "{left_out}");
    }
}
