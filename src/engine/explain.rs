//! Explaining: which fields of a minimal case matter, and which single change cures.

use crate::domain::{Action, Case, Change, Fact, Part, Value, sentence};
use crate::results::{
    Cure, Finding, Flaky, MinimalityProof, Presumed, Stopped, TriedChange, TriedVerdict, Unsteady,
};
use crate::spec::{About, Certainty, Rule, Side, Spec, Standing};
use crate::user_agents::catalogue::PlayedBy;
use crate::vocabulary::ClientCase;

use super::evidence::Confirmed;
use super::failure::Failure;
use super::runner::Runner;
use super::verdicts::{Verdicts, try_changes};

/// What varying every field of a minimal case showed.
pub(super) struct Explained {
    /// Paths of the fields whose variation changes the verdict.
    pub(super) matters: Vec<String>,
    pub(super) facts: Vec<Fact>,
    pub(super) variations: Vec<TriedChange>,
    pub(super) cures: Vec<Cure>,
    pub(super) reliefs: Vec<String>,
    /// What it is about, on each side that may be to blame.
    pub(super) about: Vec<(Side, About, Certainty)>,
    /// Single fields, each with another value with which an answer shows the same.
    pub(super) kin: Vec<(String, Value)>,
}

/// What became of a minimal case with each field varied.
#[derive(Debug, Default)]
pub(super) struct Varied {
    /// What was changed.
    pub(super) changes: Vec<Change>,
    pub(super) variations: Vec<TriedChange>,
    /// Paths of the fields whose variation changes the verdict.
    pub(super) matters: Vec<String>,
    pub(super) cures: Vec<Cure>,
    pub(super) reliefs: Vec<String>,
    /// Failures of other kinds that were met.
    pub(super) met: Vec<Failure>,
}

/// Varies each field of a minimal case over its whole domain, with so many requests.
pub(super) async fn vary<V: Verdicts>(
    world: &mut V,
    minimal: &Failure,
    most_requests: u64,
) -> Result<Varied, Stopped> {
    let begun = world.requests();
    let spec = world.spec();
    let mut changes = spec.domain.variations(&minimal.case);
    changes.retain(|change| !spec.excludes(&change.case));
    let mut varied = Varied::default();
    for group in changes.chunks(world.width().max(1)) {
        if world.requests() - begun > most_requests {
            varied
                .variations
                .extend(group.iter().map(|change| TriedChange {
                    change: change.to_string(),
                    verdict: TriedVerdict::NotTried,
                }));
            continue;
        }
        let tried = try_changes(world, minimal, group).await?;
        varied.met.extend(tried.met);
        for (change, step) in group.iter().zip(tried.steps) {
            // What could not be does not show that the field matters.
            let changes_verdict = !matches!(
                step.verdict,
                TriedVerdict::FailsAlike | TriedVerdict::Inconclusive | TriedVerdict::NotTried
            ) && !world.is_not_applicable(&change.case);
            let field = field_of(change);
            if changes_verdict && !varied.matters.contains(&field) {
                varied.matters.push(field);
            }
            if step.verdict == TriedVerdict::Passes
                && let Some(cure) = cure_of(change)
            {
                varied.cures.push(cure);
            }
            if changes_verdict
                && step.verdict != TriedVerdict::FailsDifferently
                && matches!(change.part, Part::Policy | Part::Instance)
            {
                varied.reliefs.push(step.change.clone());
            }
            varied.variations.push(step);
        }
    }
    varied.changes = changes;
    Ok(varied)
}

