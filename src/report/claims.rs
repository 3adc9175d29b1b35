//! What a run says of claims: packs that were left out, fields that stood at their simplest values, a case
//! outside of what is supported, and verdicts that are worth nothing.

use serde_json::{Value, json};

use crate::domain::counted;
use crate::results::PackReport;

/// The line that says which packs were left out, where some were.
pub(super) fn left_out_text(packs: &[String], implementation: &str) -> Option<String> {
    let (last, before) = packs.split_last()?;
    Some(match before {
        [] => format!(
            "left out: {last}, which binds those who claim it, and {implementation} does not \
             (`--claim {last}` judges all the same)"
        ),
        _ => format!(
            "left out: {} and {last}, which bind those who claim them, and {implementation} does not \
             (`--claim PACK` judges all the same)",
            before.join(", ")
        ),
    })
}

/// The same for programs.
pub(super) fn left_out_json(pack: &str, implementation: &str) -> Value {
    json!({
        "event": "left out", "pack": pack,
        "why": format!("it binds those who claim it, and {implementation} does not"),
    })
}

/// A pack's lines: at most one for each thing that there is to say.
pub(super) fn claim_lines(report: &PackReport) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(unclaimed) = &report.unclaimed {
        let rules = match unclaimed.rules {
            0 => String::new(),
            count => format!(
                ", so {} never applied",
                counted(count, "rule of theirs", "rules of theirs")
            ),
        };
        lines.push(format!(
            "not claimed, and at the simplest value: {}{rules}",
            unclaimed.paths.join(", ")
        ));
    }
    if let Some(outside) = &report.outside {
        let name = &report.implementation.0;
        lines.push(match &report.unsupported {
            Some(_) if report.judged == 0 => format!("outside of what {name} supports: {outside}"),
            _ => format!("outside of what {name} supports, and played all the same: {outside}"),
        });
    }
    lines.extend(
        report
            .hollow
            .iter()
            .map(|why| format!("shows nothing: {why}")),
    );
    lines
}

/// The same as the keys of a pack's object.
pub(super) fn claim_keys(report: &PackReport, object: &mut serde_json::Map<String, Value>) {
    let unclaimed = report
        .unclaimed
        .as_ref()
        .map(|unclaimed| json!({"paths": unclaimed.paths, "rules": unclaimed.rules}));
    object.insert("unclaimed".to_owned(), unclaimed.into());
    object.insert("outside".to_owned(), report.outside.clone().into());
    object.insert("hollow".to_owned(), report.hollow.clone().into());
}
