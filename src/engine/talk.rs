//! Conversations that are played by themselves, each in a slot of its own: step by step, several side by
//! side.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::client::{ToldBefore, nonce_for_proofs};
use crate::domain::{Case, Setting};
use crate::implementation::{Placement, SettingsEdit};
use crate::observation::{Answer, Asked, LoggedEvent, SetupFault};
use crate::results::{SentSoFar, Stopped, TranscriptEntry};
use crate::wire::{Care, Endpoint, WireFault};

use super::act::{Act, Asker, acts_of};
use super::alone::{NotPlayed, PlayedAlone};
use super::batch::{Job, JobSeen, asked};
use super::beside::Beside;
use super::bodies::Bodies;
use super::lab::Lab;
use super::table::{At, Played, Seen, Table, Watched};
use super::transcribe::transcribe;
use super::watching::Logged;

/// A conversation to be played.
#[derive(Clone)]
pub(super) struct Talk {
    pub(super) setting: Arc<Setting>,
    pub(super) acts: Arc<[Act]>,
    pub(super) client: Asker,
    /// The most bytes that are kept of a body.
    pub(super) most_body: usize,
}

/// What came of a conversation.
pub(super) enum Talked {
    Seen(Box<PlayedAlone>),
    /// A client had no occasion to be what the case says.
    NotApplicable(Option<Cow<'static, str>>),
    /// The implementation cannot express the setting, or what it is edited to.
    Unsupported(String),
    /// An exchange gave no response.
    Fault(WireFault),
    /// The time was up before its last ask.
    NotBegun,
}

/// Where a conversation stands.
#[derive(Default)]
struct ConversationState {
    endpoint: Option<Arc<Endpoint>>,
    ended: Option<Talked>,
    before: Vec<Asked>,
    transcript: Vec<TranscriptEntry>,
    beside: Option<Beside>,
    not_applicable: bool,
    undone: Option<Cow<'static, str>>,
    unsettled: Unsettled,
}

/// Why what came of a conversation may be another thing the next time.
#[derive(Clone, Copy, Debug, Default)]
struct Unsettled {
    /// An answer in it speaks of the server's state and not of the request.
    is_busy: bool,
    /// An auth service or a backend of ours was given up on before it could answer.
    is_given_up: bool,
}

/// What came of a conversation, and why that may be another thing the next time.
type Came = (Talked, Unsettled);

impl Talked {
    /// Writes it into a table.
    fn put_into(self, table: &mut Table<'_>, at: At) {
        let played = match self {
            Self::Seen(witnessed) => Played::Seen(witnessed.seen),
            Self::NotApplicable(why) => {
                if let Some(why) = why {
                    table.note_undone(why.into_owned());
                }
                Played::NotApplicable
            }
            Self::Unsupported(reason) => {
                table.note_undone(format!("the implementation cannot express it ({reason})"));
                Played::NotApplicable
            }
            Self::Fault(fault) => Played::Fault(Arc::new(fault)),
            Self::NotBegun => return,
        };
        table.set_played(at, played);
    }
}

/// The conversations at these places of a table.
fn talks_at(table: &Table<'_>, bodies: &Bodies, chunk: &[At]) -> (Vec<At>, Vec<Talk>) {
    let talk = |at: &At| {
        let setting = table.settings.get(at.setting)?;
        let conversation = table.conversations.get(at.conversation)?;
        let talk = Talk {
            setting: Arc::clone(&setting.value),
            acts: Arc::clone(&conversation.acts),
            client: conversation.client.clone(),
            most_body: bodies.most_at(table, *at),
        };
        Some((*at, talk))
    };
    chunk.iter().filter_map(talk).unzip()
}

impl Lab<'_> {
    /// Plays one case by itself, with the bytes and with its events.
    pub(crate) async fn play_alone(
        &mut self,
        case: &Case,
    ) -> Result<Result<PlayedAlone, NotPlayed>, Stopped> {
        let conversation = case.conversation();
        let (acts, client) = acts_of(&conversation).map_err(Stopped::Unplayable)?;
        let talk = Talk {
            setting: Arc::new(case.setting()),
            acts,
            client,
            most_body: self.bodies.most_alone(),
        };
        let talks = [talk];
        let played = self.converse(&talks, true).await;
        let mut played = match played {
            Err(Stopped::Silent { gone: true, .. }) if self.came_back().await => {
                let played = self.converse(&talks, true).await;
                self.came_back_in_vain(matches!(played, Err(Stopped::Silent { .. })));
                played?
            }
            played => played?,
        };
        Ok(match played.pop() {
            Some(Talked::Seen(witnessed)) => Ok(*witnessed),
            Some(Talked::NotApplicable(_)) => Err(NotPlayed::Unsupported(
                "the client never came to send what its case is about: nothing asked for it"
                    .to_owned(),
            )),
            Some(Talked::Unsupported(reason)) => Err(NotPlayed::Unsupported(reason)),
            Some(Talked::Fault(fault)) => Err(NotPlayed::Fault(fault.to_string())),
            Some(Talked::NotBegun) | None => {
                Err(NotPlayed::Fault("nothing was exchanged".to_owned()))
            }
        })
    }

