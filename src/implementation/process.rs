//! Kind *process*: a program that Countersign configures, starts, reloads and stops, by the recipe
//! of its adapter.
//!
//! Readiness is proven, not waited for. Each configuration listens on a loopback port that was free
//! a moment before, so that only workers of that configuration can hold it (nginx goes on answering
//! with the old one on the old port for a tenth of a second), and a path on it must answer with a
//! token that was never used before. Whoever else is met there is not taken for the implementation.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::task::JoinSet;

use super::adapter::{Adapter, Recipe, Reload};
use super::availability::Located;
use super::child::{Child, Launch};
use super::files::{read_from, replace};
use super::issuer::{Issuer, issuer_for};
use super::probe::{Sighting, free_ports, listens, probe};
use super::sidecar::Sidecar;
use super::tail::last_lines;
use super::template::{Context, Places, SidecarPlace, Slot, holds, render};
use super::unknown::unknown_field;
use super::{BoxFuture, Description, Implementation, Installation, Placement, SetupFault};
use crate::auth::jwks;
use crate::observation::AuditEvent;
use crate::wire::{Endpoint, Way};

/// How many ports are tried for one installation.
const MOST_PORTS: u32 = 3;

/// How long somebody else may answer on our port before it is given up, as a part of the time that the
/// program has to become ready: one that is coming up may answer for itself at first, and longer so on
/// a machine under load.
const FOREIGN_PART: u32 = 2;

/// Pauses between two probes: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// An implementation worked by a recipe. Its program starts with the first installation.
#[derive(Debug)]
pub struct Process {
    recipe: Recipe,
    description: Description,
    /// The environment variables of its commands, as templates.
    environment: Vec<(String, String)>,
    places: Places,
    /// The working directory: configuration, logs, whatever the program writes.
    directory: TempDir,
    /// The ports that the adapter asks for by name.
    ports: BTreeMap<String, u16>,
    sidecar: Option<Sidecar>,
    issuer: Option<Issuer>,
    child: Option<Child>,
    /// Programs of earlier configurations that are being ended; dropped with this, they are killed.
    retired: JoinSet<()>,
    /// Tells the tokens of this run from those of any other.
    run: u64,
    /// How many configurations were written.
    written: u64,
}

/// What came of a configuration.
enum Outcome {
    Ready,
    /// The port is somebody else's: in whose words.
    Taken(String),
}

/// How a configuration was handed over.
enum Applied {
    Reloaded,
    Started,
}

impl Process {
    /// An implementation of this adapter and recipe, with a working directory of its own.
    ///
    /// # Errors
    ///
    /// When there is no room for temporary files.
    pub(super) fn new(
        adapter: &Adapter,
        recipe: Recipe,
        found: &Located,
    ) -> Result<Self, SetupFault> {
        let fault = |error: std::io::Error| SetupFault {
            doing: format!("prepare {}", adapter.name),
            why: format!("no directory for temporary files: {error}"),
            remedy: Some("make room in the directory for temporary files (TMPDIR)".to_owned()),
        };
        let directory = tempfile::Builder::new()
            .prefix("countersign-")
            .tempdir()
            .map_err(fault)?;
        let folder = adapter.folder.on_disk(directory.path()).map_err(fault)?;
        open_up(directory.path(), &recipe.directories).map_err(fault)?;
        Ok(Self {
            description: Description {
                name: adapter.name.clone(),
                version: found.version.clone(),
                slots: recipe.slots,
                supports: recipe.supports.narrowing.clone(),
                events: false,
                tokens: recipe.tokens,
                alternatives: recipe.alternatives.clone(),
            },
            recipe,
            environment: adapter.environment.clone(),
            places: Places::new(found, directory.path(), &folder),
            directory,
            ports: BTreeMap::new(),
            sidecar: None,
            issuer: None,
            child: None,
            retired: JoinSet::new(),
            run: RandomState::new().hash_one("run"),
            written: 0,
        })
    }

