//! Putting runs of parts of one plan together.

use std::fmt;

use super::attribution::{PooledFinding, attribute};
use super::courses::CoursesCovered;
use super::coverage::Coverage;
use super::finding::{Finding, MinimalityProof};
use super::known::{KnownDefect, KnownDefects, Stale};
use super::part::{FindingInPart, Parts};
use super::report::{Anomaly, PackReport, RuleReport, RuleState, Unclaimed};
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
/// Findings too, with how many failures each accounts for: each part keeps which failures it met, and what came of
/// those that it shrunk, and in the order of the plan it is decided anew which of them is the first that no
/// finding accounts for by then. One that a part shrunk by itself and of which another part's finding accounts for
/// all failures is none of the whole.
///
/// What may be told otherwise:
///
/// - where a part put a failure down to a finding that the whole has not, nobody knows what it would have been
///   shrunk to, and it counts as shrunk to that; and a failure of a rule that breaks in more than eight ways in a
///   part was not shrunk there;
/// - which case stands for an anomaly, or which reason for what is not supported: that of the part that
///   comes first. Notices stand beside each other, each of its part.
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
    if let Some(what) = a.asked.differs(&b.asked) {
        return Err(NotParts::Plan(what));
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
    if parts.of != others.of {
        return Err(NotParts::Plan(format!(
            "of {pack} one is of {} parts and the other of {}",
            parts.of, others.of
        )));
    }
    if a.coverage != b.coverage || ids(a) != ids(b) {
        return Err(NotParts::Plan(format!("{pack} is played otherwise")));
    }
    if parts.text != others.text {
        return Err(NotParts::Plan(format!("the text of {pack} is another")));
    }
    let mut both = parts.numbers.iter();
    if let Some(part) = both.find(|part| others.numbers.contains(part)) {
        return Err(NotParts::Overlap(*part));
    }
    // The same whichever is named first.
    if others.numbers.first() < parts.numbers.first() {
        return merge_packs(b, a);
    }
    let mut both = parts.with(others);
    let left = [a.left.as_slice(), &b.left].concat();
    let mut found = attribute(
        pool((a, parts), (b, others)),
        &both,
        &a.rules,
        &a.coverage,
        &left,
    );
    { &mut found.findings }.sort_by_key(|(one, _)| (!one.scored, one.level, one.place));
    let (findings, mut notes): (Vec<Finding>, Vec<FindingInPart>) =
        found.findings.into_iter().unzip();
    let (spare, more): (Vec<Finding>, Vec<FindingInPart>) = found.spare.into_iter().unzip();
    notes.extend(more);
    both.findings = notes;
    both.spare = spare;
    for around in &mut both.around {
        around.counted = found.around.contains(&around.setting());
    }
    let counts = |place: usize| {
        let of = |report: &PackReport, parts: &Parts| {
            let rule = report.rules.get(place);
            let counted = rule.map_or([0; 3], |rule| [rule.held, rule.broke, rule.inconclusive]);
            less(counted, parts.counted_around(place))
        };
        more_of(
            more_of(of(a, parts), of(b, others)),
            both.counted_around(place),
        )
    };
    let rules: Vec<RuleReport> = (a.rules.iter().enumerate())
        .map(|(place, one)| {
            let other = b.rules.get(place).map(|rule| rule.courses);
            let courses = one.courses.and(other.unwrap_or_default());
            rule(one, counts(place), courses, &findings)
        })
        .collect();
    let ways = both.ways;
    let stopped = a.stopped.clone().or_else(|| b.stopped.clone());
    let unclaimed = a.unclaimed.as_ref().map(|unclaimed| Unclaimed {
        rules: (rules.iter().zip(&both.rules))
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
        unshrunk: found.unshrunk,
        left: found.left,
        notices: both_have(&a.notices, &b.notices, PartialEq::eq),
        let_in: both_have(&a.let_in, &b.let_in, |one, other| {
            one.scheme == other.scheme
        }),
        answers: both_have(&a.answers, &b.answers, |one, other| one.case == other.case),
        cut_short: a.cut_short.clone().or_else(|| b.cut_short.clone()),
        hollow: match &stopped {
            Some(_) => None,
            None => ways.hollow(both.asks).or(undone.filter(|_| !has_verdicts)),
        },
        stopped,
        unclaimed,
        outside: a.outside.clone(),
        parts: Some(both),
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

fn more_of([a, b, c]: [u64; 3], [x, y, z]: [u64; 3]) -> [u64; 3] {
    [
        a.saturating_add(x),
        b.saturating_add(y),
        c.saturating_add(z),
    ]
}

fn less([a, b, c]: [u64; 3], [x, y, z]: [u64; 3]) -> [u64; 3] {
    [
        a.saturating_sub(x),
        b.saturating_sub(y),
        c.saturating_sub(z),
    ]
}

fn rule(
    one: &RuleReport,
    [held, broke, inconclusive]: [u64; 3],
    courses: CoursesCovered,
    findings: &[Finding],
) -> RuleReport {
    let of_rule = || findings.iter().filter(|finding| finding.rule == one.id);
    let all_flaky = of_rule().next().is_some()
        && of_rule().all(|one| one.flaky.is_some() && one.follows().is_none());
    let state = match &one.state {
        RuleState::NotApplicable(why) => RuleState::NotApplicable(why.clone()),
        _ if broke > 0 && all_flaky => RuleState::Flaky,
        _ if broke > 0 => RuleState::Failed,
        _ if inconclusive > 0 => RuleState::Inconclusive,
        _ if held > 0 => RuleState::Passed,
        _ => RuleState::NotExercised,
    };
    RuleReport {
        held,
        broke,
        inconclusive,
        courses,
        state,
        ..one.clone()
    }
}

/// The findings of both, the simpler first: those of one rule, kind and case are one.
fn pool(
    (a, parts): (&PackReport, &Parts),
    (b, others): (&PackReport, &Parts),
) -> Vec<PooledFinding> {
    let of = |report: &PackReport, parts: &Parts| -> Vec<PooledFinding> {
        let findings = report.findings.iter().chain(&parts.spare).cloned();
        findings.zip(parts.findings.iter().cloned()).collect()
    };
    let mut all = of(a, parts);
    for (finding, notes) in of(b, others) {
        let is_same = |(known, _): &&mut PooledFinding| {
            (
                &known.rule,
                &known.case,
                &known.discrepancy.kind,
                known.flaky.is_some(),
            ) == (
                &finding.rule,
                &finding.case,
                &finding.discrepancy.kind,
                finding.flaky.is_some(),
            )
        };
        let Some((known, own)) = all.iter_mut().find(is_same) else {
            all.push((finding, notes));
            continue;
        };
        known.requests_to_proof = known
            .requests_to_proof
            .saturating_add(finding.requests_to_proof);
        known.requests = known.requests.saturating_add(finding.requests);
        own.unnamed = own.unnamed.saturating_add(notes.unnamed);
        for alias in notes.aliases {
            if !own.aliases.contains(&alias) {
                own.aliases.push(alias);
            }
        }
    }
    // Sorting keeps those of the first part first.
    all.sort_by(|(_, one), (_, other)| one.key.cmp(&other.key));
    all
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
