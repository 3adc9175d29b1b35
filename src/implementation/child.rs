//! A program that Countersign starts: in a process group of its own, listened to, and never left
//! behind.
//!
//! Three things end it: [`Child::stop`], in order and with a deadline; dropping it, at once; and,
//! should Countersign itself be killed, its [`Guard`]. What left the group is known by its [`Brand`].

use std::io;
#[cfg(feature = "process")]
use std::path::Path;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

#[cfg(unix)]
use rustix::process::{Pid, kill_process, kill_process_group};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::brand::Brand;
use super::guard::Guard;
use super::signal::Signal;
use super::tail::{Tail, last_lines};
use crate::observation::SetupFault;

/// How long after a program's end its last words may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// Where the program is that starts another in a session of its own.
#[cfg(feature = "process")]
const SESSIONS: [&str; 2] = ["/usr/bin/setsid", "/bin/setsid"];

/// How long a killed program may take to be gone.
const KILLED: Duration = Duration::from_secs(2);

/// A program to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// What a reader would call it, such as `nginx`.
    pub name: String,
    /// The program: a path, or a name that is searched for in `PATH`.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The directory in which it runs; `None` is the current one.
    pub directory: Option<PathBuf>,
    /// Environment variables beside those of this process.
    pub environment: Vec<(String, String)>,
    /// The file that takes its standard output, which nobody else gets to see then. A file takes all
    /// that is written, and never makes a program wait.
    pub output: Option<PathBuf>,
}

/// A running program.
#[derive(Debug)]
pub(crate) struct Child {
    name: String,
    running: tokio::process::Child,
    /// Its group, which it leads: its own number.
    #[cfg(unix)]
    group: Option<Pid>,
    /// Closing it asks a program that speaks the control protocol to end.
    stdin: Option<ChildStdin>,
    /// What it wrote to its standard error, and what others add to it.
    pub(crate) output: Tail,
    reader: Option<JoinHandle<()>>,
    ended: Option<ExitStatus>,
    guard: Option<Guard>,
}

