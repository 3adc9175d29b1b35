//! Putting runs of parts of one plan together.

use std::fmt;

use crate::domain::Simplicity;

use super::coverage::Coverage;
use super::finding::{Finding, MinimalityProof};
use super::known::{KnownDefect, KnownDefects, Stale};
use super::part::{FindingInPart, Parts, RuleInPart};
use super::report::{Anomaly, Left, PackReport, RuleReport, RuleState, Unclaimed};
use super::run::{FindingPlace, Run};

/// Why two runs are not put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotParts {
    /// They are of different versions of Countersign.
    Version(String, String),
    /// They ran against different implementations, by name and version.
    Implementation(String, String),
    /// Different things were asked for, or different packs ran.
    Plan(String),
    /// One of them is no part: it has all of its plan already.
    Whole,
    /// Both have this part.
    Overlap(u32),
}

impl fmt::Display for NotParts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(one, other) => {
                write!(out, "one is of Countersign {one} and the other of {other}")
            }
            Self::Implementation(one, other) => {
                write!(out, "one is against {one} and the other against {other}")
            }
            Self::Plan(what) => write!(out, "they are parts of different plans: {what}"),
            Self::Whole => out.write_str("one of them has all parts of its plan"),
            Self::Overlap(part) => write!(out, "both have part {part}"),
        }
    }
}

impl std::error::Error for NotParts {}

/// Puts two runs of disjoint parts of one plan together. With the last part it is the run of the whole.
///
/// What is equal to the run of the whole, against an implementation that answers the same each time and where
/// no part ended early: implementation, coverage, cases that were judged, and of each rule its state and how
/// often it held, broke and could not be told; whether each minimal case is the smallest possible; what is not
/// claimed, not applicable or worth nothing; the verdict, and so the exit code. Effort adds up: requests,
/// installations, time, and the requests behind a finding that several parts have.
///
/// What may be told otherwise, because each part shrinks the failures that it meets first:
///
/// - a finding's `failures`: a case that contains two minimal cases counts for the one that was known first.
///   Their sum over the findings of one rule is that of the whole, where no failure was left;
/// - of two minimal cases of one rule and kind of which one contains the other in all that matters only
///   the simpler stays, as in the run of the whole. Where neither contains the other, both stay, also where
///   the whole run puts the failure that led to one of them down to the other; and a rule that breaks in
///   more ways than are looked into may have more findings, and fewer failures that are left;
/// - findings of one rule stand in the order of their simplicity, not in that in which they were found;
/// - which case stands for an anomaly, or which reason for what is not supported: that of the part that
///   comes first. Notices stand beside each other, each of its part;
/// - of a plan that is sampled, settings on which a finding was looked around are judged once by each part
///   that did, and the last setting is judged whole.
///
/// What a baseline says stays as it is where both say it; entries that do not show in one part and show in the
/// other are not stale.
///
/// # Errors
///
/// Why they are no parts of one plan.
pub fn merge(a: &Run, b: &Run) -> Result<Run, NotParts> {
    if (a.format, &a.version) != (b.format, &b.version) {
        return Err(NotParts::Version(a.version.clone(), b.version.clone()));
    }
    if a.implementation != b.implementation {
        let said = |run: &Run| format!("{} {}", run.implementation.0, run.implementation.1);
        return Err(NotParts::Implementation(said(a), said(b)));
    }
    if a.asked != b.asked {
        return Err(NotParts::Plan("other options were given".to_owned()));
    }
    let names = |run: &Run| -> Vec<String> {
        let packs = run.packs.iter();
        packs
            .map(|pack| format!("{} {}", pack.pack.0, pack.pack.1))
            .collect()
    };
    if names(a) != names(b) {
        return Err(NotParts::Plan(format!(
            "one has {}, the other {}",
            names(a).join(", "),
            names(b).join(", ")
        )));
    }
    let packs = a.packs.iter().zip(&b.packs);
    let packs = packs
        .map(|(a, b)| merge_packs(a, b))
        .collect::<Result<_, _>>()?;
    let mut run = Run {
        packs,
        not_begun: a.not_begun.clone(),
        defects: Vec::new(),
        known: None,
        ..a.clone()
    };
    for one in &b.not_begun {
        if !run.not_begun.contains(one) {
            run.not_begun.push(one.clone());
        }
    }
    run.known = known(&run, a, b);
    run.defects = run.put_together();
    for defect in &mut run.defects {
        let mut saved = a.defects.iter().chain(&b.defects);
        let saved = saved.find(|one| one.id == defect.id && one.saved.is_some());
        defect.saved = saved.and_then(|one| one.saved.clone());
    }
    Ok(run)
}

