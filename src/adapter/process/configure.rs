//! Bringing a configuration into force: its ports, its files, the program that reads them, and the
//! proof that it does.

use std::time::{Duration, Instant};

use super::Process;
use super::directory::WorkingDirectory;
use super::files::replace;
use super::probe::{Sighting, free_ports, listens, probe};
use crate::adapter::command::rendered;
use crate::adapter::definition::{EventLog, Reload};
use crate::adapter::template::{SidecarPlace, Slot, TemplateContext, render};
use crate::credentials::{Identity, client_authority_pem, jwks};
use crate::implementation::{Child, Installation, Launch, issuer_for, last_lines};
use crate::observation::SetupFault;

/// How many ports are tried for one installation.
const MOST_PORTS: u32 = 3;

/// How long somebody else may answer on our port before it is given up, as a part of the time that the
/// program has to become ready: one that is coming up may answer for itself at first, and longer so on
/// a machine under load.
const FOREIGN_PART: u32 = 2;

/// Pauses between two probes: the first, and the longest.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A pause as a part of what was waited so far: so much longer does an installation take at most for it.
const PAUSE_PART: u32 = 10;

/// What came of a configuration.
enum PortOutcome {
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
    /// Brings a configuration into force, and tells the slots their ports.
    pub(super) async fn configure(
        &mut self,
        installation: &Installation,
        slots: &mut [Slot<'_>],
        place: SidecarPlace,
    ) -> Result<(), SetupFault> {
        let issuer = issuer_for(&mut self.issuer, installation).await?;
        let reload = self.reload_for(installation);
        let mut tried = Vec::new();
        for _ in 0..MOST_PORTS {
            let former = match self.is_running() && reload == Some(Reload::Beside) {
                true => Some(self.move_out()?),
                false => None,
            };
            let port = self
                .draw_ports(slots, reload.as_ref())
                .map_err(|error| self.fault("find free ports", error.to_string()))?;
            self.written += 1;
            let token = format!("countersign-{:016x}-{}", self.run, self.written);
            let log = self.begin_journal((port, &token, installation.generation), slots)?;
            let context = TemplateContext {
                places: &self.places.clone(),
                port,
                ports: &self.ports.clone(),
                token: &token,
                generation: installation.generation,
                log: log
                    .as_ref()
                    .map_or_else(String::new, |log| log.path().display().to_string()),
                identities: installation
                    .identities
                    .iter()
                    .filter(|identity| identity.enabled)
                    .map(Identity::told)
                    .collect(),
                slots,
                sidecar: place.clone(),
                issuer: &issuer,
                jwks: jwks().to_string(),
                client_authority: client_authority_pem().unwrap_or_default(),
            };
            self.write_files(&context)?;
            let (written, length) = self.mark();
            let written = match self.apply(&context, reload.as_ref(), former).await? {
                Applied::Reloaded => written,
                // Another program, which has written nothing yet.
                Applied::Started => 0,
            };
            let mark = (written, length);
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
                PortOutcome::Ready => {
                    self.journal = log;
                    self.port = port;
                    return Ok(());
                }
                PortOutcome::Taken(who) => tried.push(format!("  port {port}: {who}")),
            }
        }
        let why = format!(
            "`{}` did not answer with the token of the configuration, on {MOST_PORTS} ports:\n{}\nits \
             log ends:\n{}",
            self.recipe.probe,
            tried.join("\n"),
            last_lines(&self.log_since((0, 0)))
        );
        let mut fault = self.fault("install policies", why);
        fault.remedy = Some(
            "let the program answer `{{ token }}` at the path of `probe`; if it does, somebody else took \
             the ports"
                .to_owned(),
        );
        Err(fault)
    }

    /// How the program takes up an installation: an edit in the program that runs, where it can.
    fn reload_for(&self, installation: &Installation) -> Option<Reload> {
        let edit = self.recipe.edits_by();
        let edit = edit.filter(|_| installation.edit_of.is_some());
        edit.or(self.recipe.reload.as_ref()).cloned()
    }

