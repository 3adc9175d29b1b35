//! The text of a failing trial.

use std::ffi::OsStr;
use std::path::Path;

use crate::corpus::{Message, Messages};
use crate::export::{CurlAsks, by_curl, path_quoted, shell_quoted};
use crate::report::{Called, Headline, cause_text, not_by_hand};
use crate::results::{Cause, Finding};

/// How a reader can try a finding again.
#[derive(Clone, Debug, Default)]
pub(super) struct Replay {
    /// The implementation as the command's `--against` names it, where it can.
    pub(super) against: Option<String>,
    /// The pack, where it binds those who claim it: the command is told that it is claimed.
    pub(super) claims: Vec<String>,
    /// The command that runs the trial again.
    pub(super) test: String,
    /// The command that starts the program, where it is one that speaks the control protocol.
    pub(super) program: Option<String>,
}

/// A finding in full: its sentence first, then what is needed to act on it.
pub(super) fn describe(finding: &Finding, replay: &Replay) -> String {
    let cause = Cause {
        headline: finding,
        others: Vec::new(),
    };
    let headline = Headline {
        called: replay.against.as_deref().map(|against| Called {
            against,
            claims: &replay.claims,
            ..Called::default()
        }),
        test: Some(&replay.test),
        ..Headline::default()
    };
    let mut text = cause_text(&cause, headline).trim_end().to_owned();
    if replay.against.is_none() {
        let commands = by_hand(finding, replay);
        if commands.is_empty() {
            let why = not_by_hand(finding);
            text.push_str(&format!("\n  by hand   {why}: the test does"));
        }
        for (index, (command, why)) in commands.iter().enumerate() {
            let label = if index == 0 { "by hand" } else { "" };
            text.push_str(&format!("\n  {label:10}{command}  # {why}"));
        }
    }
    text
}

/// A finding that another trial tells in full: what was expected, what came, and what that was the answer to.
pub(super) fn in_short(finding: &Finding) -> String {
    let mut text = format!(
        "  expected  {}\n  observed  {}\n  case      {}",
        finding.discrepancy.expected, finding.discrepancy.observed, finding.brief
    );
    for Message { sent, received } in &Messages::of(&finding.transcript).case {
        let asked = sent.lines().take(1).map(|line| ('>', line));
        let fields = received.lines().skip(1).take_while(|line| !line.is_empty());
        let challenges = fields.filter(|line| {
            let line = line.to_ascii_lowercase();
            CHALLENGES.iter().any(|name| line.starts_with(name))
        });
        let answered = received.lines().take(1).chain(challenges);
        for (mark, line) in asked.chain(answered.map(|line| ('<', line))) {
            text.push_str(&format!("\n            {mark} {line}"));
        }
    }
    text
}

/// The fields of an answer that are shown in short.
const CHALLENGES: [&str; 2] = ["www-authenticate:", "proxy-authenticate:"];

/// Commands that show a finding by hand, where the command cannot open the implementation by itself.
fn by_hand(finding: &Finding, replay: &Replay) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut put = |command: String, why: &str| lines.push((command, why.to_owned()));
    match &replay.program {
        Some(program) => {
            put(program.clone(), "prints its control URL");
            put(
                format!(
                    "countersign serve --against \"$CONTROL\" --spec {} --case {}",
                    path_quoted(&finding.spec),
                    shell_quoted(&finding.brief)
                ),
                "with that URL, keeps this policy in force, and prints its own",
            );
            put("curl -si $URL".to_owned(), "what a 401 advertises");
        }
        None => put(
            "curl -si $URL".to_owned(),
            "what a 401 advertises, where this policy is in force",
        ),
    }
    let sibling = finding.sibling.as_ref().map(|(case, _)| case);
    let cases = [Some(&finding.case), sibling].into_iter().flatten();
    let cases = cases.filter(|case| {
        case.policy == finding.case.policy && case.instance == finding.case.instance
    });
    // The first of them is there.
    let content = finding.demand.looks_at_content();
    let commands = by_curl(cases, &CurlAsks::of(&finding.identities, "$URL"), content);
    match commands.filter(|_| finding.demand.beyond_clients().is_none()) {
        Some(commands) => lines.extend(commands.into_iter().skip(1)),
        None => lines.clear(),
    }
    lines
}

/// The command that runs one trial again, as far as the environment tells.
pub(super) fn test_command(trial: &str) -> String {
    let package = std::env::var("CARGO_PKG_NAME").ok();
    let executable = std::env::current_exe().ok();
    test_command_of(package.as_deref(), executable.as_deref(), trial)
}

fn test_command_of(package: Option<&str>, executable: Option<&Path>, trial: &str) -> String {
    let mut line = "cargo test".to_owned();
    if let Some(package) = package {
        line.push_str(&format!(" -p {package}"));
    }
    // Cargo names a test's program after it, with a hash behind.
    let stem = executable.and_then(Path::file_stem).and_then(OsStr::to_str);
    if let Some((test, _)) = stem.and_then(|stem| stem.rsplit_once('-')) {
        line.push_str(&format!(" --test {test}"));
    }
    line.push_str(&format!(" -- --exact '{trial}'"));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replay_names_the_package_and_the_test() {
        let executable = Path::new("/t/debug/deps/auth-conformance-0123456789abcdef");
        assert_eq!(
            test_command_of(Some("gateway"), Some(executable), "a::b::c"),
            "cargo test -p gateway --test auth-conformance -- --exact 'a::b::c'"
        );
        assert_eq!(
            test_command_of(None, None, "a::b::c"),
            "cargo test -- --exact 'a::b::c'"
        );
    }
}
