//! From a test as it is written to its trials, without starting anything.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::{self, available_parallelism};

use libtest_mimic::{Arguments, Trial};

use super::check::{check_expected, check_targets};
use super::corpus::{self, CORPUS, Kept, concerns};
use super::describe::{Replay, test_command};
use super::expectation::{Departures, Expectation, Expected, of_baseline};
use super::maker::Maker;
use super::mistake::{Mistake, unknown};
use super::nextest::{Nextest, TrialVerdict, TrialVerdicts};
use super::notice::Notices;
use super::session::{Session, Sessions, with_implementation};
use super::target::Target;
use super::verdict::{Question, Unexercised};
use super::{Conformance, SpecFrom};
use crate::baseline::Baseline;
use crate::files::{MOST_WRITTEN, read_text};
use crate::spec::{Binds, Rule, SHIPPED, Spec, shipped};
use crate::yaml::Source;

/// What a missing implementation's one trial is called, below its name.
const INSTALLED: &str = "installed";

/// The trial of a rule: what it asks, and of which session.
struct PlannedTrial {
    name: String,
    session: usize,
    question: Arc<Question>,
    /// Why it need not be tried, where that is known beforehand.
    beforehand: Option<String>,
}

/// The trials of a test, and what they leave to be told at the end.
pub(super) struct PreparedTrials {
    pub(super) trials: Vec<Trial>,
    pub(super) notices: Arc<Notices>,
}

impl Conformance {
    /// The trials: of rules, in the order of implementations, packs and rules; then of reproductions;
    /// then the test's own. Those that these arguments will run are told to their sessions, so that
    /// nothing else is played. Nothing is started, unless nextest lists: see [`Nextest`].
    pub(super) fn prepare(
        mut self,
        arguments: &Arguments,
        nextest: Option<&Nextest>,
    ) -> Result<PreparedTrials, Mistake> {
        if let Some(mistake) = self.mistake {
            return Err(Mistake::new(mistake));
        }
        let specs = read(&self.specs)?;
        let kept = corpus::read(&self.corpora)?;
        check_targets(&self.targets, &specs)?;
        let targets: Vec<Arc<Target>> = self.targets.into_iter().map(Arc::new).collect();
        let sessions = pair(&targets, &specs, !self.specs.is_empty())?;
        for target in &targets {
            let known = baseline(target, &specs, &sessions, &kept)?;
            self.expected.extend(known);
        }
        check_expected(&self.expected, &sessions, &targets, &kept)?;
        let expected = Arc::new(self.expected);
        let maker = Maker::new(arguments, nextest);

        // What is missing is one trial, unless somebody asks for one of its rules by name.
        let mut trials: Vec<Trial> = Vec::new();
        let mut present: Vec<&Arc<Target>> = Vec::new();
        for target in &targets {
            if let Some(why) = target.not_there() {
                let name = format!("{}::{INSTALLED}", target.name());
                let one = maker.trial(name, None, move || TrialVerdict::Failed(why));
                if !arguments.is_filtered_out(&one) {
                    trials.push(one);
                    continue;
                }
            }
            let one = target.reason_missing().map(|reason| {
                let (opened, deadline) = (Arc::clone(target), self.options.setup_deadline);
                let name = format!("{}::{INSTALLED}", target.name());
                maker.trial(
                    name,
                    Some(reason.to_owned()),
                    move || match with_implementation(&opened, deadline, async |_| ()) {
                        Ok(()) => TrialVerdict::Passed,
                        Err(fault) => TrialVerdict::Failed(format!("not judged\n\n{fault}")),
                    },
                )
            });
            match one.filter(|one| !arguments.is_filtered_out(one)) {
                Some(one) => trials.push(one),
                None => present.push(target),
            }
        }
        let is_present = |target: &Arc<Target>| present.iter().any(|one| Arc::ptr_eq(one, target));

        let replays = corpus::trials(
            &kept,
            &present,
            &expected,
            &self.options,
            self.unexercised,
            &maker,
        );
        let sessions = Arc::new(Sessions::new(sessions, self.options));
        let mut planned = Vec::new();
        for (index, session) in sessions.list().iter().enumerate() {
            if !is_present(&session.target) {
                continue;
            }
            for rule in &session.spec.rules {
                planned.push(plan(
                    index,
                    session,
                    rule,
                    (&expected, self.unexercised, self.headlines),
                    nextest.is_some(),
                ));
            }
        }
        let shared = nextest.and_then(|nextest| nextest.shared.as_ref());
        let verdicts = shared
            .filter(|_| arguments.list || asks_for_one(arguments, &planned))
            .map(|shared| shared.all(|| everything(&sessions, &planned, arguments)));
        for one in planned {
            let verdict = verdicts
                .as_ref()
                .and_then(|all| all.get(&one.name).cloned());
            let mut beforehand = one.beforehand;
            match &verdict {
                Some(TrialVerdict::Ignored(reason)) if arguments.list => {
                    beforehand.get_or_insert_with(|| reason.clone());
                }
                // What was listed as ignored must be run, or it would count as passed.
                _ if nextest.is_some() && is_forced(arguments, &one.name) => {
                    beforehand.get_or_insert_with(String::new);
                }
                _ => {}
            }
            let is_judged = beforehand.is_none() || maker.marks;
            let (asked, question) = (Arc::clone(&sessions), Arc::clone(&one.question));
            let is_played = verdict.is_none();
            let trial = maker.trial(one.name, beforehand, move || {
                verdict.unwrap_or_else(|| {
                    question.answer(
                        &asked.outcome(one.session),
                        asked.first(one.session).as_deref(),
                    )
                })
            });
            // libtest-mimic itself says what it is going to run, so that we cannot disagree.
            let is_asked = !arguments.list
                && !arguments.is_filtered_out(&trial)
                && !arguments.is_ignored(&trial);
            if is_asked && is_judged && is_played {
                sessions.select(one.session, &one.question.rule);
            }
            trials.push(trial);
        }
        let further = self
            .further
            .into_iter()
            .map(|further| Trial::test(further.name, || (further.run)().map_err(Into::into)));
        trials.extend(replays);
        trials.extend(further);
        Ok(PreparedTrials {
            trials,
            notices: maker.notices,
        })
    }
}

