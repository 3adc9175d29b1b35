//! A player's batch of a round: jobs played one after the other, with a second attempt each.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::client::{Play, Player, Repeats, ToldBefore, nonce_for_proofs};
use crate::observation::{Asked, Outcome};
use crate::results::{FAULTS_IN_A_ROW, SLOW_EXCHANGES, Stopped, TranscriptEntry, UNREAD_IN_A_ROW};
use crate::vocabulary::ClientCase;
use crate::wire::{BodyEnd, Endpoint, Irregular, WireFault};

use super::act::Asker;
use super::beside::Beside;
use super::options::Stop;
use super::pulse::Pulse;
use super::table::At;
use super::transcribe::transcribe;
use super::unanswered::{answers_somebody, once_more};

/// Statuses that speak of the server's state and not of the request (RFC 9110 §15.5.9, RFC 6585 §4, RFC 9110
/// §15.6.4).
pub(super) const STATES: [u16; 3] = [408, 429, 503];

/// How often a client is played again whose last answer has one of them.
const ASKED_AGAIN: u32 = 4;

/// On how many connections a client tries that asks beside others.
const AT_ONCE: u32 = 4;

/// After how many such plays in a row without another answer no more are made: the status is this
/// implementation's answer to the request, or will stay for as long as the run takes.
const MOST_IN_VAIN: u32 = 40;

/// What went wrong with exchanges so far, over all players and rounds.
#[derive(Debug, Default)]
pub(super) struct ExchangeFaults {
    in_a_row: AtomicU32,
    unread_in_a_row: AtomicU32,
    slow: AtomicU32,
    /// By the place of the kind among [`Irregular::ALL`].
    irregular: [AtomicU64; Irregular::ALL.len()],
    /// The first bytes that were the answer to no request, in words.
    stray: OnceLock<String>,
    /// Answers with each of [`STATES`], by its place there.
    states: [AtomicU64; STATES.len()],
    /// How many clients got another answer when they were played again for such a one, and how many in a
    /// row did not.
    steadied: AtomicU64,
    in_vain: AtomicU32,
    /// How many clients had their connection closed for an answer, each time.
    unanswered: AtomicU64,
    /// How many clients got a response at their second attempt only, and the first such fault in words.
    mended: AtomicU64,
    mended_first: OnceLock<String>,
    /// Whether [`STATES`] are what upstreams of ours say: then they are answers like any other.
    are_ours: AtomicBool,
}

/// One ask to play: where, who, what comes just before, and which of the caller's cases it is.
pub(super) struct Job {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) who: Asker,
    /// Asks that come just before, so often each.
    pub(super) before: Vec<(Asker, u32)>,
    /// Who is at work meanwhile.
    pub(super) beside: Option<Beside>,
    /// What the asks before were told that others go on with.
    pub(super) told: ToldBefore,
    /// The nonce for proofs that the asks before were told of last.
    pub(super) nonce: Option<String>,
    /// Whether it is a part of a conversation of steps: what is asked there may depend on how often was
    /// asked before, so nothing is asked a second time.
    pub(super) in_course: bool,
    /// The most bytes that are kept of a body.
    pub(super) most_body: usize,
    pub(super) at: At,
    pub(super) slot: usize,
}

/// What was seen of a job.
pub(super) struct JobSeen {
    pub(super) play: Play,
    /// What came of the asks before.
    pub(super) before: Vec<Asked>,
    /// The bytes that went over the wire before.
    pub(super) transcript: Vec<TranscriptEntry>,
    /// Whether it took a second attempt.
    pub(super) again: bool,
    /// Whether an answer has one of [`STATES`], and nobody asked again.
    pub(super) busy: bool,
    /// In how many of several tries it was let in, where it asked beside others.
    pub(super) rate: Option<(u32, u32)>,
    /// The bytes of what one of the others asked first, where it asked beside some.
    pub(super) others: Vec<TranscriptEntry>,
}

/// What came of a job.
pub(super) type JobResult = Result<JobSeen, WireFault>;

/// What a player made of its batch of a round.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) results: Vec<(Job, JobResult)>,
    pub(super) requests: u64,
    pub(super) ended: Option<Stopped>,
}

