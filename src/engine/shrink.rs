//! Shrinking: from a failing case to one of which every one-step simplification holds.

use crate::domain::{Case, Change, Domain, PASSES, Part, Pass, Type, Value};

use crate::results::{Finding, Proof, Step, StepVerdict, Stopped};
use crate::spec::Kind;

use super::runner::Runner;
use super::settle::Failure;
use super::verdicts::{Verdicts, try_changes};

/// What a finding accounts for, so that the same defect is not shrunk again.
#[derive(Clone, Debug)]
pub(super) struct Known {
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
}

impl Known {
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

impl Runner<'_> {
    /// Explains and confirms a minimal failure. Also answers with failures of other kinds that were
    /// met on the way.
    pub(super) async fn investigate(
        &mut self,
        minimal: &Failure,
        proof: Proof,
        begun: u64,
    ) -> Result<(Known, Finding, Vec<Failure>), Stopped> {
        let mut met = Vec::new();
        let explained = self.explain(minimal, begun, &mut met).await?;
        let known = Known {
            rule: minimal.rule,
            kind: minimal.kind.clone(),
            case: minimal.case.clone(),
            aliases: Vec::new(),
            matters: explained.matters.clone(),
            met: minimal.met,
        };
        let about = explained.about.clone();
        let confirmed = self.confirm(minimal, &proof, about).await?;
        let finding = self.finding(minimal, proof, explained, confirmed, begun)?;
        Ok((known, finding, met))
    }
}

/// Shrinks a failure to a minimal one, with so many requests. Also answers with why it is minimal, and with
/// failures of other kinds that were met on the way.
pub(super) async fn shrink<V: Verdicts>(
    world: &mut V,
    failure: &Failure,
    most_requests: u64,
) -> Result<(Failure, Proof, Vec<Failure>), Stopped> {
    let begun = world.requests();
    let mut current = failure.clone();
    let mut met = Vec::new();
    'simpler: loop {
        let mut proof = Proof::default();
        for pass in &PASSES {
            if pass.replaces_client && !world.is_about_one_case(current.rule) {
                continue;
            }
            let spec = world.spec();
            let mut changes = (pass.changes)(&spec.domain, &current.case);
            changes.retain(|change| !spec.excludes(&change.case));
            if !pass.proves {
                changes = applying(world, &current, changes)?;
            }
            let mut steps = Vec::new();
            for group in groups(pass, &changes, world.width().min(MOST_AT_ONCE)) {
                if pass.proves && world.requests() - begun > most_requests {
                    proof.cut_short = true;
                    break;
                }
                let tried = try_changes(world, &current, group).await?;
                steps.extend(tried.steps);
                if pass.proves {
                    met.extend(tried.met);
                }
                if let Some(change) = tried.alike {
                    current.case = change.case;
                    continue 'simpler;
                }
            }
            if pass.proves {
                let untried = changes.iter().skip(steps.len()).map(|change| Step {
                    change: change.to_string(),
                    verdict: StepVerdict::NotTried,
                });
                steps.extend(untried.collect::<Vec<_>>());
                proof.steps = steps;
            }
            if proof.cut_short {
                break;
            }
        }
        return Ok((current, proof, met));
    }
}

/// The most settings that are tried at once: each that comes behind one that fails alike is tried in vain.
const MOST_AT_ONCE: usize = 8;

/// Those of several changes after which the rule that failed may apply.
fn applying<V: Verdicts>(
    world: &mut V,
    failing: &Failure,
    changes: Vec<Change>,
) -> Result<Vec<Change>, Stopped> {
    let mut kept = Vec::new();
    for change in changes {
        if world.may_apply(failing.rule, &change.case)? {
            kept.push(change);
        }
    }
    Ok(kept)
}

/// Changes in groups that are tried side by side: first those of the conversation, which cost requests only,
/// then settings. Clients alone are tried at once.
fn groups<'c>(pass: &Pass, changes: &'c [Change], settings: usize) -> Vec<&'c [Change]> {
    if pass.replaces_client {
        return vec![changes];
    }
    let of_conversation = changes
        .iter()
        .take_while(|change| matches!(change.part, Part::Course | Part::Client))
        .count();
    let (first, rest) = changes.split_at(of_conversation);
    let mut groups = Vec::new();
    if !first.is_empty() {
        groups.push(first);
    }
    groups.extend(rest.chunks(settings.max(1)));
    groups
}
