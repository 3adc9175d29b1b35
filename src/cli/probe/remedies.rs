//! Which changes of the challenge would let whom in, of the real clients of the catalogue.

use std::collections::BTreeSet;

use countersign::auth::{Challenge, Param};
use countersign::credentials::Scheme;
use countersign::report::ReachReport;
use countersign::user_agents::catalogue::Catalogue;
use countersign::user_agents::model::{Layout, Script};
use countersign::user_agents::reach::{ANY_REALM, Fate, Reach};

use super::entrance::words;
use super::show::Probed;
use crate::cli::clients::catalogue;
use crate::cli::failure::CommandFailure;
use crate::cli::reach::reported;

/// How many of the clients are named whom a change lets in, or shuts out.
const MOST_NAMED: usize = 4;

impl Probed {
    /// In words, which changes of the challenges would let in more real clients, and whom.
    pub(super) fn remedies(&self) -> Result<Vec<String>, CommandFailure> {
        let advertised = &self.entered.advertised;
        let missing: Vec<Scheme> = { self.entered.let_in.iter() }
            .copied()
            .filter(|scheme| !advertised.contains(scheme))
            .collect();
        let status = self.entered.seen.status;
        let catalogue = catalogue()?;
        reported(self.entered.answered(), None, |report| {
            if !report.is_judged {
                return Vec::new();
            }
            let mut changes = Vec::new();
            if let Some(advice) = report.every_scheme.as_ref().filter(|_| !missing.is_empty()) {
                let name = words(&missing);
                let lines = advice.lines.clone();
                changes.push((format!("let the {status} name {name} too"), lines));
                changes.push((
                    format!("or let it name {name} alone"),
                    alone(report, &missing),
                ));
            }
            if let Some(advice) = &report.same_schemes {
                let lines = advice.lines.clone();
                changes.push(("lay out the same challenges so".to_owned(), lines));
            }
            let told = changes.iter();
            told.filter_map(|(change, lines)| in_words(change, lines, report, catalogue))
                .collect()
        })
    }
}

/// A plain challenge of each of these schemes, as far as one can be made without the server's help.
fn alone(report: &ReachReport<'_>, schemes: &[Scheme]) -> Vec<String> {
    let mut realms = { report.challenges.list.iter() }.filter_map(|one| one.param("realm"));
    let realm = realms.next().unwrap_or(ANY_REALM);
    let plain = schemes
        .iter()
        .filter(|scheme| matches!(scheme, Scheme::Basic | Scheme::Bearer));
    let challenges =
        plain.map(|scheme| Challenge::new(scheme.name()).with(Param::quoted("realm", realm)));
    challenges.map(|challenge| challenge.to_string()).collect()
}

/// What a change to these lines does to whom, where it lets in more than now get in.
fn in_words(
    change: &str,
    lines: &[String],
    report: &ReachReport<'_>,
    catalogue: &Catalogue,
) -> Option<String> {
    let mut script = Script::new(Layout::new(lines.iter().map(String::as_str)));
    script.status = match report.seen.status {
        407 => 407,
        _ => 401,
    };
    script.accepts = report.knows.accepts();
    let then = Reach::of(catalogue, &script);
    let (inside, before) = (then.inside(), report.reach.inside());
    if lines.is_empty() || inside <= before {
        return None;
    }
    let (now_in, then_in) = (who(&report.reach), who(&then));
    let of = report.reach.concerned();
    let lines = lines.join("; ");
    let lets_in = named(&(&then_in - &now_in));
    let shuts_out = match now_in.is_subset(&then_in) {
        true => String::new(),
        false => format!("; shuts out {}", named(&(&now_in - &then_in))),
    };
    Some(format!(
        "{change}: {inside} of {of} real clients would get in, where {before} do: {lines} (lets in {lets_in}{shuts_out})"
    ))
}

/// The clients that get in.
fn who<'c>(reach: &Reach<'c>) -> BTreeSet<&'c str> {
    let inside = reach.clients.iter().filter(|(_, fate)| *fate == Fate::In);
    inside.map(|(entry, _)| entry.name.as_str()).collect()
}

/// Clients: some by name, and how many others there are.
fn named(clients: &BTreeSet<&str>) -> String {
    let some: Vec<&str> = clients.iter().take(MOST_NAMED).copied().collect();
    match clients.len() - some.len() {
        0 => some.join(", "),
        others => format!("{} and {others} more", some.join(", ")),
    }
}
