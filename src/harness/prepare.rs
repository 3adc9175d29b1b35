//! From a test as it is written to its trials, without starting anything.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use super::describe::replay;
use super::expectation::{Departures, Expected};
use super::session::{Session, Sessions};
use super::target::Target;
use super::verdict::Question;
use super::{Conformance, SpecFrom};
use crate::domain::NarrowError;
use crate::spec::{SHIPPED, Spec, shipped};
use crate::yaml::{Source, nearest};

/// Why a test cannot be prepared: it is written wrongly, or a spec is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake(String);

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.trim_end())
    }
}

/// The trial of a rule, and where its verdict comes from.
struct Planned {
    session: usize,
    rule: String,
    trial: Trial,
}

impl Conformance {
    /// The trials, in the order of implementations, packs and rules. Those that these arguments will
    /// run are told to their sessions, so that nothing else is played.
    pub(super) fn prepare(self, arguments: &Arguments) -> Result<Vec<Trial>, Mistake> {
        let specs = read(&self.specs)?;
        check_targets(&self.targets, &specs)?;
        let targets: Vec<Arc<Target>> = self.targets.into_iter().map(Arc::new).collect();
        let sessions = pair(&targets, &specs)?;
        check_expected(&self.expected, &sessions)?;
        let sessions = Arc::new(Sessions::new(sessions, self.options));
        let mut planned = Vec::new();
        for (index, session) in sessions.list().iter().enumerate() {
            for rule in &session.spec.rules {
                let (target, pack) = (&session.target, &session.spec.pack.name);
                let name = format!("{}::{pack}::{}", target.name(), rule.id);
                let question = Question {
                    departures: Departures::of(&self.expected, target.name(), pack, &rule.id),
                    rule: rule.id.clone(),
                    allow_not_exercised: self.allow_not_exercised,
                    replay: replay(&name),
                };
                let asked = Arc::clone(&sessions);
                let mut trial =
                    Trial::ignorable_test(name, move || question.answer(&asked.outcome(index)));
                if let Some(reason) = target.need_not_try(&session.spec, rule) {
                    trial = trial.with_ignored_flag(true).with_kind(one_line(&reason));
                }
                planned.push(Planned {
                    session: index,
                    rule: rule.id.clone(),
                    trial,
                });
            }
        }
        // libtest-mimic itself says what it is going to run, so that we cannot disagree.
        for Planned {
            session,
            rule,
            trial,
        } in &planned
        {
            if !arguments.list && !arguments.is_filtered_out(trial) && !arguments.is_ignored(trial)
            {
                sessions.select(*session, rule);
            }
        }
        let further = self
            .further
            .into_iter()
            .map(|further| Trial::test(further.name, || (further.run)().map_err(Into::into)));
        Ok(planned
            .into_iter()
            .map(|planned| planned.trial)
            .chain(further)
            .collect())
    }
}

fn read(specs: &[SpecFrom]) -> Result<Vec<Spec>, Mistake> {
    let all = SHIPPED.map(|(name, _)| SpecFrom::Shipped(name.to_owned()));
    let specs = if specs.is_empty() { &all } else { specs };
    let mut read: Vec<Spec> = Vec::new();
    for from in specs {
        let source = source(from)?;
        let spec = Spec::read(&source).map_err(|problems| Mistake(problems.to_string()))?;
        if read.iter().any(|other| other.pack.name == spec.pack.name) {
            return Err(Mistake(format!(
                "two specs call their pack `{}`: their trials would have the same names",
                spec.pack.name
            )));
        }
        read.push(spec);
    }
    Ok(read)
}

fn source(from: &SpecFrom) -> Result<Source, Mistake> {
    match from {
        SpecFrom::Text(source) => Ok(source.clone()),
        SpecFrom::Shipped(name) => shipped(name)
            .ok_or_else(|| unknown("shipped pack", name, SHIPPED.iter().map(|(name, _)| *name))),
        SpecFrom::File(path) => match std::fs::read_to_string(path) {
            Ok(text) => Ok(Source::new(path.display().to_string(), text)),
            Err(error) => Err(Mistake(format!(
                "the spec {} cannot be read: {error}",
                path.display()
            ))),
        },
    }
}

fn check_targets(targets: &[Target], specs: &[Spec]) -> Result<(), Mistake> {
    if targets.is_empty() {
        return Err(Mistake(
            "no implementation is named: add `.reference()`, `.remote(…)` or `.target(…)`"
                .to_owned(),
        ));
    }
    let mut names = BTreeSet::new();
    for target in targets {
        let name = target.name();
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == ':') {
            return Err(Mistake(format!(
                "`{name}` cannot name an implementation: its trials are called \
                 IMPLEMENTATION::PACK::RULE"
            )));
        }
        if !names.insert(name) {
            return Err(Mistake(format!(
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
                return Err(Mistake(format!(
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

/// Every implementation with every pack that it is held against.
fn pair(targets: &[Arc<Target>], specs: &[Spec]) -> Result<Vec<Session>, Mistake> {
    let specs: Vec<Arc<Spec>> = specs.iter().cloned().map(Arc::new).collect();
    let mut sessions = Vec::new();
    for target in targets {
        for spec in &specs {
            let packs = target.packs();
            if packs.is_some_and(|packs| !packs.contains(&spec.pack.name)) {
                continue;
            }
            let spec = if target.narrowing().by_path.is_empty() {
                Arc::clone(spec)
            } else {
                let narrowed = spec.narrow(target.narrowing(), true).map_err(|error| {
                    Mistake(format!("`{}` cannot be narrowed: {error}", target.name()))
                })?;
                Arc::new(narrowed)
            };
            sessions.push(Session {
                target: Arc::clone(target),
                spec,
            });
        }
    }
    Ok(sessions)
}

/// A statement about a trial that does not exist would never be found out otherwise.
fn check_expected(expected: &[Expected], sessions: &[Session]) -> Result<(), Mistake> {
    for entry in expected {
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

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Mistake {
    let help = match nearest(name, known.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            let known: BTreeSet<&str> = known.collect();
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there are: {}", known.join(", "))
        }
    };
    Mistake(format!("there is no {what} `{name}`\n  help: {help}"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
