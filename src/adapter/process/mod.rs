//! Kind *process*: a program that Countersign configures, starts, reloads and stops, by the recipe
//! of its adapter.
//!
//! Readiness is proven, not waited for. Each configuration listens on a loopback port that was free
//! a moment before, so that only workers of that configuration can hold it (nginx goes on answering
//! with the old one on the old port for a tenth of a second), and a path on it must answer with a
//! token that was never used before. Whoever else is met there is not taken for the implementation.

mod configure;
mod directory;
mod events;
mod files;
mod output;
mod probe;
mod sidecar;
mod unknown_field;
mod usual;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use tokio::task::JoinSet;

use self::directory::WorkingDirectory;
use self::sidecar::Sidecar;
use self::unknown_field::{PROFILES, of_others, unknown_field};
use self::usual::completed;
use super::availability::Located;
use super::definition::{Adapter, Recipe};
use super::folder::Folder;
use super::journal::Journal;
use super::template::{SidecarPlace, Slot, TemplatePlaces, UpstreamPlace, holds, render};
use crate::implementation::{
    BoxFuture, Brand, Child, Description, Implementation, Installation, Issuer, Nature, Placement,
    read_resource,
};
use crate::observation::AuditEvent;
use crate::observation::SetupFault;
use crate::wire::{Endpoint, Way};

