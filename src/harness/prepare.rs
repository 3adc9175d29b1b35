//! From a test as it is written to its trials, without starting anything.

use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use super::check::{Mistake, check_expected, check_targets, unknown};
use super::corpus::{self, CORPUS, Kept, concerns};
use super::describe::{Replay, test_command};
use super::expectation::{Departures, Expectation, Expected, of_baseline};
use super::session::{Session, Sessions};
use super::target::Target;
use super::verdict::Question;
use super::{Conformance, SpecFrom};
use crate::baseline::Baseline;
use crate::spec::{Binds, SHIPPED, Spec, shipped};
use crate::yaml::Source;

/// The trial of a rule, and where its verdict comes from.
struct Planned {
    session: usize,
    rule: String,
    trial: Trial,
}

impl Conformance {
    /// The trials: of rules, in the order of implementations, packs and rules; then of reproductions;
    /// then the test's own. Those that these arguments will
    /// run are told to their sessions, so that nothing else is played.
    pub(super) fn prepare(mut self, arguments: &Arguments) -> Result<Vec<Trial>, Mistake> {
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
        let replays = corpus::trials(
            &kept,
            &targets,
            &self.expected,
            &self.options,
            self.allow_not_exercised,
        );
        let sessions = Arc::new(Sessions::new(sessions, self.options));
        let mut planned = Vec::new();
        for (index, session) in sessions.list().iter().enumerate() {
            for rule in &session.spec.rules {
                let (target, pack) = (&session.target, &session.spec.pack.name);
                let name = format!("{}::{pack}::{}", target.name(), rule.id);
                let question = Question {
                    departures: Departures::of(&self.expected, target.name(), pack, &rule.id),
                    rule: rule.id.clone(),
                    allow_not_exercised: self.allow_not_exercised || target.allows_not_exercised(),
                    replay: Replay {
                        against: against(session),
                        test: test_command(&name),
                    },
                };
                let stated = question.departures.not_exercised.clone();
                let ignored = target
                    .need_not_try(&session.spec, rule)
                    .or_else(|| stated.filter(|_| under_nextest()));
                let asked = Arc::clone(&sessions);
                let mut trial =
                    Trial::ignorable_test(name, move || question.answer(&asked.outcome(index)));
                if let Some(reason) = ignored {
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
            .chain(replays)
            .chain(further)
            .collect())
    }
}

/// What the command calls the implementation, where it knows both that and the pack.
fn against(session: &Session) -> Option<String> {
    let text = &session.spec.source.text;
    let is_shipped = shipped(&session.spec.pack.name).is_some_and(|source| source.text == *text);
    let name = session.target.against().filter(|_| is_shipped);
    name.map(str::to_owned)
}

fn read(specs: &[SpecFrom]) -> Result<Vec<Spec>, Mistake> {
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
        SpecFrom::File(path) => match std::fs::read_to_string(path) {
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
fn pair(targets: &[Arc<Target>], specs: &[Spec], by_name: bool) -> Result<Vec<Session>, Mistake> {
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

/// What the baseline of a target's adapter states of the trials that there are. Nothing is said of
/// packs and reproductions that this test does not use, nor of cases that the target is kept from.
fn baseline(
    target: &Target,
    specs: &[Spec],
    sessions: &[Session],
    kept: &[Arc<Kept>],
) -> Result<Vec<Expected>, Mistake> {
    let Some(source) = target.known() else {
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
        Expectation::Finding(_, Some(case)) => target.narrowing().refusal(case).is_none(),
        _ => true,
    };
    let mut expected = of_baseline(baseline, target.name());
    expected.retain(|entry| (is_judged(entry) && is_within(entry)) || is_kept(entry));
    Ok(expected)
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether cargo-nextest lists or runs the trials. It takes a trial that is ignored while it runs for
/// passed, so what is stated as never exercised must be ignored before.
fn under_nextest() -> bool {
    std::env::var_os("NEXTEST").is_some()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use libtest_mimic::Conclusion;

    use super::*;
    use crate::implementation::{Implementation, ReferenceImplementation};

    /// Two packs with two rules each; the second rule of the first needs events.
    fn pack(name: &str) -> String {
        format!(
            "countersign: 1
pack: {{name: {name}, version: 1, title: A pack}}
domain:
  policy:
    profiles: {{list: {{of: {{scheme: {{one-of: [basic, bearer]}}, active: {{bool: true}}}}, max: 1}}}}
    advertise_all: {{bool: false}}
  client:
    persona: {{one-of: [preemptive]}}
    scheme: {{one-of: [basic, bearer]}}
    credential: {{one-of: [valid, none]}}
alternatives:
  way:
    why: Sources differ.
    choices: {{one: The one., other: The other.}}
rules:
  - id: challenged
    level: must
    source: {{document: RFC 9110, section: '15.5.2'}}
    impact: Nobody can log in.
    when: {{status: 401}}
    expect: {{challenges: {{some: true}}}}
  - id: logged
    level: must
    source: {{document: RFC 9110, section: '15.5.2'}}
    impact: Nobody can tell.
    when: {{outcome: accepted}}
    expect: {{events: {{LOGIN_SUCCESS: 1}}}}
  - id: other-way
    level: must
    alternative: {{way: other}}
    source: {{document: RFC 9110, section: '15.5.2'}}
    impact: Nobody can tell.
    when: {{status: 401}}
    expect: {{challenges: {{some: true}}}}
"
        )
    }

    /// The reference, counting how often it is opened.
    fn counted(name: &str, count: &Arc<AtomicUsize>) -> Target {
        let count = Arc::clone(count);
        Target::new(name, move || {
            count.fetch_add(1, Ordering::SeqCst);
            Box::pin(async {
                Ok(Box::new(ReferenceImplementation::new()) as Box<dyn Implementation>)
            })
        })
    }

    fn test(targets: impl IntoIterator<Item = Target>) -> Conformance {
        targets
            .into_iter()
            .fold(Conformance::new(), Conformance::target)
            .spec_text("one.yaml", pack("one"))
            .spec_text("two.yaml", pack("two"))
    }

    /// What libtest-mimic makes of a test with this command line, and what it prints.
    fn perform(test: Conformance, line: &[&str]) -> (Conclusion, String) {
        let log = tempfile::NamedTempFile::new().unwrap();
        let path = log.path().display().to_string();
        let line = ["test", "--logfile", &path]
            .into_iter()
            .chain(line.iter().copied());
        let arguments = Arguments::from_iter(line);
        let trials = test.prepare(&arguments).unwrap();
        let conclusion = libtest_mimic::run(&arguments, trials);
        (conclusion, fs::read_to_string(&path).unwrap())
    }

    #[test]
    fn each_rule_is_a_trial_and_each_pack_a_run() {
        let opened = Arc::default();
        let (conclusion, said) = perform(test([counted("a", &opened), counted("b", &opened)]), &[]);
        assert_eq!(
            (conclusion.num_passed, conclusion.num_ignored),
            (8, 4),
            "{said}"
        );
        assert!(!conclusion.has_failed(), "{said}");
        assert_eq!(opened.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn what_is_filtered_out_is_not_opened() {
        for (line, passed, opens) in [
            (&["a::one"] as &[&str], 2, 1),
            (&["--exact", "a::one::logged"], 1, 1),
            (&["--exact", "a::one"], 0, 0),
            (&["logged"], 4, 4),
            (&["logged", "--skip", "::two::"], 2, 2),
            (
                &["--exact", "--skip", "a::one::logged", "a::one::logged"],
                0,
                0,
            ),
            (&["--ignored"], 0, 4),
            (&["--include-ignored", "b::two"], 2, 1),
            (&["--test-threads", "1", "challenged"], 4, 4),
            (&["--bench"], 0, 0),
        ] {
            let opened = Arc::default();
            let targets = [counted("a", &opened), counted("b", &opened)];
            let (conclusion, said) = perform(test(targets), line);
            assert_eq!(conclusion.num_passed, passed, "{line:?}\n{said}");
            assert_eq!(opened.load(Ordering::SeqCst), opens, "{line:?}\n{said}");
        }
    }

    #[test]
    fn only_the_selected_rules_are_judged() {
        let opened = Arc::default();
        let test = test([counted("a", &opened)]);
        let specs = read(&test.specs).unwrap();
        let targets: Vec<Arc<Target>> = test.targets.into_iter().map(Arc::new).collect();
        let sessions = Sessions::new(pair(&targets, &specs, true).unwrap(), test.options);
        sessions.select(0, "challenged");
        let outcome = sessions.outcome(0);
        let report = outcome.as_ref().as_ref().unwrap();
        let judged = report.rules.iter().filter(|rule| rule.passed > 0);
        let judged: Vec<&str> = judged.map(|rule| rule.id.as_str()).collect();
        assert_eq!(judged, ["challenged"]);
    }

    #[test]
    fn a_listing_starts_nothing_and_shows_reasons() {
        let opened = Arc::default();
        let targets = [
            counted("a", &opened).without_events(),
            counted("b", &opened).missing("b is not installed:\n  apt-get install b"),
            counted("c", &opened).takes("way", "other"),
        ];
        let (_, said) = perform(test(targets).trial("own", || Ok(())), &["--list"]);
        assert_eq!(opened.load(Ordering::SeqCst), 0);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 19, "{said}");
        for line in [
            "a::one::challenged: test",
            "[it hands over no audit events] a::one::logged: test",
            "[it takes way: one] a::two::other-way: test",
            "[b is not installed: apt-get install b] b::one::challenged: test",
            "c::one::other-way: test",
            "own: test",
        ] {
            assert!(lines.contains(&line), "{line}\n{said}");
        }
    }

    #[test]
    fn what_is_missing_never_passes() {
        let opened = Arc::default();
        let missing = || [counted("b", &opened).missing("b is not installed")];
        let (conclusion, said) = perform(test(missing()), &[]);
        assert_eq!(
            (conclusion.num_ignored, conclusion.num_passed),
            (6, 0),
            "{said}"
        );
        let (conclusion, said) = perform(test(missing()), &["--ignored"]);
        assert_eq!(
            (conclusion.num_failed, conclusion.num_passed),
            (6, 0),
            "{said}"
        );
        assert!(
            said.contains("could not open b: b is not installed"),
            "{said}"
        );
        assert_eq!(opened.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_run_that_panics_fails_its_trials_once() {
        let opened = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&opened);
        let target = Target::new("a", move || {
            count.fetch_add(1, Ordering::SeqCst);
            panic!("boom");
        });
        let (conclusion, said) = perform(test([target]), &["a::one"]);
        assert_eq!(conclusion.num_failed, 2, "{said}");
        assert!(said.contains("Countersign panicked: boom"), "{said}");
        assert_eq!(opened.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn mistakes_are_told_before_anything_runs() {
        let mistake = |test: Conformance| {
            let arguments = Arguments::default();
            test.prepare(&arguments).unwrap_err().to_string()
        };
        let reference = || test([Target::reference()]);
        for (test, words) in [
            (test([]), "no implementation is named"),
            (
                reference().reference(),
                "two implementations are called `reference`",
            ),
            (
                reference().remote("a::b", ["x"]),
                "cannot name an implementation",
            ),
            (reference().adapter("nginxx"), "did you mean `nginx`?"),
            (
                reference().shipped("reachabilty"),
                "did you mean `reachability`?",
            ),
            (
                reference().spec_file("no/such.yaml"),
                "no/such.yaml cannot be read",
            ),
            (
                reference().spec_text("c", pack("one")),
                "two specs call their pack `one`",
            ),
            (
                reference().spec_text("c", "countersign: 1\nrool: 2"),
                "rool",
            ),
            (
                reference().expect_finding("reference", "one", "chalenged", "s", "r"),
                "did you mean `challenged`?",
            ),
            (
                reference().expect_not_exercised("gateway", "one", "logged", "r"),
                "there is no implementation `gateway`",
            ),
            (
                test([Target::reference().takes("way", "othr")]),
                "did you mean `other`?",
            ),
            (
                test([Target::reference().for_packs(["three"])]),
                "there is no pack `three`",
            ),
            (
                test([Target::reference()
                    .within("policy.flag", crate::domain::Allowed::Values(Vec::new()))]),
                "narrowed at `policy.flag`, which no pack has",
            ),
        ] {
            let said = mistake(test);
            assert!(said.contains(words), "{words}\n{said}");
        }
    }
}