/// Plays a batch of jobs, one after the other, and begins none behind a time that there may be.
pub(super) async fn play_batch(
    mut player: Player,
    jobs: Vec<Job>,
    (stop, until): (Stop, Option<Instant>),
    faults: Arc<ExchangeFaults>,
    pulse: Pulse,
) -> (Player, Batch) {
    let mut batch = Batch::default();
    for job in jobs {
        if stop.is_stopped() || until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        let played = play_job(&mut player, &job, &faults).await;
        batch.requests += played.requests;
        pulse.worked();
        if played.ended.is_some() {
            batch.ended = played.ended;
            break;
        }
        match played.result {
            Ok(seen) => batch.results.push((job, Ok(seen))),
            Err(fault) => {
                if fault.is_stray() {
                    // Which of the answers before it were to their requests, nobody knows.
                    for (_, result) in &mut batch.results {
                        *result = Err(fault.clone());
                    }
                }
                batch.results.push((job, Err(fault)));
            }
        }
    }
    (player, batch)
}

/// What playing a job came to.
struct Worked {
    result: JobResult,
    requests: u64,
    ended: Option<Stopped>,
}

/// Plays what comes before an ask, and the ask.
async fn play_job(player: &mut Player, job: &Job, faults: &ExchangeFaults) -> Worked {
    let mut worked = Worked {
        result: Err(WireFault::Unsendable {
            why: "nothing was asked".to_owned(),
        }),
        requests: 0,
        ended: None,
    };
    let mut before = Vec::new();
    let mut transcript = Vec::new();
    let (mut again, mut not_applicable, mut busy) = (false, false, false);
    player.once(job.in_course);
    // Who asks the same again and again leaves nothing behind that a guest had not met before.
    let is_alike = { job.before.iter() }.all(|(who, _)| who.client == job.who.client);
    player.repeat(match (job.before.is_empty(), &job.beside) {
        (true, None) if !job.in_course => Repeats::Seldom,
        (false, None) if is_alike => Repeats::Often,
        _ => Repeats::Always,
    });
    player.keep_bodies(job.most_body);
    let nonce = |before: &[Asked]| nonce_for_proofs(before).or_else(|| job.nonce.clone());
    for (who, times) in &job.before {
        for _ in 0..*times {
            tell_of_before(player, job, who, &before);
            player.tell_nonce(nonce(&before));
            let played = attempt(player, job, who, faults).await;
            worked.requests += played.requests;
            worked.ended = played.ended;
            again |= played.again;
            match played.result {
                Ok(play) => {
                    not_applicable |= play.not_applicable;
                    busy |= job.in_course && speaks_of_state(&play);
                    transcript.extend(transcribe(&play));
                    before.push(asked(who, play));
                }
                Err(fault) => {
                    worked.result = Err(fault);
                    return worked;
                }
            }
            if worked.ended.is_some() {
                return worked;
            }
        }
    }
    tell_of_before(player, job, &job.who, &before);
    player.tell_nonce(nonce(&before));
    let (played, rate, others) = match &job.beside {
        Some(beside) => {
            // A program takes too long to be at work beside others.
            let was = player.by_itself(true);
            let attempted = attempt_beside(player, job, beside, faults).await;
            player.by_itself(was);
            attempted
        }
        None => {
            let played = attempt(player, job, &job.who, faults).await;
            (played, None, Vec::new())
        }
    };
    worked.requests += played.requests;
    worked.ended = played.ended;
    worked.result = played.result.map(|mut play| {
        play.not_applicable |= not_applicable;
        busy |= job.in_course && speaks_of_state(&play);
        JobSeen {
            play,
            before,
            transcript,
            again: again || played.again,
            busy,
            rate,
            others,
        }
    });
    worked
}

/// Tells a client that goes on with what the asks before were told what that is.
fn tell_of_before(player: &mut Player, job: &Job, who: &Asker, before: &[Asked]) {
    if ToldBefore::is_for(&who.client) {
        player.tell_of(ToldBefore::by(before).or(&job.told));
    }
}

/// What came of an ask, for whoever comes after it.
pub(super) fn asked(who: &Asker, play: Play) -> Asked {
    Asked {
        client: Arc::clone(&who.record),
        outcome: play.outcome,
        exchanges: play.exchanges,
        events: None,
    }
}

