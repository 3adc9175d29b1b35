//! What a run came to, counted once for the first line, the last line and programs.

use std::collections::BTreeSet;

use crate::domain::{counted, grouped};
use crate::results::{Cause, Defect, Finding, PackReport, RuleState, Run, Stopped};
use crate::spec::Level;

use super::cause::Headline;
use super::command::Called;
use super::known::{briefly, known_text, stale_text};

/// A run that is over, as it is to be told.
#[derive(Clone, Debug)]
pub(super) struct RunSummary<'a> {
    /// What each pack came to, in the order in which they ran.
    pub(super) reports: &'a [PackReport],
    /// The packs that were not begun, because the run ended before.
    pub(super) not_begun: &'a [String],
    /// The packs that were asked for and do not bind.
    not_bound: &'a [String],
    /// What the implementation is called.
    name: &'a str,
    /// What was found and is not known, as defects.
    pub(super) causes: Vec<Cause<'a>>,
    /// The same by the places of their findings.
    defects: &'a [Defect],
    /// What a printed command has to say of the run.
    pub(super) called: Called<'a>,
    /// How the command is called here, such as `cargo run --release --`.
    pub(super) program: &'a str,
    /// The weakest level of a rule whose breaking fails the run.
    pub(super) fail_on: Level,
    /// Known departures in full.
    pub(super) known: String,
    /// Known departures in a few words, for the first line and the last; empty where there are none.
    known_briefly: String,
    /// Whether rules that passed are listed as well.
    pub(super) verbose: bool,
}

impl<'a> RunSummary<'a> {
    /// What is told of a run.
    pub(super) fn of(run: &'a Run, verbose: bool) -> Self {
        let asked = &run.asked;
        let known = run.known.as_ref();
        Self {
            reports: &run.packs,
            not_begun: &run.not_begun,
            not_bound: run.not_bound(),
            name: &run.implementation.0,
            causes: run.causes(),
            defects: &run.defects,
            called: Called::of(run),
            program: &asked.program,
            fail_on: asked.fail_on,
            known: known.map_or_else(String::new, |known| {
                known_text(known, &run.packs) + &stale_text(&known.stale, &known.file)
            }),
            known_briefly: known.map_or_else(String::new, briefly),
            verbose,
        }
    }
}

/// Why a run has no verdict, or not of everything, in a few words; nothing where it has.
pub fn no_verdict(run: &Run) -> Option<String> {
    RunSummary::of(run, false).no_verdict()
}

/// What a cause is to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CauseKind {
    /// It counts.
    Finding,
    /// It broke, though not each time.
    Flaky,
    /// Its rule is not scored.
    NotScored,
}

impl CauseKind {
    pub(super) fn of(finding: &Finding) -> Self {
        match (&finding.flaky, finding.scored) {
            (_, false) => Self::NotScored,
            (Some(_), true) => Self::Flaky,
            (None, true) => Self::Finding,
        }
    }

    /// The word for it in reports.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Flaky => "flaky",
            Self::NotScored => "not scored",
        }
    }
}

/// A cause with its place among those of its kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbered<'a> {
    pub(super) cause: &'a Cause<'a>,
    pub(super) kind: CauseKind,
    /// Counted from one.
    pub(super) number: usize,
    pub(super) of: usize,
    /// Whether it fails the run.
    pub(super) fails: bool,
    pub(super) saved: Option<&'a str>,
    pub(super) id: Option<&'a str>,
}

/// How many there are of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RunCounts {
    pub(super) findings: u64,
    /// Those of the findings that do not fail the run.
    pub(super) lenient: u64,
    pub(super) flaky: u64,
    /// Rules that a finding breaks.
    pub(super) broken: u64,
    /// Rules that broke in cases that were not looked into, and in none that were.
    pub(super) left: u64,
    pub(super) passed: u64,
    pub(super) open: u64,
    pub(super) not_applicable: u64,
    /// Rules that are not scored, whatever they came to.
    pub(super) not_scored: u64,
}