fn plan(
    index: usize,
    session: &Session,
    rule: &Rule,
    (expected, unexercised, headlines): (&Arc<Vec<Expected>>, Unexercised, bool),
    under_nextest: bool,
) -> PlannedTrial {
    let (target, pack) = (&session.target, &session.spec.pack.name);
    let name = format!("{}::{pack}::{}", target.name(), rule.id);
    let question = Question {
        implementation: target.name().to_owned(),
        pack: pack.clone(),
        rule: rule.id.clone(),
        departures: Departures::of(expected, target.name(), pack, &rule.id),
        expected: Arc::clone(expected),
        headlines,
        unexercised: if target.allows_not_exercised() {
            Unexercised::Allowed
        } else {
            unexercised
        },
        replay: Replay {
            against: against(session),
            claims: claimed(session),
            test: test_command(&name),
            program: target.program().map(str::to_owned),
        },
    };
    // nextest takes a trial that is ignored while it runs for passed.
    let stated = question.departures.not_exercised.clone();
    let beforehand = target
        .need_not_try(&session.spec, rule)
        .or_else(|| stated.filter(|_| under_nextest));
    PlannedTrial {
        name,
        session: index,
        question: Arc::new(question),
        beforehand,
    }
}

/// What a command has to say of the pack, so that it judges by it. The reference implementation says so itself.
fn claimed(session: &Session) -> Vec<String> {
    let pack = &session.spec.pack;
    match pack.binds == Binds::Claimants && session.target.against() != Some("reference") {
        true => vec![pack.name.clone()],
        false => Vec::new(),
    }
}

/// Whether one trial of a rule is asked for by its name, and is to be judged, as nextest does it.
fn asks_for_one(arguments: &Arguments, planned: &[PlannedTrial]) -> bool {
    let asked = arguments.filter.as_deref().filter(|_| arguments.exact);
    asked.is_some_and(|asked| {
        let mut all = planned.iter();
        all.any(|one| one.name == asked && one.beforehand.is_none())
    })
}

/// Whether an ignored trial is asked for by its name.
fn is_forced(arguments: &Arguments, name: &str) -> bool {
    arguments.exact && arguments.ignored && arguments.filter.as_deref() == Some(name)
}

