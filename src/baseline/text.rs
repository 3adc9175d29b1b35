//! What a person reads of known departures.

use std::fmt::Write;

use super::{Departure, Stale};
use crate::results::Finding;

/// Departures that are known and show: one paragraph each.
pub fn known_text(known: &[(&Departure, Vec<&Finding>)]) -> String {
    let mut out = String::new();
    for (index, (departure, findings)) in known.iter().enumerate() {
        let _ = writeln!(
            out,
            "known {} of {}\n\n{}\n",
            index + 1,
            known.len(),
            departure.finding
        );
        let mut put = |label: &str, text: &str| {
            let _ = writeln!(out, "  {label:10}{text}");
        };
        put("whose", departure.whose.phrase());
        put("reason", &departure.reason);
        if let Some(link) = &departure.link {
            put("link", link);
        }
        put("confirmed", &departure.confirmed);
        for (index, finding) in findings.iter().enumerate() {
            let label = if index == 0 { "breaks" } else { "" };
            put(
                label,
                &format!("{} ({}): {}", finding.rule, finding.level, finding.title()),
            );
        }
        out.push('\n');
    }
    out
}

/// Departures that do not show, or not in all of their cases, each with what to do about it.
pub fn stale_text(stale: &[Stale], file: &str) -> String {
    let mut groups: Vec<Vec<&Stale>> = Vec::new();
    for entry in stale {
        let is_same = |group: &&mut Vec<&Stale>| {
            group.first().is_some_and(|first| {
                first.said == entry.said && first.brief.is_some() == entry.brief.is_some()
            })
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    let mut out = String::new();
    for group in groups {
        let Some(first) = group.first() else { continue };
        let head = match (&first.brief, first.in_part) {
            (None, _) => "said never to apply",
            (Some(_), true) => "known, and shows only in part",
            (Some(_), false) => "known, and no longer shows",
        };
        let _ = writeln!(out, "{head}: {}\n", first.said);
        for entry in &group {
            let mut put = |label: &str, text: &str| {
                let _ = writeln!(out, "  {label:10}{text}");
            };
            put("rule", &format!("{} ({})", entry.rule, entry.pack));
            if let Some(brief) = &entry.brief {
                put("case", brief);
            }
            put("seen", &entry.why);
        }
        let what = match (first.in_part, group.len()) {
            (true, 1) => "this case",
            (true, _) => "these cases",
            (false, _) => "the entry",
        };
        let cannot = match group.len() {
            2.. if first.in_part => "they cannot",
            _ => "it cannot",
        };
        let _ = writeln!(
            out,
            "  {:10}take {what} out of {file}, so that {cannot} hide what comes later\n",
            "remedy"
        );
    }
    out
}