/// What came of the tries on one more connection.
#[derive(Default)]
struct ConnectionTries {
    /// The first play that was let in.
    first: Option<Play>,
    hits: u32,
    requests: u64,
}

/// Plays a client again and again while others ask, until it is let in: what mixes up the log-ins of
/// clients that come at the same time does so now and then.
async fn attempt_beside(
    player: &mut Player,
    job: &Job,
    beside: &Beside,
    faults: &ExchangeFaults,
) -> (Attempt, Option<(u32, u32)>, Vec<TranscriptEntry>) {
    player.hang_up(); // What others left behind on it is not what those at work do.
    let done = Arc::new(AtomicBool::new(false));
    let begun = Arc::new(Semaphore::new(0));
    let mut others = JoinSet::new();
    for _ in 0..beside.clients {
        let mut other = player.another();
        let (endpoint, client) = (Arc::clone(&job.endpoint), Arc::clone(&beside.who.client));
        let (done, begun) = (Arc::clone(&done), Arc::clone(&begun));
        others.spawn(async move {
            let (mut requests, mut first) = (0, None);
            while !done.load(Ordering::Relaxed) {
                let played = other.play(&endpoint, &client).await;
                begun.add_permits(1);
                first = first.or_else(|| played.as_ref().ok().map(transcribe));
                let sent = match &played {
                    Ok(play) => play.exchanges.len() as u64,
                    Err(fault) => u64::from(!fault.is_unsent()),
                };
                if sent == 0 {
                    // It waits for nothing, and nobody else would ever get a turn.
                    break;
                }
                requests += sent;
            }
            (requests, first)
        });
    }
    // Nobody asks beside whoever has not begun. Each has one answer, or a fault, before long.
    let all = begun.acquire_many(beside.clients).await;
    drop(all);
    // The tries are shared out among several connections: what another ask with the same credentials leaves
    // behind may be what lets one in.
    let tries = Arc::new(AtomicU32::new(0));
    let mut more = JoinSet::new();
    // Who asks by itself has nobody at work beside it, itself neither.
    let at_once = if beside.clients == 0 { 1 } else { AT_ONCE };
    for _ in 1..at_once.min(beside.tries) {
        let mut other = player.another();
        let (endpoint, client) = (Arc::clone(&job.endpoint), Arc::clone(&job.who.client));
        let (done, tries, beside) = (Arc::clone(&done), Arc::clone(&tries), beside.clone());
        more.spawn(async move {
            let mut let_in = ConnectionTries::default();
            while !done.load(Ordering::Relaxed) && beside.takes_one(&tries) {
                let played = other.play(&endpoint, &client).await;
                let_in.requests += played
                    .as_ref()
                    .map_or(1, |play| play.exchanges.len() as u64);
                let played = played.ok().filter(|play| play.outcome == Outcome::Accepted);
                let Some(play) = played else { continue };
                let_in.hits += 1;
                let_in.first.get_or_insert(play);
                done.fetch_or(!beside.to_the_end, Ordering::Relaxed);
            }
            let_in
        });
    }
    let (mut hits, mut requests) = (0, 0);
    let mut kept: Option<Attempt> = None;
    while !done.load(Ordering::Relaxed) && beside.takes_one(&tries) {
        let played = attempt(player, job, &job.who, faults).await;
        requests += played.requests;
        let is_over = played.ended.is_some() || played.result.is_err();
        let is_hit = matches!(&played.result, Ok(play) if play.outcome == Outcome::Accepted);
        hits += u32::from(is_hit);
        if kept.is_none() || is_over || (is_hit && hits == 1) {
            kept = Some(played);
        }
        if is_over || (is_hit && !beside.to_the_end) {
            break;
        }
    }
    if kept.as_ref().is_some_and(|kept| kept.result.is_err()) {
        done.store(true, Ordering::Relaxed);
    }
    while let Some(let_in) = more.join_next().await {
        let let_in = let_in.unwrap_or_default();
        requests += let_in.requests;
        if let (0, Some(play), Some(kept)) = (hits, let_in.first, &mut kept)
            && kept.result.is_ok()
        {
            kept.result = Ok(play);
        }
        hits += let_in.hits;
    }
    done.store(true, Ordering::Relaxed);
    let mut shown = None;
    while let Some(asked) = others.join_next().await {
        let (asked, first) = asked.unwrap_or_default();
        requests += asked;
        shown = shown.or(first);
    }
    let tries = tries.load(Ordering::Relaxed).min(beside.tries);
    let kept = kept.unwrap_or(Attempt {
        result: Err(WireFault::Unsendable {
            why: "nothing was tried".to_owned(),
        }),
        requests: 0,
        again: false,
        ended: None,
    });
    let rate = Some((hits, tries));
    (
        Attempt { requests, ..kept },
        rate,
        shown.unwrap_or_default(),
    )
}