/// Two reports of disjoint parts of one plan as one.
fn merge_packs(a: &PackReport, b: &PackReport) -> Result<PackReport, NotParts> {
    let (Some(parts), Some(others)) = (&a.parts, &b.parts) else {
        return Err(NotParts::Whole);
    };
    let pack = &a.pack.0;
    let ids = |report: &PackReport| -> Vec<String> {
        report.rules.iter().map(|rule| rule.id.clone()).collect()
    };
    if parts.of != others.of || a.coverage != b.coverage || ids(a) != ids(b) {
        return Err(NotParts::Plan(format!("{pack} is played otherwise")));
    }
    let mut both = parts.numbers.iter();
    if let Some(part) = both.find(|part| others.numbers.contains(part)) {
        return Err(NotParts::Overlap(*part));
    }
    // The same whichever is named first.
    if others.numbers.first() < parts.numbers.first() {
        return merge_packs(b, a);
    }
    let (findings, notes) = findings((a, parts), (b, others));
    let (left, left_keys) = left((a, parts), (b, others));
    let rules: Vec<RuleReport> = a
        .rules
        .iter()
        .zip(&b.rules)
        .map(|(one, other)| rule(one, other, &findings))
        .collect();
    let rule_notes: Vec<RuleInPart> = parts
        .rules
        .iter()
        .zip(&others.rules)
        .map(|(one, other)| rule_notes(one, other))
        .collect();
    let mut numbers = [parts.numbers.clone(), others.numbers.clone()].concat();
    numbers.sort_unstable();
    let ways = parts.ways.with(others.ways);
    let stopped = a.stopped.clone().or_else(|| b.stopped.clone());
    let unclaimed = a.unclaimed.as_ref().map(|unclaimed| Unclaimed {
        rules: (rules.iter().zip(&rule_notes))
            .filter(|(rule, notes)| notes.unclaimed && rule.state == RuleState::NotExercised)
            .count() as u64,
        ..unclaimed.clone()
    });
    let has_verdicts = rules.iter().any(RuleReport::has_verdict);
    let undone = a.hollow.clone().or_else(|| b.hollow.clone());
    let mut report = PackReport {
        judged: a.judged.saturating_add(b.judged),
        requests: a.requests.saturating_add(b.requests),
        installations: a.installations.saturating_add(b.installations),
        elapsed: a.elapsed.saturating_add(b.elapsed),
        rules,
        findings,
        unsupported: match (&a.unsupported, &b.unsupported) {
            (Some((one, why)), Some((other, _))) => Some((one.saturating_add(*other), why.clone())),
            (one, other) => one.clone().or_else(|| other.clone()),
        },
        anomalies: anomalies(a, b),
        unshrunk: a.unshrunk.saturating_add(b.unshrunk),
        left,
        notices: both_have(&a.notices, &b.notices, PartialEq::eq),
        let_in: both_have(&a.let_in, &b.let_in, |one, other| {
            one.scheme == other.scheme
        }),
        answers: both_have(&a.answers, &b.answers, |one, other| one.case == other.case),
        cut_short: a.cut_short.clone().or_else(|| b.cut_short.clone()),
        hollow: match &stopped {
            Some(_) => None,
            None => (ways.hollow(parts.asks || others.asks)).or(undone.filter(|_| !has_verdicts)),
        },
        stopped,
        unclaimed,
        outside: a.outside.clone(),
        parts: Some(Parts {
            of: parts.of,
            numbers,
            rules: rule_notes,
            findings: notes,
            left: left_keys,
            ways,
            asks: parts.asks || others.asks,
        }),
        ..a.clone()
    };
    report
        .answers
        .sort_by(|one, other| one.simplicity.cmp(&other.simplicity));
    complete(&mut report);
    Ok(report)
}

