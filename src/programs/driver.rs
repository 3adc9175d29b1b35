//! Driving a program: one play after another, each with a server, a folder and a deadline of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio::task::JoinSet;

use super::command::{COMPILED, ClientSecrets, FilledPlaces, ProgramCommand};
use super::judge::{PATH, path_of};
use super::origin::{ScriptedOrigin, secrets_of};
use super::relay::{PassedRequest, Relay};
use super::seen::{Driven, ProgramEnd};
use crate::implementation::{Brand, Child, Launch, Space, last_lines};
use crate::observation::SetupFault;
use crate::user_agents::model::Script;
use crate::wire::Endpoint;

/// Variables of this process that say where programs and libraries are, and are passed on.
const PASSED: [&str; 8] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "JAVA_HOME",
    "NODE_PATH",
    "PYTHONPATH",
    "RUBYLIB",
    "VIRTUAL_ENV",
];

/// How long a play may take.
const USUAL_DEADLINE: Duration = Duration::from_secs(20);

/// An address for a program that is to ask nobody.
pub(super) const NOWHERE: &str = "127.0.0.1:9";

/// The most characters of a version.
const MOST_VERSION: usize = 60;

/// How long connections may go on once the program has ended: what it sent is here by then.
const SETTLES: Duration = Duration::from_millis(500);

/// What a play may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriveLimits {
    /// How long it may take.
    pub deadline: Duration,
    /// Variables of this process's environment that are passed on beside the usual ones.
    pub passed: Vec<String>,
}

impl Default for DriveLimits {
    fn default() -> Self {
        Self {
            deadline: USUAL_DEADLINE,
            passed: Vec::new(),
        }
    }
}

/// Where a program is to go in one play, and with what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal<'g> {
    pub(super) authority: &'g str,
    pub(super) path: &'g str,
    pub(super) secrets: &'g ClientSecrets,
    pub(super) realm: &'g str,
}

/// Drives one program.
#[derive(Debug)]
pub struct Driver {
    command: ProgramCommand,
    program: PathBuf,
    limits: DriveLimits,
    pub(super) space: Space,
    plays: AtomicU64,
    /// Where what its script was compiled to is, once it was.
    pub(super) compiled: OnceCell<PathBuf>,
}

impl Driver {
    /// A driver of this program, which is looked for.
    ///
    /// # Errors
    ///
    /// When there is no such program, or no room for its folders.
    pub fn new(command: ProgramCommand, limits: DriveLimits) -> Result<Self, SetupFault> {
        let word = command
            .words
            .first()
            .map(String::as_str)
            .unwrap_or_default();
        let program = find(word).ok_or_else(|| SetupFault {
            doing: format!("start {}", command.name),
            why: format!("there is no program `{word}`"),
            remedy: Some("install it, or name its path".to_owned()),
        })?;
        let space = Space::new().map_err(|error| fault(&command.name, &error))?;
        Ok(Self {
            command,
            program,
            limits,
            space,
            plays: AtomicU64::new(0),
            compiled: OnceCell::new(),
        })
    }

    /// The program's command.
    pub fn command(&self) -> &ProgramCommand {
        &self.command
    }

    /// Lets the program ask a scripted server once, and says what it did.
    ///
    /// # Errors
    ///
    /// When the server or the program cannot be started: nothing that the program does is an error.
    pub async fn play(&self, script: &Script) -> Result<Driven, SetupFault> {
        let origin = ScriptedOrigin::open(script, 0, None).await;
        let origin = origin.map_err(|error| fault(&self.command.name, &error))?;
        let goal = Goal {
            authority: origin.authority(),
            path: path_of(script),
            secrets: &secrets_of(script),
            realm: script.known_realm.as_deref().unwrap_or("x"),
        };
        let mut driven = self.drive(&goal, origin.flooded()).await?;
        origin
            .log()
            .hand_over(&mut driven, self.command.is_behind_proxy());
        Ok(driven)
    }

    /// Lets the program ask an endpoint once, through a relay that keeps what passes, and says what it did.
    ///
    /// # Errors
    ///
    /// When the relay or the program cannot be started: nothing that the program or the endpoint does is an error.
    pub async fn ask(
        &self,
        endpoint: &Endpoint,
        secrets: &ClientSecrets,
        realm: &str,
    ) -> Result<Driven, SetupFault> {
        let (mut driven, passed) = self.ask_and_keep(endpoint, secrets, realm).await?;
        driven.requests = passed.into_iter().map(PassedRequest::seen).collect();
        Ok(driven)
    }