/// What playing a client came to.
pub(super) struct Attempt {
    pub(super) result: Result<Play, WireFault>,
    pub(super) requests: u64,
    /// Whether it took a second attempt.
    pub(super) again: bool,
    /// Set where the run must end: nothing is answered any more, or too much too late.
    pub(super) ended: Option<Stopped>,
}

impl ExchangeFaults {
    /// Counts an exchange that ran into a deadline; the last one too many ends the run.
    fn count_slow(&self) -> Option<Stopped> {
        let slow = self.slow.fetch_add(1, Ordering::Relaxed) + 1;
        (slow >= SLOW_EXCHANGES).then_some(Stopped::Slow)
    }

    /// Begins a new row: somebody is there again.
    pub(super) fn forget(&self) {
        self.in_a_row.store(0, Ordering::Relaxed);
        self.unread_in_a_row.store(0, Ordering::Relaxed);
    }

    /// The first bytes that were the answer to no request, in words.
    pub(super) fn stray(&self) -> Option<String> {
        self.stray.get().cloned()
    }

    /// In how many answers each kind of irregularity was met, where it was.
    pub(super) fn irregular(&self) -> Vec<(Irregular, u64)> {
        Irregular::ALL
            .into_iter()
            .zip(&self.irregular)
            .map(|(kind, count)| (kind, count.load(Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// How many answers had each of [`STATES`], and how many clients got another when they were played
    /// again; nothing where no client did.
    pub(super) fn states(&self) -> Option<(Vec<(u16, u64)>, u64)> {
        let steadied = self.steadied.load(Ordering::Relaxed);
        let counts = STATES
            .into_iter()
            .zip(&self.states)
            .map(|(status, count)| (status, count.load(Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0);
        (steadied > 0).then(|| (counts.collect(), steadied))
    }

    /// How many clients got a response at their second attempt only, and the first such fault in words.
    pub(super) fn mended(&self) -> Option<(u64, &str)> {
        let first = self.mended_first.get()?;
        Some((self.mended.load(Ordering::Relaxed), first))
    }

    /// How many clients had their connection closed for an answer, each time.
    pub(super) fn unanswered(&self) -> u64 {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// Counts a client that got a response at its second attempt, behind this fault.
    pub(super) fn mend(&self, first: &WireFault) {
        self.mended.fetch_add(1, Ordering::Relaxed);
        self.mended_first.get_or_init(|| first.to_string());
    }

    /// Whether a client whose last answer has one of [`STATES`] is worth another play.
    pub(super) fn may_steady(&self) -> bool {
        !self.are_ours.load(Ordering::Relaxed)
            && self.in_vain.load(Ordering::Relaxed) < MOST_IN_VAIN
    }

    /// Whether the statuses from now on are what upstreams of ours say.
    pub(super) fn are_ours(&self, are: bool) {
        self.are_ours.store(are, Ordering::Relaxed);
    }

    pub(super) fn steadied(&self, did: bool) {
        if did {
            self.steadied.fetch_add(1, Ordering::Relaxed);
            self.in_vain.store(0, Ordering::Relaxed);
        } else {
            self.in_vain.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts what is to be told of the answers of a play.
    fn count(&self, play: &Play) {
        // What TLS refused is an answer of its kind.
        let unanswered = u64::from(play.is_unanswered() && play.outcome == Outcome::Failed);
        self.unanswered.fetch_add(unanswered, Ordering::Relaxed);
        for exchange in &play.exchanges {
            let status = exchange.answer.response.status;
            if let Some(at) = STATES.iter().position(|one| *one == status)
                && let Some(count) = self.states.get(at)
            {
                count.fetch_add(1, Ordering::Relaxed);
            }
            let irregular = exchange.answer.irregular;
            if irregular.is_empty() {
                continue;
            }
            for (kind, count) in Irregular::ALL.into_iter().zip(&self.irregular) {
                if irregular.iter().any(|one| one == kind) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
}

/// Plays a client, once more where that gave no response: a fault that does not show again was the
/// network's. What is a part of a conversation is played once: only the conversation as a whole can be
/// played once more.
async fn attempt(player: &mut Player, job: &Job, who: &Asker, faults: &ExchangeFaults) -> Attempt {
    let (endpoint, client) = (&job.endpoint, &*who.client);
    let mut attempt = Attempt {
        result: player.play(endpoint, client).await,
        requests: 0,
        again: false,
        ended: None,
    };
    // A stray answer is no accident of the network, and a second attempt would hide it.
    if let Err(first) = &attempt.result
        && !first.is_stray()
        && !job.in_course
    {
        let (second, asked) = once_more(player, endpoint, client, first).await;
        if second.as_ref().is_ok_and(|play| !play.is_unanswered()) {
            faults.mend(first);
        }
        attempt.requests += 1 + asked;
        attempt.again = true;
        attempt.result = second;
    }
    if !job.in_course {
        steady(&mut attempt, player, endpoint, client, faults).await;
    }
    attempt.again |= player.was_sent_twice();
    match &attempt.result {
        Ok(play) => {
            attempt.requests += play.exchanges.len() as u64;
            faults.forget();
            faults.count(play);
            let slow = |end| end == BodyEnd::TooSlow;
            if play
                .exchanges
                .iter()
                .any(|one| slow(one.answer.response.body_end))
            {
                attempt.ended = faults.count_slow();
            }
        }
        Err(fault) => {
            attempt.requests += 1;
            if matches!(fault, WireFault::Deadline { .. }) {
                attempt.ended = faults.count_slow();
            }
            if fault.is_stray() {
                faults.stray.get_or_init(|| fault.to_string());
            }
            // Whoever sends something that cannot be read is there.
            let (row, most) = if fault.shows_life() {
                faults.in_a_row.store(0, Ordering::Relaxed);
                (&faults.unread_in_a_row, UNREAD_IN_A_ROW)
            } else {
                (&faults.in_a_row, FAULTS_IN_A_ROW)
            };
            if row.fetch_add(1, Ordering::Relaxed) + 1 >= most {
                attempt.requests += 2;
                if answers_somebody(player, endpoint).await {
                    faults.forget();
                } else if attempt.ended.is_none() {
                    let shows_life = fault.shows_life();
                    let gone = !matches!(fault, WireFault::Deadline { .. });
                    let fault = fault.to_string();
                    attempt.ended = Some(if shows_life {
                        Stopped::Unread { fault }
                    } else {
                        Stopped::Silent { fault, gone }
                    });
                }
            }
        }
    }
    attempt
}

/// Plays a client again whose last answer speaks of the server's state, until it gets another, but no more than
/// a few times: what a server answers that is busy for a moment is no answer to the request.
async fn steady(
    attempt: &mut Attempt,
    player: &mut Player,
    endpoint: &Endpoint,
    client: &ClientCase,
    faults: &ExchangeFaults,
) {
    for _ in 0..ASKED_AGAIN {
        let Ok(busy) = &attempt.result else {
            return;
        };
        if !speaks_of_state(busy) || !faults.may_steady() {
            return;
        }
        let Ok(again) = player.play(endpoint, client).await else {
            // What is known is more than nothing.
            attempt.requests += 1;
            return;
        };
        faults.count(busy);
        attempt.requests += busy.exchanges.len() as u64;
        attempt.again = true;
        faults.steadied(!speaks_of_state(&again));
        attempt.result = Ok(again);
    }
}

/// Whether the last answer of a play has one of [`STATES`].
fn speaks_of_state(play: &Play) -> bool {
    let last = play.exchanges.last();
    last.is_some_and(|one| STATES.contains(&one.answer.response.status))
}
