//! A player's share of a round: jobs played one after the other, with a second attempt each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::auth::CredentialState;
use crate::client::{ClientCase, Play, Player};
use crate::observation::{Answer, Outcome};
use crate::wire::{Endpoint, WireFault};

use super::finding::TranscriptEntry;
use super::options::Stop;
use super::table::At;

/// After how many exchanges in a row without a response the implementation is asked whether it is
/// still there.
pub(super) const FAULTS_IN_A_ROW: u32 = 6;

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
}

/// What came of a job.
pub(super) type JobResult = Result<JobSeen, WireFault>;

/// What a player made of its share of a round.
pub(super) struct Share {
    pub(super) results: Vec<(Job, JobResult)>,
    pub(super) requests: u64,
    pub(super) silent: Option<WireFault>,
}

/// Plays a share of jobs, one after the other.
pub(super) async fn play_share(
    mut player: Player,
    jobs: Vec<Job>,
    stop: Stop,
    faults: Arc<AtomicU32>,
) -> (Player, Share) {
    let mut share = Share {
        results: Vec::with_capacity(jobs.len()),
        requests: 0,
        silent: None,
    };
    for job in jobs {
        if stop.is_stopped() {
            break;
        }
        let played = attempt(&mut player, &job.endpoint, &job.client, &faults).await;
        share.requests += played.requests;
        if played.silent.is_some() {
            share.silent = played.silent;
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
    /// Set where the implementation answers nothing at all any more.
    pub(super) silent: Option<WireFault>,
}

/// Plays a client, once more where that gave no response: a fault that does not show again was the
/// network's. `faults` counts those in a row.
pub(super) async fn attempt(
    player: &mut Player,
    endpoint: &Endpoint,
    client: &ClientCase,
    faults: &AtomicU32,
) -> Attempt {
    let mut attempt = Attempt {
        result: player.play(endpoint, client).await,
        requests: 0,
        again: false,
        silent: None,
    };
    if attempt.result.is_err() {
        attempt.requests += 1;
        attempt.again = true;
        attempt.result = player.play(endpoint, client).await;
    }
    match &attempt.result {
        Ok(play) => {
            attempt.requests += play.exchanges.len() as u64;
            faults.store(0, Ordering::Relaxed);
        }
        Err(fault) => {
            attempt.requests += 1;
            // Whoever sends something that cannot be read is there.
            if matches!(fault, WireFault::Malformed { .. }) {
                faults.store(0, Ordering::Relaxed);
            } else if faults.fetch_add(1, Ordering::Relaxed) + 1 >= FAULTS_IN_A_ROW {
                attempt.requests += 2;
                if answers_somebody(player, endpoint).await {
                    faults.store(0, Ordering::Relaxed);
                } else {
                    attempt.silent = Some(fault.clone());
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
