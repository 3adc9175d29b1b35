//! A whole run: pack after pack against one implementation, and what that comes to as one value.

use crate::domain::Case;
use crate::implementation::Implementation;
use crate::results::{Invocation, PackReport, Run, Subscriber};
use crate::spec::Spec;

use super::abreast::{abreast, others};
use super::options::Options;
use super::run::{Running, judged};

/// Runs packs, of some of them a single case, and puts together what they came to: one after the other, or beside
/// each other where there can be [`another`](Implementation::another) implementation for each. Where one ends
/// early, no other is begun. Nothing of it is known to a baseline yet.
pub fn run_packs<'a>(
    chosen: &'a [(&Spec, Option<&Case>)],
    asked: Invocation,
    implementation: &'a mut dyn Implementation,
    options: &'a Options,
    subscriber: &'a mut Subscriber<'_>,
) -> Running<'a, Run> {
    Box::pin(all_of(chosen, asked, implementation, options, subscriber))
}

async fn all_of(
    chosen: &[(&Spec, Option<&Case>)],
    asked: Invocation,
    implementation: &mut dyn Implementation,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> Run {
    let description = implementation.description();
    let product = (description.name.clone(), description.version.clone());
    let others = others(implementation, chosen.len());
    let beside = match others.is_empty() {
        true => None,
        false => abreast(chosen, implementation, others, options, subscriber).await,
    };
    let packs = match beside {
        Some(packs) => packs,
        None => in_turn(chosen, implementation, options, subscriber).await,
    };
    let has_begun = |spec: &Spec| {
        let pack = (&spec.pack.name, spec.pack.version);
        packs
            .iter()
            .any(|report| (&report.pack.0, report.pack.1) == pack)
    };
    let not_begun = { chosen.iter() }
        .filter(|(spec, _)| !has_begun(spec))
        .map(|(spec, _)| format!("{} {}", spec.pack.name, spec.pack.version));
    Run {
        not_begun: not_begun.collect(),
        ..Run::new(asked, product, packs)
    }
}

/// Runs packs one after the other.
async fn in_turn(
    chosen: &[(&Spec, Option<&Case>)],
    implementation: &mut dyn Implementation,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> Vec<PackReport> {
    let mut options = options.clone();
    let mut packs: Vec<PackReport> = Vec::new();
    for (spec, case) in chosen {
        let report = judged(spec, *case, implementation, &options, subscriber).await;
        let ended = report.stopped.is_some();
        options.let_in.extend(report.let_in.iter().cloned());
        packs.push(report);
        if ended {
            break;
        }
    }
    packs
}
