//! What became of each rule, for formats that have an entry for each: what fails a run, what keeps it from a verdict, and
//! what does neither.

use std::collections::BTreeMap;

use crate::domain::{counted, grouped};
use crate::results::{
    Cause, Defect, Finding, FindingPlace, KnownDefect, PackReport, RuleReport, RuleState, Run,
};
use crate::spec::Level;

use super::cause::{Headline, cause_text, title};
use super::escape::visible_line;
use super::packs::not_judged;
use super::summary::{RunSummary, why_open};

/// The most findings of one rule that are told in full.
const FINDINGS: usize = 12;

/// A pack with what became of its rules.
pub(super) struct PackTold<'a> {
    pub(super) report: &'a PackReport,
    pub(super) rules: Vec<RuleTold<'a>>,
    /// Why there is no verdict on the whole of it.
    pub(super) open: Option<String>,
}

/// What a rule came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// It held wherever it applied.
    Held,
    /// It broke, and that fails the run.
    Breaks,
    /// It broke in cases that were not looked into, because the run ended.
    NotLookedInto,
    /// It broke, though not each time.
    Flaky,
    /// Nobody could tell.
    Inconclusive,
    /// It broke, and its level does not fail the run.
    Lenient,
    /// It broke as the baseline says.
    Known,
    /// It is not scored, and did not hold.
    NotScored,
    /// It was not judged, because the run ended before.
    NotJudged,
    /// It applied to no case that was played.
    NeverApplied,
    /// It does not apply to this implementation.
    NotApplicable,
}

impl Became {
    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Held => "passed",
            Self::Breaks => "broken",
            Self::NotLookedInto => "not looked into",
            Self::Flaky => "flaky",
            Self::Inconclusive => "inconclusive",
            Self::Lenient => "broken, and does not fail the run",
            Self::Known => "known to break",
            Self::NotScored => "not scored",
            Self::NotJudged => "not judged",
            Self::NeverApplied => "never applied",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// A rule with what became of it.
pub(super) struct RuleTold<'a> {
    pub(super) id: &'a str,
    pub(super) level: Level,
    pub(super) became: Became,
    /// Why, in a line.
    pub(super) why: String,
    /// Its findings, those that decided first.
    pub(super) findings: Vec<FindingTold<'a>>,
}

/// A finding of a rule.
#[derive(Clone, Copy)]
pub(super) struct FindingTold<'a> {
    pub(super) finding: &'a Finding,
    /// The defect that it is, or is a part of.
    pub(super) defect: Option<&'a Defect>,
    /// The known departure that it is.
    pub(super) known: Option<&'a KnownDefect>,
}

/// What became of each rule of a run.
pub(super) fn packs_of<'a>(run: &'a Run, summary: &RunSummary<'a>) -> Vec<PackTold<'a>> {
    let mut defects: BTreeMap<FindingPlace, &Defect> = BTreeMap::new();
    for defect in &run.defects {
        for place in defect.others.iter().chain([&defect.headline]) {
            defects.entry(*place).or_insert(defect);
        }
    }
    let mut knowns: BTreeMap<FindingPlace, &KnownDefect> = BTreeMap::new();
    for known in run.known.iter().flat_map(|known| &known.shows) {
        for place in &known.findings {
            knowns.entry(*place).or_insert(known);
        }
    }
    let told = |(pack, report): (usize, &'a PackReport)| {
        let mut by_rule: BTreeMap<&str, Vec<FindingTold<'a>>> = BTreeMap::new();
        for (at, finding) in report.findings.iter().enumerate() {
            let place = FindingPlace { pack, finding: at };
            by_rule.entry(&finding.rule).or_default().push(FindingTold {
                finding,
                defect: defects.get(&place).copied(),
                known: knowns.get(&place).copied(),
            });
        }
        let mut rules: Vec<RuleTold<'a>> = Vec::new();
        for rule in &report.rules {
            let findings = by_rule.remove(rule.id.as_str()).unwrap_or_default();
            rules.push(rule_told(Some(rule), report, findings, summary));
        }
        // A file may have findings of rules that it does not list.
        for findings in by_rule.into_values() {
            rules.push(rule_told(None, report, findings, summary));
        }
        PackTold {
            report,
            rules,
            open: open(report, summary.fail_on),
        }
    };
    run.packs.iter().enumerate().map(told).collect()
}

/// Why there is no verdict on the whole of a pack, with what ended it.
pub(super) fn open(report: &PackReport, fail_on: Level) -> Option<String> {
    match &report.stopped {
        Some(stopped) => Some(format!("ended early: {stopped}")),
        None => why_open(report, fail_on),
    }
}

