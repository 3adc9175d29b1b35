//! A run: one spec against one implementation.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::time::Instant;

use crate::domain::Case;
use crate::implementation::{Description, Implementation, Nature, Upstreams};
use crate::results::{
    Coverage, Event, Finding, PackReport, Parts, RuleInPart, RuleReport, RuleState, Stopped,
    Subscriber, Ways, text_fingerprint,
};
use crate::spec::{Demand, Rule, Spec, Standing};
use crate::user_agents::catalogue::PlayedBy;
use crate::vocabulary::identities_for;

use super::active::{ActiveRule, ActiveSet};
use super::before::unsteady;
use super::bodies::Bodies;
use super::claimed::{around, cost, inexpressible, outside, supported};
use super::entry;
use super::lab::Lab;
use super::options::Options;
use super::part_record::PartRecord;
use super::plan::Plan;
use super::runner::Runner;
use super::simplest_valid::simplest_valid;
use super::table::Table;
use super::tally::Tally;
use super::watching::Watching;

/// What is awaited of a run. It is boxed: see [`BoxFuture`](crate::implementation::BoxFuture). It stays with
/// the thread that it began on, as its plan does.
pub type Running<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Runs a spec against an implementation. Never fails: what ended the run early is in the report,
/// beside everything that was found before.
pub fn run<'a>(
    spec: &'a Spec,
    implementation: &'a mut dyn Implementation,
    options: &'a Options,
    subscriber: &'a mut Subscriber<'_>,
) -> Running<'a, PackReport> {
    Box::pin(whole(spec, implementation, options, subscriber))
}

async fn whole(
    spec: &Spec,
    implementation: &mut dyn Implementation,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> PackReport {
    let description = implementation.description().clone();
    match supported(spec, &description) {
        Ok(narrowed) => {
            let plan = Plan::new(&narrowed, options.cases, options.seed).part(options.part());
            let tried = simplest_valid(&narrowed);
            execute(
                (&narrowed, spec),
                RunCases {
                    plan,
                    tried,
                    outside: None,
                    is_of_one_case: false,
                },
                implementation,
                &description,
                options,
                subscriber,
            )
            .await
        }
        Err(error) => {
            let reason = format!("the implementation supports no case of the domain: {error}");
            let report = without_cases(spec, &description, &reason, options);
            subscriber(Event::Planned {
                pack: &spec.pack.name,
                version: spec.pack.version,
                coverage: &report.coverage,
            });
            subscriber(Event::Done(&report));
            report
        }
    }
}

/// Runs a spec, or judges a single case of it.
pub(super) async fn judged(
    spec: &Spec,
    case: Option<&Case>,
    implementation: &mut dyn Implementation,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> PackReport {
    match case {
        Some(case) => judge_one(spec, case, implementation, options, subscriber).await,
        None => run(spec, implementation, options, subscriber).await,
    }
}

/// Judges a single case, which need not be in the part of the domain that the implementation says
/// it supports: the report says so.
pub fn judge_one<'a>(
    spec: &'a Spec,
    case: &'a Case,
    implementation: &'a mut dyn Implementation,
    options: &'a Options,
    subscriber: &'a mut Subscriber<'_>,
) -> Running<'a, PackReport> {
    Box::pin(one(spec, case, implementation, options, subscriber))
}

