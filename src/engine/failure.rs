//! Cases that broke a rule.

use crate::domain::Case;
use crate::spec::Kind;

use super::table::{At, Table};

/// A case that broke a rule.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// The rule's position among the active ones.
    pub(super) rule: usize,
    pub(super) case: Case,
    pub(super) kind: Kind,
    /// Whether it was met while another was shrunk: not a case of the plan, so not counted as one.
    pub(super) met: bool,
    /// Where it is in the table, where it is a case of the plan that comes up in its turn.
    pub(super) planned: Option<At>,
}

/// A case of the plan that broke a rule, by its place in the table: there may be very many of them.
#[derive(Clone, Debug)]
pub(super) struct FailureAt {
    /// The rule's position among the active ones.
    pub(super) rule: usize,
    pub(super) at: At,
    pub(super) kind: Kind,
}

impl FailureAt {
    /// The failure with its case, which the table has to know.
    pub(super) fn with_case(&self, table: &Table<'_>) -> Option<Failure> {
        Some(Failure {
            rule: self.rule,
            case: table.case(self.at)?.to_case(),
            kind: self.kind.clone(),
            met: false,
            planned: Some(self.at),
        })
    }
}
