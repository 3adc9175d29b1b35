//! A generation: the policies in force, who may log in, and what was logged.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use super::behaviour::Behaviour;
use super::decision::{Decision, DecisionInput};
use super::fault::Fault;
use super::gateway_parts::Gateway;
use super::issuer::AuthorizationServer;
use super::log_ins::LogIns;
use super::login::{Login, judge};
use super::mcp::{McpServer, UpstreamCall};
use super::memory::{Arrivals, Memory, WantedMemory};
use super::mixed::Mixed;
use super::origin::{Resource, token};
use super::peer_certificate::Takes;
use super::platform::Platform;
use super::policy::Refusal;
use super::refuse::Refused;
use super::seeded::Faults;
use super::selection::Deciding;
use crate::auth::split_authorization;
use crate::credentials::{Identity, Scheme, read_basic};
use crate::domain::Value;
use crate::observation::Arrival;
use crate::wire::Endpoint;

/// The most entries of one generation's log; later ones are counted only.
const MOST_ENTRIES: usize = 1 << 20;

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The slot in which it happened.
    pub slot: usize,
    /// `LOGIN_SUCCESS` or `LOGIN_FAILED`.
    pub name: &'static str,
    /// Whose log-in it was, or was claimed to be.
    pub user: Option<String>,
    /// The scheme that was used, where it is one that the reference implementation knows.
    pub scheme: Option<Scheme>,
    /// By the word for what it is for, the policy that decided, where one did.
    pub policy: Option<String>,
    /// What of the credentials it tells, where a fault has it.
    pub secret: Option<String>,
}

impl LogEntry {
    /// All that it says, in one line.
    pub fn text(&self) -> String {
        let user = self.user.as_deref().unwrap_or("-");
        let scheme = self.scheme.map_or("-", Scheme::word);
        let policy = self.policy.as_deref().unwrap_or("-");
        let secret = self
            .secret
            .iter()
            .map(|secret| format!(" credentials={secret}"));
        let line = format!("{} user={user} scheme={scheme} policy={policy}", self.name);
        secret.fold(line, |line, secret| line + &secret)
    }
}

/// What the log of the platform has beside what every log has.
#[derive(Clone, Copy, Debug)]
struct PlatformLog<'a> {
    /// By the word for what it is for, the policy that decided.
    policy: Option<&'a str>,
}

/// The entries of a log, and how many found no room in it.
#[derive(Debug, Default)]
struct EventsKept {
    entries: Vec<LogEntry>,
    dropped: u64,
}

/// Everything that one installation puts in force.
#[derive(Debug)]
pub(super) struct Installed {
    /// Its number.
    pub(super) generation: u64,
    slots: Vec<Option<Protection>>,
    /// How many requests without credentials each slot has refused.
    turns: Vec<AtomicUsize>,
    /// What each slot mixes up, where a fault has it.
    mixed: Vec<Mutex<Mixed>>,
    /// What is remembered of log-ins, where a fault has it.
    log_ins: Mutex<LogIns>,
    identities: Vec<Identity>,
    faults: Faults,
    log: Mutex<EventsKept>,
    /// What each slot remembers.
    memories: Vec<Memory>,
    arrivals: Arrivals,
}

/// What is in force in a slot.
#[derive(Debug)]
pub(super) enum Protection {
    /// Policies of the platform.
    AccessPolicy(Platform),
    /// A resource of an origin server by the RFCs.
    Origin(Resource),
    /// A gateway, which decides on nothing by itself.
    Gateway(Box<Gateway>),
    /// A server of the Model Context Protocol.
    Mcp(McpServer),
    /// An authorization server that is asked about tokens.
    Issuer(AuthorizationServer),
}