    /// Plays conversations that share no slot with others, and writes what was seen into a table.
    pub(super) async fn fill_apart(
        &mut self,
        table: &mut Table<'_>,
        chunk: &[At],
    ) -> Result<(), Stopped> {
        let (places, talks) = talks_at(table, &self.bodies, chunk);
        let talked = self.converse(&talks, false).await?;
        for (at, talked) in places.into_iter().zip(talked) {
            talked.put_into(table, at);
        }
        Ok(())
    }

    /// Plays conversations a second time, as a whole and each in a slot of its own, that shared one with others
    /// and ran into a fault there, or met a server that was busy.
    pub(super) async fn fill_once_more(
        &mut self,
        table: &mut Table<'_>,
        chunk: &[At],
    ) -> Result<(), Stopped> {
        let (places, talks) = talks_at(table, &self.bodies, chunk);
        let second = self.converse_anew(&talks, false).await?;
        for (at, second) in places.into_iter().zip(second) {
            let fault = match table.played(at) {
                Some(Played::Fault(fault)) => Some(Arc::clone(fault)),
                _ => None,
            };
            if let Some(talked) = self.settled(fault.as_deref(), second) {
                talked.put_into(table, at);
            }
        }
        Ok(())
    }

    /// Plays cases once more, each in a slot and on a connection of its own, so that nothing came before them.
    pub(super) async fn fill_by_itself(
        &mut self,
        table: &mut Table<'_>,
        cases: &[At],
    ) -> Result<(), Stopped> {
        let slots = self.slots();
        for chunk in cases.chunks(slots) {
            let (places, talks) = talks_at(table, &self.bodies, chunk);
            let played = self.converse_anew(&talks, false).await?;
            for (at, (talked, _)) in places.into_iter().zip(played) {
                if let Talked::Seen(witnessed) = talked {
                    table.set_by_itself(at, Played::Seen(witnessed.seen));
                }
            }
        }
        Ok(())
    }

