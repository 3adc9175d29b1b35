//! Which jobs of a round are played by the same player.

use super::batch::Job;

/// Shares jobs out among players, as they come; with `in_order` those of a slot go to one of them.
pub(super) fn batches(jobs: Vec<Job>, players: usize, in_order: bool) -> Vec<Vec<Job>> {
    let most = jobs.len().div_ceil(players.max(1)).max(1);
    let mut batches: Vec<Vec<Job>> = Vec::new();
    for job in jobs {
        let goes_on = |batch: &Vec<Job>| {
            let is_beside = batch.last().is_some_and(|last| last.slot == job.slot);
            batch.len() < most || (in_order && is_beside)
        };
        match batches.last_mut().filter(|batch| goes_on(batch)) {
            Some(batch) => batch.push(job),
            None => batches.push(vec![job]),
        }
    }
    batches
}
