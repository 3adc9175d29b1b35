//! The text of a failing trial.

use std::ffi::OsStr;
use std::path::Path;

use crate::engine::{Finding, TranscriptEntry};

/// How wide the column of labels is.
const LABEL: usize = 10;

/// A finding in full: its sentence first, then what is needed to act on it.
pub(super) fn describe(finding: &Finding, replay: &str) -> String {
    let mut text = format!("{}\n", finding.sentence);
    let mut put = |label: &str, lines: &[String]| {
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            text.push_str(&format!("\n  {label:LABEL$}{line}"));
        }
    };
    let (pack, version) = &finding.pack;
    put(
        "rule",
        &[format!(
            "{} ({}; {pack} {version})",
            finding.rule, finding.level
        )],
    );
    put("source", &[finding.stated.to_string()]);
    put("impact", std::slice::from_ref(&finding.impact));
    put(
        "expected",
        std::slice::from_ref(&finding.discrepancy.expected),
    );
    put("observed", &observed(finding));
    put(
        "case",
        &[
            format!("policy:   {}", finding.case.policy),
            format!("instance: {}", finding.case.instance),
            format!("client:   {}", finding.case.client),
        ],
    );
    put("minimal", &[minimal(finding)]);
    if !finding.cures.is_empty() {
        let cures: Vec<String> = finding
            .cures
            .iter()
            .map(|cure| format!("{}: {}", cure.path, cure.to))
            .collect();
        put("cured by", &[format!("any one of {}", cures.join(", "))]);
    }
    if let Some(flaky) = &finding.flaky {
        put(
            "flaky",
            &[format!(
                "it broke in {} of {} runs",
                flaky.failed, flaky.runs
            )],
        );
    }
    put("replay", &[replay.to_owned()]);
    text
}

fn minimal(finding: &Finding) -> String {
    match finding.proof.simpler_cases {
        Some(count) => {
            format!("smallest possible: none of the {count} simpler cases breaks it in this way")
        }
        None if finding.proof.cut_short => {
            "not proven: the budget ended before every simplification was tried".to_owned()
        }
        None => "1-minimal: every one-step simplification was tried".to_owned(),
    }
}

/// What came instead, with the challenges of the answer that it speaks of.
fn observed(finding: &Finding) -> Vec<String> {
    let mut lines = vec![finding.discrepancy.observed.clone()];
    let speaks_of_sibling = finding.discrepancy.kind.starts_with("sibling ");
    let entries = if speaks_of_sibling {
        &finding.transcript.sibling
    } else {
        &finding.transcript.case
    };
    if let Some(last) = entries.last() {
        lines.extend(challenges(last));
    }
    lines
}

/// The `WWW-Authenticate` field lines as received; what is not printable ASCII is escaped.
fn challenges(entry: &TranscriptEntry) -> Vec<String> {
    let name = b"www-authenticate:";
    entry
        .head
        .split(|byte| *byte == b'\n')
        .filter(|line| {
            line.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        })
        .map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            line.iter()
                .map(|byte| match byte {
                    b' '..=b'~' => char::from(*byte).to_string(),
                    other => other.escape_ascii().to_string(),
                })
                .collect()
        })
        .collect()
}

/// The command that runs one trial again, as far as the environment tells.
pub(super) fn replay(trial: &str) -> String {
    let package = std::env::var("CARGO_PKG_NAME").ok();
    let executable = std::env::current_exe().ok();
    replay_line(package.as_deref(), executable.as_deref(), trial)
}

fn replay_line(package: Option<&str>, executable: Option<&Path>, trial: &str) -> String {
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
            replay_line(Some("gateway"), Some(executable), "a::b::c"),
            "cargo test -p gateway --test auth-conformance -- --exact 'a::b::c'"
        );
        assert_eq!(
            replay_line(None, None, "a::b::c"),
            "cargo test -- --exact 'a::b::c'"
        );
    }
}
