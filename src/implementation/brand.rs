//! What a program under test starts and lets go of. A process that leaves the program's group, as a daemon
//! does, is not ended with the group; it is known by a variable of the environment that the program was
//! started with, which it inherits.
//!
//! This looks into `/proc`. Where there is none, and of a process that has wiped its environment or runs as
//! somebody else, nothing can be known.

use std::hash::{BuildHasher, RandomState};
use std::process::{Command, Stdio};

/// The variable.
const VARIABLE: &str = "COUNTERSIGN_STARTED";

/// How often it is looked for more, because what is being ended may start others meanwhile.
const SEARCHES: u32 = 4;

/// A word that stands in the environment of whatever one implementation starts. Dropping it ends all that
/// still runs with it.
#[derive(Debug)]
pub(crate) struct Brand(String);

impl Brand {
    /// One that no other implementation has, of this process or of others.
    pub(crate) fn new() -> Self {
        let random = RandomState::new().hash_one(VARIABLE);
        Self(format!("{}-{random:016x}", std::process::id()))
    }

    /// The variable and its value.
    pub(super) fn variable(&self) -> (&'static str, &str) {
        (VARIABLE, &self.0)
    }

    /// The variable as an environment holds it.
    pub(super) fn entry(&self) -> String {
        format!("{VARIABLE}={}", self.0)
    }

    /// Ends every process that runs with it, and says how many were found at first.
    pub(crate) fn end_all(&self) -> usize {
        let mut found = None;
        for _ in 0..SEARCHES {
            let left = self.processes();
            let found = *found.get_or_insert(left.len());
            if left.is_empty() {
                return found;
            }
            // The numbers were read a moment ago, so hardly any can be another's by now.
            let _ = Command::new("/bin/sh")
                .args(["-c", "kill -s KILL -- \"$@\"", "sh"])
                .args(left.iter().map(u32::to_string))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
        found.unwrap_or_default()
    }

    /// The processes that run with it; of one that has ended and was not waited for, there is no
    /// environment any more.
    fn processes(&self) -> Vec<u32> {
        let entry = self.entry();
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|process| {
                let id = process.file_name().to_str()?.parse().ok()?;
                let environment = std::fs::read(process.path().join("environ")).ok()?;
                environment
                    .split(|byte| *byte == 0)
                    .any(|one| one == entry.as_bytes())
                    .then_some(id)
            })
            .filter(|id| *id != std::process::id())
            .collect()
    }
}

impl Drop for Brand {
    fn drop(&mut self) {
        self.end_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_inherits_it_is_found_and_nobody_else() {
        if !std::path::Path::new("/proc/self/environ").exists() {
            return;
        }
        let (one, other) = (Brand::new(), Brand::new());
        assert_ne!(one.entry(), other.entry());
        let (name, value) = one.variable();
        // A shell that waits for its standard input, and a process below it that does.
        let mut shell = Command::new("/bin/sh")
            .args(["-c", "echo started; cat; echo ended"])
            .env(name, value)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 8];
        let stdout = shell.stdout.as_mut().unwrap();
        std::io::Read::read_exact(stdout, &mut said).unwrap();
        assert!(one.processes().contains(&shell.id()));
        assert!(other.processes().is_empty());
        other.end_all();
        assert!(one.processes().contains(&shell.id()));
        drop(one);
        assert!(!shell.wait().unwrap().success());
    }
}
