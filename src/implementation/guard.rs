//! What ends a program and all that it started, should Countersign itself be killed: a shell that waits for its
//! standard input to close, which happens when Countersign is gone, however it went.

use std::fs::File;
use std::io::Write;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::brand::Brand;

/// What the guard does: takes the number of the group, waits for the end of its standard input, then kills the group,
/// and whoever has the brand in its environment. It looks for those twice: a program that was being started, or was
/// starting another, at the first look may not have had it yet.
#[cfg(unix)]
const GUARD: &str = r#"read -r group
read -r line
test -n "$group" && kill -s KILL -- "-$group"
for look in 1 2; do
  for at in /proc/[0-9]*; do
    grep -qsF -e "$0" "$at/environ" && kill -s KILL "${at#/proc/}"
  done
  test "$look" = 1 && sleep 1
done"#;

/// The guard of a program. Dropping it ends the guard, and the guard alone.
#[derive(Debug)]
pub(super) struct Guard {
    process: Child,
    /// Held open while Countersign lives.
    input: File,
}

impl Guard {
    /// Starts the guard of whatever has a brand. Without a shell there is none, and only a killed Countersign leaves
    /// anything behind.
    #[cfg(unix)]
    pub(super) fn start(brand: &Brand) -> Option<Self> {
        let mut process = Command::new("/bin/sh")
            .args(["-c", GUARD])
            .arg(brand.entry())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .ok()?;
        let input = process.stdin.take()?.into_owned_fd().ok()?;
        Some(Self {
            process,
            input: File::from(input),
        })
    }

    #[cfg(not(unix))]
    pub(super) fn start(_brand: &Brand) -> Option<Self> {
        None
    }

    /// Tells it the group of the program, which began after it. A guard that cannot be told knows the program by its
    /// brand.
    pub(super) fn tell(&mut self, group: u32) {
        // A line is less than what a pipe holds, so nobody waits here.
        let _ = writeln!(self.input, "{group}");
    }

    /// Ends it, and waits until it is gone.
    pub(super) async fn dismiss(mut self) {
        let _ = self.process.kill().await;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    /// As it is where Countersign is killed before it could tell the group.
    #[tokio::test]
    async fn whoever_has_the_brand_ends_with_countersign_though_no_group_was_told() {
        if !std::path::Path::new("/proc/self/environ").exists() {
            return;
        }
        let brand = Brand::new();
        let Guard { mut process, input } = Guard::start(&brand).unwrap();
        let (name, value) = brand.variable();
        // A shell that waits for its standard input.
        let mut program = Command::new("/bin/sh")
            .args(["-c", "echo started; read -r line"])
            .env(name, value)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 8];
        let stdout = program.stdout.as_mut().unwrap();
        tokio::io::AsyncReadExt::read_exact(stdout, &mut said)
            .await
            .unwrap();
        // Whoever waits for a program closes its standard input, at whose end this one would end by itself.
        let held = program.stdin.take();
        drop(input);
        let end = program.wait();
        let status = tokio::time::timeout(std::time::Duration::from_secs(60), end)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(ExitStatusExt::signal(&status), Some(9));
        drop(held);
        process.wait().await.unwrap();
    }
}
