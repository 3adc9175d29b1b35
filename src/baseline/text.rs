//! What a person reads of known departures.

use std::fmt::Write;

use super::{Departure, Stale};
use crate::engine::Finding;

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

/// Entries that do not show, each with what to do about it.
pub fn stale_text(stale: &[Stale], file: &str) -> String {
    let mut out = String::new();
    for entry in stale {
        let said = &entry.said;
        let _ = match &entry.brief {
            Some(brief) => writeln!(
                out,
                "known, and no longer shows: {said}\n\n  rule      {} ({})\n  case      {brief}",
                entry.rule, entry.pack
            ),
            None => writeln!(
                out,
                "said never to apply: {}\n\n  rule      {} ({})",
                said, entry.rule, entry.pack
            ),
        };
        let _ = writeln!(
            out,
            "  seen      {}\n  remedy    take the entry out of {file}, so that it cannot hide what comes later\n",
            entry.why
        );
    }
    out
}
