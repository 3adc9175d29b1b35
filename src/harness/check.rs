//! Looking a test over before anything is started: names that do not exist, and what is said twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::corpus::{CORPUS, Kept, concerns};
use super::expectation::Expected;
use super::mistake::{Mistake, unknown};
use super::session::Session;
use super::target::Target;
use crate::domain::NarrowError;
use crate::spec::Spec;

/// Whether the implementations are named, and what is said of them exists.
pub(super) fn check_targets(targets: &[Target], specs: &[Spec]) -> Result<(), Mistake> {
    if targets.is_empty() {
        return Err(Mistake::new(
            "no implementation is named: add `.reference()`, `.remote(…)` or `.target(…)`"
                .to_owned(),
        ));
    }
    let mut names = BTreeSet::new();
    for target in targets {
        if let Some(mistake) = target.mistake() {
            return Err(Mistake::new(mistake.to_owned()));
        }
        let name = target.name();
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == ':') {
            return Err(Mistake::new(format!(
                "`{name}` cannot name an implementation: its trials are called \
                 IMPLEMENTATION::PACK::RULE"
            )));
        }
        if !names.insert(name) {
            return Err(Mistake::new(format!(
                "two implementations are called `{name}`: give one another name"
            )));
        }
        let packs = || specs.iter().map(|spec| spec.pack.name.as_str());
        for pack in target.packs().unwrap_or_default() {
            if !packs().any(|have| have == pack) {
                return Err(unknown("pack", pack, packs()));
            }
        }
        for path in target.narrowing().by_path.keys() {
            let has_path = |spec: &Spec| {
                let narrowed = spec.narrow(target.narrowing(), false);
                !matches!(narrowed, Err(NarrowError::NoSuchPath { path: no }) if no == *path)
            };
            if !specs.iter().any(has_path) {
                return Err(Mistake::new(format!(
                    "`{name}` is narrowed at `{path}`, which no pack has"
                )));
            }
        }
        for (alternative, choice) in target.alternatives() {
            check_choice(alternative, choice, specs)?;
        }
    }
    Ok(())
}

fn check_choice(alternative: &str, choice: &str, specs: &[Spec]) -> Result<(), Mistake> {
    let all = || specs.iter().flat_map(|spec| &spec.alternatives);
    let Some(known) = all().find(|known| known.name == alternative) else {
        let names = all().map(|known| known.name.as_str());
        return Err(unknown("alternative", alternative, names));
    };
    let choices = || known.choices.iter().map(|(name, _)| name.as_str());
    if choices().any(|have| have == choice) {
        Ok(())
    } else {
        let what = format!("choice of `{alternative}`");
        Err(unknown(&what, choice, choices()))
    }
}

/// A statement about a trial that does not exist would never be found out otherwise.
pub(super) fn check_expected(
    expected: &[Expected],
    sessions: &[Session],
    targets: &[Arc<Target>],
    kept: &[Arc<Kept>],
) -> Result<(), Mistake> {
    for entry in expected {
        if entry.pack == CORPUS {
            let name = |target: &&Arc<Target>| target.name() == entry.implementation;
            let Some(target) = targets.iter().find(name) else {
                let names = targets.iter().map(|target| target.name());
                return Err(unknown("implementation", &entry.implementation, names));
            };
            let names = || {
                kept.iter()
                    .filter(|kept| concerns(kept, target))
                    .map(|kept| kept.name.as_str())
            };
            if !names().any(|name| name == entry.rule) {
                return Err(unknown("reproduction", &entry.rule, names()));
            }
            continue;
        }
        let targets = || sessions.iter().map(|session| session.target.name());
        if !targets().any(|name| name == entry.implementation) {
            return Err(unknown("implementation", &entry.implementation, targets()));
        }
        let of_target = || {
            sessions
                .iter()
                .filter(|session| session.target.name() == entry.implementation)
        };
        let Some(session) = of_target().find(|session| session.spec.pack.name == entry.pack) else {
            let packs = of_target().map(|session| session.spec.pack.name.as_str());
            return Err(unknown("pack", &entry.pack, packs));
        };
        if session.spec.rule(&entry.rule).is_none() {
            let rules = session.spec.rules.iter().map(|rule| rule.id.as_str());
            return Err(unknown("rule", &entry.rule, rules));
        }
    }
    Ok(())
}
