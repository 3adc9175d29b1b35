//! The lab: installs settings in the implementation's slots and plays clients against them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::client::{GuestManners, Player, ToldBefore};
use crate::credentials::Identity;
use crate::domain::Setting;
use crate::implementation::{
    Implementation, Installation, Nature, Placement, SettingsEdit, Upstreams,
};
use crate::observation::SetupFault;
use crate::results::{SentSoFar, Stopped};
use crate::wire::{Care, Endpoint, Limits};

use super::act::{Act, Pace, is_light, pace};
use super::batch::{ExchangeFaults, Job, JobResult, play_batch};
use super::bodies::Bodies;
use super::options::Options;
use super::place_hash::ByPlace;
use super::sharing::{by_count, by_slot};
use super::table::{At, Played, Seen, Table};
use super::watching::{Logged, SharedEvents, Watching};

/// The number of the last installation in this process. It only grows, whoever installs, so that no
/// answer to an answers installation can be taken for one to a later.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// How long content is waited for behind the head of an answer to HEAD, where a rule forbids it.
const BEHIND_HEAD: Duration = Duration::from_millis(1);

/// The same where the server is a part of this program: what it sends is there when it had its turn.
const BEHIND_OWN_HEAD: Duration = Duration::from_micros(100);

/// How many connections play cases side by side at least where the server is a part of this program and has a backend:
/// what it does longest is to wait until it gives one up that keeps silent.
const WAITING_AT_ONCE: usize = 16;

/// Conversations that are to be played, by setting.
type WantedPlays = HashMap<usize, Vec<usize>, ByPlace>;

/// An implementation and everything that is needed to play cases against it.
pub(crate) struct Lab<'a> {
    pub(super) implementation: &'a mut dyn Implementation,
    slots: usize,
    pub(super) watching: Watching,
    pub(super) players: Vec<Player>,
    identities: Vec<Identity>,
    pub(super) generation: u64,
    pub(super) setup_deadline: Duration,
    /// When no ask is begun any more, while that counts.
    pub(super) until: Option<Instant>,
    pub(super) options: &'a Options,
    installations: u64,
    pub(super) shared_events: SharedEvents,
    /// What went wrong with exchanges, over all players and rounds.
    pub(super) faults: Arc<ExchangeFaults>,
    pub(super) sent: SentSoFar,
    /// Whether cases are played one after the other.
    one_by_one: bool,
    /// Whether each conversation has an installation of its own.
    apart: bool,
    /// Whether each exchange has a connection of its own.
    pub(super) always_anew: bool,
    /// Whether the first player has a connection for each exchange.
    pub(super) anew: bool,
    /// Where the implementation was met last.
    pub(super) met_at: Option<Endpoint>,
    /// Whether it was waited for, and how long that took where it came back.
    pub(super) waited: Option<Option<(u64, Duration)>>,
    /// What came unasked on a new connection, once that was listened for.
    pub(super) unasked: Option<Option<String>>,
    /// How often an auth service or a backend of ours was given up on before it could answer.
    pub(super) given_up: u64,
    /// Which bodies are kept.
    pub(super) bodies: Bodies,
    /// The bounds on what a deployed endpoint is asked.
    pub(super) care: Option<Care>,
    /// Those whom the implementation asks on behalf of clients, where the policies in force have it ask.
    pub(super) upstreams: Option<Upstreams>,
}

impl<'a> Lab<'a> {
    /// A lab around an implementation, in which these identities can log in; clients are the first of
    /// them, save where the state of their credentials needs another. What happens inside is only asked for
    /// where `watching` says so.
    pub(crate) fn new(
        implementation: &'a mut dyn Implementation,
        options: &'a Options,
        watching: Watching,
        identities: Vec<Identity>,
    ) -> Self {
        let description = implementation.description();
        let slots = description.slots.max(1);
        let watching = Watching {
            events: watching.events && description.events,
            log: watching.log,
            arrivals: watching.arrivals,
            content: watching.content,
        };
        let limits = match watching.content {
            true => Limits {
                behind_head: match description.nature {
                    Nature::Embedded => BEHIND_OWN_HEAD,
                    Nature::Configured | Nature::Told | Nature::Deployed => BEHIND_HEAD,
                },
                ..options.limits
            },
            false => options.limits,
        };
        // No more conversations than policies: some products mix up the log-ins of one user that come
        // at the same time (Squid), and all clients here are few users.
        let guest = implementation.guest();
        let first = match &guest {
            None => Player::of(identities.clone(), limits).with_programs(options.programs.clone()),
            Some(guest) => Player::of(guest.identities.clone(), limits).as_guest(GuestManners {
                care: guest.care.clone(),
                trust: guest.trust.clone(),
                let_in: guest.let_in.clone(),
                agent: guest.agent.clone(),
                joint: guest.joint,
                key: guest.key.clone(),
            }),
        };
        let connections = match description.nature {
            Nature::Embedded if watching.arrivals => options.connections.max(WAITING_AT_ONCE),
            _ => options.connections,
        };
        let players = (1..connections.clamp(1, slots))
            .map(|_| first.another())
            .collect::<Vec<_>>();
        let players = std::iter::once(first).chain(players).collect();
        Self {
            slots,
            watching,
            implementation,
            players,
            identities,
            generation: 0,
            setup_deadline: options.setup_deadline,
            until: None,
            options,
            installations: 0,
            shared_events: SharedEvents::default(),
            faults: Arc::default(),
            sent: SentSoFar::default(),
            one_by_one: false,
            apart: false,
            always_anew: false,
            anew: false,
            met_at: None,
            waited: None,
            unasked: None,
            given_up: 0,
            bodies: Bodies::default(),
            care: guest.map(|guest| guest.care),
            upstreams: None,
        }
    }

