//! What comes of holding an expectation against what was seen.

use serde::{Deserialize, Serialize};

use super::kind::{Kind, Side};

/// The result of holding an expectation against what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// It holds.
    Holds,
    /// It does not.
    Breaks(Discrepancy),
    /// What was seen does not let us tell, for this reason.
    Unclear(String),
}

/// Where what was seen departs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Discrepancy {
    /// The kind of departure, free of the case's own values: shrinking keeps to one kind.
    pub kind: Kind,
    /// What was expected, in words.
    pub expected: String,
    /// What came instead, in words.
    pub observed: String,
}

impl Discrepancy {
    /// Whether it is the sibling of a case that departs, and not the case.
    pub fn accuses_sibling(&self) -> bool {
        self.kind.side == Side::Sibling
    }
}
