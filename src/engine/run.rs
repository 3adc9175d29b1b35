//! A run: one spec against one implementation.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::domain::{Case, Simplicity};
use crate::implementation::{Description, Implementation};
use crate::spec::{Demand, Env, Rule, Siblings, Spec, Standing, Tri};

use super::event::{Event, Subscriber};
use super::finding::{Finding, Proof};
use super::judge::{SiblingAt, Verdict};
use super::lab::{Lab, Stopped};
use super::options::Options;
use super::plan::{Coverage, Plan, SettingValue};
use super::report::{Anomaly, PackReport, RuleReport, RuleState};
use super::shrink::Known;
use super::table::{At, Played, Table};

/// The most different findings of one rule; a rule that breaks in more ways is told of as a whole.
const FINDINGS_PER_RULE: usize = 8;

/// The most kinds of anomaly that are told apart.
const ANOMALIES: usize = 16;

/// Runs a spec against an implementation. Never fails: what ended the run early is in the report,
/// beside everything that was found before.
pub async fn run(
    spec: &Spec,
    implementation: &mut dyn Implementation,
    options: &Options,
    subscriber: &mut Subscriber<'_>,
) -> PackReport {
    let description = implementation.description().clone();
    match spec.narrow(&description.supports, true) {
        Ok(narrowed) => {
            let plan = Plan::new(&narrowed, options.cases, options.seed);
            execute(
                &narrowed,
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
        spec,
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
        stopped: None,
    }
}

async fn execute(
    spec: &Spec,
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
        tallies: vec![Tally::default(); active.len()],
        active,
        lab: Lab::new(implementation, options, events),
        table: Table::new(spec),
        siblings: HashMap::new(),
        options,
        coverage: plan.coverage.clone(),
        judged: 0,
        findings: Vec::new(),
        anomalies: Vec::new(),
        unsupported: None,
        unshrunk: 0,
        clients: Vec::new(),
        looked_around: HashSet::new(),
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
        if rule.uses_events() && !description.events {
            let reason = "the implementation hands over no audit events".to_owned();
            inapplicable.insert(rule.id.clone(), reason);
            continue;
        }
        active.push(ActiveRule { rule });
    }
    (active, inapplicable)
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ActiveRule<'s> {
    pub(super) rule: &'s Rule,
}

#[derive(Clone, Debug, Default)]
struct Tally {
    passed: u64,
    failed: u64,
    inconclusive: u64,
    /// The simplest failing case of each kind, to prove that none simpler fails.
    simplest: HashMap<String, [Simplicity; 2]>,
}

impl Tally {
    fn report(&self, rule: &Rule, inapplicable: Option<String>) -> RuleReport {
        let state = match inapplicable {
            Some(reason) => RuleState::NotApplicable(reason),
            None if self.failed > 0 => RuleState::Failed,
            None if self.inconclusive > 0 => RuleState::Inconclusive,
            None if self.passed > 0 => RuleState::Passed,
            None => RuleState::NotExercised,
        };
        RuleReport {
            id: rule.id.clone(),
            level: rule.level,
            scored: rule.standing == Standing::Scored,
            passed: self.passed,
            failed: self.failed,
            inconclusive: self.inconclusive,
            state,
        }
    }
}

/// A case that broke a rule.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// The rule's position among the active ones.
    pub(super) rule: usize,
    pub(super) case: Case,
    pub(super) kind: String,
    /// Whether it was met while another was shrunk: not a case of the plan, so not counted as one.
    pub(super) met: bool,
}

/// Siblings by rule and by what they depend on.
type SiblingCache = HashMap<(usize, At), Arc<[SiblingAt]>>;

pub(super) struct Runner<'r> {
    pub(super) spec: &'r Spec,
    pub(super) active: Vec<ActiveRule<'r>>,
    tallies: Vec<Tally>,
    pub(super) lab: Lab<'r>,
    pub(super) table: Table<'r>,
    siblings: SiblingCache,
    pub(super) options: &'r Options,
    pub(super) coverage: Coverage,
    judged: u64,
    findings: Vec<(Known, Finding)>,
    anomalies: Vec<Anomaly>,
    unsupported: Option<(u64, String)>,
    unshrunk: u64,
    /// The clients that each setting is tried with.
    clients: Vec<usize>,
    /// Settings of findings that were tried with every client.
    looked_around: HashSet<SettingValue>,
}

/// Stands for "whichever" in a key of the sibling cache.
const ANY: usize = usize::MAX;

