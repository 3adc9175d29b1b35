//! Commands that show a finding by hand, with curl alone.

use crate::domain::Case;
use crate::export::{CurlAsks, NOT_BY_CURL, by_curl, by_program, shows_what_is_advertised};
use crate::results::Finding;

use super::command::Called;

/// The port that the commands serve a case on: any free one will do, this one reads well.
const PORT: u16 = 4010;

/// Shell commands that show the finding: one that keeps the case's policy in force, then a request
/// for each exchange worth seeing; none where curl alone cannot show it. `program` is how the command is called.
pub(super) fn by_hand(
    finding: &Finding,
    called: Called<'_>,
    program: &str,
) -> Vec<(String, String)> {
    let (port, url, note) = if called.is_reference() {
        let url = format!("http://127.0.0.1:{PORT}/s0/resource");
        (format!(" --port {PORT}"), url, "keeps this policy in force")
    } else {
        (
            String::new(),
            "$URL".to_owned(),
            "keeps this policy in force, and prints its URL",
        )
    };
    let mut lines = vec![(
        format!(
            "{program} serve{port}{}",
            called.policy(&finding.spec, &finding.brief)
        ),
        note.to_owned(),
    )];
    let sibling = finding.sibling.as_ref().map(|(case, _)| case);
    let cases = [Some(&finding.case), sibling].into_iter().flatten();
    let cases = cases.filter(|case| {
        case.policy == finding.case.policy && case.instance == finding.case.instance
    });
    if finding.demand.beyond_clients().is_some() {
        return Vec::new();
    }
    let programs = by_programs(finding, called.is_reference().then_some(url.as_str()));
    match by_curl(
        cases,
        &CurlAsks::of(&finding.identities, &url),
        finding.demand.looks_at_content(),
    ) {
        Some(commands) => lines.extend(commands),
        None if programs.is_empty() => lines.clear(),
        None => {}
    }
    lines.extend(programs);
    lines
}

/// The commands that run the programs which played.
fn by_programs(finding: &Finding, url: Option<&str>) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let Some(identity) = finding.identities.first() else {
        return lines;
    };
    for program in &finding.played_by {
        let commands = by_program(program, identity, url);
        let last = commands.len().saturating_sub(1);
        for (at, command) in commands.into_iter().enumerate() {
            let note = match at == last {
                true => format!("what {program} did"),
                false => format!("what {} needs", program.name),
            };
            lines.push((command, note));
        }
    }
    lines
}

/// Whether the commands play the client that a finding accuses: what curl cannot play is left out of them.
pub(super) fn shows_the_accused(finding: &Finding) -> bool {
    let sibling = finding.sibling.as_ref().map(|(case, _)| case);
    let accused = match finding.discrepancy.accuses_sibling() {
        true => sibling.unwrap_or(&finding.case),
        false => &finding.case,
    };
    let is_shown = |case: &Case| {
        let lines = by_curl([case], &CurlAsks::of(&finding.identities, "URL"), false);
        lines.is_some_and(|lines| lines.len() > 1 || !case.steps().is_empty())
    };
    let is_first = accused.steps().is_empty() && shows_what_is_advertised(accused);
    is_first || is_shown(accused)
}

/// Why there are no commands by hand.
pub fn not_by_hand(finding: &Finding) -> String {
    match finding.demand.beyond_clients() {
        Some(what) => format!("no client gets to see {what}"),
        None => NOT_BY_CURL.to_owned(),
    }
}