impl RunSummary<'_> {
    /// Whether a cause fails the run.
    pub(super) fn fails(&self, cause: &Cause<'_>) -> bool {
        let mut findings = cause.others.iter().chain([&cause.headline]);
        findings.any(|finding| finding.accuses() && finding.level <= self.fail_on)
    }

    /// The causes, those that count first, each numbered among those of its kind.
    pub(super) fn numbered(&self) -> Vec<Numbered<'_>> {
        let mut order: Vec<(CauseKind, usize)> = self
            .causes
            .iter()
            .enumerate()
            .map(|(at, cause)| (CauseKind::of(cause.headline), at))
            .collect();
        order.sort_unstable();
        let of = |kind| order.iter().filter(|(one, _)| *one == kind).count();
        let mut numbered: Vec<Numbered<'_>> = Vec::with_capacity(order.len());
        for (kind, at) in &order {
            let Some(cause) = self.causes.get(*at) else {
                continue;
            };
            let defect = self.defects.get(*at);
            let before = numbered.iter().filter(|one| one.kind == *kind).count();
            numbered.push(Numbered {
                cause,
                kind: *kind,
                number: before + 1,
                of: of(*kind),
                fails: self.fails(cause),
                saved: defect.and_then(|defect| defect.saved.as_deref()),
                id: defect.map(|defect| defect.id.as_str()),
            });
        }
        numbered
    }

    pub(super) fn counts(&self) -> RunCounts {
        let mut counts = RunCounts::default();
        let mut broken = BTreeSet::new();
        for one in self.numbered() {
            match one.kind {
                CauseKind::Finding => {
                    counts.findings += 1;
                    counts.lenient += u64::from(!one.fails);
                    let cause = one.cause;
                    for finding in cause.others.iter().chain([&cause.headline]) {
                        broken.insert((finding.pack.0.as_str(), finding.rule.as_str()));
                    }
                }
                CauseKind::Flaky => counts.flaky += 1,
                CauseKind::NotScored => {}
            }
        }
        counts.broken = broken.len() as u64;
        for report in self.reports {
            counts.left += report.left_alone().count() as u64;
            for rule in &report.rules {
                let counted = match &rule.state {
                    _ if !rule.scored => &mut counts.not_scored,
                    RuleState::Passed => &mut counts.passed,
                    RuleState::NotExercised | RuleState::Inconclusive | RuleState::Flaky => {
                        &mut counts.open
                    }
                    RuleState::NotApplicable(_) => &mut counts.not_applicable,
                    RuleState::Failed => continue,
                };
                *counted += 1;
            }
        }
        counts
    }

    /// The first line: findings, or the word that there are none, and what is known besides.
    pub(super) fn first(&self) -> String {
        let counts = self.counts();
        let (found, lenient) = (found(counts), self.lenient(counts));
        format!("{found}{lenient}{}", self.known_besides())
    }

    fn known_besides(&self) -> String {
        match self.known_briefly.as_str() {
            "" => String::new(),
            known => format!("; {known}"),
        }
    }

    /// How many findings do not fail the run, where any is so.
    fn lenient(&self, counts: RunCounts) -> String {
        let which = match (counts.lenient, counts.lenient == counts.findings) {
            (0, _) => return String::new(),
            (1, true) => "it does not fail the run".to_owned(),
            (_, true) => "none of them fails the run".to_owned(),
            (1, false) => "1 of them does not fail the run".to_owned(),
            (some, false) => format!("{some} of them do not fail the run"),
        };
        format!("; {which} (--fail-on {})", self.fail_on)
    }

    /// Why the run has no verdict, or not of everything, in a few words; nothing where it has.
    fn no_verdict(&self) -> Option<String> {
        if self
            .reports
            .iter()
            .any(|report| report.stopped == Some(Stopped::Asked))
        {
            return Some("interrupted".to_owned());
        }
        let mut whys: Vec<String> = Vec::new();
        for report in self.reports {
            if let Some(why) = why_open(report, self.fail_on) {
                whys.push(format!("{}: {why}", report.pack.0));
            }
        }
        let not_bound = self.not_bound.iter();
        whys.extend(not_bound.map(|pack| {
            format!(
                "{pack}: it binds those who claim it, and {} does not",
                self.name
            )
        }));
        if whys.is_empty() && self.reports.is_empty() {
            whys.push("no pack was played".to_owned());
        }
        let word = match self.causes.iter().any(|cause| self.fails(cause)) {
            true => "incomplete",
            false => "no verdict",
        };
        (!whys.is_empty()).then(|| format!("{word}: {}", whys.join("; ")))
    }

    /// The last line: the same, and what became of the rules.
    pub(super) fn last(&self) -> String {
        let counts = self.counts();
        let rules = |count| counted(count, "rule", "rules");
        let mut out = found(counts);
        if counts.broken > 0 {
            out.push_str(&format!(" ({} broken)", rules(counts.broken)));
        }
        out.push_str(&self.lenient(counts));
        out.push_str(&self.known_besides());
        if counts.left > 0 {
            let more = if counts.findings > 0 { "more " } else { "" };
            let noun = if counts.left == 1 { "rule" } else { "rules" };
            out.push_str(&format!(
                "; {} {more}{noun} broke in cases that were not looked into",
                counts.left
            ));
        }
        out.push_str(&format!("; {} passed", rules(counts.passed)));
        for (count, word) in [
            (counts.open, "without a verdict"),
            (counts.not_applicable, "not applicable"),
            (counts.not_scored, "not scored"),
        ] {
            if count > 0 {
                out.push_str(&format!(", {count} {word}"));
            }
        }
        if counts.flaky > 0 {
            out.push_str(&format!(
                "; {} not show each time",
                match counts.flaky {
                    1 => "1 failure did".to_owned(),
                    count => format!("{count} failures did"),
                }
            ));
        }
        if let Some(why) = self.no_verdict() {
            out.push_str(&format!("; {why}"));
        }
        out
    }
}

