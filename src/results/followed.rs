//! What a finding is that another one shows behind.

use serde::{Deserialize, Serialize};

use crate::domain::Case;

/// The finding behind whose course another one shows each time, and without it never: one defect makes both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// The rule of the same pack that it breaks.
    pub rule: String,
    /// Its minimal case.
    pub case: Case,
}