/// Plays everything that need not be ignored, with as many threads as there may be.
fn everything(
    sessions: &Arc<Sessions>,
    planned: &[PlannedTrial],
    arguments: &Arguments,
) -> TrialVerdicts {
    let judged = || planned.iter().filter(|one| one.beforehand.is_none());
    let mut asked = BTreeSet::new();
    for one in judged() {
        sessions.select(one.session, &one.question.rule);
        asked.insert(one.session);
    }
    let threads = arguments
        .test_threads
        .or_else(|| available_parallelism().ok().map(Into::into))
        .unwrap_or(1);
    thread::scope(|scope| {
        for _ in 0..threads.min(asked.len()) {
            scope.spawn(|| {
                for session in &asked {
                    sessions.outcome(*session);
                }
            });
        }
    });
    let answer = |one: &PlannedTrial| {
        let first = sessions.first(one.session);
        let outcome = sessions.outcome(one.session);
        one.question.answer(&outcome, first.as_deref())
    };
    judged()
        .map(|one| (one.name.clone(), answer(one)))
        .collect()
}

/// What the command calls the implementation, where it knows both that and the pack.
fn against(session: &Session) -> Option<String> {
    let text = &session.spec.source.text;
    let is_shipped = shipped(&session.spec.pack.name).is_some_and(|source| source.text == *text);
    let name = session.target.against().filter(|_| is_shipped);
    name.map(str::to_owned)
}

pub(super) fn read(specs: &[SpecFrom]) -> Result<Vec<Spec>, Mistake> {
    let all = SHIPPED.map(|(name, _)| SpecFrom::Shipped(name.to_owned()));
    let specs = if specs.is_empty() { &all } else { specs };
    let mut read: Vec<Spec> = Vec::new();
    for from in specs {
        let source = source(from)?;
        let spec = Spec::read(&source).map_err(|problems| Mistake::new(problems.to_string()))?;
        if read.iter().any(|other| other.pack.name == spec.pack.name) {
            return Err(Mistake::new(format!(
                "two specs call their pack `{}`: their trials would have the same names",
                spec.pack.name
            )));
        }
        if spec.pack.name == CORPUS {
            return Err(Mistake::new(format!(
                "a pack cannot be called `{CORPUS}` here: reproductions are"
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
        SpecFrom::File(path) => match read_text(path, MOST_WRITTEN) {
            Ok(text) => Ok(Source::new(path.display().to_string(), text)),
            Err(error) => Err(Mistake::new(format!(
                "the spec {} cannot be read: {error}",
                path.display()
            ))),
        },
    }
}

/// Every implementation with every pack that it is held against. A pack that the test or the target names
/// binds all the same.
pub(super) fn pair(
    targets: &[Arc<Target>],
    specs: &[Spec],
    by_name: bool,
) -> Result<Vec<Session>, Mistake> {
    let specs: Vec<Arc<Spec>> = specs.iter().cloned().map(Arc::new).collect();
    let mut sessions = Vec::new();
    for target in targets {
        for spec in &specs {
            let packs = target.packs();
            if packs.is_some_and(|packs| !packs.contains(&spec.pack.name)) {
                continue;
            }
            let binds = spec.pack.binds == Binds::Everybody || target.claims(&spec.pack.name);
            if !binds && !by_name && packs.is_none() {
                continue;
            }
            let spec = if target.narrowing().by_path.is_empty() {
                Arc::clone(spec)
            } else {
                let narrowed = spec.narrow(target.narrowing(), true).map_err(|error| {
                    Mistake::new(format!("`{}` cannot be narrowed: {error}", target.name()))
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

/// What the baseline of a target states of the trials that there are. Nothing is said of
/// packs and reproductions that this test does not use, nor of cases that the target is kept from.
fn baseline(
    target: &Target,
    specs: &[Spec],
    sessions: &[Session],
    kept: &[Arc<Kept>],
) -> Result<Vec<Expected>, Mistake> {
    let Some(source) = target.baseline() else {
        return Ok(Vec::new());
    };
    let baseline =
        Baseline::read(source, specs).map_err(|problems| Mistake::new(problems.to_string()))?;
    let is_judged = |entry: &Expected| {
        let mut own = sessions
            .iter()
            .filter(|session| session.target.name() == target.name());
        own.any(|session| session.spec.pack.name == entry.pack)
    };
    let is_kept = |entry: &Expected| {
        let mut named = kept.iter().filter(|kept| kept.name == entry.rule);
        entry.pack == CORPUS && named.any(|kept| concerns(kept, target))
    };
    let is_within = |entry: &Expected| match &entry.what {
        Expectation::Finding {
            case: Some(case), ..
        } => target.narrowing().refusal(case).is_none(),
        _ => true,
    };
    let mut expected = of_baseline(baseline, target.name());
    expected.retain(|entry| (is_judged(entry) && is_within(entry)) || is_kept(entry));
    Ok(expected)
}
