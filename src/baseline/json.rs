//! Known departures as JSON lines, beside those of the run.

use serde_json::{Value, json};

use super::Settled;

/// One object for each departure that is known and shows (`event: known`), and for each entry that
/// does not (`event: stale`).
pub fn lines(settled: &Settled<'_>) -> Vec<Value> {
    let known = settled.known.iter().map(|(departure, findings)| {
        json!({
            "event": "known",
            "sentence": departure.finding,
            "whose": departure.whose.word(),
            "reason": departure.reason,
            "link": departure.link,
            "confirmed": departure.confirmed,
            "shows": findings.iter().map(|finding| json!({
                "pack": finding.pack.0, "rule": finding.rule, "case": finding.case,
            })).collect::<Vec<_>>(),
        })
    });
    let stale = settled.stale.iter().map(|entry| {
        json!({
            "event": "stale",
            "pack": entry.pack,
            "rule": entry.rule,
            "case": entry.brief,
            "said": entry.said,
            "why": entry.why,
        })
    });
    known.chain(stale).collect()
}
