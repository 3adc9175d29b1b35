//! Who is played, and what is kept of what was asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::conduct::{USER, UpstreamAnswer, UpstreamConduct};
use super::kept::ReachedSoFar;
use super::message::UpstreamRequest;
use crate::observation::{Arrival, Upstream};

/// The longest that a silent service keeps whoever waits for it.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

/// Who is played in which slot.
#[derive(Debug)]
pub(super) struct PlayedUpstream {
    pub(super) slot: usize,
    pub(super) at: Upstream,
    pub(super) conduct: UpstreamConduct,
    /// Whether it is asked by gRPC, and understands nothing else.
    pub(super) by_grpc: bool,
    pub(super) reached: Arc<Mutex<ReachedSoFar>>,
}

impl PlayedUpstream {
    /// Keeps a request, with what is answered.
    pub(super) fn keep(&self, asked: &UpstreamRequest, told: Option<&UpstreamAnswer>) {
        let user = match self.at {
            Upstream::Backend => asked.lines(USER).next(),
            Upstream::AuthService => None,
        };
        let answered = told.map_or(&[][..], |told| &told.fields);
        let arrival = Arrival {
            slot: self.slot,
            at: self.at,
            method: asked.method.clone(),
            target: asked.target.clone(),
            user: user.map(|user| String::from_utf8_lossy(user).into_owned()),
            authorization: asked.lines("authorization").next().is_some(),
            seen: Some(Arc::new(asked.seen(told.map(|told| told.status), answered))),
        };
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.push(arrival);
    }

    /// Takes note that whoever asked had gone before an answer could be sent: it waits for less long than it took to come
    /// to this request, as where a machine has too much to do.
    pub(super) fn was_given_up(&self) {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.given_up.insert(self.slot);
    }
}
