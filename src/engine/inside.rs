//! Looking inside an implementation behind each round: its audit events, and what reached the backend.

use std::collections::HashMap;

use crate::observation::LoggedEvent;
use crate::results::Stopped;

use super::batch::{Job, JobResult};
use super::lab::Lab;
use super::table::Watched;
use super::watching::{Happened, Logged, Watching};

/// How often what an auth service or a backend of ours was given up on for is played again, in a run.
const MOST_GIVEN_UP: u64 = 400;

impl Lab<'_> {
    /// Slot of every audit event with what is looked at of it, of this generation behind the first `known`.
    pub(super) async fn events_since(
        &mut self,
        known: usize,
    ) -> Result<Vec<(usize, LoggedEvent)>, Stopped> {
        let asking = self.implementation.events_after(self.generation, known);
        let asking = tokio::time::timeout(self.setup_deadline, asking);
        let events = match self.options.stop.or(asking).await {
            Some(Ok(result)) => result?,
            Some(Err(_)) => return Err(self.too_slow("read the audit events")),
            None => return Err(Stopped::Asked),
        };
        Ok(events
            .into_iter()
            .map(|event| {
                let slot = event.slot;
                let event = match self.watching.log {
                    true => LoggedEvent::from(event),
                    false => LoggedEvent::named(event.name),
                };
                (slot, event)
            })
            .collect())
    }

    /// What happened inside since the last look, by slot, where this was answered meanwhile.
    pub(super) async fn watch(
        &mut self,
        logged: &mut Logged,
        answered: &[(Job, JobResult)],
    ) -> Result<HashMap<usize, Happened>, Stopped> {
        let mut happened: HashMap<usize, Happened> = HashMap::new();
        if let Some(upstreams) = &self.upstreams {
            upstreams.settle(&in_doubt(answered)).await;
            for slot in upstreams.take_given_up() {
                self.given_up += 1;
                // Whoever never waits gains nothing by being asked again.
                happened.entry(slot).or_default().is_given_up = self.given_up <= MOST_GIVEN_UP;
            }
        }
        if self.watching.events {
            let new = self.events_since(logged.events).await?;
            logged.events += new.len();
            for (slot, event) in new {
                happened.entry(slot).or_default().events.push(event);
            }
        }
        if self.watching.arrivals
            && let Some(upstreams) = &self.upstreams
        {
            let new = upstreams.arrivals_after(logged.arrivals)?;
            logged.arrivals += new.len();
            for arrival in new {
                let of_slot = happened.entry(arrival.slot).or_default();
                of_slot.arrivals.push(arrival);
            }
        } else if self.watching.arrivals && self.implementation.description().arrivals {
            let asking = self
                .implementation
                .arrivals_after(self.generation, logged.arrivals);
            let asking = tokio::time::timeout(self.setup_deadline, asking);
            let new = match self.options.stop.or(asking).await {
                Some(Ok(result)) => result?,
                Some(Err(_)) => return Err(self.too_slow("read what reached the backend")),
                None => return Err(Stopped::Asked),
            };
            logged.arrivals += new.len();
            for arrival in new {
                let of_slot = happened.entry(arrival.slot).or_default();
                of_slot.arrivals.push(arrival);
            }
        }
        Ok(happened)
    }

    /// Whether it is known what reaches the server behind: Countersign is that server, or is told.
    fn tells_arrivals(&self) -> bool {
        self.upstreams.is_some() || self.implementation.description().arrivals
    }

    /// What happened in a slot, for the one client that asked there. Behind a second attempt nobody knows
    /// which of the two it belongs to.
    pub(super) fn seen_in(
        &mut self,
        slot: usize,
        again: bool,
        happened: &mut HashMap<usize, Happened>,
    ) -> Watched {
        if again {
            return Watched::default();
        }
        let happened = happened.remove(&slot).unwrap_or_default();
        let Watching {
            events, arrivals, ..
        } = self.watching;
        Watched {
            events: events.then(|| self.shared_events.share(happened.events)),
            arrivals: (arrivals && self.tells_arrivals()).then(|| happened.arrivals.into()),
        }
    }
}

/// The slots of which what was answered does not say that the auth service and the backend have read what was sent to
/// them: a server that gave up on one of them says 5xx, or nothing.
fn in_doubt(answered: &[(Job, JobResult)]) -> Vec<usize> {
    let is_in_doubt = |result: &JobResult| match result {
        Ok(seen) => {
            let last = seen.play.exchanges.last();
            last.is_none_or(|last| last.answer.response.status >= 500)
        }
        Err(_) => true,
    };
    let all = answered.iter();
    let doubtful = all.filter(|(_, result)| is_in_doubt(result));
    doubtful.map(|(job, _)| job.slot).collect()
}
