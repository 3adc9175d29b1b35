//! A run as a page.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::domain::grouped;
use crate::results::{PackReport, Run, RunVerdict};
use crate::spec::{Spec, Stated, shipped};

use super::super::claims::claim_lines;
use super::super::escape::bounded_line;
use super::super::rules::{Became, PackTold, RuleTold, packs_of};
use super::super::source::source_uri;
use super::super::summary::{CauseKind, Numbered, RunSummary, headline};
use super::finding::{FindingHeading, FindingView, TEMPLATE};
use super::shell::page;

/// The most characters of a text in a table.
const CELL: usize = 2_000;

#[derive(Serialize)]
struct RunView {
    version: String,
    name: String,
    product_version: String,
    verdict: &'static str,
    tone: &'static str,
    summary: String,
    exit: u8,
    asked: Vec<(&'static str, String)>,
    left_out: Vec<String>,
    findings: Vec<FindingView>,
    known: Option<KnownView>,
    packs: Vec<PackView>,
    not_begun: Vec<String>,
    documents: Vec<DocumentView>,
    verdicts: Vec<VerdictView>,
    rules: usize,
    notices: Vec<String>,
}

#[derive(Serialize)]
struct KnownView {
    file: String,
    shows: Vec<KnownShows>,
    stale: Vec<KnownStale>,
}

#[derive(Serialize)]
struct KnownShows {
    title: String,
    whose: &'static str,
    reason: String,
    confirmed: String,
    link: Option<String>,
}

#[derive(Serialize)]
struct KnownStale {
    fails: bool,
    rule: String,
    said: String,
    why: String,
}

#[derive(Serialize)]
struct PackView {
    name: String,
    version: u32,
    title: String,
    covered: String,
    open: Option<String>,
    cost: String,
    claims: Vec<String>,
}

/// A verdict with how many rules came to it.
#[derive(Clone, Serialize)]
struct VerdictView {
    id: String,
    word: &'static str,
    tone: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct DocumentView {
    name: String,
    counts: Vec<VerdictView>,
    rules: Vec<RuleView>,
}

#[derive(Serialize)]
struct RuleView {
    id: String,
    pack: String,
    level: String,
    section: String,
    uri: Option<String>,
    verdict: VerdictView,
    cases: String,
    why: String,
    finding: Option<String>,
}

/// Writes a run as a page.
pub(in super::super) fn write(run: &Run, exit: u8, mut out: impl Write) -> io::Result<()> {
    let summary = RunSummary::of(run, false);
    let causes = summary.numbered();
    let packs = packs_of(run, &summary);
    let (verdict, tone) = match run.verdict() {
        RunVerdict::Conforms => ("conforms", "good"),
        RunVerdict::Departs => ("departs", "bad"),
        RunVerdict::Interrupted => ("was interrupted", "doubt"),
        RunVerdict::Unknown => ("has no verdict", "doubt"),
    };
    let (name, product_version) = run.implementation.clone();
    let title = format!("{name} {verdict} · Countersign");
    let documents = documents(run, &packs, &causes);
    let rules = documents.iter().map(|one| one.rules.len()).sum();
    let view = RunView {
        version: run.version.clone(),
        name,
        product_version,
        verdict,
        tone,
        summary: summary.last(),
        exit,
        asked: asked(run),
        left_out: run.left_out.clone(),
        findings: findings(&causes, &summary),
        known: known(run),
        packs: packs.iter().map(pack).collect(),
        not_begun: run.not_begun.clone(),
        verdicts: counts(packs.iter().flat_map(|pack| &pack.rules)),
        documents,
        rules,
        notices: notices(run),
    };
    let template = [TEMPLATE, include_str!("run.html")].concat();
    out.write_all(page(&title, &template, view)?.as_bytes())?;
    out.flush()
}

fn asked(run: &Run) -> Vec<(&'static str, String)> {
    let asked = &run.asked;
    let total = |count: fn(&PackReport) -> u64| {
        grouped(
            run.packs
                .iter()
                .fold(0, |sum: u64, one| sum.saturating_add(count(one))),
        )
    };
    let mut facts = vec![
        ("Cases judged", total(|one| one.judged)),
        ("Requests", total(|one| one.requests)),
        ("Seed", asked.seed.to_string()),
        ("Fails from", asked.fail_on.to_string()),
    ];
    let mut list = |name, values: &[String]| {
        if !values.is_empty() {
            facts.push((name, values.join(", ")));
        }
    };
    list("Specs", &asked.specs);
    list("Rules", &asked.rules);
    list("Narrowed to", &asked.set);
    list("Faults seeded", &asked.faults);
    facts
}

fn findings(causes: &[Numbered<'_>], summary: &RunSummary<'_>) -> Vec<FindingView> {
    let view = |(at, one): (usize, &Numbered<'_>)| {
        let tone = match (one.kind, one.fails) {
            (CauseKind::Finding, true) => "bad",
            (CauseKind::NotScored, _) => "mute",
            _ => "doubt",
        };
        let aside = match one.fails || one.kind != CauseKind::Finding {
            true => String::new(),
            false => "does not fail the run".to_owned(),
        };
        let shown = FindingHeading {
            anchor: format!("finding-{}", at + 1),
            label: format!("{} {}", one.kind.word(), one.number),
            tone,
            open: at == 0,
            aside,
            headline: headline(one, summary),
        };
        FindingView::of(one.cause, shown)
    };
    causes.iter().enumerate().map(view).collect()
}

fn known(run: &Run) -> Option<KnownView> {
    let known = run.known.as_ref()?;
    let shows = known.shows.iter().map(|one| KnownShows {
        title: one.title.clone(),
        whose: one.whose.phrase(),
        reason: one.reason.clone(),
        confirmed: one.confirmed.clone(),
        link: one.link.clone().filter(|link| link.starts_with("https://")),
    });
    let stale = known.stale.iter().map(|one| KnownStale {
        fails: !one.by_rate,
        rule: one.rule.clone(),
        said: one.said.clone(),
        why: one.why.clone(),
    });
    Some(KnownView {
        file: known.file.clone(),
        shows: shows.collect(),
        stale: stale.collect(),
    })
}

fn pack(told: &PackTold<'_>) -> PackView {
    let report = told.report;
    let (name, version, title) = &report.pack;
    PackView {
        name: name.clone(),
        version: *version,
        title: title.clone(),
        covered: report.covered(),
        open: told.open.clone(),
        cost: format!(
            "{} judged, {} requests, {:.1} s",
            grouped(report.judged),
            grouped(report.requests),
            report.elapsed.as_secs_f64()
        ),
        claims: claim_lines(report),
    }
}

/// How grave it is that a rule came to this: the gravest first.
fn weight(became: Became) -> usize {
    let order = [
        Became::Breaks,
        Became::NotLookedInto,
        Became::Flaky,
        Became::Lenient,
        Became::Inconclusive,
        Became::NotJudged,
        Became::Known,
        Became::NotScored,
        Became::Held,
        Became::NeverApplied,
        Became::NotApplicable,
    ];
    let place = order.iter().position(|one| *one == became);
    place.unwrap_or(order.len())
}

fn verdict(became: Became, count: usize) -> VerdictView {
    VerdictView {
        id: became.word().replace([' ', ','], "-"),
        word: became.word(),
        tone: match became {
            Became::Held => "good",
            Became::Breaks | Became::NotLookedInto => "bad",
            Became::Flaky | Became::Inconclusive | Became::Lenient | Became::NotJudged => "doubt",
            Became::Known | Became::NotScored | Became::NeverApplied | Became::NotApplicable => {
                "mute"
            }
        },
        count,
    }
}

/// How many rules came to what.
fn counts<'a>(rules: impl Iterator<Item = &'a RuleTold<'a>>) -> Vec<VerdictView> {
    let mut counts: BTreeMap<usize, (Became, usize)> = BTreeMap::new();
    for rule in rules {
        let entry = counts
            .entry(weight(rule.became))
            .or_insert((rule.became, 0));
        entry.1 += 1;
    }
    let counts = counts.into_values();
    counts
        .map(|(became, count)| verdict(became, count))
        .collect()
}

/// The rules by the document that states them.
fn documents(run: &Run, packs: &[PackTold<'_>], causes: &[Numbered<'_>]) -> Vec<DocumentView> {
    let mut documents: BTreeMap<String, Vec<(&RuleTold<'_>, RuleView)>> = BTreeMap::new();
    for pack in packs {
        let stated = sources(&pack.report.pack);
        for rule in &pack.rules {
            let first = rule.findings.first().map(|one| &one.finding.stated);
            let stated = first.or_else(|| stated.get(rule.id));
            let document = match stated {
                Some(stated) => stated.document.clone(),
                None => format!("Spec {}", pack.report.pack.0),
            };
            let view = rule_view(rule, pack, stated, run, causes);
            documents.entry(document).or_default().push((rule, view));
        }
    }
    let view = |(name, mut rules): (String, Vec<(&RuleTold<'_>, RuleView)>)| {
        rules.sort_by_key(|(rule, _)| weight(rule.became));
        DocumentView {
            name,
            counts: counts(rules.iter().map(|(rule, _)| *rule)),
            rules: rules.into_iter().map(|(_, view)| view).collect(),
        }
    };
    // The document first of which the gravest was broken; a map has them by name.
    let mut documents: Vec<_> = documents.into_iter().collect();
    documents.sort_by_key(|(_, rules)| rules.iter().map(|(rule, _)| weight(rule.became)).min());
    documents.into_iter().map(view).collect()
}

/// Where the rules of a pack that ships are stated; a run keeps that of rules that broke only.
fn sources((name, version, _): &(String, u32, String)) -> BTreeMap<String, Stated> {
    let spec = shipped(name).and_then(|source| Spec::read(&source).ok());
    let spec = spec.filter(|spec| spec.pack.version == *version);
    let rules = spec.map_or_else(Vec::new, |spec| spec.rules);
    rules
        .into_iter()
        .map(|rule| (rule.id, rule.stated))
        .collect()
}

fn rule_view(
    rule: &RuleTold<'_>,
    pack: &PackTold<'_>,
    stated: Option<&Stated>,
    run: &Run,
    causes: &[Numbered<'_>],
) -> RuleView {
    let mut reports = pack.report.rules.iter();
    let report = reports.find(|report| report.id == rule.id);
    let cases = report.map_or_else(String::new, |report| {
        let mut words = Vec::new();
        for (count, word) in [
            (report.held, "held"),
            (report.broke, "broke"),
            (report.inconclusive, "unknown"),
        ] {
            if count > 0 {
                words.push(format!("{} {word}", grouped(count)));
            }
        }
        words.join(", ")
    });
    let defect = rule.findings.first().and_then(|one| one.defect);
    let told = defect.and_then(|defect| run.finding(defect.headline));
    let place = told.and_then(|told| {
        let mut causes = causes.iter();
        causes.position(|one| std::ptr::eq(one.cause.headline, told))
    });
    RuleView {
        id: rule.id.to_owned(),
        pack: pack.report.pack.0.clone(),
        level: rule.level.to_string(),
        section: stated.map_or_else(String::new, |stated| stated.section.clone()),
        uri: stated.and_then(source_uri),
        verdict: verdict(rule.became, 1),
        cases,
        why: bounded_line(&rule.why, CELL),
        finding: place.map(|at| format!("finding-{}", at + 1)),
    }
}

fn notices(run: &Run) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for notice in run.packs.iter().flat_map(|report| &report.notices) {
        if !told.contains(notice) {
            told.push(notice.clone());
        }
    }
    told
}