/// An implementation worked by a recipe. Its program starts with the first installation.
#[derive(Debug)]
pub struct Process {
    recipe: Recipe,
    description: Description,
    /// The environment variables of its commands, as templates.
    environment: Vec<(String, String)>,
    places: TemplatePlaces,
    /// The adapter's folder.
    folder: Folder,
    /// Configuration, logs, whatever the program writes.
    directory: WorkingDirectory,
    /// The ports that the adapter asks for by name.
    ports: BTreeMap<String, u16>,
    sidecar: Option<Sidecar>,
    issuer: Option<Issuer>,
    child: Option<Child>,
    /// Programs of earlier configurations that are being ended; dropped with this, they are killed.
    retired: JoinSet<()>,
    /// Of whatever its programs start.
    brand: Brand,
    /// Tells the tokens of this run from those of any other.
    run: u64,
    /// How many configurations were written.
    written: u64,
    /// The log of the configuration in force, where there are audit events in it.
    journal: Option<Journal>,
    /// The port of the configuration in force.
    port: u16,
    /// How many times its log was asked for.
    asked: u64,
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
        let directory =
            WorkingDirectory::new(&adapter.folder, &recipe.directories).map_err(fault)?;
        Ok(Self {
            description: Description {
                arrivals: false,
                // What is started anew, beside what ran or behind it, remembers nothing.
                edits: recipe.edits_by().is_some(),
                name: adapter.name.clone(),
                version: found.version.clone(),
                slots: recipe.slots,
                supports: recipe.supports.narrowing.clone(),
                knows: recipe.knows.clone(),
                own: recipe.own.clone(),
                claims: recipe.claims.clone(),
                nature: Nature::Configured,
                events: recipe.supports.events,
                tokens: recipe.tokens,
                alternatives: recipe.alternatives.clone(),
            },
            recipe,
            environment: adapter.environment.clone(),
            folder: adapter.folder.clone(),
            places: TemplatePlaces::new(found, directory.space(), directory.folder()),
            directory,
            ports: BTreeMap::new(),
            sidecar: None,
            issuer: None,
            child: None,
            retired: JoinSet::new(),
            brand: Brand::new(),
            run: RandomState::new().hash_one("run"),
            written: 0,
            journal: None,
            port: 0,
            asked: 0,
        })
    }

    async fn take_up(&mut self, installation: &Installation) -> Result<Vec<Placement>, SetupFault> {
        let recipe_prefix = self.recipe.prefix.clone();
        let recipe_resource = self.recipe.resource.clone();
        let policies: Vec<_> = installation
            .policies
            .iter()
            .map(|given| completed(&given.policy))
            .collect();
        let mut slots = Vec::new();
        let mut refused: Vec<Option<String>> = Vec::new();
        let given = installation.policies.iter().zip(&policies);
        for (slot, (given, policy)) in given.enumerate() {
            let prefix = render(&recipe_prefix, serde_json::json!({ "slot": slot }))
                .map_err(|why| self.fault("write the prefix of a slot", why))?;
            let resource = { recipe_resource.as_deref() }
                .map(|text| render(text, serde_json::json!({ "slot": slot })))
                .transpose()
                .map_err(|why| self.fault("write the resource of a slot", why))?;
            let upstreams = installation.upstreams_of(slot);
            let slot = Slot {
                slot,
                prefix,
                resource,
                port: 0,
                policy,
                instance: &given.instance,
                auth_service: upstreams.map(|places| UpstreamPlace::of(&places.auth_service)),
                backend: upstreams.map(|places| UpstreamPlace::of(&places.backend)),
            };
            let reason = self.unsupported(&slot)?;
            if reason.is_none() {
                slots.push(slot);
            }
            refused.push(reason);
        }
        if slots.is_empty() && !refused.is_empty() {
            // Nothing to configure, and a configuration of nothing may be refused.
            self.journal = None;
            let reasons = refused.into_iter().flatten();
            return Ok(reasons.map(Placement::Unsupported).collect());
        }
        let place = self.sidecar_for(installation).await?;
        self.configure(installation, &mut slots, place).await?;
        let mut slots = slots.into_iter();
        refused
            .into_iter()
            .map(|reason| {
                Ok(match reason {
                    Some(reason) => Placement::Unsupported(reason),
                    None => match slots.next() {
                        Some(slot) => Placement::Endpoint(self.endpoint(&slot)?),
                        None => Placement::Unsupported("it was not installed".to_owned()),
                    },
                })
            })
            .collect()
    }

    /// Where a slot is, by each of its ways.
    fn endpoint(&self, slot: &Slot<'_>) -> Result<Endpoint, SetupFault> {
        let authority = |port: u16| format!("127.0.0.1:{port}");
        let mut endpoint = Endpoint::new(authority(slot.port), slot.prefix.trim_end_matches('/'));
        if let Some(resource) = &slot.resource {
            let read = read_resource(resource, &endpoint)
                .map_err(|why| self.fault("tell what is asked for", format!("`resource` {why}")))?;
            endpoint.resource = Some(read);
        }
        if !self.recipe.ways.is_empty() {
            let usual = std::iter::once((Way::default(), authority(slot.port)));
            let others = self.recipe.ways.iter().map(|(way, name)| {
                let named = name.as_ref().and_then(|name| self.ports.get(name));
                (*way, authority(named.copied().unwrap_or(slot.port)))
            });
            endpoint.ways = usual.chain(others).collect();
        }
        Ok(endpoint)
    }

    /// Why a policy cannot be expressed, if it cannot.
    fn unsupported(&self, slot: &Slot<'_>) -> Result<Option<String>, SetupFault> {
        if slot.slot >= self.recipe.slots {
            return Ok(Some(format!("it has {} slots", self.recipe.slots)));
        }
        if let Some(path) = unknown_field(slot.policy, &self.description.named()) {
            return Ok(Some(format!("the adapter knows no `{path}`")));
        }
        if let Some(why) = of_others(slot.policy, &self.description.named())
            && self.recipe.speaks_of(PROFILES)
        {
            return Ok(Some(why));
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

    /// Ends the program in the background: its successor has a port and a working directory of its own.
    fn retire(&mut self, directory: WorkingDirectory) {
        if let Some(mut child) = self.child.take() {
            let (signal, within) = (self.recipe.stop, self.recipe.stop_within);
            self.retired.spawn(async move {
                child.stop(Some(signal), within).await;
                drop(directory);
            });
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

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.events_after(generation, 0)
    }

    fn events_after(
        &mut self,
        _generation: u64,
        known: usize,
    ) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async move {
            self.read_journal().await?;
            let all = self.journal.as_ref().map_or(&[][..], Journal::events);
            Ok(all.get(known..).unwrap_or_default().to_vec())
        })
    }

    fn ended(&mut self) -> Option<String> {
        self.child.as_mut()?.end_words()
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.end().await;
            while self.retired.join_next().await.is_some() {}
            self.brand.end_all();
            self.sidecar = None;
            self.issuer = None;
            self.journal = None;
        })
    }
}
