//! Which faults one reference implementation has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::fault::Fault;

/// The faults that are seeded in one reference implementation; usually none.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    seeded: Vec<Fault>,
    /// Where it is to be known later which made a difference, if they were there.
    looked_for: Option<Arc<FaultsLookedFor>>,
}

impl Faults {
    /// These faults.
    pub(super) fn new(faults: &[Fault]) -> Self {
        Self {
            seeded: faults.to_vec(),
            looked_for: None,
        }
    }

    /// None, with a note of each that is looked for.
    pub(super) fn noted(looked_for: Arc<FaultsLookedFor>) -> Self {
        Self {
            seeded: Vec::new(),
            looked_for: Some(looked_for),
        }
    }

    /// Whether there are none, as nearly always, and nobody wants to know which are looked for.
    pub(super) fn are_none(&self) -> bool {
        self.seeded.is_empty() && self.looked_for.is_none()
    }

    /// Whether this one is among them.
    pub(super) fn has(&self, fault: Fault) -> bool {
        if let Some(looked_for) = &self.looked_for {
            looked_for.note(fault);
        }
        self.seeded.contains(&fault)
    }
}

/// Which faults a reference implementation without any has looked for. One that it never looked for would have changed
/// nothing of what it did: with that fault seeded it does the same up to the first look, and there is none.
#[derive(Debug)]
pub(crate) struct FaultsLookedFor(Box<[AtomicBool]>);

impl FaultsLookedFor {
    /// None so far.
    pub(crate) fn new() -> Self {
        Self(Fault::ALL.iter().map(|_| AtomicBool::new(false)).collect())
    }

    fn note(&self, fault: Fault) {
        if let Some(noted) = self.0.get(fault as usize) {
            // Most are noted at once, and to look costs less than to write.
            if !noted.load(Ordering::Relaxed) {
                noted.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Whether this one was looked for.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        let noted = self.0.get(fault as usize);
        noted.is_none_or(|noted| noted.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_is_noted_and_is_not_there() {
        let looked_for = Arc::new(FaultsLookedFor::new());
        let faults = Faults::noted(Arc::clone(&looked_for));
        assert!(!faults.are_none() && Faults::new(&[]).are_none());
        for (at, fault) in Fault::ALL.iter().copied().enumerate() {
            assert_eq!(fault as usize, at, "{}", fault.name());
            assert!(!looked_for.has(fault));
            assert!(!faults.has(fault));
            assert!(looked_for.has(fault));
        }
    }
}