impl Runner<'_> {
    /// Varies each field of a minimal case over its whole domain.
    pub(super) async fn explain(
        &mut self,
        minimal: &Failure,
        begun: u64,
        met: &mut Vec<Failure>,
    ) -> Result<Explained, Stopped> {
        let about = self.about(minimal)?;
        let left = (self.options.shrink_requests + begun).saturating_sub(self.lab.requests());
        let varied = vary(self, minimal, left).await?;
        met.extend(varied.met);
        let kin = self.kin(minimal, &varied.changes, &about);
        let Varied {
            variations,
            matters,
            mut cures,
            reliefs,
            ..
        } = varied;
        let fixed: Vec<&str> = self
            .active
            .get(minimal.rule)
            .map(|active| active.rule.when.fixed_paths())
            .unwrap_or_default();
        let whole = self.whole;
        let does = |path: &str| {
            matters.iter().any(|matter| matter == path) || whole.keeps_from_simplest(path)
        };
        let mut facts = self.spec.domain.facts(&minimal.case, |path| {
            // What came before is told even where the rule's name may say it.
            does(path) && (path == Part::Course.word() || !fixed.contains(&path))
        });
        if facts.is_empty() {
            // Better what the rule's name may say already than nothing at all.
            facts = self.spec.domain.facts(&minimal.case, does);
        }
        // What the sentence speaks of is what a reader would change first.
        cures.sort_by_key(|cure: &Cure| !facts.iter().any(|fact| fact.path == cure.path));
        Ok(Explained {
            matters,
            facts,
            variations,
            cures,
            reliefs,
            about,
            kin,
        })
    }

    /// Puts a finding together.
    pub(super) fn finding(
        &self,
        minimal: &Failure,
        proof: MinimalityProof,
        explained: Explained,
        confirmed: Confirmed,
        (begun, proven_at): (u64, u64),
    ) -> Result<Finding, Stopped> {
        let Some(active) = self.active.get(minimal.rule) else {
            return Err(Stopped::Unplayable(
                "a rule that was never selected".to_owned(),
            ));
        };
        let rule = active.rule;
        let evidence = self.accused(minimal, &explained.kin, &confirmed);
        // What depends on what went before proves nothing of simpler cases, and cures nothing.
        let proven = !matches!(
            confirmed.flaky,
            Some(Flaky {
                why: Some(Unsteady::Before(_) | Unsteady::Stray(_)),
                ..
            })
        );
        let (proof, explained) = if proven {
            (proof, explained)
        } else {
            let explained = Explained {
                variations: Vec::new(),
                cures: Vec::new(),
                reliefs: Vec::new(),
                ..explained
            };
            (MinimalityProof::unproven(), explained)
        };
        let accused = match &confirmed.sibling {
            Some((sibling, _)) if confirmed.discrepancy.accuses_sibling() => sibling,
            _ => &minimal.case,
        };
        let played_by = self.played_by(&minimal.case, &confirmed.sibling);
        Ok(Finding {
            pack: (self.spec.pack.name.clone(), self.spec.pack.version),
            spec: self.spec.called().to_owned(),
            rule: rule.id.clone(),
            place: (self.spec.rules.iter())
                .position(|one| one.id == rule.id)
                .unwrap_or(usize::MAX),
            level: rule.level,
            scored: rule.standing == Standing::Scored,
            defect: match confirmed.unaided {
                Some(how) => how.defect().to_owned(),
                None => rule.defect(confirmed.outcome),
            },
            stated: rule.stated.clone(),
            at: self.whole.place_of(rule),
            impact: match confirmed.unaided {
                Some(how) => how.impact().to_owned(),
                None => rule.impact.of(confirmed.outcome).to_owned(),
            },
            presumes: presumed(self.spec, rule),
            sentence: sentence(&explained.facts),
            facts: explained.facts,
            case: minimal.case.clone(),
            brief: self.whole.brief(&minimal.case),
            oddities: self.spec.domain.oddities(Part::Client, accused),
            demand: confirmed.demand,
            evidence,
            sibling: confirmed.sibling,
            discrepancy: confirmed.discrepancy,
            proof,
            variations: explained.variations,
            cures: explained.cures,
            reliefs: explained.reliefs,
            played_by,
            transcript: confirmed.transcript,
            failures: 1,
            flaky: confirmed.flaky,
            requests_to_proof: proven_at - begun,
            requests: self.lab.requests() - begun,
            identities: self.lab.identities().to_vec(),
        })
    }

    /// The programs that are the clients of a case and of its sibling.
    fn played_by(&self, case: &Case, sibling: &Option<(Case, String)>) -> Vec<PlayedBy> {
        let sides = std::iter::once(case).chain(sibling.iter().map(|(case, _)| case));
        let mut all = Vec::new();
        for side in sides {
            let client = ClientCase::from_value(&side.client).ok();
            let programs = self.options.programs.as_ref();
            let program = programs
                .zip(client)
                .and_then(|(programs, client)| programs.program(&client).cloned());
            all.extend(program.filter(|one| !all.contains(one)));
        }
        all
    }
}

/// What a rule presumes that an implementation takes, of the alternatives of its pack.
pub(crate) fn presumed(spec: &Spec, rule: &Rule) -> Vec<Presumed> {
    spec.presumes(rule)
        .map(|presumed| Presumed {
            alternative: presumed.alternative.to_owned(),
            choice: presumed.choice.to_owned(),
            default: presumed.choice == presumed.first,
        })
        .collect()
}

/// The field that a variation is about: dropping an item is about the list.
fn field_of(change: &Change) -> String {
    match (&change.action, change.path.split_once('[')) {
        (Action::Drop, Some((list, _))) => list.to_owned(),
        _ => change.path.clone(),
    }
}

/// A change of one field of the policy or the instance, outside lists, as something to advise: what
/// the client or a list's items would have to be is no advice to an administrator.
fn cure_of(change: &Change) -> Option<Cure> {
    match &change.action {
        Action::Set { to, .. }
            if matches!(change.part, Part::Policy | Part::Instance)
                && !change.path.contains('[') =>
        {
            Some(Cure {
                path: change.path.clone(),
                to: to.clone(),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