    /// Whether cases are played one after the other from now on, and not side by side.
    pub(super) fn one_by_one(&mut self, on: bool) {
        self.one_by_one = on;
    }

    /// Whether each conversation has an installation of its own from now on.
    pub(super) fn apart(&mut self, on: bool) {
        self.apart = on;
    }

    /// Whether each conversation has an installation of its own.
    pub(super) fn is_apart(&self) -> bool {
        self.apart
    }

    /// Whether upstreams of ours stand behind what is in force: then a status may be what they said.
    pub(super) fn has_upstreams(&self) -> bool {
        self.upstreams.is_some()
    }

    /// Whether no program plays from now on, and models do.
    pub(super) fn by_models(&mut self, on: bool) {
        for player in &mut self.players {
            player.by_itself(on);
        }
    }

    /// Whether each exchange has a connection of its own from now on, whoever plays it.
    pub(super) fn always_anew(&mut self, on: bool) {
        self.always_anew = on;
        for player in &mut self.players {
            player.anew(on);
        }
    }

    /// Whether each exchange of a case that is played alone has a connection of its own from now on.
    pub(super) fn anew(&mut self, on: bool) {
        let on = on || self.always_anew;
        self.anew = on;
        if let Some(player) = self.players.first_mut() {
            player.anew(on);
        }
    }

    /// Why a run ended, with how the implementation ended where it was started here and is gone.
    pub(super) fn with_death(&mut self, stopped: Stopped) -> Stopped {
        match (stopped, self.implementation.ended()) {
            (Stopped::Silent { fault, gone }, Some(how)) => Stopped::Silent {
                gone,
                fault: format!("{fault}; {how}"),
            },
            (stopped, _) => stopped,
        }
    }

    /// How many policies can be installed at once.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// How many requests were sent.
    pub(super) fn requests(&self) -> u64 {
        self.sent.requests
    }

    /// How many sets of policies were installed.
    pub(super) fn installations(&self) -> u64 {
        self.installations
    }

    /// Who can log in.
    pub(super) fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// Plays cases that the table does not know yet, and writes what was seen into it. Where the
    /// implementation goes away meanwhile and comes back, what had no response is played once more, under
    /// a new installation, because it may have forgotten the last one.
    pub(super) async fn fill(
        &mut self,
        table: &mut Table<'_>,
        cases: &[At],
    ) -> Result<(), Stopped> {
        let filled = self.fill_once(table, cases).await;
        if matches!(filled, Err(Stopped::Silent { gone: true, .. })) && self.came_back().await {
            table.forget_faults(cases);
            let filled = self.fill_once(table, cases).await;
            self.came_back_in_vain(matches!(filled, Err(Stopped::Silent { .. })));
            return filled;
        }
        filled
    }

    async fn fill_once(&mut self, table: &mut Table<'_>, cases: &[At]) -> Result<(), Stopped> {
        let mut order: Vec<usize> = Vec::new();
        let mut wanted = WantedPlays::default();
        let mut apart: BTreeMap<Pace, Vec<At>> = BTreeMap::new();
        let mut known: HashSet<At, ByPlace> = HashSet::default();
        for at in cases {
            if table.is_settled(*at) || !known.insert(*at) {
                continue;
            }
            let Some(conversation) = table.conversations.get(at.conversation) else {
                continue;
            };
            let acts = &conversation.acts;
            // Events are told apart by looking at the log behind each ask.
            if self.apart || (!acts.is_empty() && (self.watching.is_on() || !is_light(acts))) {
                apart.entry(pace(acts)).or_default().push(*at);
                continue;
            }
            let conversations = wanted.entry(at.setting).or_insert_with(|| {
                order.push(at.setting);
                Vec::new()
            });
            conversations.push(at.conversation);
        }
        let alone: usize = apart.values().map(Vec::len).sum();
        let plays: usize = wanted.values().map(Vec::len).sum();
        self.options.pulse.expect((plays + alone) as u64);
        for chunk in order.chunks(self.slots) {
            self.fill_slots(table, chunk, &wanted).await?;
        }
        let slots = if self.apart { 1 } else { self.slots };
        for chunk in apart.values().flat_map(|alike| alike.chunks(slots)) {
            self.fill_apart(table, chunk).await?;
        }
        Ok(())
    }

