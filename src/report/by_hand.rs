//! Commands that show a finding by hand, with curl alone.

use crate::credentials::CredentialState;
use crate::domain::Case;
use crate::export::by_curl;
use crate::results::Finding;
use crate::vocabulary::ClientCase;
use crate::wire::Way;

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
    match by_curl(cases, &finding.identities, &url) {
        Some(commands) => lines.extend(commands),
        None => lines.clear(),
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
        let lines = by_curl([case], &finding.identities, "URL");
        lines.is_some_and(|lines| lines.len() > 1)
    };
    // The first command asks without credentials.
    let is_bare = ClientCase::from_value(&accused.client)
        .is_ok_and(|client| client.credential == CredentialState::None && client.way == Way::Http1);
    is_bare || is_shown(accused)
}