    /// Plays conversations side by side, one in each slot, and those once more as a whole, under a new
    /// installation, in which an exchange gave no response, or an answer speaks of the server's state: a request
    /// that is sent a second time by itself would be one too many for whoever counts them.
    pub(super) async fn converse(
        &mut self,
        talks: &[Talk],
        record: bool,
    ) -> Result<Vec<Talked>, Stopped> {
        let mut came = self.converse_once(talks, record).await?;
        let may_steady = self.faults.may_steady();
        let is_unsettled = |(talked, why): &Came| match talked {
            Talked::Fault(fault) => !fault.is_stray(),
            _ => why.is_busy && may_steady,
        };
        let (mut again, mut anew) = (Vec::new(), Vec::new());
        for (at, (talk, came)) in talks.iter().zip(&came).enumerate() {
            let is_given_up = came.1.is_given_up;
            if (!talk.acts.is_empty() && is_unsettled(came)) || is_given_up {
                again.push(at);
                anew.push(talk.clone());
            }
        }
        if !anew.is_empty() {
            let second = self.converse_anew(&anew, record).await?;
            for (at, second) in again.into_iter().zip(second) {
                let Some((first, _)) = came.get_mut(at) else {
                    continue;
                };
                let fault = match first {
                    Talked::Fault(fault) => Some(&*fault),
                    _ => None,
                };
                if let Some(settled) = self.settled(fault, second) {
                    *first = settled;
                }
            }
        }
        Ok(came.into_iter().map(|(talked, _)| talked).collect())
    }

    /// Plays conversations with a connection for each exchange, so that none is lost with a connection that
    /// somebody let go of.
    async fn converse_anew(&mut self, talks: &[Talk], record: bool) -> Result<Vec<Came>, Stopped> {
        for player in &mut self.players {
            player.anew(true);
            player.heed_closing(true);
        }
        let came = self.converse_once(talks, record).await;
        for (place, player) in self.players.iter_mut().enumerate() {
            player.heed_closing(false);
            player.anew(self.always_anew || (self.anew && place == 0));
        }
        came
    }

    /// What a conversation came to that was played twice: the second time counts, save where the first had an
    /// answer and the second none. With the fault of the first time, where there was one.
    fn settled(&self, fault: Option<&WireFault>, (second, why): Came) -> Option<Talked> {
        match (fault, &second) {
            (None, Talked::Fault(_)) => return None,
            // It was played again for what its state was.
            (None, _) if self.faults.may_steady() => self.faults.steadied(!why.is_busy),
            (None, _) => {}
            (Some(_), Talked::Fault(_)) => {}
            (Some(_), Talked::Seen(witnessed)) if witnessed.seen.answer.is_missing() => {}
            (Some(first), _) => self.faults.mend(first),
        }
        Some(second)
    }