/// Of a report that has all parts: it is that of the whole, and minimal cases may be the smallest possible.
fn complete(report: &mut PackReport) {
    let all = |parts: &mut Parts| parts.numbers.len() as u64 == u64::from(parts.of);
    let Some(parts) = report.parts.take_if(all) else {
        return;
    };
    let proves = matches!(report.coverage, Coverage::Whole { cases } if cases > 1)
        && report.stopped.is_none()
        && report.unsupported.is_none();
    if !proves {
        return;
    }
    for (finding, notes) in report.findings.iter_mut().zip(&parts.findings) {
        let place = report.rules.iter().position(|rule| rule.id == finding.rule);
        let rule = place.and_then(|at| Some((report.rules.get(at)?, parts.rules.get(at)?)));
        let Some((rule, of_rule)) = rule else {
            continue;
        };
        let mut simplest = of_rule.simplest.iter();
        let is_simplest = simplest
            .find(|(kind, _)| *kind == finding.discrepancy.kind)
            .is_some_and(|(_, least)| notes.key <= *least);
        if is_simplest && rule.inconclusive == 0 && finding.flaky.is_none() {
            finding.proof = MinimalityProof {
                simpler_cases: notes.simpler,
                ..finding.proof.clone()
            };
        }
    }
}

fn rule(one: &RuleReport, other: &RuleReport, findings: &[Finding]) -> RuleReport {
    let passed = one.passed.saturating_add(other.passed);
    let failed = one.failed.saturating_add(other.failed);
    let inconclusive = one.inconclusive.saturating_add(other.inconclusive);
    let of_rule = || findings.iter().filter(|finding| finding.rule == one.id);
    let all_flaky = of_rule().next().is_some() && of_rule().all(|one| one.flaky.is_some());
    let state = match &one.state {
        RuleState::NotApplicable(why) => RuleState::NotApplicable(why.clone()),
        _ if failed > 0 && all_flaky => RuleState::Flaky,
        _ if failed > 0 => RuleState::Failed,
        _ if inconclusive > 0 => RuleState::Inconclusive,
        _ if passed > 0 => RuleState::Passed,
        _ => RuleState::NotExercised,
    };
    RuleReport {
        passed,
        failed,
        inconclusive,
        state,
        ..one.clone()
    }
}

fn rule_notes(one: &RuleInPart, other: &RuleInPart) -> RuleInPart {
    let mut notes = one.clone();
    for (kind, key) in &other.simplest {
        match notes.simplest.iter_mut().find(|(have, _)| have == kind) {
            Some((_, least)) if key < least => *least = key.clone(),
            Some(_) => {}
            None => notes.simplest.push((kind.clone(), key.clone())),
        }
    }
    notes
        .simplest
        .sort_by(|(one, _), (other, _)| one.cmp(other));
    notes
}

/// The findings of both: those of one rule, kind and case are one, and of two of which one contains the other
/// the simpler stays.
fn findings(
    (a, parts): (&PackReport, &Parts),
    (b, others): (&PackReport, &Parts),
) -> (Vec<Finding>, Vec<FindingInPart>) {
    let of = |report: &PackReport, parts: &Parts| -> Vec<(Finding, FindingInPart)> {
        let findings = report.findings.iter().cloned();
        findings.zip(parts.findings.iter().cloned()).collect()
    };
    let mut all = of(a, parts);
    all.extend(of(b, others));
    // The simpler first, so that what contains it finds it there; sorting keeps those of the first part first.
    all.sort_by(|(_, one), (_, other)| one.key.cmp(&other.key));
    let mut kept: Vec<(Finding, FindingInPart)> = Vec::new();
    for (finding, notes) in all {
        let accounts = |(known, own): &(Finding, FindingInPart)| {
            known.rule == finding.rule
                && known.discrepancy.kind == finding.discrepancy.kind
                && known.flaky.is_some() == finding.flaky.is_some()
                && own.is_within(&known.case, &finding.case)
        };
        match kept.iter_mut().find(|known| accounts(known)) {
            Some((known, own)) => {
                // One that was only met counts for a case although it is none of the plan.
                let of_plan = |finding: &Finding, met: bool| match met {
                    true => 0,
                    false => finding.failures,
                };
                let failures = of_plan(known, own.met).saturating_add(of_plan(&finding, notes.met));
                known.failures = failures.max(1);
                known.requests_to_proof =
                    (known.requests_to_proof).saturating_add(finding.requests_to_proof);
                known.requests = known.requests.saturating_add(finding.requests);
                own.met &= notes.met;
                for alias in notes.aliases {
                    if known.case == finding.case && !own.aliases.contains(&alias) {
                        own.aliases.push(alias);
                    }
                }
            }
            None => kept.push((finding, notes)),
        }
    }
    kept.sort_by_key(|(finding, _)| (!finding.scored, finding.level, finding.place));
    kept.into_iter().unzip()
}

