//! What a document declares of security, as places of a gateway: whom each would shut out, by what its 401 names. A
//! document says what is taken, and nothing of challenges.

use std::collections::BTreeMap;

use countersign::import::{Gate, ProfileScheme};

use super::document::Document;
use super::objects::SecurityKind;

/// The operations of a document that declare the same, as one place each.
///
/// # Errors
///
/// In words, where it is no such document.
pub(in crate::cli) fn gates(name: &str, text: &str) -> Result<Vec<Gate>, String> {
    let document = Document::read(name, text, &BTreeMap::new())?;
    let mut gates: Vec<(String, Vec<String>, Gate)> = Vec::new();
    for operation in &document.operations {
        if operation.is_open() {
            continue;
        }
        let declared = operation.declared();
        if let Some((_, operations, _)) = gates.iter_mut().find(|(known, _, _)| *known == declared)
        {
            operations.push(operation.name());
            continue;
        }
        let mut gate = Gate::default();
        for kind in operation.single() {
            let scheme = match kind {
                SecurityKind::Basic => ProfileScheme::Basic,
                SecurityKind::Bearer => ProfileScheme::Bearer,
                SecurityKind::Key(..) | SecurityKind::Unspoken(_) | SecurityKind::Other(_) => {
                    let words = kind.in_words();
                    gate.notes
                        .push(format!("no client of the catalogue is counted for {words}"));
                    continue;
                }
            };
            if !gate.accepts.contains(&scheme) {
                gate.accepts.push(scheme);
            }
        }
        if operation.single().count() < operation.alternatives.len() {
            gate.notes.push(
                "what asks for several ways together is not counted: no client of the catalogue shows two".to_owned(),
            );
        }
        let line = |scheme: &ProfileScheme| match scheme {
            ProfileScheme::Basic => "Basic realm=\"REALM\"".to_owned(),
            _ => "Bearer realm=\"REALM\"".to_owned(),
        };
        if gate.accepts.len() > 1 {
            let all = gate.accepts.iter().map(line).collect();
            gate.names
                .push(("a 401 names every way, in this order".to_owned(), all));
        }
        for scheme in &gate.accepts {
            let when = format!("a 401 names {scheme} alone");
            gate.names.push((when, vec![line(scheme)]));
        }
        gates.push((declared, vec![operation.name()], gate));
    }
    let mut all: Vec<Gate> = gates
        .into_iter()
        .map(|(declared, operations, gate)| {
            let shown: Vec<&str> = operations
                .iter()
                .take(MOST_SHOWN)
                .map(String::as_str)
                .collect();
            let more = match operations.len() - shown.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            Gate {
                name: format!("{declared}: {}{more}", shown.join(", ")),
                ..gate
            }
        })
        .collect();
    if let Some(first) = all.first_mut() {
        first.notes.extend(document.passed_over);
    }
    Ok(all)
}

/// The most operations that are named of one place.
const MOST_SHOWN: usize = 4;