    /// Plays conversations side by side, one in each slot, in steps: who asks, asks when all have come so
    /// far. What is edited is edited for all at once, so they must agree on when that is. With `record`,
    /// answers with the bytes, and has whoever asks beside others ask to the end.
    async fn converse_once(&mut self, talks: &[Talk], record: bool) -> Result<Vec<Came>, Stopped> {
        if self.options.stop.is_stopped() {
            return Err(Stopped::Asked);
        }
        let mut standing: Vec<ConversationState> = talks
            .iter()
            .map(|talk| ConversationState {
                ended: self
                    .not_for_guests(talk)
                    .map(|why| Talked::NotApplicable(Some(why.into()))),
                ..ConversationState::default()
            })
            .collect();
        let mut settings: Vec<Arc<Setting>> =
            talks.iter().map(|talk| Arc::clone(&talk.setting)).collect();
        self.put(&settings, None, &mut standing).await?;
        let mut logged = Logged::default();
        let longest = talks.iter().map(|talk| talk.acts.len()).max().unwrap_or(0);
        for at in 0..=longest {
            let mut edited = vec![Vec::new(); talks.len()];
            let mut seconds = 0;
            let each = talks.iter().zip(&standing);
            for (((talk, standing), setting), edited) in each.zip(&mut settings).zip(&mut edited) {
                match talk.acts.get(at) {
                    // Nobody waits for what has ended, such as where its policy cannot be expressed.
                    Some(Act::Wait(_)) if standing.ended.is_some() => {}
                    Some(Act::Edit(edits)) => {
                        *setting = Arc::new(setting.edited(edits));
                        edited.clone_from(edits);
                    }
                    Some(Act::Wait(so_many)) => seconds = seconds.max(*so_many),
                    _ => {}
                }
            }
            if edited.iter().any(|edits| !edits.is_empty()) {
                let edit = SettingsEdit {
                    of: self.generation,
                    slots: edited,
                };
                self.put(&settings, Some(edit), &mut standing).await?;
                logged = Logged::default();
            }
            if seconds > 0 {
                let waiting = tokio::time::sleep(Duration::from_secs(u64::from(seconds)));
                if self.options.stop.or(waiting).await.is_none() {
                    return Err(Stopped::Asked);
                }
            }
            let mut jobs = Vec::new();
            for (slot, (talk, standing)) in talks.iter().zip(&mut standing).enumerate() {
                jobs.extend(standing.job(talk, at, slot, record));
            }
            let results = self.play_all(jobs, record).await?;
            if record {
                self.still_welcome()?;
            }
            let mut happened = self.watch(&mut logged, &results).await?;
            for (job, result) in results {
                self.sent.wrong += u64::from(job.who.is_wrong());
                let (Some(talk), Some(standing)) =
                    (talks.get(job.slot), standing.get_mut(job.slot))
                else {
                    continue;
                };
                standing.unsettled.is_given_up |=
                    { happened.get(&job.slot) }.is_some_and(|seen| seen.is_given_up);
                let seen = match result {
                    Ok(seen) => seen,
                    Err(fault) => {
                        standing.ended = Some(Talked::Fault(fault));
                        continue;
                    }
                };
                standing.unsettled.is_busy |= seen.busy;
                let watched = self.seen_in(job.slot, seen.again, &mut happened);
                if at == talk.acts.len() {
                    let sent = self.sent;
                    standing.end(seen, watched, sent, !talk.acts.is_empty());
                } else {
                    standing.go_on(&job, seen, watched.events, &talk.client);
                }
            }
        }
        let ended = standing.into_iter().map(|one| {
            let ended = one.ended;
            let ended = ended.unwrap_or(Talked::NotBegun);
            (ended, one.unsettled)
        });
        Ok(ended.collect())
    }

    /// Why a conversation is not for a server that other people use: many ask it at once, or it is edited.
    fn not_for_guests(&self, talk: &Talk) -> Option<&'static str> {
        self.care.as_ref()?;
        talk.acts.iter().find_map(|act| match act {
            Act::Beside { .. } => Some("a deployed endpoint is not asked by many at once"),
            Act::Edit(_) => Some("a deployed endpoint is not edited"),
            Act::Wait(_) => Some("a deployed endpoint is not waited for"),
            Act::Ask(..) => None,
        })
    }

    /// Makes sure that what is run again was run again: else a finding would look unsteady that only was not
    /// asked for.
    fn still_welcome(&self) -> Result<(), Stopped> {
        match self.care.as_ref().and_then(Care::is_short) {
            None => Ok(()),
            Some(why) => Err(Stopped::Setup(SetupFault {
                doing: "run a finding again".to_owned(),
                why: why.to_owned(),
                remedy: None,
            })),
        }
    }

    /// Whether what ended the look into a failure is that it could not be run again, so that others may be looked into.
    pub(super) fn take_unwelcome(&self) -> bool {
        let short = self.care.as_ref().and_then(Care::take_short);
        short.is_some()
    }

    /// Installs settings, one per slot, and takes note of where each is in force.
    async fn put(
        &mut self,
        settings: &[Arc<Setting>],
        edit_of: Option<SettingsEdit>,
        standing: &mut [ConversationState],
    ) -> Result<(), Stopped> {
        let placements = self.install(settings, edit_of).await?;
        for (standing, placement) in standing.iter_mut().zip(placements) {
            match placement {
                Placement::Endpoint(endpoint) => {
                    self.met_at = Some(endpoint.clone());
                    standing.endpoint = Some(Arc::new(endpoint));
                }
                Placement::Unsupported(reason) => {
                    standing.endpoint = None;
                    standing.ended.get_or_insert(Talked::Unsupported(reason));
                }
            }
        }
        Ok(())
    }
}