impl Child {
    /// Starts a program with its standard input held open, and the brand in its environment; gives its
    /// standard output away.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub(crate) fn start(
        launch: &Launch,
        brand: &Brand,
    ) -> Result<(Self, Option<ChildStdout>), SetupFault> {
        let mut command = Command::new(&launch.program);
        command.args(&launch.arguments).stdin(Stdio::piped());
        #[cfg(unix)]
        command.process_group(0);
        Self::spawn(launch, command, brand)
    }

    /// Starts a program that is to know nothing of where it runs: with no other environment than what it is
    /// given, without a standard input, and, where `setsid` is there, in a session of its own, so that there is no
    /// terminal on which it could ask for a password.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    #[cfg(feature = "process")]
    pub(crate) fn start_alone(
        launch: &Launch,
        brand: &Brand,
    ) -> Result<(Self, Option<ChildStdout>), SetupFault> {
        let session = SESSIONS.iter().find(|path| Path::new(path).is_file());
        let mut command = match session {
            Some(session) => {
                let mut command = Command::new(session);
                command.arg(&launch.program);
                command
            }
            None => Command::new(&launch.program),
        };
        command
            .args(&launch.arguments)
            .env_clear()
            .stdin(Stdio::null());
        // Who is to lead a session must not lead a group.
        #[cfg(unix)]
        if session.is_none() {
            command.process_group(0);
        }
        Self::spawn(launch, command, brand)
    }

    fn spawn(
        launch: &Launch,
        mut command: Command,
        brand: &Brand,
    ) -> Result<(Self, Option<ChildStdout>), SetupFault> {
        let output = launch.output.as_ref().map(|path| {
            let file = std::fs::File::options().append(true).open(path);
            file.map(Stdio::from).map_err(|error| SetupFault {
                doing: format!("start {}", launch.name),
                why: format!("{}: {error}", path.display()),
                remedy: None,
            })
        });
        let output = output.transpose()?;
        command
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .envs([brand.variable()])
            .stdout(output.unwrap_or_else(Stdio::piped))
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(directory) = &launch.directory {
            command.current_dir(directory);
        }
        // It is there before the program, so that no moment is left in which a killed Countersign leaves one behind.
        let mut guard = Guard::start(brand);
        let mut running = command.spawn().map_err(|error| SetupFault {
            doing: format!("start {}", launch.name),
            why: format!("{}: {error}", launch.program.display()),
            remedy: Some(match error.kind() {
                io::ErrorKind::NotFound => "install it, or name its path".to_owned(),
                io::ErrorKind::PermissionDenied => "make the file executable".to_owned(),
                _ => "try the same command by hand".to_owned(),
            }),
        })?;
        let tail = Tail::default();
        let stdin = running.stdin.take();
        let stdout = running.stdout.take();
        let reader = running
            .stderr
            .take()
            .map(|stderr| tokio::spawn(tail.clone().follow(stderr)));
        let number = running.id();
        if let (Some(guard), Some(group)) = (&mut guard, number) {
            guard.tell(group);
        }
        let child = Self {
            name: launch.name.clone(),
            running,
            #[cfg(unix)]
            group: number.and_then(process),
            stdin,
            output: tail,
            reader,
            ended: None,
            guard,
        };
        Ok((child, stdout))
    }

    /// The exit status, if it has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none()
            && let Ok(Some(status)) = self.running.try_wait()
        {
            self.is_over(status);
        }
        self.ended
    }

    /// How it ended, in words, if it has ended by itself.
    pub(crate) fn end_words(&mut self) -> Option<String> {
        let status = self.ended()?;
        let said = last_lines(&self.output.since(0));
        Some(format!(
            "{} ended early with {status}; its last words:\n{said}",
            self.name
        ))
    }

    /// Waits for its end; never returns while it runs. May be given up and called again.
    pub(crate) async fn wait(&mut self) {
        while self.ended.is_none() {
            match self.running.wait().await {
                Ok(status) => self.is_over(status),
                // Nobody else waits for it, so this cannot happen; and if it did, the deadline of
                // whoever waits here is the answer.
                Err(_) => std::future::pending().await,
            }
        }
    }

    /// The fault that its end is: exit status and last words.
    pub(crate) async fn death(&mut self, doing: &str) -> SetupFault {
        if let Some(reader) = self.reader.take() {
            let _ = tokio::time::timeout(LAST_WORDS, reader).await;
        }
        let how = match self.ended {
            Some(status) => format!("ended early with {status}"),
            None => "ended early".to_owned(),
        };
        SetupFault {
            doing: doing.to_owned(),
            why: format!(
                "{} {how}; its last words:\n{}",
                self.name,
                last_lines(&self.output.since(0))
            ),
            remedy: Some("run it by hand to see more".to_owned()),
        }
    }

    /// Sends a signal to the program alone, not to its group.
    ///
    /// # Errors
    ///
    /// The operating system's words.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        #[cfg(unix)]
        return match self.running.id().and_then(process) {
            Some(own) => Ok(kill_process(own, signal.posix())?),
            None => Err(io::Error::other("it has ended")),
        };
        #[cfg(not(unix))]
        return Err(io::Error::other(format!("no {signal} on this system")));
    }

    /// Ends it: closes its standard input, sends the signal if there is one, and kills its whole
    /// group when it is not gone in time.
    pub(crate) async fn stop(&mut self, signal: Option<Signal>, within: Duration) {
        self.stdin = None;
        if self.ended().is_none() {
            if let Some(signal) = signal {
                let _ = self.signal(signal);
            }
            if tokio::time::timeout(within, self.wait()).await.is_err() {
                self.kill();
                let _ = tokio::time::timeout(KILLED, self.wait()).await;
            }
        }
        if let Some(guard) = self.guard.take() {
            guard.dismiss().await;
        }
    }

    /// Kills whatever is in its group; where there are no groups, itself.
    fn kill(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.group {
            // Where nobody is left in it, that is as it should be.
            let _ = kill_process_group(group, rustix::process::Signal::KILL);
        }
        #[cfg(not(unix))]
        let _ = self.running.start_kill();
    }

    /// Notes the end, and ends what the program left behind in its group. Once: afterwards the
    /// number of the group may be somebody else's.
    fn is_over(&mut self, status: ExitStatus) {
        self.ended = Some(status);
        self.kill();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.kill();
        }
    }
}

/// A number of a process.
#[cfg(unix)]
fn process(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}
