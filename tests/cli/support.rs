//! What the tests share: running the command, listening to it, and looking for what it left behind.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

/// Long enough for a machine under load; nothing waits that long where all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Few enough cases for a test that is about something else.
pub(crate) const SMALL: [&str; 4] = ["--spec", "reachability", "--set", "policy.profiles=0..2"];

/// A trial.
pub(crate) fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// A trial that needs a program; ignored, with the reason on standard error, where it is missing.
pub(crate) fn wanting(program: &str, trial: Trial) -> Trial {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&paths).collect();
    places.push("/usr/sbin".into());
    if places.iter().any(|place| place.join(program).is_file()) {
        return trial;
    }
    eprintln!("ignored: {}: there is no program `{program}`", trial.name());
    trial.with_ignored_flag(true)
}

/// The command under test.
pub(crate) fn countersign() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    // Where the tests run says nothing of where the command does.
    command
        .env("PATH", path())
        .env_remove("GITHUB_ACTIONS")
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// A path that leads to the command under test, which prints lines that name it so.
pub(crate) fn path() -> OsString {
    let folder = Path::new(env!("CARGO_BIN_EXE_countersign")).parent();
    let mut paths = vec![folder.unwrap().to_owned()];
    let path = std::env::var_os("PATH").unwrap_or_default();
    paths.extend(std::env::split_paths(&path));
    std::env::join_paths(paths).unwrap()
}

/// A line for a shell that finds the command under test in its path.
pub(crate) fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .env("PATH", path())
        .env_remove("GITHUB_ACTIONS")
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// The same, having ended with this code.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.out,
            self.err
        );
        self
    }
}

/// Runs a command to its end.
pub(crate) fn ended(command: &mut Command) -> Ended {
    Running::start(command).wait()
}

/// Runs `countersign` with arguments to its end.
pub(crate) fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ended {
    ended(countersign().args(arguments))
}

/// A command that runs, and whose output is read line by line.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    out: String,
    err: Option<JoinHandle<String>>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut stderr = child.stderr.take().unwrap();
        let err = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8(text).unwrap()
        });
        Self {
            child,
            lines,
            out: String::new(),
            err: Some(err),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of its standard output.
    #[track_caller]
    pub(crate) fn line(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.out.push_str(&line);
                    self.out.push('\n');
                    if wanted(&line) {
                        return line;
                    }
                }
                Err(error) => {
                    let _ = self.child.kill();
                    let said = self.said();
                    panic!("{error}; it said:\n{}\n{said}", self.out);
                }
            }
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        kill(name, self.child.id());
    }

    fn said(&mut self) -> String {
        let err = self.err.take().map(|thread| thread.join().unwrap());
        err.unwrap_or_default()
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Ended {
        let begun = Instant::now();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.out.push_str(&line);
                    self.out.push('\n');
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if begun.elapsed() > 2 * PATIENCE {
                let _ = self.child.kill();
                let said = self.said();
                panic!("it does not end; it said:\n{}\n{said}", self.out);
            }
        }
        let status: ExitStatus = self.child.wait().unwrap();
        let err = self.said();
        Ended {
            code: status.code(),
            out: std::mem::take(&mut self.out),
            err,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of a test that failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a process a signal.
pub(crate) fn kill(signal: &str, id: u32) {
    let line = format!("kill -s {signal} {id}");
    let status = Command::new("sh").args(["-c", &line]).status().unwrap();
    assert!(status.success(), "{line}");
}

/// Waits until something is there.
#[track_caller]
pub(crate) fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        // A moment between two looks, so that what is waited for gets the processor.
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// The processes below a process, and those in the groups that its children lead; zombies are over.
/// Empty where there is no `/proc`.
pub(crate) fn below(parent: u32) -> Vec<u32> {
    let mut processes = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let id = entry.file_name().to_str().and_then(|id| id.parse().ok());
        if let Some(id) = id
            && let Some((false, its_parent, group)) = state(id)
        {
            processes.push((id, its_parent, group));
        }
    }
    let mut below = vec![parent];
    loop {
        let more: Vec<u32> = processes
            .iter()
            .filter(|(id, its_parent, group)| {
                let is_child = below.contains(its_parent);
                let is_led = *group != parent && below.contains(group);
                !below.contains(id) && (is_child || is_led)
            })
            .map(|(id, ..)| *id)
            .collect();
        if more.is_empty() {
            below.remove(0);
            return below;
        }
        below.extend(more);
    }
}

/// Waits until none of these processes runs.
#[track_caller]
pub(crate) fn gone(ids: &[u32]) {
    until(&format!("the end of {ids:?}"), || {
        let left = ids.iter().any(|id| matches!(state(*id), Some((false, ..))));
        (!left).then_some(())
    });
}

/// Whether a process is a zombie, its parent, and its group.
fn state(id: u32) -> Option<(bool, u32, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field, the name, may contain anything; the fields behind it are plain.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let is_zombie = fields.next()? == "Z";
    let its_parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    Some((is_zombie, its_parent, group))
}

/// The TCP addresses on which processes listen, as their network namespace has them. Empty where there
/// is no `/proc`.
pub(crate) fn listened_on(ids: &[u32]) -> BTreeSet<SocketAddr> {
    let mut sockets = BTreeSet::new();
    for id in ids {
        let open = std::fs::read_dir(format!("/proc/{id}/fd"));
        for entry in open.into_iter().flatten().flatten() {
            let target = std::fs::read_link(entry.path()).unwrap_or_default();
            sockets.insert(target.to_string_lossy().into_owned());
        }
    }
    ["tcp", "tcp6"]
        .into_iter()
        .flat_map(|table| {
            let text = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
            let lines = text.lines().skip(1).map(str::to_owned);
            lines.collect::<Vec<String>>()
        })
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // The second field is the address, the fourth the state (0A: it listens), the tenth the
            // number of the socket.
            let socket = format!("socket:[{}]", fields.get(9)?);
            let listens = *fields.get(3)? == "0A" && sockets.contains(&socket);
            listens.then(|| address(fields.get(1)?)).flatten()
        })
        .collect()
}

/// An address as `/proc/net/tcp` writes it: words of four bytes in the machine's own order, in hex.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let mut bytes = Vec::new();
    for at in (0..host.len()).step_by(8) {
        let word = u32::from_str_radix(host.get(at..at + 8)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let ip: IpAddr = match <[u8; 4]>::try_from(bytes.as_slice()) {
        Ok(four) => four.into(),
        Err(_) => <[u8; 16]>::try_from(bytes).ok()?.into(),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

/// Waits until all these addresses can be listened on again.
#[track_caller]
pub(crate) fn free(addresses: &BTreeSet<SocketAddr>) {
    for address in addresses {
        until(&format!("{address} to be free"), || {
            TcpListener::bind(address).ok()
        });
    }
}

/// How often a text is in another.
pub(crate) fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

/// What a stream begins with: the head of a request, or a handshake of TLS (RFC 8446 §5.1), which is none. Nothing where
/// it ends before.
pub(crate) fn begin_of(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let mut bytes = [0; 4096];
    while !read.windows(4).any(|end| end == b"\r\n\r\n") && read.first() != Some(&HANDSHAKE) {
        match stream.read(&mut bytes) {
            Ok(count) if count > 0 => read.extend_from_slice(&bytes[..count]),
            _ => return None,
        }
    }
    Some(read)
}

/// The first byte of a handshake of TLS.
pub(crate) const HANDSHAKE: u8 = 22;
