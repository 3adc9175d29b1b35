//! What a program was seen to do before: where it would see the same answers, its requests are sent again in its place.
//!
//! A program knows of an implementation what it is answered, and nothing else. A run installs thousands of policies of
//! which most are answered alike, and a play costs what a process costs. So what it did is kept, request by answer, and
//! the next time its requests are sent one by one for as long as the answers are the ones that it saw; where one is
//! not, the program itself is asked. What confirms a finding is played by the program each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::player::{MOST_REQUESTS, Play, Player};
use crate::credentials::{Identity, Scheme};
use crate::observation::{Answer, Exchange};
use crate::vocabulary::{ClientCase, Persona};
use crate::wire::{Endpoint, FieldLine, PreparedRequest, Risk, WireFault};

/// The most plays that are kept of one client.
const MOST_KEPT: usize = 256;

/// Who plays as whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct As {
    persona: Persona,
    scheme: Scheme,
    user: String,
    token: Option<String>,
}

impl As {
    fn of(client: &ClientCase, identity: &Identity) -> Self {
        let token = identity.tokens.first();
        Self {
            persona: client.persona,
            scheme: client.scheme,
            user: identity.user.clone(),
            token: token.map(|token| token.value.clone()),
        }
    }
}

/// The plays of programs that were seen.
#[derive(Debug, Default)]
pub struct Remembered(Mutex<HashMap<As, Vec<Arc<[Exchange]>>>>);

impl Remembered {
    /// Keeps a play. Credentials that are bound to one answer are good for no other, and are not kept.
    pub(super) fn keep(&self, client: &ClientCase, identity: &Identity, play: &Play) {
        if client.scheme.is_bound() || play.exchanges.is_empty() {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(As::of(client, identity)).or_default();
        if known.len() < MOST_KEPT {
            known.push(play.exchanges.clone().into());
        }
    }

    fn of(&self, client: &ClientCase, identity: &Identity) -> Vec<Arc<[Exchange]>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&As::of(client, identity));
        found.cloned().unwrap_or_default()
    }
}

/// Whether an answer is another in all that a program sees, but for when it was given.
fn is_same(one: &Answer, other: &Answer) -> bool {
    let (one, other) = (&one.response, &other.response);
    let timeless = |line: &&FieldLine| !line.name.eq_ignore_ascii_case("Date");
    one.status == other.status && one.body == other.body && { one.fields.iter() }
        .filter(timeless)
        .eq(other.fields.iter().filter(timeless))
}

impl Player {
    /// Sends what a program sent before, for as long as it is answered as then; nothing where it is not.
    pub(super) async fn play_as_before(
        &mut self,
        remembered: &Remembered,
        (endpoint, client, identity): (&Endpoint, &ClientCase, &Identity),
    ) -> Result<Option<Play>, WireFault> {
        let mut known = remembered.of(client, identity);
        let mut play = Play::begun();
        while play.exchanges.len() < MOST_REQUESTS {
            let at = play.exchanges.len();
            let Some(first) = known.first() else {
                return Ok(None);
            };
            let Some(next) = first.get(at) else {
                return Ok(Some(play));
            };
            let request = PreparedRequest::new(Arc::clone(&next.request))?;
            let sent = self.step(endpoint, &request, (client, Risk::Bare), &mut play);
            if sent.await?.is_err() {
                return Ok(None);
            }
            let Some(exchange) = play.exchanges.last() else {
                return Ok(None);
            };
            // Which of several plays with the same answers so far goes on does not matter: they differ in what is drawn
            // by chance, such as the number of a request.
            known.retain(|one| {
                let then = one.get(at);
                then.is_some_and(|then| is_same(&then.answer, &exchange.answer))
            });
        }
        Ok(None)
    }
}
