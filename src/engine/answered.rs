//! Cases as they were answered: what is kept of them, so that they can be asked again.

use std::sync::Arc;

use crate::domain::{Case, Setting};
use crate::observation::Outcome;
use crate::results::{LetIn, SentSoFar, Then};
use crate::vocabulary::ClientCase;

use super::table::Seen;

/// A case as it was answered, where its client can be told.
pub(super) fn let_in(case: &Case, seen: &Seen) -> Option<LetIn> {
    let scheme = ClientCase::from_value(&case.client).ok()?.scheme;
    let then = Then {
        case: case.clone(),
        status: seen.answer.response.status,
        outcome: seen.outcome,
        sent: seen.sent,
    };
    Some(LetIn { scheme, then })
}

/// A case on which a rule held, by its client's place in the table.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) setting: Arc<Setting>,
    pub(super) status: u16,
    pub(super) outcome: Outcome,
    pub(super) sent: SentSoFar,
}