impl Runner<'_> {
    async fn drive(
        &mut self,
        plan: &mut Plan,
        subscriber: &mut Subscriber<'_>,
    ) -> Result<(), Stopped> {
        let of = plan.coverage.cases();
        loop {
            let epoch = plan.epoch(self.spec);
            if epoch.is_empty() {
                return Ok(());
            }
            self.table = Table::new(self.spec);
            self.siblings.clear();
            self.clients.clear();
            for client in &plan.clients {
                let client = self.table.client(client).map_err(Stopped::Unplayable)?;
                self.clients.push(client);
            }
            let mut left = of.saturating_sub(self.judged);
            for chunk in epoch.chunks(self.lab.slots()) {
                let mut cases = Vec::new();
                for setting in chunk {
                    let setting = self.table.setting(setting.clone());
                    for client in &self.clients {
                        let at = At {
                            setting,
                            client: *client,
                        };
                        if left > 0 && self.is_wanted(at) {
                            left -= 1;
                            cases.push(at);
                        }
                    }
                }
                self.observe(&cases).await?;
                self.judged += self.count_played(&cases);
                let failures = self.judge_cases(&cases);
                self.note_unsupported(&cases);
                self.settle(failures, subscriber).await?;
                let failures = self.tallies.iter().map(|tally| tally.failed).sum();
                subscriber(Event::Progress {
                    judged: self.judged,
                    of,
                    failures,
                });
            }
        }
    }

    /// Whether the case is allowed and a rule may apply to it.
    fn is_wanted(&self, at: At) -> bool {
        let Some(case) = self.table.case(at) else {
            return false;
        };
        if self.spec.excludes(case) {
            return false;
        }
        let definitions = self.table.definitions(at);
        let env = Env::of(case, &definitions);
        self.active
            .iter()
            .any(|active| active.rule.when.evaluate(&env) != Tri::False)
    }

    /// Plays the cases and whatever they will be compared with.
    pub(super) async fn observe(&mut self, cases: &[At]) -> Result<(), Stopped> {
        let mut wanted = cases.to_vec();
        for at in cases {
            for rule in 0..self.active.len() {
                self.find_siblings(rule, *at).map_err(Stopped::Unplayable)?;
                if self.may_apply(rule, *at) {
                    wanted.extend(self.siblings_of(rule, *at).iter().map(|sibling| sibling.at));
                }
            }
        }
        self.lab.fill(&mut self.table, &wanted).await
    }

    /// Whether a rule may apply to a case, as far as that is known before it is played.
    pub(super) fn may_apply(&self, rule: usize, at: At) -> bool {
        let (Some(active), Some(case)) = (self.active.get(rule), self.table.case(at)) else {
            return false;
        };
        let definitions = self.table.definitions(at);
        active.rule.when.evaluate(&Env::of(case, &definitions)) != Tri::False
    }

    /// How many of the cases were played.
    fn count_played(&self, cases: &[At]) -> u64 {
        let played = cases.iter().filter(|at| self.table.played(**at).is_some());
        played.count() as u64
    }

    /// Holds every rule against every case, counts, and answers with the failures.
    fn judge_cases(&mut self, cases: &[At]) -> Vec<Failure> {
        let mut failures = Vec::new();
        for at in cases {
            if self.table.played(*at).is_none() {
                continue;
            }
            for rule in 0..self.active.len() {
                let verdict = self.verdict(rule, *at);
                let Some(case) = self.table.case(*at) else {
                    continue;
                };
                let Some(tally) = self.tallies.get_mut(rule) else {
                    continue;
                };
                match verdict {
                    Verdict::NotApplicable => {}
                    Verdict::Pass => tally.passed += 1,
                    Verdict::Inconclusive(why) => {
                        tally.inconclusive += 1;
                        note_anomaly(&mut self.anomalies, why, &case.to_case());
                    }
                    Verdict::Fail { discrepancy, .. } => {
                        tally.failed += 1;
                        let case = case.to_case();
                        let key = Simplicity::of_case(&self.spec.domain, &case);
                        let simplest = tally
                            .simplest
                            .entry(discrepancy.kind.clone())
                            .or_insert(key.clone());
                        if key < *simplest {
                            *simplest = key;
                        }
                        failures.push(Failure {
                            rule,
                            case,
                            kind: discrepancy.kind,
                            met: false,
                        });
                    }
                }
            }
        }
        failures
    }

    /// What a rule says of a case whose siblings are in the table.
    pub(super) fn verdict(&self, rule: usize, at: At) -> Verdict {
        let (Some(active), Some(case)) = (self.active.get(rule), self.table.case(at)) else {
            return Verdict::NotApplicable;
        };
        let definitions = self.table.definitions(at);
        let sight = match self.table.played(at) {
            Some(Played::Seen(seen)) => Some(seen.sight()),
            Some(Played::Fault(_)) => None,
            // The implementation cannot express it, so no rule speaks of it.
            None => return Verdict::NotApplicable,
        };
        let env = Env {
            sight,
            ..Env::of(case, &definitions)
        };
        self.table
            .judge(active.rule, at, &|| self.siblings_of(rule, at), &env)
    }

    /// Shrinks and explains every failure that no known finding accounts for.
    async fn settle(
        &mut self,
        failures: Vec<Failure>,
        subscriber: &mut Subscriber<'_>,
    ) -> Result<(), Stopped> {
        let mut queue: VecDeque<Failure> = failures.into();
        let mut seen = HashSet::new();
        while let Some(failure) = queue.pop_front() {
            // Two kinds of failure may meet each other for ever.
            if failure.met
                && !seen.insert((failure.rule, failure.kind.clone(), failure.case.clone()))
            {
                continue;
            }
            let known = self
                .findings
                .iter_mut()
                .find(|(known, _)| known.accounts_for(&failure, &self.spec.domain));
            if let Some((known, finding)) = known {
                known.count(&failure, finding);
                continue;
            }
            let of_rule = self
                .findings
                .iter()
                .filter(|(known, _)| known.rule == failure.rule);
            if of_rule.count() >= FINDINGS_PER_RULE {
                self.unshrunk += u64::from(!failure.met);
                continue;
            }
            let found = self.findings.len();
            let mut met = self.look_into(&failure, subscriber).await;
            if let Ok(met) = &mut met
                && self.findings.len() > found
            {
                match self.look_around().await {
                    Ok(failures) => met.extend(failures),
                    Err(stopped) => return Err(stopped),
                }
            }
            match met {
                Ok(met) => queue.extend(met),
                Err(stopped) => {
                    let left = queue.iter().chain([&failure]).filter(|left| !left.met);
                    self.unshrunk += left.count() as u64;
                    return Err(stopped);
                }
            }
        }
        Ok(())
    }

    /// Where the space is only sampled, tries every client and every rule on the setting of the last
    /// finding: which other rules a defect breaks must not depend on the seed.
    async fn look_around(&mut self) -> Result<Vec<Failure>, Stopped> {
        let (Coverage::Sampled { .. }, Some((known, _))) = (&self.coverage, self.findings.last())
        else {
            return Ok(Vec::new());
        };
        let setting = (known.case.policy.clone(), known.case.instance.clone());
        if !self.looked_around.insert(setting.clone()) {
            return Ok(Vec::new());
        }
        let setting = self.table.setting(setting);
        let all = self.clients.iter().map(|client| At {
            setting,
            client: *client,
        });
        let cases: Vec<At> = all.filter(|at| self.is_wanted(*at)).collect();
        self.observe(&cases).await?;
        Ok(self.judge_cases(&cases))
    }

    /// Shrinks a failure; what is not known yet becomes a finding. Answers with failures of other
    /// kinds that were met on the way.
    async fn look_into(
        &mut self,
        failure: &Failure,
        subscriber: &mut Subscriber<'_>,
    ) -> Result<Vec<Failure>, Stopped> {
        let begun = self.lab.requests();
        let (minimal, proof, mut met) = self.shrink(failure, begun).await?;
        let same = self.findings.iter_mut().find(|(known, _)| {
            known.rule == minimal.rule && known.kind == minimal.kind && known.case == minimal.case
        });
        if let Some((known, finding)) = same {
            known.count(failure, finding);
            known.learn(failure, &self.spec.domain);
            return Ok(met);
        }
        let (mut known, finding, more) = self.investigate(&minimal, proof, begun).await?;
        met.extend(more);
        known.learn(failure, &self.spec.domain);
        subscriber(Event::Found(&finding));
        self.findings.push((known, finding));
        Ok(met)
    }

    fn note_unsupported(&mut self, cases: &[At]) {
        let mut last = ANY;
        for at in cases {
            if at.setting == last {
                continue;
            }
            last = at.setting;
            let reason = self
                .table
                .settings
                .get(at.setting)
                .and_then(|setting| setting.unsupported.clone());
            if let Some(reason) = reason {
                let (count, _) = self.unsupported.get_or_insert((0, reason));
                *count += 1;
            }
        }
    }

    /// Finds the places of a case's siblings, once for all cases that share them.
    pub(super) fn find_siblings(&mut self, rule: usize, at: At) -> Result<(), String> {
        let spec = self.spec;
        let Some(ActiveRule {
            rule:
                Rule {
                    demand: Demand::Relate(relation),
                    ..
                },
        }) = self.active.get(rule).copied()
        else {
            return Ok(());
        };
        let key = (rule, shared_key(&relation.siblings, at));
        if self.siblings.contains_key(&key) {
            return Ok(());
        }
        let Some(case) = self.table.case(at) else {
            return Ok(());
        };
        let mut found = Vec::new();
        for sibling in relation.siblings.of(&case.to_case(), &spec.domain) {
            if spec.domain.contains(&sibling.case) {
                let place = self.table.place(&sibling.case)?;
                found.push(SiblingAt {
                    at: place,
                    difference: sibling.difference,
                });
            }
        }
        self.siblings.insert(key, found.into());
        Ok(())
    }

    /// The siblings of a case that no constraint excludes.
    fn siblings_of(&self, rule: usize, at: At) -> Vec<SiblingAt> {
        let Some(ActiveRule {
            rule:
                Rule {
                    demand: Demand::Relate(relation),
                    ..
                },
        }) = self.active.get(rule)
        else {
            return Vec::new();
        };
        let key = shared_key(&relation.siblings, at);
        let Some(found) = self.siblings.get(&(rule, key)) else {
            return Vec::new();
        };
        found
            .iter()
            .map(|sibling| SiblingAt {
                at: At {
                    setting: if key.setting == ANY {
                        at.setting
                    } else {
                        sibling.at.setting
                    },
                    client: if key.client == ANY {
                        at.client
                    } else {
                        sibling.at.client
                    },
                },
                difference: sibling.difference.clone(),
            })
            .filter(|sibling| {
                self.table
                    .case(sibling.at)
                    .is_some_and(|case| !self.spec.excludes(case))
            })
            .collect()
    }

    /// The places of the cases that a rule compares a case with.
    pub(super) fn sibling_places(&self, rule: usize, at: At) -> Vec<At> {
        self.siblings_of(rule, at)
            .into_iter()
            .map(|sibling| sibling.at)
            .collect()
    }

    /// Where the whole space was judged, a minimal case that is the simplest failing one is the
    /// smallest possible.
    fn prove_smallest(&mut self, stopped: &Option<Stopped>) {
        let Coverage::Whole { cases } = self.coverage else {
            return;
        };
        if stopped.is_some() || cases <= 1 || self.unsupported.is_some() {
            return;
        }
        for (known, finding) in &mut self.findings {
            let Some(tally) = self.tallies.get(known.rule) else {
                continue;
            };
            let key = Simplicity::of_case(&self.spec.domain, &finding.case);
            let is_simplest = tally
                .simplest
                .get(&known.kind)
                .is_some_and(|least| key <= *least);
            if is_simplest && tally.inconclusive == 0 && finding.flaky.is_none() {
                let simpler = simpler_cases(self.spec, &key, self.options.cases);
                finding.proof = Proof {
                    simpler_cases: Some(simpler),
                    ..finding.proof.clone()
                };
            }
        }
    }
}

