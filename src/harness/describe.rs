//! The text of a failing trial.

use std::ffi::OsStr;
use std::path::Path;

use crate::engine::{Cause, Finding};
use crate::report::{Headline, cause_text};

/// How a reader can try a finding again.
#[derive(Clone, Debug, Default)]
pub(super) struct Replay {
    /// The implementation as the command's `--against` names it, where it can.
    pub(super) against: Option<String>,
    /// The command that runs the trial again.
    pub(super) test: String,
}

/// A finding in full: its sentence first, then what is needed to act on it.
pub(super) fn describe(finding: &Finding, replay: &Replay) -> String {
    let cause = Cause {
        headline: finding,
        others: Vec::new(),
    };
    let headline = Headline {
        against: replay.against.as_deref(),
        test: Some(&replay.test),
        saved: None,
    };
    cause_text(&cause, headline).trim_end().to_owned()
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