    async fn take_up(&mut self, installation: &Installation) -> Result<Vec<Placement>, SetupFault> {
        let recipe_prefix = self.recipe.prefix.clone();
        let mut slots = Vec::new();
        let mut refused: Vec<Option<String>> = Vec::new();
        for (slot, given) in installation.policies.iter().enumerate() {
            let prefix = render(&recipe_prefix, serde_json::json!({ "slot": slot }))
                .map_err(|why| self.fault("write the prefix of a slot", why))?;
            let slot = Slot {
                slot,
                prefix,
                port: 0,
                policy: &given.policy,
                instance: &given.instance,
            };
            let reason = self.unsupported(&slot)?;
            if reason.is_none() {
                slots.push(slot);
            }
            refused.push(reason);
        }
        if slots.is_empty() && !refused.is_empty() {
            // Nothing to configure, and a configuration of nothing may be refused.
            let reasons = refused.into_iter().flatten();
            return Ok(reasons.map(Placement::Unsupported).collect());
        }
        let place = self.sidecar_for(installation).await?;
        self.configure(installation, &mut slots, place).await?;
        let mut slots = slots.into_iter();
        Ok(refused
            .into_iter()
            .map(|reason| match reason {
                Some(reason) => Placement::Unsupported(reason),
                None => match slots.next() {
                    Some(slot) => Placement::Endpoint(self.endpoint(&slot)),
                    None => Placement::Unsupported("it was not installed".to_owned()),
                },
            })
            .collect())
    }

    /// Where a slot is, by each of its ways.
    fn endpoint(&self, slot: &Slot<'_>) -> Endpoint {
        let authority = |port: u16| format!("127.0.0.1:{port}");
        let mut endpoint = Endpoint::new(authority(slot.port), slot.prefix.trim_end_matches('/'));
        if !self.recipe.ways.is_empty() {
            let usual = std::iter::once((Way::default(), authority(slot.port)));
            let others = self.recipe.ways.iter().map(|(way, name)| {
                let named = name.as_ref().and_then(|name| self.ports.get(name));
                (*way, authority(named.copied().unwrap_or(slot.port)))
            });
            endpoint.ways = usual.chain(others).collect();
        }
        endpoint
    }

    /// Why a policy cannot be expressed, if it cannot.
    fn unsupported(&self, slot: &Slot<'_>) -> Result<Option<String>, SetupFault> {
        if slot.slot >= self.recipe.slots {
            return Ok(Some(format!("it has {} slots", self.recipe.slots)));
        }
        if let Some(knows) = &self.recipe.knows
            && let Some(path) = unknown_field(slot.policy, slot.instance, knows)
        {
            return Ok(Some(format!("the adapter knows no `{path}`")));
        }
        for (when, because) in &self.recipe.unsupported {
            match holds(when, slot) {
                Ok(true) => return Ok(Some(because.clone())),
                Ok(false) => {}
                Err(why) => {
                    return Err(self.fault("decide whether a policy is supported", why));
                }
            }
        }
        Ok(None)
    }

    async fn sidecar_for(&mut self, installed: &Installation) -> Result<SidecarPlace, SetupFault> {
        let Some(realm) = &self.recipe.sidecar else {
            return Ok(SidecarPlace::default());
        };
        let sidecar = match self.sidecar.take() {
            Some(running) => running,
            None => Sidecar::start(realm)
                .await
                .map_err(|error| self.fault("start the sidecar", error.to_string()))?,
        };
        sidecar.know(&installed.identities);
        Ok(self.sidecar.insert(sidecar).place().clone())
    }