impl Protection {
    /// What a policy and an instance record come to where the server behaves so, at an endpoint; behind an edit of what
    /// was in force before, where there was one.
    ///
    /// # Errors
    ///
    /// In words, when the policy asks for something that the reference implementation does not have.
    pub(super) fn of(
        behaviour: Behaviour,
        policy: &Value,
        instance: &Value,
        at: &Endpoint,
        before: Option<&Self>,
        faults: &Faults,
    ) -> Result<Self, String> {
        match behaviour {
            Behaviour::AccessPolicy => {
                let before = match before {
                    Some(Self::AccessPolicy(before)) => Some(before),
                    _ => None,
                };
                Platform::of(policy, instance, before, faults).map(Self::AccessPolicy)
            }
            Behaviour::Origin => Resource::of(policy, at, faults).map(Self::Origin),
            Behaviour::Gateway => Err("nobody said whom it is to ask".to_owned()),
            Behaviour::Mcp => McpServer::of(policy, at).map(Self::Mcp),
            Behaviour::Issuer => AuthorizationServer::of(policy, at).map(Self::Issuer),
        }
    }
}

impl Installed {
    /// Puts policies in force; a slot without one answers 404.
    pub(super) fn new(
        generation: u64,
        slots: Vec<Option<Protection>>,
        identities: &[Identity],
        faults: Faults,
    ) -> Self {
        let turns = slots.iter().map(|_| AtomicUsize::new(0)).collect();
        let memories = slots.iter().map(|_| Memory::default()).collect();
        let mixed = slots.iter().map(|_| Mutex::default()).collect();
        Self {
            generation,
            turns,
            mixed,
            log_ins: Mutex::default(),
            slots,
            identities: identities.to_vec(),
            faults,
            log: Mutex::default(),
            memories,
            arrivals: Arrivals::default(),
        }
    }

    /// The same as what became of another installation by edits: what that remembers stays.
    pub(super) fn edited_from(mut self, before: &Self) -> Self {
        for (memory, earlier) in self.memories.iter_mut().zip(&before.memories) {
            *memory = earlier.edited();
        }
        self
    }

    /// Whose certificates are taken when TLS begins, whatever slot is asked then: the platform has profiles of them.
    pub(super) fn takes_certificates(&self) -> Takes {
        let mut slots = self.slots.iter().flatten();
        match slots.any(|slot| matches!(slot, Protection::AccessPolicy(_))) {
            true => Takes::of(&self.faults),
            false => Takes::None,
        }
    }

    /// What is in force in a slot, if anything is.
    pub(super) fn protection(&self, slot: usize) -> Option<&Protection> {
        self.slots.get(slot)?.as_ref()
    }

