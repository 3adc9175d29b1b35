//! Cases that broke a rule.

use crate::domain::Case;
use crate::spec::Kind;

/// A case that broke a rule.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// The rule's position among the active ones.
    pub(super) rule: usize,
    pub(super) case: Case,
    pub(super) kind: Kind,
    /// Whether it was met while another was shrunk: not a case of the plan, so not counted as one.
    pub(super) met: bool,
}
