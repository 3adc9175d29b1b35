//! Which faults one reference implementation has.

use super::fault::Fault;

/// The faults that are seeded in one reference implementation; usually none.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// These faults.
    pub(super) fn new(faults: &[Fault]) -> Self {
        Self(faults.to_vec())
    }

    /// Whether there are none, as nearly always.
    pub(super) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this one is among them.
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }
}