fn rule_told<'a>(
    rule: Option<&'a RuleReport>,
    report: &'a PackReport,
    mut findings: Vec<FindingTold<'a>>,
    summary: &RunSummary<'a>,
) -> RuleTold<'a> {
    let first = findings.first().map(|one| one.finding);
    let id = match (rule, first) {
        (Some(rule), _) => rule.id.as_str(),
        (None, Some(finding)) => finding.rule.as_str(),
        (None, None) => "",
    };
    let level = rule.map(|rule| rule.level);
    let level = level.or(first.map(|finding| finding.level));
    let level = level.unwrap_or(Level::Must);
    let became = |one: &FindingTold<'_>| {
        let finding = one.finding;
        match one.known {
            Some(_) => Became::Known,
            None if !finding.scored => Became::NotScored,
            None if finding.level > summary.fail_on => Became::Lenient,
            None if finding.flaky.is_some() && finding.follows().is_none() => Became::Flaky,
            None => Became::Breaks,
        }
    };
    let weight = |one: &FindingTold<'_>| match became(one) {
        Became::Breaks => 0,
        Became::Flaky => 1,
        Became::Lenient => 2,
        _ => 3,
    };
    findings.sort_by_key(weight);
    if let Some(first) = findings.first() {
        let became = became(first);
        let (of, alike) = (title(first.finding), findings.len().saturating_sub(1));
        let more = match alike {
            0 => String::new(),
            more => format!(
                ", and {}",
                counted(more as u64, "more finding", "more findings")
            ),
        };
        let before = match (became, first.known) {
            (Became::Breaks, _) => String::new(),
            (Became::Known, Some(known)) => {
                format!("known departure, {}: ", known.whose.phrase())
            }
            (Became::Lenient, _) => {
                let steady = match first.finding.flaky {
                    Some(_) => "did not show each time, and ",
                    None => "",
                };
                format!(
                    "{steady}does not fail the run (--fail-on {}): ",
                    summary.fail_on
                )
            }
            (Became::Flaky, _) => "did not show each time: ".to_owned(),
            (became, _) => format!("{}: ", became.word()),
        };
        return RuleTold {
            id,
            level,
            became,
            why: visible_line(&format!("{before}{of}{more}")).into_owned(),
            findings,
        };
    }
    let (became, why) = rule.map_or((Became::Held, String::new()), |rule| {
        without_findings(rule, report, summary)
    });
    RuleTold {
        id,
        level,
        became,
        why: visible_line(&why).into_owned(),
        findings,
    }
}

fn without_findings(
    rule: &RuleReport,
    report: &PackReport,
    summary: &RunSummary<'_>,
) -> (Became, String) {
    if let Some(left) = report.left_alone().find(|left| left.rule == rule.id) {
        let command = summary
            .called
            .one_case(&report.pack.0, &left.spec, &left.rule, &left.brief);
        let why = format!(
            "broke in {} that were not looked into; the smallest seen: {} run{command}",
            counted(left.count, "case", "cases"),
            summary.program
        );
        return (Became::NotLookedInto, why);
    }
    let tried = rule.held.saturating_add(rule.inconclusive);
    let inconclusive = || {
        let of = counted(tried, "case", "cases");
        format!("inconclusive in {} of {of}", grouped(rule.inconclusive))
    };
    match &rule.state {
        RuleState::Passed => (Became::Held, String::new()),
        RuleState::NotApplicable(why) => (Became::NotApplicable, why.clone()),
        RuleState::NotExercised => match not_judged(report) {
            Some(word) => (Became::NotJudged, format!("{word}: the run ended before")),
            None => (
                Became::NeverApplied,
                "it applied to no case that was played".to_owned(),
            ),
        },
        RuleState::Inconclusive if rule.scored => (Became::Inconclusive, inconclusive()),
        RuleState::Inconclusive => (Became::NotScored, format!("not scored: {}", inconclusive())),
        RuleState::Failed | RuleState::Flaky if !rule.scored => (
            Became::NotScored,
            format!(
                "not scored: broke in {}",
                counted(rule.broke, "case", "cases")
            ),
        ),
        // No run says that a rule broke and has nothing of it; a file may.
        RuleState::Failed | RuleState::Flaky => (
            Became::NotLookedInto,
            format!("broke in {}", counted(rule.broke, "case", "cases")),
        ),
    }
}

impl<'a> FindingTold<'a> {
    /// Whether its defect is told by it.
    fn is_headline(&self, run: &Run) -> bool {
        let headline = self.defect.and_then(|defect| run.finding(defect.headline));
        headline.is_some_and(|headline| std::ptr::eq(headline, self.finding))
    }

    /// What comes before it in commands.
    fn headline(&self, run: &Run, summary: &RunSummary<'a>) -> Headline<'a> {
        let saved = self.defect.filter(|_| self.is_headline(run));
        Headline {
            called: Some(summary.called),
            test: None,
            saved: saved.and_then(|defect| defect.saved.as_deref()),
            program: Some(summary.program),
        }
    }
}

/// The findings of a rule in full, as a terminal has them, each with where else its defect shows.
pub(super) fn in_full<'a>(rule: &RuleTold<'a>, run: &Run, summary: &RunSummary<'a>) -> String {
    let mut out = String::new();
    for one in rule.findings.iter().take(FINDINGS) {
        if !out.is_empty() {
            out.push('\n');
        }
        let is_headline = one.is_headline(run);
        let others = match one.defect.filter(|_| is_headline) {
            Some(defect) => run.findings(&defect.others),
            None => Vec::new(),
        };
        let cause = Cause {
            headline: one.finding,
            others,
        };
        out.push_str(&cause_text(&cause, one.headline(run, summary)));
        let teller = one.defect.and_then(|defect| run.finding(defect.headline));
        if let Some(teller) = teller.filter(|_| !is_headline) {
            let line = format!("{}: {}", teller.rule, title(teller));
            out.push_str(&format!("  one with  {}\n", visible_line(&line)));
        }
    }
    let left = rule.findings.len().saturating_sub(FINDINGS);
    if left > 0 {
        let left = counted(left as u64, "more finding", "more findings");
        out.push_str(&format!("\n… {left} of this rule\n"));
    }
    out
}
