//! A player's share of a round: jobs played one after the other, with a second attempt each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::auth::CredentialState;
use crate::client::{ClientCase, Play, Player};
use crate::observation::{Answer, Outcome};
use crate::wire::{BodyEnd, Endpoint, WireFault};

use super::finding::TranscriptEntry;
use super::options::Stop;
use super::pulse::Pulse;
use super::stopped::Stopped;
use super::table::At;

/// After how many exchanges in a row without a response the implementation is asked whether it is
/// still there.
pub(super) const FAULTS_IN_A_ROW: u32 = 6;

/// After how many exchanges that ran into a deadline a run ends: each costs seconds, and a client that
/// always hangs would cost them for every one of its cases.
pub(super) const SLOW_EXCHANGES: u32 = 60;

/// What went without a response so far, over all players and rounds.
#[derive(Debug, Default)]
pub(super) struct Faults {
    in_a_row: AtomicU32,
    slow: AtomicU32,
}

/// One case to play: where, who, and which of the caller's cases it is.
pub(super) struct Job {
    pub(super) endpoint: Endpoint,
    pub(super) client: Arc<ClientCase>,
    pub(super) at: At,
    pub(super) slot: usize,
}

/// What was seen of a job.
pub(super) struct JobSeen {
    pub(super) outcome: Outcome,
    pub(super) answer: Arc<Answer>,
    /// Whether it took a second attempt.
    pub(super) again: bool,
    /// As [`Play::moot`].
    pub(super) moot: bool,
}

/// What came of a job.
pub(super) type JobResult = Result<JobSeen, WireFault>;

/// What a player made of its share of a round.
pub(super) struct Share {
    pub(super) results: Vec<(Job, JobResult)>,
    pub(super) requests: u64,
    pub(super) ended: Option<Stopped>,
}

/// Plays a share of jobs, one after the other.
pub(super) async fn play_share(
    mut player: Player,
    jobs: Vec<Job>,
    stop: Stop,
    faults: Arc<Faults>,
    pulse: Pulse,
) -> (Player, Share) {
    let mut share = Share {
        results: Vec::with_capacity(jobs.len()),
        requests: 0,
        ended: None,
    };
    for job in jobs {
        if stop.is_stopped() {
            break;
        }
        let played = attempt(&mut player, &job.endpoint, &job.client, &faults).await;
        share.requests += played.requests;
        pulse.worked();
        if played.ended.is_some() {
            share.ended = played.ended;
            break;
        }
        match played.result {
            Ok(play) => {
                let last = play.exchanges.into_iter().next_back();
                if let Some(exchange) = last {
                    let seen = JobSeen {
                        outcome: play.outcome,
                        answer: exchange.answer,
                        again: played.again,
                        moot: play.moot,
                    };
                    share.results.push((job, Ok(seen)));
                }
            }
            Err(fault) => share.results.push((job, Err(fault))),
        }
    }
    (player, share)
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

impl Faults {
    /// Counts an exchange that ran into a deadline; the last one too many ends the run.
    fn count_slow(&self) -> Option<Stopped> {
        let slow = self.slow.fetch_add(1, Ordering::Relaxed) + 1;
        (slow >= SLOW_EXCHANGES).then_some(Stopped::Slow)
    }
}

/// Plays a client, once more where that gave no response: a fault that does not show again was the
/// network's.
pub(super) async fn attempt(
    player: &mut Player,
    endpoint: &Endpoint,
    client: &ClientCase,
    faults: &Faults,
) -> Attempt {
    let mut attempt = Attempt {
        result: player.play(endpoint, client).await,
        requests: 0,
        again: false,
        ended: None,
    };
    if attempt.result.is_err() {
        attempt.requests += 1;
        attempt.again = true;
        attempt.result = player.play(endpoint, client).await;
    }
    match &attempt.result {
        Ok(play) => {
            attempt.requests += play.exchanges.len() as u64;
            faults.in_a_row.store(0, Ordering::Relaxed);
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
            // Whoever sends something that cannot be read is there.
            if matches!(fault, WireFault::Malformed { .. }) {
                faults.in_a_row.store(0, Ordering::Relaxed);
            } else if faults.in_a_row.fetch_add(1, Ordering::Relaxed) + 1 >= FAULTS_IN_A_ROW {
                attempt.requests += 2;
                if answers_somebody(player, endpoint).await {
                    faults.in_a_row.store(0, Ordering::Relaxed);
                } else {
                    attempt.ended = Some(Stopped::Silent {
                        fault: fault.to_string(),
                    });
                }
            }
        }
    }
    attempt
}

/// Whether one of the simplest clients gets any response. A row of cases that all go without one may
/// have something in common that this implementation chokes on; that does not mean that it is gone.
async fn answers_somebody(player: &mut Player, endpoint: &Endpoint) -> bool {
    for credential in [CredentialState::None, CredentialState::Valid] {
        let client = ClientCase {
            credential,
            ..ClientCase::default()
        };
        if player.play(endpoint, &client).await.is_ok() {
            return true;
        }
    }
    false
}

/// The exchanges of a play as bytes.
pub(super) fn transcribe(play: &Play) -> Vec<TranscriptEntry> {
    let nothing = Vec::new();
    play.exchanges
        .iter()
        .enumerate()
        .map(|(index, exchange)| TranscriptEntry {
            sent: play.sent.get(index).unwrap_or(&nothing).clone(),
            head: exchange.answer.response.head.clone(),
            body: exchange.answer.response.body.clone(),
        })
        .collect()
}