/// The failures of both that were not shrunk, by their rules.
fn left(
    (a, parts): (&PackReport, &Parts),
    (b, others): (&PackReport, &Parts),
) -> (Vec<Left>, Vec<[Simplicity; 3]>) {
    let of = |report: &PackReport, parts: &Parts| -> Vec<(Left, [Simplicity; 3])> {
        let left = report.left.iter().cloned();
        left.zip(parts.left.iter().cloned()).collect()
    };
    let mut all = of(a, parts);
    for (left, key) in of(b, others) {
        match all.iter_mut().find(|(known, _)| known.rule == left.rule) {
            Some((known, least)) => {
                let count = known.count.saturating_add(left.count);
                if key < *least {
                    (*known, *least) = (left, key);
                }
                known.count = count;
            }
            None => all.push((left, key)),
        }
    }
    all.into_iter().unzip()
}

fn anomalies(a: &PackReport, b: &PackReport) -> Vec<Anomaly> {
    let mut all = a.anomalies.clone();
    for anomaly in &b.anomalies {
        match all.iter_mut().find(|known| known.what == anomaly.what) {
            Some(known) => known.count = known.count.saturating_add(anomaly.count),
            None => all.push(anomaly.clone()),
        }
    }
    all
}

/// All of the first, and what of the second is none of them.
fn both_have<T: Clone>(first: &[T], second: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut all = first.to_vec();
    for one in second {
        if !all.iter().any(|known| same(known, one)) {
            all.push(one.clone());
        }
    }
    all
}

/// What a baseline makes of both.
fn known(run: &Run, a: &Run, b: &Run) -> Option<KnownDefects> {
    let (one, other) = (a.known.as_ref()?, b.known.as_ref()?);
    let mut known = KnownDefects {
        file: one.file.clone(),
        shows: Vec::new(),
        stale: Vec::new(),
    };
    for (of, shows) in [(a, &one.shows), (b, &other.shows)] {
        for departure in shows {
            let places = of.findings(&departure.findings);
            let places = places
                .into_iter()
                .filter_map(|finding| place_in(run, finding));
            let at = known
                .shows
                .iter()
                .position(|have| have.title == departure.title);
            let at = at.unwrap_or_else(|| {
                known.shows.push(KnownDefect {
                    findings: Vec::new(),
                    ..departure.clone()
                });
                known.shows.len() - 1
            });
            let Some(have) = known.shows.get_mut(at) else {
                continue;
            };
            have.findings.extend(places);
            have.findings.sort_unstable();
            have.findings.dedup();
        }
    }
    let same = one.stale.iter().filter(|stale| {
        let is_as = |have: &&Stale| {
            (&have.pack, &have.rule, &have.brief) == (&stale.pack, &stale.rule, &stale.brief)
        };
        other.stale.iter().any(|have| is_as(&have))
    });
    known.stale = same.cloned().collect();
    Some(known)
}

/// The place in a run of a finding of a part.
fn place_in(run: &Run, finding: &Finding) -> Option<FindingPlace> {
    let packs = run.packs.iter();
    let pack = { packs }.position(|report| report.pack.0 == finding.pack.0)?;
    let mut findings = run.packs.get(pack)?.findings.iter();
    let finding = findings.position(|one| {
        (&one.rule, &one.case, &one.discrepancy.kind)
            == (&finding.rule, &finding.case, &finding.discrepancy.kind)
    })?;
    Some(FindingPlace { pack, finding })
}
