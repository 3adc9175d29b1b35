//! Several implementations beside each other, as a page: rules by implementations, and what broke behind each cell.

use std::io;

use serde::Serialize;

use crate::domain::counted;
use crate::results::{Cause, ComparisonReport, Finding, PackComparison, PackReport, RuleState};

use super::super::cause::Headline;
use super::super::command::Called;
use super::finding::{FindingHeading, FindingView, TEMPLATE};
use super::shell::page;

/// The most findings of a rule on an implementation that are told.
const FINDINGS: usize = 4;

#[derive(Serialize)]
struct ComparisonView {
    made: String,
    version: &'static str,
    implementations: Vec<ImplementationView>,
    rules: usize,
    differing: usize,
    packs: Vec<ComparedPackView>,
}

#[derive(Serialize)]
struct ImplementationView {
    name: String,
    version: String,
    anchor: String,
    passed: usize,
    failed: usize,
    findings: Vec<FindingView>,
}

#[derive(Serialize)]
struct ComparedPackView {
    name: String,
    version: u32,
    title: String,
    rules: Vec<RuleRow>,
    ambiguities: Vec<AmbiguityView>,
    untold: usize,
}

#[derive(Serialize)]
struct RuleRow {
    id: String,
    level: String,
    /// What it can be filtered by.
    kinds: String,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    sign: &'static str,
    word: &'static str,
    tone: &'static str,
    why: String,
    to: Option<String>,
}

#[derive(Serialize)]
struct AmbiguityView {
    brief: String,
    cases: String,
    answers: Vec<(String, String)>,
}

/// Implementations beside each other as a page. `reports` has for each of them what it is called on a command line, and
/// what each pack came to; `claims` are the packs that were taken for claimed by all of them, and `date` is when it was made.
///
/// # Errors
///
/// Where the page cannot be made, which is a fault of the program.
pub fn comparison_html(
    comparison: &ComparisonReport,
    reports: &[(String, Vec<PackReport>)],
    claims: &[String],
    date: &str,
) -> io::Result<String> {
    let packs: Vec<ComparedPackView> = comparison
        .packs
        .iter()
        .map(|pack| pack_view(pack, comparison, reports))
        .collect();
    let rules = packs.iter().flat_map(|pack| &pack.rules);
    let differing = rules
        .clone()
        .filter(|row| !row.kinds.contains("alike"))
        .count();
    let view = ComparisonView {
        made: date.to_owned(),
        version: env!("CARGO_PKG_VERSION"),
        implementations: sides(comparison, reports, claims),
        rules: rules.count(),
        differing,
        packs,
    };
    let title = "Implementations beside each other · Countersign";
    let template = [TEMPLATE, include_str!("comparison.html")].concat();
    page(title, &template, view)
}

fn sides(
    comparison: &ComparisonReport,
    reports: &[(String, Vec<PackReport>)],
    claims: &[String],
) -> Vec<ImplementationView> {
    let side = |(at, (name, version)): (usize, &(String, String))| {
        let count = |wanted: RuleState| {
            let rules = comparison.packs.iter().flat_map(|pack| &pack.rules);
            rules
                .filter(|(_, _, _, states)| states.get(at) == Some(&wanted))
                .count()
        };
        ImplementationView {
            name: name.clone(),
            version: version.clone(),
            anchor: format!("i{at}"),
            passed: count(RuleState::Passed),
            failed: count(RuleState::Failed),
            findings: reports
                .get(at)
                .map_or_else(Vec::new, |one| findings(at, one, claims)),
        }
    };
    comparison
        .implementations
        .iter()
        .enumerate()
        .map(side)
        .collect()
}

