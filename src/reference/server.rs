//! The reference implementation on ports of loopback.

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use super::answer::{InForce, current};
use super::behaviour::Behaviour;
use super::fault::Fault;
use super::fields;
use super::gateway_parts::Gateway;
use super::installed::{Installed, LogEntry, Protection};
use super::listeners::Listeners;
use super::log_ins::Whence;
use super::seeded::{Faults, FaultsLookedFor};
use super::served::{Served, WAITING};
use super::tunnel::tunnel_to;
use super::way::ConnectionState;
use crate::credentials::Identity;
use crate::domain::Value;
use crate::observation::Arrival;
use crate::wire::{Endpoint, InProcess, UpstreamPlaces, Way};

/// A running reference implementation. It stops when it is dropped.
pub struct Reference {
    authority: String,
    ways: Arc<[(Way, String)]>,
    in_process: InProcess,
    faults: Faults,
    in_force: InForce,
    onlooker: Arc<OnceLock<Sender<Served>>>,
    servers: Vec<JoinHandle<()>>,
}

impl Reference {
    /// Starts a server on free ports of 127.0.0.1, in the current tokio runtime, with these faults
    /// seeded and no policy in force.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn start(faults: &[Fault]) -> io::Result<Self> {
        Self::start_on(0, faults).await
    }

    /// The same on a port of one's choice, 0 standing for a free one; TLS and the proxy have others.
    ///
    /// # Errors
    ///
    /// When the port cannot be had.
    pub async fn start_on(port: u16, faults: &[Fault]) -> io::Result<Self> {
        Self::start_with(port, Faults::new(faults)).await
    }

    /// Starts one on free ports without a fault, which takes note of those that it looks for.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub(crate) async fn start_noting(looked_for: Arc<FaultsLookedFor>) -> io::Result<Self> {
        Self::start_with(0, Faults::noted(looked_for)).await
    }

    async fn start_with(port: u16, faults: Faults) -> io::Result<Self> {
        let listeners = Listeners::open(port).await?;
        let (authority, ways) = (listeners.authority()?, listeners.ways()?);
        let in_process = listeners.in_process();
        let nothing = Installed::new(0, Vec::new(), &[], faults.clone());
        let in_force = Arc::new(RwLock::new(Arc::new(nothing)));
        let state = ConnectionState {
            in_force: Arc::clone(&in_force),
            origin: authority.clone(),
            onlooker: Arc::default(),
            whence: Whence::new(Ipv4Addr::LOCALHOST.into()),
        };
        let onlooker = Arc::clone(&state.onlooker);
        let servers = listeners.serve(&state);
        Ok(Self {
            authority,
            ways,
            in_process,
            faults,
            in_force,
            onlooker,
            servers,
        })
    }

    /// Puts a set of policies in force in place of whatever was: each a policy record and an
    /// instance record, its slot its place in the list. Requests that arrive from now on are decided
    /// by it, and its log is empty. Where it came out of the generation in force by edits, what that
    /// remembers of failed log-ins stays.
    ///
    /// Each policy has its endpoint, or the reason in words why it cannot be expressed.
    pub fn install(
        &self,
        generation: u64,
        edit_of: Option<u64>,
        policies: &[(&Value, &Value)],
        identities: &[Identity],
    ) -> Vec<Result<Endpoint, String>> {
        self.install_before(generation, edit_of, policies, identities, &[])
    }

    /// The same as a gateway before these, by slot, where a policy has it ask them.
    pub fn install_before(
        &self,
        generation: u64,
        edit_of: Option<u64>,
        policies: &[(&Value, &Value)],
        identities: &[Identity],
        upstreams: &[Option<UpstreamPlaces>],
    ) -> Vec<Result<Endpoint, String>> {
        let before = current(&self.in_force);
        let edited = (edit_of == Some(before.generation)).then_some(&before);
        let enforced: Vec<Result<Protection, String>> = policies
            .iter()
            .enumerate()
            .map(|(slot, (policy, instance))| {
                let behaviour = Behaviour::of(policy, instance);
                fields::check(behaviour, policy, instance)?;
                let at = self.endpoint(slot);
                let before = edited.and_then(|before| before.protection(slot));
                if let (Behaviour::Gateway, Some(Some(places))) = (behaviour, upstreams.get(slot)) {
                    return Ok(Protection::Gateway(Box::new(Gateway::new(policy, places))));
                }
                let made = Protection::of(behaviour, policy, instance, &at, before, &self.faults);
                match (made, upstreams.get(slot)) {
                    (Ok(Protection::Mcp(server)), Some(Some(places))) => {
                        Ok(Protection::Mcp(server.before(places)))
                    }
                    (made, _) => made,
                }
            })
            .collect();
        let placements = enforced
            .iter()
            .enumerate()
            .map(|(slot, policy)| match policy {
                Ok(_) => Ok(self.endpoint(slot)),
                Err(why) => Err(why.clone()),
            })
            .collect();
        let slots = enforced.into_iter().map(Result::ok).collect();
        let mut installed = Installed::new(generation, slots, identities, self.faults.clone());
        if let Some(before) = edited {
            installed = installed.edited_from(before);
        }
        let mut in_force = self
            .in_force
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *in_force = Arc::new(installed);
        placements
    }

    /// Where the policy of a slot is in force.
    pub fn endpoint(&self, slot: usize) -> Endpoint {
        Endpoint {
            authority: self.authority.clone(),
            prefix: format!("/s{slot}"),
            resource: None,
            tunnel: Some(tunnel_to(slot).into()),
            ways: Arc::clone(&self.ways),
            in_process: Some(self.in_process.clone()),
        }
    }

    /// The log of a generation, in order, without its first `known` entries; empty when another
    /// generation is in force. It holds about a million entries: see [`Reference::dropped`].
    pub fn events(&self, generation: u64, known: usize) -> Vec<LogEntry> {
        let installed = current(&self.in_force);
        if installed.generation == generation {
            installed.entries(known)
        } else {
            Vec::new()
        }
    }

    /// What reached the backend since a generation was installed, without the first `known`; empty
    /// when another generation is in force.
    pub fn arrivals(&self, generation: u64, known: usize) -> Vec<Arrival> {
        let installed = current(&self.in_force);
        let mut arrivals = match installed.generation == generation {
            true => installed.arrivals(),
            false => Vec::new(),
        };
        arrivals.drain(..known.min(arrivals.len()));
        arrivals
    }

    /// How many entries found no room in the log of the generation in force.
    pub fn dropped(&self) -> u64 {
        current(&self.in_force).dropped()
    }

    /// Every request from now on, with the status of its answer; nothing where somebody looks on
    /// already.
    pub fn look_on(&self) -> Option<Receiver<Served>> {
        let (onlooker, served) = channel(WAITING);
        self.onlooker.set(onlooker).ok().map(|()| served)
    }

    /// Stops it and closes its connections. May be called more than once.
    pub fn stop(&self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Reference")
            .field("authority", &self.authority)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
