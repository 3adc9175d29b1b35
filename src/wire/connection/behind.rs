//! How long content is looked for behind the answers to `HEAD`.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use crate::wire::Limits;

/// How much longer the first answers are looked behind, and all once something was found.
const LONGER: u32 = 160;

/// How many answers of each class of statuses are looked behind for so long.
const FIRST: u8 = 2;

/// What was found behind answers to `HEAD` so far: a server that sends content late does so time and again, so
/// that the first answers show it, and those after them need not all be waited for.
#[derive(Debug, Default)]
pub(in crate::wire) struct Behind(Mutex<Found>);

#[derive(Debug, Default)]
struct Found {
    /// How many answers of each class of statuses were looked behind.
    looked: [u8; 6],
    /// Whether something was there.
    any: bool,
}

impl Behind {
    /// How long to look behind an answer with this status.
    pub(super) fn long(&self, status: u16, limits: &Limits) -> Duration {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let looked = found.looked.get(usize::from(status / 100));
        match found.any || looked.is_some_and(|looked| *looked < FIRST) {
            true => limits.behind_head.saturating_mul(LONGER),
            false => limits.behind_head,
        }
    }

    /// Takes note of what was found behind an answer with this status.
    pub(super) fn looked(&self, status: u16, found_some: bool) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.any |= found_some;
        if let Some(looked) = found.looked.get_mut(usize::from(status / 100)) {
            *looked = looked.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_each_class_and_all_behind_a_find_are_waited_for() {
        let limits = Limits {
            behind_head: Duration::from_millis(1),
            ..Limits::default()
        };
        let long = limits.behind_head * LONGER;
        let behind = Behind::default();
        for _ in 0..FIRST {
            assert_eq!(behind.long(401, &limits), long);
            behind.looked(401, false);
        }
        assert_eq!(behind.long(401, &limits), limits.behind_head);
        assert_eq!(behind.long(200, &limits), long);
        behind.looked(200, true);
        assert_eq!(behind.long(403, &limits), long);
        assert_eq!(behind.long(401, &limits), long);
    }
}
