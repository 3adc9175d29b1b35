//! Looking inside an implementation behind each round: its audit events, and what reached the backend.

use std::collections::HashMap;

use crate::observation::LoggedEvent;
use crate::results::Stopped;

use super::lab::Lab;
use super::table::Watched;
use super::watching::{Happened, Logged, Watching};

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

    /// What happened inside since the last look, by slot.
    pub(super) async fn watch(
        &mut self,
        logged: &mut Logged,
    ) -> Result<HashMap<usize, Happened>, Stopped> {
        let mut happened: HashMap<usize, Happened> = HashMap::new();
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