    /// Draws the port of a configuration, those of its slots, and, for a program that is to start,
    /// those that the adapter asks for by name.
    fn draw_ports(
        &mut self,
        slots: &mut [Slot<'_>],
        reload: Option<&Reload>,
    ) -> std::io::Result<u16> {
        let keeps_running =
            self.is_running() && matches!(reload, Some(Reload::Signal(_) | Reload::Command(_)));
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

    /// Takes another working directory, and gives the one before, in which a program still works.
    fn move_out(&mut self) -> Result<WorkingDirectory, SetupFault> {
        let new = WorkingDirectory::new(&self.folder, &self.recipe.directories)
            .map_err(|error| self.fault("make a working directory", error.to_string()))?;
        self.places = self.places.in_directory(new.space(), new.folder());
        Ok(std::mem::replace(&mut self.directory, new))
    }

    fn write_files(&self, context: &TemplateContext<'_>) -> Result<(), SetupFault> {
        for (name, template) in &self.recipe.files {
            let text = render(template, context).map_err(|why| {
                let mut fault = self.fault(&format!("write `{name}`"), why);
                fault.remedy = Some(format!(
                    "correct the template of `{name}` in the adapter's folder: adapters/README.md lists \
                     the names that a template has"
                ));
                fault
            })?;
            replace(&self.directory.path().join(name), &text)
                .map_err(|error| self.fault(&format!("write `{name}`"), error.to_string()))?;
        }
        Ok(())
    }

    /// Makes the program read what was written: starts it, reloads it, or starts it anew.
    async fn apply(
        &mut self,
        context: &TemplateContext<'_>,
        reload: Option<&Reload>,
        former: Option<WorkingDirectory>,
    ) -> Result<Applied, SetupFault> {
        match (self.is_running(), reload) {
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
                let (mut command, _stdout) = Child::start(&launch, &self.brand)?;
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
            _ => {
                match former {
                    Some(directory) => self.retire(directory),
                    None => self.end().await,
                }
                let mut launch = self.launch(&self.recipe.start, context)?;
                let from_output = |events: &EventLog| events.from_output;
                if self.recipe.log.events.as_ref().is_some_and(from_output) {
                    launch.output = Some(context.log.clone().into());
                }
                let (child, stdout) = Child::start(&launch, &self.brand)?;
                if let Some(stdout) = stdout {
                    tokio::spawn(child.output.clone().follow(stdout));
                }
                self.child = Some(child);
                Ok(Applied::Started)
            }
        }
    }

    fn launch(
        &self,
        parts: &[String],
        context: &TemplateContext<'_>,
    ) -> Result<Launch, SetupFault> {
        rendered(
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
    ) -> Result<PortOutcome, SetupFault> {
        let begun = Instant::now();
        loop {
            let seen = probe(port, &self.recipe.probe, token).await;
            if seen == Sighting::Ready && listens(own).await {
                return Ok(PortOutcome::Ready);
            }
            let ended = match &mut self.child {
                Some(child) => child.ended().is_some(),
                None => true,
            };
            if ended && let Some(child) = &mut self.child {
                // Collects its last words, which may be that the port is taken.
                let fault = child.death("install policies").await;
                return match self.line_with_any(&self.recipe.log.port_taken, mark) {
                    Some(line) => Ok(PortOutcome::Taken(line)),
                    None => Err(self.with_log_file(fault)),
                };
            }
            if let Some(line) = self.line_with_any(&self.recipe.log.port_taken, mark) {
                return Ok(PortOutcome::Taken(line));
            }
            if self.line_with_any(&self.recipe.log.failed, mark).is_some() {
                let why = format!(
                    "it refused the configuration:\n{}",
                    last_lines(&self.log_since(mark))
                );
                return Err(self.fault("install policies", why));
            }
            if let Sighting::Other(line) = &seen
                && begun.elapsed() >= self.recipe.ready_within / FOREIGN_PART
            {
                return Ok(PortOutcome::Taken(format!("it answers `{line}`")));
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
            tokio::time::sleep(pause_after(begun.elapsed())).await;
        }
    }
}

/// How long to wait for the next probe, after so long.
fn pause_after(waited: Duration) -> Duration {
    (waited / PAUSE_PART).clamp(FIRST_PAUSE, LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_a_small_part_of_what_was_waited() {
        let (mut waited, mut probes) = (Duration::ZERO, 0);
        while waited < Duration::from_secs(1) {
            let pause = pause_after(waited);
            assert!(pause >= FIRST_PAUSE && pause <= LONGEST_PAUSE, "{pause:?}");
            assert!(
                pause <= FIRST_PAUSE.max(waited / PAUSE_PART),
                "{pause:?} after {waited:?}"
            );
            waited += pause;
            probes += 1;
        }
        assert!(probes < 100, "{probes} probes in a second");
    }
}