    /// What reached the backend, in order.
    pub(super) fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals.all()
    }

    /// The gateway that is in a slot, if one is.
    pub(super) fn gateway(&self, slot: usize) -> Option<&Gateway> {
        match self.slots.get(slot)?.as_ref()? {
            Protection::Gateway(gateway) => Some(gateway),
            _ => None,
        }
    }

    /// What a client's message has a server of a slot ask of the server behind, if it has it ask.
    pub(super) fn call_of(&self, slot: usize, asked: &Request<Bytes>) -> Option<UpstreamCall> {
        match self.slots.get(slot)?.as_ref()? {
            Protection::Mcp(server) => server.call_of(asked, &self.faults),
            _ => None,
        }
    }

    /// What is at the URL of the metadata of a slot's resource, if anything is.
    pub(super) fn metadata(&self, slot: usize) -> Option<Response<Full<Bytes>>> {
        match self.slots.get(slot)?.as_ref()? {
            Protection::Origin(resource) => resource.document(&self.faults),
            Protection::Mcp(server) => server.well_known(&self.faults),
            Protection::AccessPolicy(_) | Protection::Gateway(_) | Protection::Issuer(_) => None,
        }
    }

    /// What is at the URL of the metadata of a slot's authorization server, if one is there.
    pub(super) fn issuer_metadata(&self, slot: usize) -> Option<Response<Full<Bytes>>> {
        match self.slots.get(slot)?.as_ref()? {
            Protection::Issuer(server) => Some(server.metadata(&self.faults)),
            _ => None,
        }
    }

    /// What is at a URL of the metadata that is none of the well-known ones.
    pub(super) fn metadata_elsewhere(&self, slot: usize) -> Option<Response<Full<Bytes>>> {
        match self.slots.get(slot)?.as_ref()? {
            Protection::Mcp(server) => server.elsewhere(&self.faults),
            _ => None,
        }
    }

    /// Decides on a request to a slot, and logs it.
    pub(super) fn decide(&self, slot: usize, asked: &DecisionInput<'_>) -> Decision {
        let Some(Some(protection)) = self.slots.get(slot) else {
            return Decision::bare(StatusCode::NOT_FOUND);
        };
        let mut of_platform = None;
        let (login, decision) = match protection {
            // Whoever asks by another way than a gateway is asked by.
            Protection::Gateway(_) => return Decision::bare(StatusCode::NOT_IMPLEMENTED),
            Protection::AccessPolicy(platform) => {
                let policy = platform.selection.that_decides(asked.method, &self.faults);
                of_platform = Some(PlatformLog {
                    policy: policy.word,
                });
                let values = asked.headers.get_all(AUTHORIZATION).iter();
                let of_token = platform.parameter(&self.faults).judge(
                    asked,
                    policy.accepted,
                    &self.identities,
                    &self.faults,
                );
                let login = of_token.unwrap_or_else(|| {
                    judge(
                        values.map(HeaderValue::as_bytes),
                        policy.accepted,
                        token::bearer,
                        &self.identities,
                        &self.faults,
                    )
                });
                let login = match &asked.whence.certificate {
                    Some(shown) if login == Login::Anonymous => {
                        shown.judge(policy.accepted, &self.identities, &self.faults)
                    }
                    _ => login,
                };
                let outcomes = &platform.outcomes;
                let (from, known) = (asked.whence.address, &self.identities);
                let login = outcomes.conditioned(login, from, known, &self.faults);
                let in_session = outcomes.in_session(asked.headers, &self.identities, &self.faults);
                if let Some(decision) = in_session {
                    return decision; // Nobody logs in, so nothing is logged.
                }
                let decision = outcomes.before(&login, &self.faults).unwrap_or_else(|| {
                    let decision = self.by_policy(slot, &policy, &login, asked.method);
                    outcomes.behind(&login, decision, &self.faults)
                });
                (login, decision)
            }
            Protection::Issuer(server) => {
                let login = server.judge(asked, &self.identities);
                let decision = server.decide(asked, &login, &self.identities, &self.faults);
                (login, decision)
            }
            Protection::Mcp(server) => {
                let login = server.judge(asked, &self.identities, &self.faults);
                let decision = server.decide(asked, &login, &self.faults);
                (login, decision)
            }
            Protection::Origin(resource) => {
                let login = resource.judge(asked, &self.identities, &self.faults);
                let login = self.mixed_up(slot, login);
                let login = self.remembered(slot, asked, login);
                match self.memories.get(slot) {
                    Some(memory) if resource.remembers != WantedMemory::default() => {
                        let wanted = resource.remembers;
                        let login = memory.note(wanted, login);
                        let decision = Memory::opened(wanted, &login)
                            .unwrap_or_else(|| resource.decide(asked, &login, &self.faults));
                        self.arrivals
                            .reach(wanted, slot, asked, &login, decision.status);
                        (login, decision)
                    }
                    _ => {
                        let decision = resource.decide(asked, &login, &self.faults);
                        (login, decision)
                    }
                }
            }
        };
        self.log(slot, login, decision.status, of_platform, asked);
        decision
    }

    fn by_policy(
        &self,
        slot: usize,
        policy: &Deciding<'_>,
        login: &Login,
        method: &Method,
    ) -> Decision {
        let unchecked = self.faults.has(Fault::AcceptsAnonymous)
            || (self.faults.has(Fault::HeadIsOpen) && *method == Method::HEAD)
            || (self.faults.has(Fault::WritingIsOpen) && is_beside_the_usual(method));
        let let_in = match (policy.refusal.as_ref(), login) {
            (Refusal::Forbidden, _) => false,
            (Refusal::Open, _) | (_, Login::Succeeded { .. }) => true,
            (_, Login::Anonymous) => unchecked,
            (_, Login::Failed { .. }) => false,
        };
        if let_in {
            return Decision::bare(StatusCode::OK);
        }
        let refused = Refused {
            login,
            method,
            turn: self.turn(slot, login),
        };
        refused.decide(&policy.refusal, &self.faults)
    }

    /// A log-in as it is taken beside others.
    fn mixed_up(&self, slot: usize, login: Login) -> Login {
        match self.mixed.get(slot) {
            Some(mixed) if Mixed::is_seeded(&self.faults) => {
                let mut mixed = mixed.lock().unwrap_or_else(PoisonError::into_inner);
                mixed.take(login, &self.faults)
            }
            _ => login,
        }
    }

    /// A log-in as it is taken behind others.
    fn remembered(&self, slot: usize, asked: &DecisionInput<'_>, login: Login) -> Login {
        if !LogIns::is_seeded(&self.faults) {
            return login;
        }
        let mut log_ins = (self.log_ins.lock()).unwrap_or_else(PoisonError::into_inner);
        log_ins.take(login, slot, asked.whence, &self.faults)
    }

    /// How many requests without credentials a slot has refused before. Only counted where a fault
    /// looks at it.
    fn turn(&self, slot: usize, login: &Login) -> usize {
        let looks = [Fault::NamesSchemesOnce, Fault::EveryFifthNamesOne];
        let looks = looks.into_iter().any(|fault| self.faults.has(fault));
        let counts = *login == Login::Anonymous && looks;
        match self.turns.get(slot) {
            Some(turn) if counts => turn.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        }
    }

    /// Logs a log-in that succeeded or was refused, and nothing for a request without credentials. Of the platform
    /// comes which of its policies decided.
    fn log(
        &self,
        slot: usize,
        login: Login,
        status: StatusCode,
        of_platform: Option<PlatformLog<'_>>,
        asked: &DecisionInput<'_>,
    ) {
        let (user, scheme, good) = match login {
            Login::Anonymous => return,
            Login::Succeeded { user, scheme, .. } => (user, Some(scheme), status.is_success()),
            // Only a fault lets a stranger in, and then nobody has logged in or been refused.
            Login::Failed { .. } if status.is_success() => return,
            Login::Failed { user, scheme, .. } => (user, scheme, false),
        };
        // What is wrong with the log of the platform is nothing that other servers have to look for.
        let has = |fault| of_platform.is_some() && self.faults.has(fault);
        let user = match has(Fault::LogNamesAnotherUser) {
            true => Some("system".to_owned()),
            false => user,
        };
        let scheme = match has(Fault::LogSaysBasicOfAll) {
            true => Some(Scheme::Basic),
            false => scheme,
        };
        let value = asked.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let secret = match value {
            Some(value) if has(Fault::LogTellsCredentials) => {
                Some(String::from_utf8_lossy(value).into_owned())
            }
            Some(value) if has(Fault::LogTellsPassword) => {
                let secret = split_authorization(value).map(|(_, secret)| secret);
                secret.and_then(read_basic).map(|(_, password)| password)
            }
            _ => None,
        };
        let entry = |name| LogEntry {
            slot,
            name,
            user: user.clone(),
            scheme,
            policy: of_platform.and_then(|of| of.policy).map(str::to_owned),
            secret: secret.clone(),
        };
        let mut log = self.lock();
        if good {
            if !self.faults.has(Fault::SuccessNotLogged) {
                log.push(entry("LOGIN_SUCCESS"));
            }
            if has(Fault::FailureLoggedBesideSuccess) {
                log.push(entry("LOGIN_FAILED"));
            }
            return;
        }
        if status == StatusCode::UNAUTHORIZED && self.faults.has(Fault::SuccessLoggedBeside401) {
            log.push(entry("LOGIN_SUCCESS"));
        }
        if !has(Fault::FailureNotLogged) {
            log.push(entry("LOGIN_FAILED"));
        }
        if has(Fault::FailureLoggedTwice) {
            log.push(entry("LOGIN_FAILED"));
        }
    }

    /// The faults that are seeded.
    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Everything logged so far, in order, without the first `known` entries.
    pub(super) fn entries(&self, known: usize) -> Vec<LogEntry> {
        self.lock().entries.iter().skip(known).cloned().collect()
    }

    /// How many entries found no room.
    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, EventsKept> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventsKept {
    fn push(&mut self, entry: LogEntry) {
        if self.entries.len() < MOST_ENTRIES {
            self.entries.push(entry);
        } else {
            self.dropped += 1;
        }
    }
}

/// Whether a method is none of those that every server knows.
fn is_beside_the_usual(method: &Method) -> bool {
    !matches!(
        *method,
        Method::GET | Method::HEAD | Method::POST | Method::OPTIONS
    )
}
