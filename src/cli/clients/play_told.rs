//! What became of programs, told.

use std::collections::BTreeSet;
use std::io::Write as _;

use countersign::programs::{Driven, ProgramEnd, SeenRequest};
use countersign::report::{ClientFate, ClientsRow, clients_html};
use countersign::user_agents::model::MOST_KEPT;
use serde_json::{Value, json};

use crate::cli::compare::today;
use crate::cli::failure::CommandFailure;

/// Where programs were played.
#[derive(Debug)]
pub(super) struct PlayedAt {
    pub(super) implementation: String,
    pub(super) policy: String,
    /// What became of each program, in their order; or why nobody could be played.
    pub(super) all: Result<Vec<Driven>, String>,
}

/// One program, in a line.
pub(super) fn one(name: &str, width: usize, driven: &Driven, verbose: bool) {
    match driven.requests.is_empty() {
        true => tell!("  {name:width$}  {}", fate(driven)),
        false => tell!("  {name:width$}  {}: {}", fate(driven), asked(driven)),
    }
    match driven.ending {
        ProgramEnd::Exit(_) if driven.requests.is_empty() => {
            tell!(
                "  {:width$}  it {}, and its last words were",
                "",
                driven.ending
            );
            tell!("{}", driven.said);
        }
        ProgramEnd::Exit(_) => {}
        ending => tell!("  {:width$}  it {ending}", ""),
    }
    if driven.left > 0 {
        tell!("  {:width$}  it let go of processes, which were ended", "");
    }
    if verbose {
        for request in &driven.requests {
            heads(request);
        }
    }
}

fn heads(request: &SeenRequest) {
    for (mark, head) in [('>', &request.head), ('<', &request.answered)] {
        for line in String::from_utf8_lossy(head).lines() {
            tell!("    {mark} {line}");
        }
    }
}

fn fate(driven: &Driven) -> &'static str {
    match (driven.requests.is_empty(), driven.is_in()) {
        (true, _) => "asks nobody",
        (false, true) => "gets in",
        (false, false) => "does not get in",
    }
}

/// A table: a row for each place, a column for each program.
pub(super) fn markdown(names: &[&str], places: &[PlayedAt]) {
    tell!("| implementation | challenged by | {} |", names.join(" | "));
    tell!("|---|---|{}", "---|".repeat(names.len()));
    for place in places {
        let Ok(all) = &place.all else { continue };
        let cells: Vec<String> = all.iter().map(cell).collect();
        let challenges = challenges(all);
        let lines: Vec<String> = challenges
            .iter()
            .map(|line| format!("`{}`", line.replace('|', "\\|")))
            .collect();
        let by = match lines.is_empty() {
            true => "nothing".to_owned(),
            false => lines.join("<br>"),
        };
        tell!(
            "| {} | {by} | {} |",
            place.implementation,
            cells.join(" | ")
        );
    }
}

/// What became of one program. Whoever is out for something else than want of credentials is told with the status.
fn cell(driven: &Driven) -> String {
    match (driven.status(), driven.is_in()) {
        (None, _) => "-".to_owned(),
        (Some(_), true) => "in".to_owned(),
        (Some(401), false) => "**out**".to_owned(),
        (Some(status), false) => format!("out ({status})"),
    }
}

/// The same table as a page.
pub(super) fn html(names: &[&str], places: &[PlayedAt]) -> Result<(), CommandFailure> {
    let rows: Vec<ClientsRow> = { places.iter() }
        .map(|place| ClientsRow {
            implementation: place.implementation.clone(),
            challenges: place.all.as_deref().map(challenges).unwrap_or_default(),
            fates: { place.all.as_ref() }
                .map(|all| {
                    all.iter()
                        .map(|driven| (fate_of(driven), asked(driven)))
                        .collect()
                })
                .map_err(Clone::clone),
        })
        .collect();
    let page = clients_html(names, &rows, &today())?;
    Ok(anstream::stdout().write_all(page.as_bytes())?)
}

fn fate_of(driven: &Driven) -> ClientFate {
    match (driven.status(), driven.is_in()) {
        (None, _) => ClientFate::Silent,
        (Some(_), true) => ClientFate::In,
        (Some(401 | 407), false) => ClientFate::Refused,
        (Some(_), false) => ClientFate::KeptOut,
    }
}

/// Its first requests in words: the status of each with what it carried. A program may go on and on.
fn asked(driven: &Driven) -> String {
    let requests = driven.requests.iter().take(MOST_KEPT);
    let requests: Vec<String> = requests
        .map(|request| format!("{} ({})", request.status, request.sent))
        .collect();
    let told = requests.join(", ");
    match driven.requests.len().saturating_sub(MOST_KEPT) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

/// The challenges of the first refusal that any program was given; what changes with each answer is left out.
fn challenges(all: &[Driven]) -> Vec<String> {
    let refusals = all.iter().flat_map(|driven| &driven.requests);
    let first = { refusals }.find(|request| request.status == 401);
    let head = first.map(|request| String::from_utf8_lossy(&request.answered).into_owned());
    let head = head.unwrap_or_default();
    let lines = head.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is = name.eq_ignore_ascii_case("WWW-Authenticate");
        is.then(|| without_nonce(value.trim()))
    });
    lines.collect()
}

/// A challenge with dots for the value of its nonce.
fn without_nonce(line: &str) -> String {
    let mut parts = line.splitn(2, "nonce=\"");
    match (
        parts.next(),
        parts.next().and_then(|rest| rest.split_once('"')),
    ) {
        (Some(before), Some((_, after))) => format!("{before}nonce=\"…\"{after}"),
        _ => line.to_owned(),
    }
}

/// One JSON object.
pub(super) fn json(names: &[&str], places: &[PlayedAt]) {
    let places: Vec<Value> = places
        .iter()
        .map(|place| match &place.all {
            Err(why) => json!({
                "implementation": place.implementation, "policy": place.policy, "not_played": why,
            }),
            Ok(all) => json!({
                "implementation": place.implementation,
                "policy": place.policy,
                "challenges": challenges(all),
                "clients": names.iter().zip(all).map(|(name, driven)| client(name, driven)).collect::<Vec<_>>(),
            }),
        })
        .collect();
    tell!("{}", json!({"clients_matrix": 1, "places": places}));
}

fn client(name: &str, driven: &Driven) -> Value {
    let statuses: Vec<u16> = driven
        .requests
        .iter()
        .map(|request| request.status)
        .collect();
    let wrong: BTreeSet<String> = driven
        .requests
        .iter()
        .filter_map(|request| match &request.worth {
            countersign::programs::Worth::Wrong(why) => Some(why.clone()),
            _ => None,
        })
        .collect();
    json!({
        "name": name,
        "in": driven.is_in(),
        "requests": driven.requests.len(),
        "schemes_sent": driven.schemes_sent(usize::MAX),
        "statuses": statuses,
        "wrong": wrong,
        "ended": driven.ending.to_string(),
    })
}