/// What broke on an implementation, the first of each rule where its cells lead.
fn findings(
    at: usize,
    (named, reports): &(String, Vec<PackReport>),
    claims: &[String],
) -> Vec<FindingView> {
    let called = Called {
        against: named,
        claims,
        ..Called::default()
    };
    let mut views = Vec::new();
    for report in reports {
        let mut told: Vec<&str> = Vec::new();
        for finding in &report.findings {
            let before = told.iter().filter(|rule| **rule == finding.rule).count();
            if before >= FINDINGS {
                continue;
            }
            told.push(&finding.rule);
            let cause = Cause {
                headline: finding,
                others: Vec::new(),
            };
            let anchor = anchor(at, &report.pack.0, &finding.rule);
            let shown = FindingHeading {
                anchor: match before {
                    0 => anchor,
                    more => format!("{anchor}-{}", more + 1),
                },
                label: label(finding).to_owned(),
                tone: tone(finding),
                open: false,
                aside: String::new(),
                headline: Headline {
                    called: Some(called),
                    ..Headline::default()
                },
            };
            views.push(FindingView::of(&cause, shown));
        }
    }
    views
}

fn label(finding: &Finding) -> &'static str {
    match (finding.accuses(), finding.scored) {
        (true, _) => "breaks",
        (false, true) => "flaky",
        (false, false) => "not scored",
    }
}

fn tone(finding: &Finding) -> &'static str {
    match (finding.accuses(), finding.scored) {
        (true, _) => "bad",
        (false, true) => "doubt",
        (false, false) => "mute",
    }
}

fn anchor(at: usize, pack: &str, rule: &str) -> String {
    format!("i{at}-{pack}-{rule}")
}

fn pack_view(
    pack: &PackComparison,
    comparison: &ComparisonReport,
    reports: &[(String, Vec<PackReport>)],
) -> ComparedPackView {
    let name = &pack.pack.0;
    let has = |at: usize, rule: &str| {
        let mut packs = reports.get(at).into_iter().flat_map(|(_, packs)| packs);
        let report = packs.find(|report| report.pack.0 == *name);
        report.is_some_and(|report| report.findings.iter().any(|one| one.rule == rule))
    };
    let rows = pack.rules.iter().map(|(id, level, scored, states)| {
        let cells = states.iter().enumerate().map(|(at, state)| Cell {
            to: has(at, id).then(|| anchor(at, name, id)),
            ..cell(state)
        });
        // Where a rule does not apply says nothing of how they differ.
        let mut told = states.iter().filter(|state| {
            !matches!(state, RuleState::NotApplicable(_) | RuleState::NotExercised)
        });
        let first = told.next();
        let differs = told.any(|state| Some(state) != first);
        let breaks = states.contains(&RuleState::Failed);
        RuleRow {
            id: id.clone(),
            level: match scored {
                true => level.to_string(),
                false => "not scored".to_owned(),
            },
            kinds: format!(
                "{} {}",
                if differs { "different" } else { "alike" },
                if breaks { "broken" } else { "whole" }
            ),
            cells: cells.collect(),
        }
    });
    ComparedPackView {
        name: name.clone(),
        version: pack.pack.1,
        title: pack.pack.2.clone(),
        rules: rows.collect(),
        ambiguities: ambiguities(pack, comparison),
        untold: pack.untold,
    }
}

fn cell(state: &RuleState) -> Cell {
    let (sign, word, tone) = match state {
        RuleState::Passed => ("✓", "passed", "good"),
        RuleState::Failed => ("✗", "broke", "bad"),
        RuleState::Flaky => ("~", "broke, not each time", "doubt"),
        RuleState::Inconclusive => ("?", "nobody can tell", "doubt"),
        RuleState::NotExercised => ("·", "never applied", "mute"),
        RuleState::NotApplicable(_) => ("–", "does not apply", "mute"),
    };
    let why = match state {
        RuleState::NotApplicable(why) => why.clone(),
        _ => String::new(),
    };
    Cell {
        sign,
        word,
        tone,
        why,
        to: None,
    }
}

fn ambiguities(pack: &PackComparison, comparison: &ComparisonReport) -> Vec<AmbiguityView> {
    let view = |one: &crate::results::Ambiguity| {
        let answers = one.answers.iter().map(|(answer, who)| {
            let names = who
                .iter()
                .filter_map(|at| comparison.implementations.get(*at));
            let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
            (answer.to_string(), names.join(", "))
        });
        AmbiguityView {
            brief: one.brief.clone(),
            cases: counted(one.cases, "case", "cases"),
            answers: answers.collect(),
        }
    };
    pack.ambiguities.iter().map(view).collect()
}