/// What siblings depend on: not on the client where only the setting changes, and the other way
/// round.
fn shared_key(siblings: &Siblings, at: At) -> At {
    match (siblings.change_setting(), siblings.change_client()) {
        (true, false) => At { client: ANY, ..at },
        (false, true) => At { setting: ANY, ..at },
        _ => at,
    }
}

fn simpler_cases(spec: &Spec, key: &[Simplicity; 2], most: u64) -> u64 {
    let clients = spec.domain.clients(usize::MAX);
    let settings = spec.domain.settings(most).unwrap_or_default();
    let mut count = 0;
    for (policy, instance) in settings {
        let mut case = Case {
            policy,
            instance,
            client: crate::domain::Value::Absent,
        };
        for client in &clients {
            case.client = client.clone();
            if Simplicity::of_case(&spec.domain, &case) >= *key {
                break;
            }
            count += u64::from(!spec.excludes(&case));
        }
    }
    count
}

fn note_anomaly(anomalies: &mut Vec<Anomaly>, what: String, case: &Case) {
    if let Some(known) = anomalies.iter_mut().find(|known| known.what == what) {
        known.count += 1;
    } else if anomalies.len() < ANOMALIES {
        anomalies.push(Anomaly {
            what,
            case: case.clone(),
            count: 1,
        });
    } else if let Some(last) = anomalies.last_mut() {
        last.count += 1;
    }
}
