//! What programs were seen to do: kept request by answer, for where they would see the same answers again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::credentials::{Identity, Scheme};
use crate::observation::Exchange;
use crate::vocabulary::{ClientCase, Persona};

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
            token: token.map(|token| token.value.expose().to_owned()),
        }
    }
}

/// The plays of programs that were seen.
#[derive(Debug, Default)]
pub struct ProgramMemory(Mutex<HashMap<As, Vec<Arc<[Exchange]>>>>);

impl ProgramMemory {
    /// Keeps a play. Credentials that are bound to one answer are good for no other, and are not kept.
    pub(super) fn keep(&self, client: &ClientCase, identity: &Identity, seen: &[Exchange]) {
        if client.scheme.is_bound() || seen.is_empty() {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(As::of(client, identity)).or_default();
        if known.len() < MOST_KEPT {
            known.push(seen.into());
        }
    }

    /// The plays of a client that were kept.
    pub(super) fn of(&self, client: &ClientCase, identity: &Identity) -> Vec<Arc<[Exchange]>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&As::of(client, identity));
        found.cloned().unwrap_or_default()
    }
}