    /// Plays conversations that may share a slot, all those of a setting in one.
    async fn fill_slots(
        &mut self,
        table: &mut Table<'_>,
        chunk: &[usize],
        wanted: &WantedPlays,
    ) -> Result<(), Stopped> {
        if self.options.stop.is_stopped() {
            return Err(Stopped::Asked);
        }
        let settings: Vec<Arc<Setting>> = chunk
            .iter()
            .filter_map(|index| Some(table.settings.get(*index)?.value.clone()))
            .collect();
        let placements = self.install(&settings, None).await?;
        let mut rounds: Vec<Vec<Job>> = Vec::new();
        for (slot, (setting, placement)) in chunk.iter().zip(placements).enumerate() {
            let endpoint = match placement {
                Placement::Endpoint(endpoint) => {
                    self.met_at = Some(endpoint.clone());
                    Arc::new(endpoint)
                }
                Placement::Unsupported(reason) => {
                    table.set_unsupported(*setting, reason);
                    continue;
                }
            };
            let conversations = wanted.get(setting).map(Vec::as_slice).unwrap_or_default();
            for (turn, conversation) in conversations.iter().enumerate() {
                let Some(known) = table.conversations.get(*conversation) else {
                    continue;
                };
                // Events are told apart by playing one client per slot between two looks at
                // the log; without events, all clients can go in one round.
                let round = if self.watching.is_on() { turn } else { 0 };
                if rounds.len() <= round {
                    rounds.resize_with(round + 1, Vec::new);
                }
                let asks = known.acts.iter().filter_map(|act| match act {
                    Act::Ask(who, times) => Some((who.clone(), *times)),
                    _ => None,
                });
                let at = At {
                    setting: *setting,
                    conversation: *conversation,
                };
                let job = Job {
                    endpoint: Arc::clone(&endpoint),
                    who: known.client.clone(),
                    before: asks.collect(),
                    beside: None,
                    told: ToldBefore::default(),
                    nonce: None,
                    in_course: !known.acts.is_empty(),
                    most_body: self.bodies.most_at(table, at),
                    at,
                    slot,
                };
                if let Some(round) = rounds.get_mut(round) {
                    round.push(job);
                }
            }
        }
        let mut logged = Logged::default();
        let mut again = Vec::new();
        for round in rounds {
            again.extend(self.round(table, round, &mut logged).await?);
        }
        let slots = self.slots;
        for chunk in again.chunks(slots) {
            self.fill_once_more(table, chunk).await?;
        }
        Ok(())
    }

    /// Installs settings, one per slot, and answers with their placements. With the generation of an
    /// earlier installation, they are what became of that by edits.
    pub(super) async fn install(
        &mut self,
        settings: &[Arc<Setting>],
        edit_of: Option<SettingsEdit>,
    ) -> Result<Vec<Placement>, Stopped> {
        self.generation = GENERATION.fetch_add(1, Ordering::Relaxed) + 1;
        self.installations += 1;
        // Those of the settings before are gone with this: nobody asks there any more.
        self.upstreams = Upstreams::open(settings, &self.identities).await?;
        self.faults.are_ours(self.upstreams.is_some());
        let installation = Installation {
            generation: self.generation,
            edit_of,
            upstreams: self
                .upstreams
                .as_ref()
                .map_or_else(Vec::new, |upstreams| upstreams.places().to_vec()),
            identities: self.identities.clone(),
            policies: settings.iter().map(|one| Setting::clone(one)).collect(),
        };
        let installing = self.implementation.install(&installation);
        let installing = tokio::time::timeout(self.setup_deadline, installing);
        let placements = match self.options.stop.or(installing).await {
            Some(Ok(result)) => result?,
            Some(Err(_)) => return Err(self.too_slow("install policies")),
            None => return Err(Stopped::Asked),
        };
        if placements.len() == settings.len() {
            Ok(placements)
        } else {
            Err(Stopped::Setup(SetupFault {
                doing: "install policies".to_owned(),
                why: format!(
                    "{} policies were sent and {} were answered for",
                    settings.len(),
                    placements.len()
                ),
                remedy: Some("the adapter must answer for every slot".to_owned()),
            }))
        }
    }