impl ConversationState {
    /// Who asks at a step, if anybody does.
    fn job(&mut self, talk: &Talk, at: usize, slot: usize, to_the_end: bool) -> Option<Job> {
        if self.ended.is_some() {
            return None;
        }
        let (who, times) = match talk.acts.get(at) {
            Some(Act::Ask(who, times)) => (who, *times),
            Some(Act::Beside {
                who,
                clients,
                tries,
            }) => {
                self.beside = Some(Beside {
                    who: who.clone(),
                    clients: *clients,
                    tries: *tries,
                    to_the_end,
                });
                return None;
            }
            None if at == talk.acts.len() => (&talk.client, 1),
            _ => return None,
        };
        let endpoint = self.endpoint.clone()?;
        // How often somebody gets in is told of whoever asks last.
        let is_last = at == talk.acts.len();
        let beside = self.beside.take().map(|beside| Beside {
            to_the_end: beside.to_the_end && is_last,
            ..beside
        });
        Some(Job {
            endpoint,
            who: who.clone(),
            before: match times {
                0 | 1 => Vec::new(),
                times => vec![(who.clone(), times - 1)],
            },
            beside,
            told: ToldBefore::by(&self.before),
            nonce: nonce_for_proofs(&self.before),
            in_course: !talk.acts.is_empty(),
            most_body: talk.most_body,
            at: At {
                setting: 0,
                conversation: 0,
            },
            slot,
        })
    }

    /// Takes note of an ask that is not the last.
    fn go_on(
        &mut self,
        job: &Job,
        seen: JobSeen,
        events: Option<Arc<[LoggedEvent]>>,
        last: &Asker,
    ) {
        if seen.play.is_unanswered() {
            self.ended = Some(unanswered());
            return;
        }
        self.not_applicable |= seen.play.not_applicable;
        self.undone = self.undone.take().or(seen.play.undone.clone());
        self.transcript.extend(seen.others);
        // What the last client asks is shown once.
        if job.who.record != last.record {
            self.transcript.extend(seen.transcript);
            self.transcript.extend(transcribe(&seen.play));
        }
        self.before.extend(seen.before);
        self.before.push(Asked {
            events,
            ..asked(&job.who, seen.play)
        });
    }

    /// Takes note of the last ask.
    fn end(&mut self, mut seen: JobSeen, watched: Watched, sent: SentSoFar, in_course: bool) {
        seen.play.not_applicable |= self.not_applicable;
        let undone = seen.play.undone.clone().or(self.undone.take());
        let mut transcript = std::mem::take(&mut self.transcript);
        transcript.extend(std::mem::take(&mut seen.others));
        transcript.extend(transcribe(&seen.play));
        let answers: Vec<Arc<Answer>> = (seen.play.exchanges.iter())
            .map(|one| Arc::clone(&one.answer))
            .collect();
        let before = std::mem::take(&mut self.before);
        if in_course {
            // An ask before that was lost leaves the last with nothing to stand on; and where nobody is answered,
            // nobody may be there. Whoever asks without steps before was looked after.
            let mut all = (before.iter().chain(&seen.before)).flat_map(|asked| &asked.exchanges);
            let is_lost = all.any(|one| one.answer.is_missing());
            let is_first = before.is_empty() && seen.play.exchanges.len() == 1;
            if is_lost || (is_first && seen.play.is_unanswered()) {
                self.ended = Some(unanswered());
                return;
            }
        }
        let seen = Seen::new(seen.play, before, watched, seen.rate, sent);
        self.ended = Some(match seen {
            Some(seen) => Talked::Seen(Box::new(PlayedAlone {
                seen,
                transcript,
                answers,
            })),
            None => Talked::NotApplicable(undone),
        });
    }
}

/// That a conversation came to nothing, for want of an answer.
fn unanswered() -> Talked {
    let received = Vec::new();
    Talked::Fault(WireFault::Closed { received })
}
