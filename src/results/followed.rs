//! Findings that did not show each time, and do behind what another is about.

use serde::{Deserialize, Serialize};

use crate::domain::Case;

use super::finding::Finding;

/// The finding behind whose course another one shows each time, and without it never: one defect makes both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// The rule of the same pack that it breaks.
    pub rule: String,
    /// Its minimal case.
    pub case: Case,
}

impl Followed {
    /// Whether a finding is that one.
    pub fn is(&self, finding: &Finding) -> bool {
        finding.accuses() && finding.rule == self.rule && finding.case == self.case
    }
}

/// Whether one of two findings shows each time behind what the other is about, and otherwise never.
pub(super) fn is_followed_by(one: &Finding, other: &Finding) -> bool {
    let is = |one: &Finding, other: &Finding| {
        let followed = other.follows();
        followed.is_some_and(|followed| followed.is(one))
    };
    one.pack == other.pack && (is(one, other) || is(other, one))
}
