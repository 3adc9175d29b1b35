//! Shrinking: from a failing case to one of which every one-step simplification holds.

use crate::domain::{Change, PASSES, Part, Pass};

use crate::results::{MinimalityProof, Stopped, TriedChange, TriedVerdict};

use super::failure::Failure;
use super::verdicts::{Verdicts, try_changes};

/// Shrinks a failure to a minimal one, with so many requests. Also answers with why it is minimal, and with
/// failures of other kinds that were met on the way.
pub(super) async fn shrink<V: Verdicts>(
    world: &mut V,
    failure: &Failure,
    most_requests: u64,
) -> Result<(Failure, MinimalityProof, Vec<Failure>), Stopped> {
    let begun = world.requests();
    let mut current = failure.clone();
    let mut met = Vec::new();
    'simpler: loop {
        let mut proof = MinimalityProof::default();
        for pass in &PASSES {
            if pass.replaces_client && !world.is_about_one_case(current.rule) {
                continue;
            }
            let spec = world.spec();
            let mut changes = (pass.changes)(&spec.domain, &current.case);
            changes.retain(|change| !spec.excludes(&change.case));
            let (mut changes, barred): (Vec<_>, Vec<_>) = changes
                .into_iter()
                .partition(|change| world.may_stand_for(&change.case, &current.case));
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
                let untried = changes.iter().skip(steps.len()).chain(&barred);
                let untried = untried.map(|change| TriedChange {
                    change: change.to_string(),
                    verdict: TriedVerdict::NotTried,
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