    /// Brings a configuration into force, and tells the slots their ports.
    async fn configure(
        &mut self,
        installation: &Installation,
        slots: &mut [Slot<'_>],
        place: SidecarPlace,
    ) -> Result<(), SetupFault> {
        let issuer = issuer_for(&mut self.issuer, installation).await?;
        let mut tried = Vec::new();
        for _ in 0..MOST_PORTS {
            let port = self
                .draw_ports(slots)
                .map_err(|error| self.fault("find free ports", error.to_string()))?;
            self.written += 1;
            let token = format!("countersign-{:016x}-{}", self.run, self.written);
            let context = Context {
                places: &self.places.clone(),
                port,
                ports: &self.ports.clone(),
                token: &token,
                generation: installation.generation,
                identities: installation
                    .identities
                    .iter()
                    .filter(|identity| identity.enabled)
                    .collect(),
                slots,
                sidecar: place.clone(),
                issuer: &issuer,
                jwks: jwks().to_string(),
            };
            self.write_files(&context)?;
            let (said, length) = self.mark();
            let said = match self.apply(&context).await? {
                Applied::Reloaded => said,
                // Another program, which has said nothing yet.
                Applied::Started => 0,
            };
            let mark = (said, length);
            let own: Vec<u16> = slots
                .iter()
                .map(|slot| slot.port)
                .filter(|own| *own != port)
                .chain(self.recipe.ways.iter().filter_map(|(_, name)| {
                    let name = name.as_ref()?;
                    self.ports.get(name).copied()
                }))
                .collect();
            match self.proven((port, &own), &token, mark).await? {
                Outcome::Ready => return Ok(()),
                Outcome::Taken(who) => tried.push(format!("  port {port}: {who}")),
            }
        }
        let why = format!(
            "the port was somebody else's, {MOST_PORTS} times:\n{}\nits log ends:\n{}",
            tried.join("\n"),
            last_lines(&self.log_since((0, 0)))
        );
        let mut fault = self.fault("install policies", why);
        fault.remedy = Some("see what takes loopback ports on this machine".to_owned());
        Err(fault)
    }

    /// Draws the port of a configuration, those of its slots, and, for a program that is to start,
    /// those that the adapter asks for by name.
    fn draw_ports(&mut self, slots: &mut [Slot<'_>]) -> std::io::Result<u16> {
        let keeps_running = self.is_running()
            && matches!(
                self.recipe.reload,
                Some(Reload::Signal(_) | Reload::Command(_))
            );
        let named = match keeps_running {
            true => 0,
            false => self.recipe.ports.len(),
        };
        let own = match self.recipe.own_ports {
            true => slots.len(),
            false => 0,
        };
        let mut free = free_ports(1 + named + own)?.into_iter();
        let port = free.next().unwrap_or_default();
        if !keeps_running {
            self.ports = self.recipe.ports.iter().cloned().zip(&mut free).collect();
        }
        for slot in slots {
            slot.port = free.next().unwrap_or(port);
        }
        Ok(port)
    }

    fn is_running(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| child.ended().is_none())
    }

    fn write_files(&self, context: &Context<'_>) -> Result<(), SetupFault> {
        for (name, template) in &self.recipe.files {
            let text = render(template, context).map_err(|why| {
                let mut fault = self.fault(&format!("write `{name}`"), why);
                fault.remedy = Some("correct the template in the adapter's folder".to_owned());
                fault
            })?;
            replace(&self.directory.path().join(name), &text)
                .map_err(|error| self.fault(&format!("write `{name}`"), error.to_string()))?;
        }
        Ok(())
    }

    /// Makes the program read what was written: starts it, reloads it, or starts it anew.
    async fn apply(&mut self, context: &Context<'_>) -> Result<Applied, SetupFault> {
        match (self.is_running(), &self.recipe.reload) {
            (true, Some(Reload::Signal(signal))) => {
                let sent = self.child.as_ref().map(|child| child.signal(*signal));
                match sent {
                    Some(Err(error)) => {
                        let doing = format!("send {signal}");
                        Err(self.fault(&doing, error.to_string()))
                    }
                    _ => Ok(Applied::Reloaded),
                }
            }
            (true, Some(Reload::Command(parts))) => {
                let launch = self.launch(parts, context)?;
                let (mut command, _stdout) = Child::start(&launch)?;
                let within = self.recipe.ready_within;
                if tokio::time::timeout(within, command.wait()).await.is_err() {
                    command.stop(None, Duration::ZERO).await;
                    return Err(self.fault("reload", "the command does not end".to_owned()));
                }
                match command.ended() {
                    Some(status) if !status.success() => Err(command.death("reload").await),
                    _ => {
                        command.stop(None, Duration::ZERO).await;
                        Ok(Applied::Reloaded)
                    }
                }
            }
            (was_running, reload) => {
                if was_running && *reload == Some(Reload::Beside) {
                    self.retire();
                } else {
                    self.end().await;
                }
                let launch = self.launch(&self.recipe.start, context)?;
                let (child, stdout) = Child::start(&launch)?;
                if let Some(stdout) = stdout {
                    tokio::spawn(child.said.clone().follow(stdout));
                }
                self.child = Some(child);
                Ok(Applied::Started)
            }
        }
    }

    fn launch(&self, parts: &[String], context: &Context<'_>) -> Result<Launch, SetupFault> {
        Launch::from_templates(
            &self.description.name,
            (parts, &self.environment),
            self.directory.path(),
            context,
        )
        .map_err(|why| self.fault("write a command", why))
    }

    /// Probes until the configuration is in force, or cannot come into force any more: the token
    /// comes from its port, and the ports of slots take connections.
    async fn proven(
        &mut self,
        (port, own): (u16, &[u16]),
        token: &str,
        mark: (u64, u64),
    ) -> Result<Outcome, SetupFault> {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let seen = probe(port, &self.recipe.probe, token).await;
            if seen == Sighting::Ready && listens(own).await {
                return Ok(Outcome::Ready);
            }
            let ended = match &mut self.child {
                Some(child) => child.ended().is_some(),
                None => true,
            };
            if ended && let Some(child) = &mut self.child {
                // Collects its last words, which may be that the port is taken.
                let fault = child.death("install policies").await;
                return match self.said(&self.recipe.log.port_taken, mark) {
                    Some(line) => Ok(Outcome::Taken(line)),
                    None => Err(self.with_log_file(fault)),
                };
            }
            if let Some(line) = self.said(&self.recipe.log.port_taken, mark) {
                return Ok(Outcome::Taken(line));
            }
            if self.said(&self.recipe.log.failed, mark).is_some() {
                let why = format!(
                    "it refused the configuration:\n{}",
                    last_lines(&self.log_since(mark))
                );
                return Err(self.fault("install policies", why));
            }
            if let Sighting::Other(line) = &seen
                && begun.elapsed() >= self.recipe.ready_within / FOREIGN_PART
            {
                return Ok(Outcome::Taken(format!("it answers `{line}`")));
            }
            if begun.elapsed() >= self.recipe.ready_within {
                let why = format!(
                    "the new configuration did not answer on port {port} within {:.1} s; its log \
                     says:\n{}",
                    begun.elapsed().as_secs_f64(),
                    last_lines(&self.log_since(mark))
                );
                return Err(self.fault("install policies", why));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// How much of output and log file there is by now.
    fn mark(&self) -> (u64, u64) {
        let running = self.child.as_ref();
        let said = running.map_or(0, |child| child.said.mark());
        let file = self.recipe.log.file.as_ref();
        let length = file
            .and_then(|name| std::fs::metadata(self.directory.path().join(name)).ok())
            .map_or(0, |data| data.len());
        (said, length)
    }

    /// What output and log file say since a mark.
    fn log_since(&self, (said, length): (u64, u64)) -> String {
        let running = self.child.as_ref();
        let mut text = running.map_or_else(String::new, |child| child.said.since(said));
        if let Some(name) = &self.recipe.log.file {
            text.push_str(&read_from(&self.directory.path().join(name), length));
        }
        text
    }

    /// The first line since a mark that contains one of the words.
    fn said(&self, words: &[String], mark: (u64, u64)) -> Option<String> {
        if words.is_empty() {
            return None;
        }
        self.log_since(mark)
            .lines()
            .find(|line| words.iter().any(|word| line.contains(word.as_str())))
            .map(str::to_owned)
    }

    fn with_log_file(&self, mut fault: SetupFault) -> SetupFault {
        if let Some(name) = &self.recipe.log.file {
            let text = read_from(&self.directory.path().join(name), 0);
            fault.why = format!("{}\n`{name}` ends:\n{}", fault.why, last_lines(&text));
        }
        fault
    }

    /// Ends the program in the background: its successor has a port of its own.
    fn retire(&mut self) {
        if let Some(mut child) = self.child.take() {
            let (signal, within) = (self.recipe.stop, self.recipe.stop_within);
            self.retired
                .spawn(async move { child.stop(Some(signal), within).await });
        }
        while self.retired.try_join_next().is_some() {}
    }

    async fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            child
                .stop(Some(self.recipe.stop), self.recipe.stop_within)
                .await;
        }
    }

    fn fault(&self, doing: &str, why: String) -> SetupFault {
        SetupFault {
            doing: format!("{doing} ({})", self.description.name),
            why,
            remedy: None,
        }
    }
}

impl Implementation for Process {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        Box::pin(self.take_up(installation))
    }

    fn events(&mut self, _generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.end().await;
            while self.retired.join_next().await.is_some() {}
            self.sidecar = None;
            self.issuer = None;
        })
    }
}

/// Makes the working directory readable for a program that gives up its rights, and directories in
/// it that everybody may write to. There is no secret in it: every password is a constant of the
/// cases.
fn open_up(directory: &Path, writable: &[String]) -> std::io::Result<()> {
    allow(directory, 0o755)?;
    for name in writable {
        let path = directory.join(name);
        std::fs::create_dir_all(&path)?;
        allow(&path, 0o1777)?;
    }
    Ok(())
}

#[cfg(unix)]
fn allow(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn allow(_path: &Path, _mode: u32) -> std::io::Result<()> {
    Ok(())
}
