//! Whom the places of a gateway's configuration shut out: the text of `countersign advise`, and its JSON.

use std::fmt::{self, Write};

use serde_json::{Value, json};

use super::advise::shut_out;
use super::labelled::{INDENT, labelled, paragraph, shown_text};
use super::reach::counted;
use crate::import::{JudgedGate, ProfileScheme};

/// The text.
pub fn gates_text(gates: &[JudgedGate<'_>]) -> String {
    let mut out = String::new();
    // A text takes whatever is written to it.
    let _ = text(gates, &mut out);
    out
}

/// What lets somebody in, in words.
pub(super) fn accepted(gate: &JudgedGate<'_>) -> String {
    let words: Vec<&str> = gate.gate.accepts.iter().map(|one| one.word()).collect();
    match words.is_empty() {
        true => "nothing that is counted".to_owned(),
        false => words.join(", "),
    }
}

fn text(gates: &[JudgedGate<'_>], out: &mut String) -> fmt::Result {
    if gates.is_empty() {
        out.push_str("Nothing in it asks for credentials.\n");
    }
    for (at, one) in gates.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        labelled(out, "place", &shown_text(&one.gate.name))?;
        labelled(out, "accepted", &accepted(one))?;
        for note in &one.gate.notes {
            labelled(out, "not said", &shown_text(note))?;
        }
        for ((when, lines), reach) in one.gate.names.iter().zip(&one.reach) {
            writeln!(out, "\nIf {}:", shown_text(when))?;
            for line in lines {
                writeln!(out, "{INDENT}WWW-Authenticate: {}", shown_text(line))?;
            }
            paragraph(out, "", &counted(reach))?;
            shut_out(reach, out)?;
        }
    }
    Ok(())
}

/// Everything as one JSON object.
pub fn gates_json(gates: &[JudgedGate<'_>]) -> Value {
    let places = gates.iter().map(|one| {
        let accepts: Vec<&str> = one
            .gate
            .accepts
            .iter()
            .copied()
            .map(ProfileScheme::word)
            .collect();
        let names = one
            .gate
            .names
            .iter()
            .zip(&one.reach)
            .map(|((when, lines), reach)| {
                let mut told = super::advise::reach_json(lines, reach);
                if let Some(members) = told.as_object_mut() {
                    members.insert("when".to_owned(), json!(when));
                }
                told
            });
        json!({
            "name": one.gate.name,
            "accepted": accepts,
            "names": names.collect::<Vec<_>>(),
            "not_said": one.gate.notes,
            "shuts_out": one.shuts_out(),
        })
    });
    let places: Vec<Value> = places.collect();
    json!({
        "shuts_out": gates.iter().any(JudgedGate::shuts_out),
        "places": places,
    })
}
