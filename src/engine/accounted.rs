//! What findings account for: which failures are one that was shrunk before.

use crate::domain::{Case, Domain, Part, Type, Value};
use crate::results::{Finding, Minimal};
use crate::spec::Kind;

use super::failure::Failure;

/// What a finding accounts for, so that the same defect is not shrunk again.
#[derive(Clone, Debug)]
pub(super) struct Accounted {
    /// The rule's position among the active ones.
    pub(super) rule: usize,
    /// The kind of departure.
    pub(super) kind: Kind,
    /// The minimal case, with what is as good.
    pub(super) minimal: Minimal,
    /// Whether no case of the plan showed it yet: it was met while another was shrunk.
    pub(super) met: bool,
    /// Whether its finding was told of.
    pub(super) told: bool,
    /// Failures of other kinds that were met when it was explained.
    pub(super) beside: Vec<(Kind, Case)>,
    /// How many failures it accounts for that a part of a plan does not name.
    pub(super) unnamed: u64,
}

impl Accounted {
    /// Whether a failure contains this minimal case: everything in it that matters is there too.
    pub(super) fn accounts_for(&self, failure: &Failure) -> bool {
        self.rule == failure.rule
            && self.kind == failure.kind
            && self.minimal.is_within(&failure.case)
    }

    /// Counts a failure that it accounts for. A case of the plan is counted once, one that was only
    /// met not at all.
    pub(super) fn count(&mut self, failure: &Failure, finding: &mut Finding) {
        if !failure.met {
            finding.failures += u64::from(!self.met);
            self.met = false;
        }
    }

    /// What there is to learn from a failure that was shrunk to this minimal case although it does not contain
    /// it: failures like it need not be shrunk again. Like it are those that hold the minimal case with
    /// symbols exchanged, or with the failure's client.
    pub(super) fn like(&self, failure: &Failure, domain: &Domain) -> Vec<Case> {
        let minimal = &self.minimal.case;
        let mut like = vec![minimal.clone()];
        like.extend(domain.exchanges(minimal).into_iter().map(|e| e.case));
        let theirs = |case: &Case| case.with(Part::Client, failure.case.client.clone());
        let like = like.into_iter();
        let like = like.flat_map(|case| [theirs(&case), case].into_iter().rev());
        self.minimal.like(like.collect(), &failure.case)
    }
}

/// The fields of a case that are compared as they are although they have fields or items: of those a narrowing lists
/// the values.
pub(super) fn entire(domain: &Domain, case: &Case) -> Vec<String> {
    let mut paths = Vec::new();
    for part in Part::ALL {
        collect(domain.part(part), case.part(part), part.word(), &mut paths);
    }
    paths
}

fn collect(ty: &Type, value: &Value, path: &str, paths: &mut Vec<String>) {
    match (ty, value) {
        (Type::Record(fields), Value::Record(values)) => {
            for (field, (name, value)) in fields.iter().zip(values) {
                collect(&field.ty, value, &format!("{path}.{name}"), paths);
            }
        }
        (Type::List(list), Value::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                collect(&list.of, item, &format!("{path}[{index}]"), paths);
            }
        }
        (Type::Optional(inner), value) if *value != Value::Absent => {
            collect(inner, value, path, paths);
        }
        (_, Value::Record(_) | Value::List(_)) => paths.push(path.to_owned()),
        _ => {}
    }
}
