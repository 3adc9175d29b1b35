//! What findings account for: which failures are one that was shrunk before.

use crate::domain::{Case, Domain, Part, Type, Value};
use crate::results::Finding;
use crate::spec::Kind;

use super::failure::Failure;

/// What a finding accounts for, so that the same defect is not shrunk again.
#[derive(Clone, Debug)]
pub(super) struct Accounted {
    /// The rule's position among the active ones.
    pub(super) rule: usize,
    /// The kind of departure.
    pub(super) kind: Kind,
    /// The minimal case.
    pub(super) case: Case,
    /// The same case with symbols exchanged, as failures were met that shrink to it only by such an
    /// exchange.
    pub(super) aliases: Vec<Case>,
    /// The fields of the minimal case that matter: changing one changes the verdict.
    pub(super) matters: Vec<String>,
    /// Whether no case of the plan showed it yet: it was met while another was shrunk.
    pub(super) met: bool,
    /// Whether its finding was told of.
    pub(super) told: bool,
}

impl Accounted {
    /// Whether a failure contains this minimal case: everything in it that matters is there too.
    pub(super) fn accounts_for(&self, failure: &Failure, domain: &Domain) -> bool {
        self.rule == failure.rule
            && self.kind == failure.kind
            && std::iter::once(&self.case)
                .chain(&self.aliases)
                .any(|minimal| self.is_within(minimal, &failure.case, domain))
    }

    /// Counts a failure that it accounts for. A case of the plan is counted once, one that was only
    /// met not at all.
    pub(super) fn count(&mut self, failure: &Failure, finding: &mut Finding) {
        if !failure.met {
            finding.failures += u64::from(!self.met);
            self.met = false;
        }
    }

    /// Learns from a failure that was shrunk to this minimal case although it does not contain it:
    /// failures like it need not be shrunk again. Like it are those that hold the minimal case with
    /// symbols exchanged, or with the failure's client.
    pub(super) fn learn(&mut self, failure: &Failure, domain: &Domain) {
        let mut like = vec![self.case.clone()];
        like.extend(domain.exchanges(&self.case).into_iter().map(|e| e.case));
        for case in like {
            let theirs = case.with(Part::Client, failure.case.client.clone());
            for alias in [case, theirs] {
                if self.is_within(&alias, &failure.case, domain)
                    && alias != self.case
                    && !self.aliases.contains(&alias)
                {
                    self.aliases.push(alias);
                }
            }
        }
    }

    fn is_within(&self, minimal: &Case, whole: &Case, domain: &Domain) -> bool {
        Part::ALL.into_iter().all(|part| {
            let ty = domain.part(part);
            self.within(ty, minimal.part(part), whole.part(part), part.word())
        })
    }

    fn within(&self, ty: &Type, minimal: &Value, whole: &Value, path: &str) -> bool {
        match (ty, minimal, whole) {
            (Type::Record(fields), Value::Record(these), Value::Record(those)) => fields
                .iter()
                .zip(these)
                .zip(those)
                .all(|((field, (name, this)), (_, that))| {
                    self.within(&field.ty, this, that, &format!("{path}.{name}"))
                }),
            (Type::List(list), Value::List(these), Value::List(those)) => {
                let mut rest = those.iter();
                these.iter().enumerate().all(|(index, this)| {
                    let path = format!("{path}[{index}]");
                    rest.any(|that| self.within(&list.of, this, that, &path))
                })
            }
            (Type::Optional(inner), this, that)
                if *this != Value::Absent && *that != Value::Absent =>
            {
                self.within(inner, this, that, path)
            }
            (_, this, that) => this == that || !self.matters.iter().any(|matter| matter == path),
        }
    }
}