    pub(super) fn too_slow(&self, doing: &str) -> Stopped {
        Stopped::Setup(SetupFault {
            doing: doing.to_owned(),
            why: format!("no answer within {} s", self.setup_deadline.as_secs_f64()),
            remedy: None,
        })
    }

    /// Plays a round, and answers with the conversations that are worth another play, as a whole.
    async fn round(
        &mut self,
        table: &mut Table<'_>,
        jobs: Vec<Job>,
        logged: &mut Logged,
    ) -> Result<Vec<At>, Stopped> {
        let results = self.play_all(jobs, false).await?;
        let mut watched = self.watch(logged, &results).await?;
        let mut again = Vec::new();
        for (job, result) in results {
            let is_given_up = { watched.get(&job.slot) }.is_some_and(|seen| seen.is_given_up);
            let is_unsettled = match &result {
                Ok(seen) => seen.busy && self.faults.may_steady(),
                Err(fault) => !fault.is_stray(),
            };
            // What happened inside happened more than once: only another play shows what comes of one.
            let is_mixed_up = self.watching.is_on() && result.as_ref().is_ok_and(|seen| seen.again);
            if (job.in_course && is_unsettled) || is_given_up || is_mixed_up {
                again.push(job.at);
            }
            let wrong = u64::from(job.who.is_wrong());
            self.sent.wrong += wrong;
            let played = match result {
                Ok(seen) => {
                    if let Some(why) = &seen.play.undone {
                        table.note_undone(why.clone().into_owned());
                    }
                    let watched = self.seen_in(job.slot, seen.again, &mut watched);
                    match Seen::new(seen.play, seen.before, watched, seen.rate, self.sent) {
                        Some(seen) => Played::Seen(seen),
                        None => Played::NotApplicable,
                    }
                }
                Err(fault) => Played::Fault(Arc::new(fault)),
            };
            table.set_played(job.at, played);
        }
        Ok(again)
    }

    /// Plays jobs side by side, each player its batch.
    pub(super) async fn play_all(
        &mut self,
        jobs: Vec<Job>,
        record: bool,
    ) -> Result<Vec<(Job, JobResult)>, Stopped> {
        let players = if self.one_by_one {
            1
        } else {
            self.players.len()
        };
        let mut results = Vec::with_capacity(jobs.len());
        let mut workers = JoinSet::new();
        // What is a part of this program answers at once, so that nothing is gained where several ask one slot; and
        // what it remembers of a slot must not depend on which of them comes first.
        let batches = match self.implementation.description().nature {
            Nature::Embedded => by_slot(jobs, players, |job| job.slot),
            Nature::Configured | Nature::Told | Nature::Deployed => by_count(jobs, players),
        };
        let mut batches = batches.into_iter();
        let mut idle = Vec::new();
        for (place, mut player) in std::mem::take(&mut self.players).into_iter().enumerate() {
            let batch = batches.next().unwrap_or_default();
            if batch.is_empty() {
                idle.push((place, player));
            } else {
                player.record(record);
                let (stop, faults) = (self.options.stop.clone(), Arc::clone(&self.faults));
                let (pulse, until) = (self.options.pulse.clone(), self.until);
                workers.spawn(async move {
                    let played = play_batch(player, batch, (stop, until), faults, pulse);
                    let (mut player, batch) = played.await;
                    player.record(false);
                    ((place, player), batch)
                });
            }
        }
        let mut ended = None;
        let mut panicked = None;
        let sent = &mut self.sent;
        let joining = async {
            while let Some(done) = workers.join_next().await {
                match done {
                    Ok((player, batch)) => {
                        idle.push(player);
                        sent.requests += batch.requests;
                        ended = ended.take().or(batch.ended);
                        results.extend(batch.results);
                    }
                    Err(panic) => panicked = Some(Stopped::Unplayable(panic.to_string())),
                }
            }
        };
        // Whoever is given up takes its player along; nothing is played any more.
        let joined = self.options.stop.or(joining).await;
        // Whoever is first stays first: some of what it is told holds for what it plays next.
        idle.sort_by_key(|(place, _)| *place);
        self.players = idle.into_iter().map(|(_, player)| player).collect();
        match (joined, panicked.or(ended)) {
            (None, _) => Err(Stopped::Asked),
            (_, Some(stopped)) => Err(stopped),
            (Some(()), None) => Ok(results),
        }
    }
}