    /// The same, with all that passed.
    ///
    /// # Errors
    ///
    /// As for [`Driver::ask`].
    pub(super) async fn ask_and_keep(
        &self,
        endpoint: &Endpoint,
        secrets: &ClientSecrets,
        realm: &str,
    ) -> Result<(Driven, Vec<PassedRequest>), SetupFault> {
        let relay = Relay::open(&endpoint.authority).await;
        let relay = relay.map_err(|error| fault(&self.command.name, &error))?;
        let goal = Goal {
            authority: relay.authority(),
            path: &format!("{}{}", endpoint.prefix, endpoint.resource()),
            secrets,
            realm,
        };
        let mut driven = self.drive(&goal, relay.flooded()).await?;
        driven.beside = relay.beside();
        Ok((driven, relay.passed(secrets)))
    }

    /// The version that the program says itself: what it says first, up to the first number. Nothing where it says none.
    pub async fn version(&self) -> Option<String> {
        let words = match self.command.version.is_empty() {
            true => vec![self.command.words.first()?.clone(), "--version".to_owned()],
            false => self.command.version.clone(),
        };
        let goal = Goal {
            authority: NOWHERE,
            path: PATH,
            secrets: &ClientSecrets::usual(),
            realm: "x",
        };
        let ran = self.ran(&words, &goal, None, std::future::pending()).await;
        let (driven, said) = ran.ok()?;
        let said = said.lines().find(|line| !line.trim().is_empty())?;
        matches!(driven.ending, ProgramEnd::Exit(_)).then(|| version_in(&words, said))?
    }

    /// Runs the program once, in a folder of its own.
    async fn drive(
        &self,
        goal: &Goal<'_>,
        flooded: impl Future<Output = ()>,
    ) -> Result<Driven, SetupFault> {
        let ran = self.ran(&self.command.words, goal, None, flooded).await;
        ran.map(|(driven, _)| driven)
    }

    /// Runs a command in a folder of its own, with a file beside its own where there is one; the second is all that it
    /// said. What it needs compiled is compiled before.
    pub(super) async fn ran(
        &self,
        words: &[String],
        goal: &Goal<'_>,
        beside: Option<(&str, &str)>,
        flooded: impl Future<Output = ()>,
    ) -> Result<(Driven, String), SetupFault> {
        let needs = words.iter().any(|word| word.contains(COMPILED));
        let compiled = match needs {
            true => self.compiled().await?,
            false => PathBuf::new(),
        };
        self.ran_with(words, goal, &compiled, beside, flooded).await
    }

    /// The same with what was compiled in this folder.
    pub(super) async fn ran_with(
        &self,
        words: &[String],
        goal: &Goal<'_>,
        compiled: &Path,
        beside: Option<(&str, &str)>,
        flooded: impl Future<Output = ()>,
    ) -> Result<(Driven, String), SetupFault> {
        let cannot = |error: io::Error| fault(&self.command.name, &error);
        let number = self.plays.fetch_add(1, Ordering::Relaxed);
        let folder = self.space.path().join(number.to_string());
        fs::create_dir_all(folder.join("tmp")).map_err(cannot)?;
        if let Some((name, text)) = beside {
            let path = folder.join(name);
            fs::write(&path, text).map_err(cannot)?;
            own(&path).map_err(cannot)?;
        }
        let launch = self.launch(words, goal, &folder, compiled);
        let launch = launch.map_err(cannot)?;
        let driven = self.run(&launch, flooded).await;
        // What cannot be removed goes with the whole space.
        let _ = fs::remove_dir_all(&folder);
        driven
    }

    /// The command of one play, with its files written.
    fn launch(
        &self,
        words: &[String],
        goal: &Goal<'_>,
        folder: &Path,
        compiled: &Path,
    ) -> io::Result<Launch> {
        let shown = folder.to_string_lossy();
        let compiled = compiled.to_string_lossy();
        let mut files = BTreeMap::new();
        for (name, _) in self.command.files.iter().chain(&self.command.scripts) {
            let path = folder.join(name);
            files.insert(name.clone(), path.to_string_lossy().into_owned());
        }
        let places = FilledPlaces {
            authority: goal.authority,
            path: goal.path,
            secrets: goal.secrets,
            realm: goal.realm,
            folder: &shown,
            compiled: &compiled,
            files: &files,
        };
        for (name, text) in &self.command.files {
            let path = folder.join(name);
            fs::write(&path, places.fill(text))?;
            own(&path)?;
        }
        for (name, text) in &self.command.scripts {
            fs::write(folder.join(name), text)?;
        }
        let arguments = words.iter().skip(1);
        let program = words
            .first()
            .filter(|word| self.command.words.first() != Some(word));
        Ok(Launch {
            name: self.command.name.clone(),
            program: program
                .and_then(|word| find(word))
                .unwrap_or_else(|| self.program.clone()),
            arguments: arguments.map(|word| places.fill(word)).collect(),
            directory: self.command.at_home.then(|| folder.to_owned()),
            environment: self.environment(&places, &shown),
            output: None,
        })
    }