async fn one(
    spec: &Spec,
    case: &Case,
    implementation: &mut dyn Implementation,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> PackReport {
    let description = implementation.description().clone();
    let narrowed = around(spec, &description, case);
    let outside = outside(spec, &description, case);
    if let Some(why) = inexpressible(spec, &description, case) {
        let report = PackReport {
            unsupported: Some((1, why.clone())),
            outside,
            ..without_cases(spec, &description, &why, options)
        };
        subscriber(Event::Done(&report));
        return report;
    }
    if let Some(why) = spec.why_excluded(case) {
        let why = format!("the case is excluded: {why}");
        let report = PackReport {
            outside,
            hollow: Some(why.clone()),
            ..without_cases(spec, &description, &why, options)
        };
        subscriber(Event::Done(&report));
        return report;
    }
    let tried = supported(spec, &description);
    let tried = tried.map_or_else(|_| Vec::new(), |spec| simplest_valid(&spec));
    let cases = RunCases {
        plan: Plan::of_one(case).part(options.part()),
        tried,
        outside,
        is_of_one_case: true,
    };
    execute(
        (&narrowed, spec),
        cases,
        implementation,
        &description,
        options,
        subscriber,
    )
    .await
}

/// The report of a pack that does not bind an implementation: no rule of it applies.
pub fn not_bound(spec: &Spec, description: &Description) -> PackReport {
    let reason = "the pack binds those who claim it, and the implementation does not";
    without_cases(spec, description, reason, &Options::default())
}

/// The report of a pack whose run came to nothing.
pub(super) fn not_begun(spec: &Spec, stopped: Stopped, options: &Options) -> PackReport {
    PackReport {
        stopped: Some(stopped),
        ..without_cases(spec, &Description::default(), "it was not begun", options)
    }
}

/// A report without a case, in which no rule applies for one reason.
fn without_cases(
    spec: &Spec,
    description: &Description,
    reason: &str,
    options: &Options,
) -> PackReport {
    let rules: Vec<RuleReport> = spec
        .rules
        .iter()
        .filter(|rule| options.selects(&rule.id))
        .map(|rule| Tally::default().report(rule, Some(reason.to_owned())))
        .collect();
    PackReport {
        pack: (
            spec.pack.name.clone(),
            spec.pack.version,
            spec.pack.title.clone(),
        ),
        implementation: (description.name.clone(), description.version.clone()),
        played_by: played_by(options),
        coverage: Coverage::Whole { cases: 0 },
        judged: 0,
        requests: 0,
        installations: 0,
        elapsed: std::time::Duration::ZERO,
        parts: options.part().map(|part| Parts {
            of: part.of,
            numbers: vec![part.number],
            text: text_fingerprint(&spec.source.text),
            rules: vec![RuleInPart::default(); rules.len()],
            ..Parts::default()
        }),
        rules,
        findings: Vec::new(),
        unsupported: None,
        anomalies: Vec::new(),
        unshrunk: 0,
        left: Vec::new(),
        notices: Vec::new(),
        let_in: Vec::new(),
        answers: Vec::new(),
        stopped: None,
        unclaimed: None,
        outside: None,
        hollow: None,
        cut_short: None,
    }
}

/// What a run plays.
struct RunCases {
    plan: Plan,
    /// Cases of which one has to get in before.
    tried: Vec<Case>,
    /// Why the one case of the plan is outside of what is supported.
    outside: Option<String>,
    /// Whether one case was asked for.
    is_of_one_case: bool,
}

/// Runs a plan for a spec as it is narrowed, beside the whole one.
async fn execute(
    (spec, whole): (&Spec, &Spec),
    cases: RunCases,
    implementation: &mut dyn Implementation,
    description: &Description,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> PackReport {
    let begun = Instant::now();
    let RunCases {
        mut plan,
        tried,
        outside,
        is_of_one_case,
    } = cases;
    let (active, inapplicable) = select(spec, description, options);
    let watching = Watching {
        events: active.iter().any(|rule| rule.rule.uses_events()),
        log: active.iter().any(|rule| rule.rule.uses_log()),
        arrivals: active.iter().any(|rule| rule.rule.uses_backend()),
        content: active.iter().any(|rule| rule.rule.uses_content()),
    };
    let asks = active
        .iter()
        .any(|active| spec.depends_on_challenges(active.rule));
    subscriber(Event::Planned {
        pack: &spec.pack.name,
        version: spec.pack.version,
        coverage: &plan.coverage,
    });
    let mut runner = Runner {
        spec,
        whole,
        tallies: vec![Tally::default(); active.len()],
        active_set: ActiveSet::of(&active, spec),
        active,
        lab: Lab::new(
            implementation,
            options,
            watching,
            identities_for(&spec.domain, description.tokens),
        ),
        table: Table::new(spec),
        siblings: HashMap::default(),
        options,
        coverage: plan.coverage.clone(),
        judged: 0,
        findings: Vec::new(),
        anomalies: Vec::new(),
        unsupported: None,
        unshrunk: 0,
        cut_short: None,
        left: Vec::new(),
        let_in: Vec::new(),
        asked: None,
        conversations: Vec::new(),
        asked_by_themselves: 0,
        held_before: Vec::new(),
        looked_apart: 0,
        courses_apart: HashSet::new(),
        tried_for_lock_outs: 0,
        looked_around: HashSet::new(),
        is_of_one_case,
        answers: Vec::new(),
        plain: spec.domain.simplest(),
        ways: Ways::default(),
        record: options.part().map(|_| PartRecord::default()),
    };
    runner.lab.bodies = Bodies::of(&runner.active, spec.rules.len());
    // Nothing of the set-up of what is a part of this program can be wrong.
    let tried = match description.nature {
        // Of what is deployed, only what lets somebody in is judged at all.
        Nature::Embedded | Nature::Deployed => &[],
        Nature::Configured | Nature::Told => tried.as_slice(),
    };
    // Whether anybody gets in at all is not for a program to say.
    runner.lab.by_models(true);
    let entered = entry::somebody_gets_in(&mut runner.lab, tried).await;
    runner.lab.by_models(false);
    let stopped = match entered {
        Ok(let_in) => {
            runner.let_in.extend(let_in);
            match runner.drive(&mut plan, subscriber).await {
                Ok(()) => runner.settle_followers().await.err(),
                Err(stopped) => Some(stopped),
            }
        }
        Err(stopped) => Some(stopped),
    };
    let stopped = stopped.map(|why| runner.lab.with_death(why));
    runner.settle_behind_others();
    runner.settle_lock_outs();
    runner.prove_smallest(&stopped);
    runner.findings.sort_by_key(|(_, finding)| {
        let order = spec.rules.iter().position(|rule| rule.id == finding.rule);
        (!finding.scored, finding.level, order)
    });
    let of_report: Vec<&Rule> = { spec.rules.iter() }
        .filter(|rule| options.selects(&rule.id))
        .collect();
    let parts = { options.part() }.map(|part| runner.in_part(part, &of_report, asks));
    let findings: Vec<Finding> = { runner.findings.into_iter() }
        .map(|(_, finding)| finding)
        .collect();
    let rules: Vec<RuleReport> = spec
        .rules
        .iter()
        .filter(|rule| options.selects(&rule.id))
        .map(|rule| {
            let position = runner
                .active
                .iter()
                .position(|active| active.rule.id == rule.id);
            let tally = position
                .and_then(|at| runner.tallies.get(at))
                .cloned()
                .unwrap_or_default();
            let flaky = findings
                .iter()
                .any(|f| f.rule == rule.id && f.flaky.is_some() && f.follows().is_none());
            let steady = findings
                .iter()
                .any(|f| f.rule == rule.id && (f.flaky.is_none() || f.follows().is_some()));
            let mut report = tally.report(rule, inapplicable.get(&rule.id).cloned());
            if report.state == RuleState::Failed && flaky && !steady {
                report.state = RuleState::Flaky;
            }
            report
        })
        .collect();
    let mut notices = unsteady(&findings);
    notices.extend(runner.lab.notices());
    let (undone, hollow) = match &stopped {
        Some(_) => (Vec::new(), None),
        None => undone(&runner.table.undone, &rules),
    };
    notices.extend(undone);
    let report = PackReport {
        pack: (
            spec.pack.name.clone(),
            spec.pack.version,
            spec.pack.title.clone(),
        ),
        implementation: (description.name.clone(), description.version.clone()),
        played_by: played_by(options),
        coverage: plan.coverage,
        judged: runner.judged,
        requests: runner.lab.requests(),
        installations: runner.lab.installations(),
        elapsed: begun.elapsed(),
        findings,
        unsupported: runner.unsupported,
        anomalies: runner.anomalies,
        unshrunk: runner.unshrunk,
        left: runner.left,
        notices,
        let_in: runner.let_in,
        answers: runner.answers,
        unclaimed: cost(spec, description, &rules),
        outside,
        cut_short: runner.cut_short.filter(|_| stopped.is_none()),
        hollow: match &stopped {
            Some(_) => None,
            None => runner.ways.hollow(asks).or(hollow),
        },
        rules,
        stopped,
        parts,
    };
    subscriber(Event::Done(&report));
    report
}

/// The programs that play.
fn played_by(options: &Options) -> Vec<PlayedBy> {
    let programs = options.programs.iter();
    { programs }
        .flat_map(|programs| programs.programs())
        .cloned()
        .collect()
}

/// What is said of cases that could not be played: notices, or why the run shows nothing, where no rule got a
/// verdict from any case.
fn undone(reasons: &[String], rules: &[RuleReport]) -> (Vec<String>, Option<String>) {
    if reasons.is_empty() || rules.iter().any(RuleReport::has_verdict) {
        let notice = |why: &String| format!("some cases were not applicable: {why}");
        return (reasons.iter().map(notice).collect(), None);
    }
    let why = reasons.join("; ");
    let hollow = format!("no rule got a verdict, because cases could not be played: {why}");
    (Vec::new(), Some(hollow))
}

/// The rules that are judged, and why the others are not.
fn select<'s>(
    spec: &'s Spec,
    description: &Description,
    options: &Options,
) -> (Vec<ActiveRule<'s>>, HashMap<String, String>) {
    let mut active = Vec::new();
    let mut inapplicable = HashMap::new();
    for (place, rule) in spec.rules.iter().enumerate() {
        if !options.selects(&rule.id) {
            continue;
        }
        let other_choice = spec.presumes(rule).find_map(|presumed| {
            let (name, wanted) = (presumed.alternative, presumed.choice);
            let taken = description.takes(name, presumed.first);
            let said = description.alternatives.get(name);
            (taken != wanted).then(|| match (said, description.nature) {
                (None, Nature::Configured | Nature::Told) => format!(
                    "{name}: {taken} is taken, for the implementation says nothing; `alternatives: {{{name}: \
                     {wanted}}}` holds it to the other"
                ),
                _ => format!("the implementation takes {name}: {taken}"),
            })
        });
        if let Some(reason) = other_choice {
            inapplicable.insert(rule.id.clone(), reason);
            continue;
        }
        if let (Demand::Unseen, Standing::NotScored(reason)) = (&rule.demand, &rule.standing) {
            inapplicable.insert(rule.id.clone(), reason.clone());
            continue;
        }
        if rule.uses_events() && !description.events {
            let reason = "the implementation hands over no audit events".to_owned();
            inapplicable.insert(rule.id.clone(), reason);
            continue;
        }
        if rule.uses_edits() && !description.edits {
            let reason = "the implementation is installed anew for each edit, so that nothing stale can be seen"
                .to_owned();
            inapplicable.insert(rule.id.clone(), reason);
            continue;
        }
        if rule.uses_backend() && !description.arrivals && !Upstreams::are_of(&spec.domain) {
            let reason = "the implementation does not tell what reaches its backend".to_owned();
            inapplicable.insert(rule.id.clone(), reason);
            continue;
        }
        active.push(ActiveRule { rule, place });
    }
    (active, inapplicable)
}
