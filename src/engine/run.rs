//! A run: one spec against one implementation.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use crate::auth::{CredentialState, Scheme};
use crate::client::identities_for;
use crate::domain::{Allowed, Case, NarrowError, Narrowing, Value};
use crate::implementation::{Description, Implementation};
use crate::spec::{Demand, Spec, Standing};

use super::event::{Event, Subscriber};
use super::finding::Finding;
use super::lab::Lab;
use super::options::Options;
use super::plan::{Coverage, Plan};
use super::report::{PackReport, RuleState};
use super::runner::{ActiveRule, Runner};
use super::table::Table;
use super::tally::Tally;

/// Runs a spec against an implementation. Never fails: what ended the run early is in the report,
/// beside everything that was found before.
pub async fn run(
    spec: &Spec,
    implementation: &mut dyn Implementation,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> PackReport {
    let description = implementation.description().clone();
    match supported(spec, &description) {
        Ok(narrowed) => {
            let plan = Plan::new(&narrowed, options.cases, options.seed);
            execute(
                (&narrowed, spec),
                plan,
                implementation,
                &description,
                options,
                subscriber,
            )
            .await
        }
        Err(error) => {
            let report = nothing_left(spec, &description, &error.to_string());
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

/// The part of a spec's domain that the implementation supports. What a JWT says of itself, and the key
/// that a token is bound to, is beyond one that takes opaque tokens.
fn supported(spec: &Spec, description: &Description) -> Result<Spec, NarrowError> {
    let spec = spec.narrow(&description.supported(), true)?;
    if description.tokens.takes_jwts() {
        return Ok(spec);
    }
    let needs_jwt = |field: &str, word: &Value| {
        let word = word.as_symbol().unwrap_or_default();
        match field {
            "scheme" => Scheme::from_word(word) == Some(Scheme::Dpop),
            _ => CredentialState::from_word(word).is_some_and(CredentialState::needs_jwt),
        }
    };
    let mut narrowing = Narrowing::default();
    for field in ["scheme", "credential"] {
        let words = spec.domain.client.at(&[field]);
        let words: Vec<Value> = words.map_or_else(Vec::new, |words| words.values().collect());
        if words.iter().any(|word| needs_jwt(field, word)) {
            let others = words.into_iter().filter(|word| !needs_jwt(field, word));
            let allowed = Allowed::Values(others.collect());
            narrowing.by_path.insert(format!("client.{field}"), allowed);
        }
    }
    spec.narrow(&narrowing, true)
}

/// Judges a single case, which need not be in the part of the domain that the implementation says
/// it supports.
pub async fn judge_one(
    spec: &Spec,
    case: &Case,
    implementation: &mut dyn Implementation,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> PackReport {
    let description = implementation.description().clone();
    let plan = Plan::of_one(case);
    execute(
        (spec, spec),
        plan,
        implementation,
        &description,
        options,
        subscriber,
    )
    .await
}

fn nothing_left(spec: &Spec, description: &Description, why: &str) -> PackReport {
    let reason = format!("the implementation supports no case of the domain: {why}");
    let rules = spec
        .rules
        .iter()
        .map(|rule| Tally::default().report(rule, Some(reason.clone())))
        .collect();
    PackReport {
        pack: (
            spec.pack.name.clone(),
            spec.pack.version,
            spec.pack.title.clone(),
        ),
        implementation: (description.name.clone(), description.version.clone()),
        coverage: Coverage::Whole { cases: 0 },
        judged: 0,
        requests: 0,
        installations: 0,
        elapsed: std::time::Duration::ZERO,
        rules,
        findings: Vec::new(),
        unsupported: None,
        anomalies: Vec::new(),
        unshrunk: 0,
        left: Vec::new(),
        notices: Vec::new(),
        answers: Vec::new(),
        stopped: None,
    }
}

/// Runs a plan for a spec as it is narrowed, beside the whole one.
async fn execute(
    (spec, whole): (&Spec, &Spec),
    mut plan: Plan,
    implementation: &mut dyn Implementation,
    description: &Description,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> PackReport {
    let begun = Instant::now();
    let (active, inapplicable) = select(spec, description, options);
    let events = active.iter().any(|rule| rule.rule.uses_events());
    subscriber(Event::Planned {
        pack: &spec.pack.name,
        version: spec.pack.version,
        coverage: &plan.coverage,
    });
    let mut runner = Runner {
        spec,
        whole,
        tallies: vec![Tally::default(); active.len()],
        active,
        lab: Lab::new(
            implementation,
            options,
            events,
            identities_for(&spec.domain, description.tokens),
        ),
        table: Table::new(spec),
        siblings: HashMap::new(),
        options,
        coverage: plan.coverage.clone(),
        judged: 0,
        findings: Vec::new(),
        anomalies: Vec::new(),
        unsupported: None,
        unshrunk: 0,
        left: Vec::new(),
        clients: Vec::new(),
        looked_around: HashSet::new(),
        answers: Vec::new(),
    };
    let stopped = runner.drive(&mut plan, subscriber).await.err();
    runner.prove_smallest(&stopped);
    let mut findings: Vec<Finding> = runner
        .findings
        .into_iter()
        .map(|(_, finding)| finding)
        .collect();
    findings.sort_by_key(|finding| {
        let order = spec.rules.iter().position(|rule| rule.id == finding.rule);
        (!finding.scored, finding.level, order)
    });
    let rules = spec
        .rules
        .iter()
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
                .any(|f| f.rule == rule.id && f.flaky.is_some());
            let steady = findings
                .iter()
                .any(|f| f.rule == rule.id && f.flaky.is_none());
            let mut report = tally.report(rule, inapplicable.get(&rule.id).cloned());
            if report.state == RuleState::Failed && flaky && !steady {
                report.state = RuleState::Flaky;
            }
            report
        })
        .collect();
    let report = PackReport {
        pack: (
            spec.pack.name.clone(),
            spec.pack.version,
            spec.pack.title.clone(),
        ),
        implementation: (description.name.clone(), description.version.clone()),
        coverage: plan.coverage,
        judged: runner.judged,
        requests: runner.lab.requests(),
        installations: runner.lab.installations(),
        elapsed: begun.elapsed(),
        rules,
        findings,
        unsupported: runner.unsupported,
        anomalies: runner.anomalies,
        unshrunk: runner.unshrunk,
        left: runner.left,
        notices: Vec::new(),
        answers: runner.answers,
        stopped,
    };
    subscriber(Event::Done(&report));
    report
}

/// The rules that are judged, and why the others are not.
fn select<'s>(
    spec: &'s Spec,
    description: &Description,
    options: &Options,
) -> (Vec<ActiveRule<'s>>, HashMap<String, String>) {
    let mut active = Vec::new();
    let mut inapplicable = HashMap::new();
    for rule in &spec.rules {
        if !options.rules.is_empty() && !options.rules.contains(&rule.id) {
            inapplicable.insert(rule.id.clone(), "not selected".to_owned());
            continue;
        }
        let other_choice = rule.alternative.iter().find_map(|(alternative, choice)| {
            let alternative = spec.alternatives.get(*alternative)?;
            let default = alternative.choices.first().map(|(name, _)| name.as_str());
            let taken = description
                .alternatives
                .get(&alternative.name)
                .map(String::as_str)
                .or(default)?;
            let wanted = alternative
                .choices
                .get(*choice)
                .map(|(name, _)| name.as_str())?;
            (taken != wanted)
                .then(|| format!("the implementation takes {}: {taken}", alternative.name))
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
        active.push(ActiveRule { rule });
    }
    (active, inapplicable)
}