    fn environment(&self, places: &FilledPlaces<'_>, folder: &str) -> Vec<(String, String)> {
        let passed = PASSED.into_iter();
        let passed = passed.chain(self.limits.passed.iter().map(String::as_str));
        let mut environment: Vec<(String, String)> = passed
            .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
            .collect();
        let mut set = |name: &str, value: String| environment.push((name.to_owned(), value));
        for name in ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            set(name, folder.to_owned());
        }
        set("TMPDIR", format!("{folder}/tmp"));
        set("LANG", "C.UTF-8".to_owned());
        set("LC_ALL", "C.UTF-8".to_owned());
        // Nobody beyond this machine is asked over TLS: the server here says no.
        for name in ["https_proxy", "HTTPS_PROXY"] {
            set(name, format!("http://{}", places.authority));
        }
        for (name, value) in &self.command.environment {
            set(name, places.fill(value));
        }
        environment
    }

    async fn run(
        &self,
        launch: &Launch,
        flooded: impl Future<Output = ()>,
    ) -> Result<(Driven, String), SetupFault> {
        let brand = Brand::new();
        let begun = Instant::now();
        let (mut child, stdout) = Child::start_alone(launch, &brand)?;
        let said = child.output.clone();
        let listening = stdout.map(|stdout| tokio::spawn(child.output.clone().follow(stdout)));
        let ending = tokio::select! {
            () = child.wait() => match child.ended().and_then(|status| status.code()) {
                Some(code) => ProgramEnd::Exit(code),
                None => ProgramEnd::Killed,
            },
            () = flooded => ProgramEnd::Flooded,
            () = tokio::time::sleep(self.limits.deadline) => ProgramEnd::Late(self.limits.deadline),
        };
        let took = begun.elapsed();
        child.stop(None, Duration::ZERO).await;
        let left = brand.end_all();
        if let Some(mut listening) = listening
            && tokio::time::timeout(SETTLES, &mut listening).await.is_err()
        {
            listening.abort();
        }
        let said = said.since(0);
        let driven = Driven {
            requests: Vec::new(),
            beside: Vec::new(),
            odd: Vec::new(),
            past_proxy: 0,
            ending,
            said: last_lines(&said),
            left,
            took,
        };
        Ok((driven, said))
    }
}

pub(super) fn fault(name: &str, error: &io::Error) -> SetupFault {
    SetupFault {
        doing: format!("play {name}"),
        why: error.to_string(),
        remedy: None,
    }
}

/// What a program says of its version, up to the first number: `curl 7.88.1`. A number alone gets the program's name.
fn version_in(words: &[String], said: &str) -> Option<String> {
    let is_number = |word: &str| {
        let word = word.trim_start_matches(['v', '[', '(']);
        word.starts_with(|c: char| c.is_ascii_digit())
    };
    let mut version: Vec<&str> = Vec::new();
    for word in said.split_whitespace() {
        // `ansible [core 2.19.14]`
        let word = word.trim_start_matches('[').trim_end_matches([']', ',']);
        version.push(word);
        if is_number(word) {
            let program = words.first().and_then(|word| word.rsplit('/').next());
            if let ([_], Some(program)) = (version.as_slice(), program) {
                version.insert(0, program);
            }
            let version: String = version.join(" ");
            return Some(version.chars().take(MOST_VERSION).collect());
        }
    }
    None
}

/// The program of a name: a path from here, or a file in one of the folders of `PATH`.
pub(super) fn find(word: &str) -> Option<PathBuf> {
    if word.contains('/') {
        return std::path::absolute(word).ok().filter(|path| path.is_file());
    }
    let paths = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&paths).map(|folder| folder.join(word));
    places.find(|path| path.is_file())
}

/// A file that only its owner reads, as some programs demand of one with passwords.
fn own(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Plays all of these scripts, several side by side, or in one process where a script drives a library; what each came to,
/// in their order.
///
/// # Errors
///
/// The first fault of [`Driver::play`]; what is under way then is ended.
pub async fn play_all(
    driver: &Arc<Driver>,
    scripts: Vec<Script>,
    side_by_side: usize,
) -> Result<Vec<Driven>, SetupFault> {
    let many = driver.play_many(&scripts).await?;
    let many = many.into_iter().enumerate();
    let mut come: BTreeMap<usize, Driven> = many.filter_map(|(at, one)| Some((at, one?))).collect();
    let mut waiting = scripts.into_iter().enumerate();
    let mut plays = JoinSet::new();
    loop {
        while plays.len() < side_by_side.max(1)
            && let Some((at, script)) = waiting.find(|(at, _)| !come.contains_key(at))
        {
            let driver = Arc::clone(driver);
            plays.spawn(async move { (at, driver.play(&script).await) });
        }
        match plays.join_next().await {
            None => return Ok(come.into_values().collect()),
            Some(Ok((at, driven))) => {
                come.insert(at, driven?);
            }
            Some(Err(error)) => {
                return Err(fault(
                    &driver.command.name,
                    &io::Error::other(error.to_string()),
                ));
            }
        }
    }
}
