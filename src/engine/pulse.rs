//! How far a run has come, between two events: read from another thread, by whoever shows progress.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far a run has come. Clones are views of one run.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    judged: AtomicU64,
    /// Cases of the step under way: what is installed and played together.
    step: AtomicU64,
    /// The work that is to be done for it: what is played, siblings included, and what is judged; and
    /// how much of that was done.
    work: AtomicU64,
    done: AtomicU64,
    /// How many failures were looked into, the one under way included; 0 while none is.
    looking: AtomicU64,
    looked: AtomicU64,
}

impl Pulse {
    /// How many cases were judged, with the share of those that are being played.
    pub fn cases(&self) -> u64 {
        let counts = &self.0;
        let work = counts.work.load(Ordering::Relaxed);
        let done = counts.done.load(Ordering::Relaxed).min(work);
        let step = counts.step.load(Ordering::Relaxed);
        let share = (step * done).checked_div(work).unwrap_or(0);
        counts.judged.load(Ordering::Relaxed) + share
    }

    /// Whether cases are played and judged, and not planned or looked into.
    pub fn is_playing(&self) -> bool {
        self.0.step.load(Ordering::Relaxed) > 0
    }

    /// Which failure is being shrunk and explained, counted from one, if one is.
    pub fn looking_into(&self) -> Option<u64> {
        let looking = self.0.looking.load(Ordering::Relaxed);
        (looking > 0).then_some(looking)
    }

    /// A step of so many cases begins, behind so many that are judged.
    pub(super) fn begin(&self, judged: u64, step: u64) {
        let counts = &self.0;
        counts.judged.store(judged, Ordering::Relaxed);
        counts.done.store(0, Ordering::Relaxed);
        // Each case is judged once.
        counts.work.store(step, Ordering::Relaxed);
        counts.step.store(step, Ordering::Relaxed);
    }

    /// So much is to be played for the step.
    pub(super) fn expect(&self, plays: u64) {
        self.0.work.fetch_add(plays, Ordering::Relaxed);
    }

    /// One case was played or judged. Outside a step this moves nothing.
    pub(super) fn worked(&self) {
        self.0.done.fetch_add(1, Ordering::Relaxed);
    }

    /// The step is judged.
    pub(super) fn end(&self, judged: u64) {
        self.begin(judged, 0);
    }

    /// Shows how far another run has come.
    pub(super) fn show(&self, other: &Self) {
        let (own, theirs) = (&self.0, &other.0);
        for (own, theirs) in [
            (&own.judged, &theirs.judged),
            (&own.step, &theirs.step),
            (&own.work, &theirs.work),
            (&own.done, &theirs.done),
            (&own.looking, &theirs.looking),
            (&own.looked, &theirs.looked),
        ] {
            own.store(theirs.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// A failure is looked into, or no longer.
    pub(super) fn look(&self, into: bool) {
        let number = if into {
            self.0.looked.fetch_add(1, Ordering::Relaxed) + 1
        } else {
            0
        };
        self.0.looking.store(number, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_counts_by_what_was_done_of_it() {
        let pulse = Pulse::default();
        assert_eq!(pulse.cases(), 0);
        pulse.begin(100, 50);
        assert_eq!(pulse.cases(), 100);
        pulse.expect(150);
        for _ in 0..4 {
            pulse.worked();
        }
        assert_eq!(pulse.clone().cases(), 101);
        pulse.end(150);
        pulse.expect(10);
        pulse.worked();
        assert_eq!(pulse.cases(), 150);
        assert_eq!(pulse.looking_into(), None);
        pulse.look(true);
        assert_eq!(pulse.looking_into(), Some(1));
        pulse.look(false);
        pulse.look(true);
        assert_eq!(pulse.looking_into(), Some(2));
    }
}
