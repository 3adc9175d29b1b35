//! Writing a baseline: what is known stays as it is, what is new waits for a person's reason.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Baseline, Departure, Settled};
use crate::engine::{Finding, PackReport, causes};
use crate::spec::Spec;
use crate::yaml::quoted_if_needed as text;

/// A baseline of what a run found, as YAML: departures that are known and show as they were, and a
/// skeleton for each that is new. A skeleton does not read back before somebody has written whose doing
/// it is, why, and how that was confirmed by hand.
pub fn write(
    known: Option<&Baseline>,
    settled: &Settled<'_>,
    reports: &[PackReport],
    specs: &[Spec],
) -> String {
    let (name, version) = reports
        .first()
        .map(|report| report.implementation.clone())
        .unwrap_or_default();
    let mut out = format!(
        "countersign: 1\nknown-departures-of: {}\nversion: {}\n",
        text(&name),
        text(&version)
    );
    let departures: Vec<String> = settled
        .known
        .iter()
        .map(|(departure, findings)| kept(departure, findings, specs))
        .chain(fresh(settled, specs))
        .collect();
    if !departures.is_empty() {
        let _ = write!(out, "\ndepartures:\n{}", departures.join("\n"));
    }
    let never = never(known, reports);
    if !never.is_empty() {
        out.push_str("\nnever-apply:\n");
    }
    for (because, rules) in never {
        let _ = writeln!(out, "  - because: {}\n    rules:", text(&because));
        for (pack, rules) in rules {
            let _ = writeln!(out, "      {}:", text(&pack));
            for rule in rules {
                let _ = writeln!(out, "        - {}", text(&rule));
            }
        }
    }
    out
}

/// A known departure under the title that a run gives it now.
fn kept(departure: &Departure, findings: &[&Finding], specs: &[Spec]) -> String {
    let told = causes(findings.iter().copied());
    let finding = (told.first()).map_or(departure.finding.clone(), |cause| cause.headline.title());
    let mut out = format!(
        "  - finding: {}\n    whose: {}\n    reason: {}\n",
        text(&finding),
        departure.whose.word(),
        text(&departure.reason)
    );
    if let Some(link) = &departure.link {
        let _ = writeln!(out, "    link: {}", text(link));
    }
    let _ = writeln!(out, "    confirmed: {}", text(&departure.confirmed));
    shows(&mut out, findings, specs);
    out
}

fn fresh(settled: &Settled<'_>, specs: &[Spec]) -> Vec<String> {
    let accused = settled.fresh.iter().copied();
    causes(accused.filter(|finding| finding.accuses()))
        .iter()
        .map(|cause| {
            let mut out = format!(
                "  - finding: {}\n    whose:      # product, default (documented) or adapter\n    \
                 reason:\n    confirmed:\n",
                text(&cause.headline.title())
            );
            let mut findings = vec![cause.headline];
            findings.extend(&cause.others);
            shows(&mut out, &findings, specs);
            out
        })
        .collect()
}

fn shows(out: &mut String, findings: &[&Finding], specs: &[Spec]) {
    out.push_str("    shows:\n");
    for finding in findings {
        let spec = specs.iter().find(|spec| spec.pack.name == finding.pack.0);
        let brief = spec.map_or_else(
            || finding.brief.clone(),
            |spec| spec.domain.brief(&finding.case),
        );
        let _ = writeln!(
            out,
            "      - pack: {}\n        rule: {}\n        case: {brief}",
            text(&finding.pack.0),
            text(&finding.rule)
        );
    }
}

/// Reasons, each with packs and their rules.
type Reasons = Vec<(String, BTreeMap<String, Vec<String>>)>;

/// The rules that are known never to apply, and did not. That of others nothing is said: nobody has
/// looked at why.
fn never(known: Option<&Baseline>, reports: &[PackReport]) -> Reasons {
    let applied = |pack: &str, id: &str| {
        let report = reports.iter().find(|report| report.pack.0 == pack);
        let mut rules = report.into_iter().flat_map(|report| &report.rules);
        let rule = rules.find(|rule| rule.id == id);
        rule.is_none_or(|rule| rule.passed + rule.failed + rule.inconclusive > 0)
    };
    let mut reasons: Reasons = Vec::new();
    for never in known.into_iter().flat_map(|known| &known.never_apply) {
        let mut packs = BTreeMap::<String, Vec<String>>::new();
        for (pack, rule) in &never.rules {
            if !applied(pack, rule) {
                packs.entry(pack.clone()).or_default().push(rule.clone());
            }
        }
        if !packs.is_empty() {
            reasons.push((never.because.clone(), packs));
        }
    }
    reasons
}
