//! Commands that show a finding by hand, with curl alone.

use crate::auth::{CredentialState, Identity, Scheme, authorization};
use crate::domain::{Case, Value};
use crate::engine::Finding;

/// The port that the commands serve a case on: any free one will do, this one reads well.
const PORT: u16 = 4010;

/// Shell commands that show the finding: one that keeps the case's policy in force, then a request
/// for each exchange worth seeing.
pub(super) fn by_hand(finding: &Finding, against: &str) -> Vec<(String, String)> {
    let (against, url, note) = if against == "reference" {
        let url = format!("http://127.0.0.1:{PORT}/s0/resource");
        (format!(" --port {PORT}"), url, "keeps this policy in force")
    } else {
        let against = format!(" --against {}", shell_quoted(against));
        (
            against,
            "$URL".to_owned(),
            "keeps this policy in force, and prints its URL",
        )
    };
    let mut lines = vec![(
        format!(
            "countersign serve{against} --spec {} --case {}",
            finding.pack.0,
            shell_quoted(&finding.brief)
        ),
        note.to_owned(),
    )];
    lines.push((
        format!("curl -si {url}"),
        "what a 401 advertises".to_owned(),
    ));
    let sibling = finding.sibling.as_ref().map(|(case, _)| case);
    for case in [Some(&finding.case), sibling].into_iter().flatten() {
        if case.policy != finding.case.policy || case.instance != finding.case.instance {
            continue;
        }
        let Some(line) = curl(case, finding.identities.first(), &url) else {
            continue;
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn curl(case: &Case, identity: Option<&Identity>, url: &str) -> Option<(String, String)> {
    let identity = identity?;
    let word = |name: &str| case.client.field(name).and_then(Value::as_symbol);
    let scheme = word("scheme")
        .and_then(Scheme::from_word)
        .unwrap_or(Scheme::Basic);
    let state = word("credential").and_then(CredentialState::from_word);
    let state = state.unwrap_or(CredentialState::Valid);
    let waits = match word("persona") {
        None | Some("preemptive") => false,
        Some("challenge-driven") => true,
        // curl does not behave as other personas do.
        Some(_) => return None,
    };
    let value = authorization(scheme, state, identity).ok()??;
    let credentials = match (scheme, state) {
        (Scheme::Basic, CredentialState::Valid) => {
            format!(
                "-u {}",
                shell_quoted(&format!("{}:{}", identity.user, identity.password))
            )
        }
        (Scheme::Bearer, CredentialState::Valid) => {
            let token = value
                .split_once(' ')
                .map_or(value.as_str(), |(_, token)| token);
            format!("--oauth2-bearer {}", shell_quoted(token))
        }
        // curl sends other credentials only unasked.
        _ if waits => return None,
        _ => format!("-H {}", shell_quoted(&format!("Authorization: {value}"))),
    };
    Some(if waits {
        (
            format!("curl -si --anyauth {credentials} {url}"),
            "waits for its challenge".to_owned(),
        )
    } else {
        (
            format!("curl -si {credentials} {url}"),
            "sends its credentials unasked".to_owned(),
        )
    })
}

/// A word for a POSIX shell.
pub(super) fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