/// How many findings there are, in words.
fn found(counts: RunCounts) -> String {
    match (counts.findings, counts.left) {
        (0, 1..) => "no finding yet".to_owned(),
        (findings, _) => counted(findings, "finding", "findings"),
    }
}

/// Why there is no verdict on the whole of a pack, in a few words; nothing where there is.
pub(super) fn why_open(report: &PackReport, fail_on: Level) -> Option<String> {
    let missing: u64 =
        (report.anomalies.iter()).fold(0, |sum: u64, anomaly| sum.saturating_add(anomaly.count));
    let missing_parts: Vec<String> = { report.parts.iter() }
        .flat_map(|parts| parts.missing())
        .map(|part| part.to_string())
        .collect();
    let why = match (&report.stopped, &report.hollow) {
        (Some(Stopped::Setup(fault)), _) => format!("could not {}", fault.doing),
        (Some(_), _) => "ended early".to_owned(),
        (None, Some(why)) => why.clone(),
        (None, None) if !report.is_judged() => "no case of it was judged".to_owned(),
        (None, None) if report.is_without_verdict() => "no rule got a verdict".to_owned(),
        (None, None) if !missing_parts.is_empty() => format!(
            "of the {} parts of its plan {} missing: {}",
            report.parts.as_ref().map_or(0, |parts| parts.of),
            if missing_parts.len() == 1 {
                "one is"
            } else {
                "some are"
            },
            missing_parts.join(", ")
        ),
        (None, None) if missing > 0 => format!(
            "{} could not be had",
            counted(missing, "verdict", "verdicts")
        ),
        (None, None) if report.unsteady(fail_on).next().is_some() => {
            "what broke did not show each time".to_owned()
        }
        (None, None) if report.cut_short.is_some() => format!(
            "{} after {} of {} cases",
            report.cut_short.as_deref().unwrap_or_default(),
            grouped(report.judged),
            grouped(report.coverage.cases())
        ),
        (None, None) if !report.is_complete(fail_on) => "not everything was judged".to_owned(),
        (None, None) => return None,
    };
    Some(why)
}

/// What is told beside a finding of this run.
pub(super) fn headline<'a>(one: &Numbered<'a>, run: &'a RunSummary<'_>) -> Headline<'a> {
    Headline {
        called: Some(run.called),
        test: None,
        saved: one.saved,
        program: Some(run.program),
    }
}
