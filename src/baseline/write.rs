//! Writing a baseline: what is known stays as it is, what is new waits for a person's reason.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Baseline, BaselineComparison, KnownDeparture, Showing};
use crate::results::{Finding, PackReport, Run, causes};
use crate::spec::Spec;
use crate::yaml::quoted_if_needed as text;

/// A baseline of what a run found, as YAML: departures that are known and show as they were, and a
/// skeleton for each that is new. A skeleton does not read back before somebody has written whose doing
/// it is, why, and how that was confirmed by hand.
pub fn write(
    known: Option<&Baseline>,
    compared: &BaselineComparison<'_>,
    run: &Run,
    specs: &[Spec],
) -> String {
    let (reports, (name, version)) = (run.packs.as_slice(), &run.implementation);
    let mut out = format!(
        "countersign: 1\nknown-departures-of: {}\nversion: {}\n",
        text(name),
        text(version)
    );
    let departures: Vec<String> = standing(known, compared, reports)
        .map(|standing| kept(&standing, specs))
        .chain(fresh(known, compared, specs))
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

/// What [`write()`] changed of what was known, one sentence each.
pub fn changes(
    known: Option<&Baseline>,
    compared: &BaselineComparison<'_>,
    run: &Run,
) -> Vec<String> {
    let reports = run.packs.as_slice();
    let mut lines = Vec::new();
    for standing in standing(known, compared, reports) {
        let (before, now) = (&standing.departure.finding, standing.title());
        if *before != now {
            lines.push(format!("`{before}` is called `{now}` now"));
        }
    }
    let left: Vec<&Showing> = known
        .into_iter()
        .flat_map(|known| &known.departures)
        .flat_map(|departure| &departure.shows)
        .filter(|showing| {
            let mut found = compared.known.iter().flat_map(|(_, findings)| findings);
            was_run(reports, &showing.pack) && !found.any(|finding| showing.is(finding))
        })
        .collect();
    for showing in left {
        lines.push(format!(
            "left out, as it did not show: {} ({}) with {}",
            showing.rule, showing.pack, showing.brief
        ));
    }
    for never in known.into_iter().flat_map(|known| &known.never_apply) {
        for (pack, rule) in &never.rules {
            if applied(reports, pack, rule) {
                lines.push(format!("left out, as it did apply: {rule} ({pack})"));
            }
        }
    }
    for cause in causes(accused(compared)) {
        lines.push(format!(
            "new, and waits for a reason: `{}`",
            cause.headline.title()
        ));
    }
    lines
}

/// A known departure that stays: what shows it now, headlines first, and what nobody has looked at, as its
/// pack was not run.
struct StandingDeparture<'a> {
    departure: &'a KnownDeparture,
    findings: Vec<&'a Finding>,
    others: Vec<&'a Showing>,
}

impl StandingDeparture<'_> {
    /// What a run calls it now.
    fn title(&self) -> String {
        let first = self.findings.first();
        first.map_or_else(|| self.departure.finding.clone(), |first| first.title())
    }
}

fn standing<'a>(
    known: Option<&'a Baseline>,
    compared: &'a BaselineComparison<'_>,
    reports: &'a [PackReport],
) -> impl Iterator<Item = StandingDeparture<'a>> {
    let departures = known.into_iter().flat_map(|known| &known.departures);
    departures.filter_map(|departure| {
        let mut shown = compared.known.iter();
        let shown = shown.find(|(known, _)| **known == *departure);
        let findings = shown.map_or(&[][..], |(_, findings)| findings);
        let findings: Vec<&Finding> = causes(findings.iter().copied())
            .into_iter()
            .flat_map(|cause| [vec![cause.headline], cause.others].concat())
            .collect();
        let others = departure.shows.iter();
        let others: Vec<&Showing> = others
            .filter(|showing| !was_run(reports, &showing.pack))
            .collect();
        let stands = !findings.is_empty() || !others.is_empty();
        stands.then_some(StandingDeparture {
            departure,
            findings,
            others,
        })
    })
}

fn was_run(reports: &[PackReport], pack: &str) -> bool {
    reports.iter().any(|report| report.pack.0 == pack)
}

/// A known departure under the title that a run gives it now.
fn kept(standing: &StandingDeparture<'_>, specs: &[Spec]) -> String {
    let departure = standing.departure;
    let mut out = format!(
        "  - finding: {}\n    whose: {}\n    reason: {}\n",
        text(&standing.title()),
        departure.whose.word(),
        text(&departure.reason)
    );
    if let Some(link) = &departure.link {
        let _ = writeln!(out, "    link: {}", text(link));
    }
    let _ = writeln!(out, "    confirmed: {}", text(&departure.confirmed));
    if let Some(until) = departure.until {
        let _ = writeln!(out, "    until: {until}");
    }
    shows(&mut out, &standing.findings, specs);
    for showing in &standing.others {
        let (pack, rule) = (&showing.pack, &showing.rule);
        show(&mut out, pack, rule, &showing.brief);
    }
    out
}

fn accused<'a>(compared: &BaselineComparison<'a>) -> impl Iterator<Item = &'a Finding> {
    let fresh: Vec<&'a Finding> = compared.fresh.clone();
    fresh.into_iter().filter(|finding| finding.accuses())
}

fn fresh(
    known: Option<&Baseline>,
    compared: &BaselineComparison<'_>,
    specs: &[Spec],
) -> Vec<String> {
    causes(accused(compared))
        .iter()
        .map(|cause| {
            let mut findings = vec![cause.headline];
            findings.extend(&cause.others);
            let mut out = format!("  - finding: {}\n", text(&cause.headline.title()));
            // The same rule with another case may be the same departure: a person can tell.
            for before in known.into_iter().flat_map(|known| &known.departures) {
                let mut shown = compared.known.iter();
                let is_gone = !shown.any(|(known, _)| **known == *before);
                let mut rules = before.shows.iter();
                let is_alike = rules.any(|showing| {
                    let same = |finding: &&Finding| {
                        finding.pack.0 == showing.pack && finding.rule == showing.rule
                    };
                    findings.iter().any(same)
                });
                if is_gone && is_alike {
                    let said = format!(
                        "{} ({}): {}",
                        before.finding,
                        before.whose.word(),
                        before.reason
                    );
                    let said: Vec<&str> = said.split_whitespace().collect();
                    let _ = writeln!(out, "    # before: {}", said.join(" "));
                }
            }
            out.push_str(
                "    whose:      # product, default (documented) or adapter\n    reason:\n    \
                 confirmed:\n",
            );
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
        show(out, &finding.pack.0, &finding.rule, &brief);
    }
}

fn show(out: &mut String, pack: &str, rule: &str, brief: &str) {
    let _ = writeln!(
        out,
        "      - pack: {}\n        rule: {}\n        case: {brief}",
        text(pack),
        text(rule)
    );
}

/// Reasons, each with packs and their rules.
type Reasons = Vec<(String, BTreeMap<String, Vec<String>>)>;

/// The rules that are known never to apply, and did not. That of others nothing is said: nobody has
/// looked at why.
fn never(known: Option<&Baseline>, reports: &[PackReport]) -> Reasons {
    let mut reasons: Reasons = Vec::new();
    for never in known.into_iter().flat_map(|known| &known.never_apply) {
        let mut packs = BTreeMap::<String, Vec<String>>::new();
        for (pack, rule) in &never.rules {
            if !applied(reports, pack, rule) {
                packs.entry(pack.clone()).or_default().push(rule.clone());
            }
        }
        if !packs.is_empty() {
            reasons.push((never.because.clone(), packs));
        }
    }
    reasons
}

/// Whether a rule that was known never to apply did, or is none any more. Of a pack that was not run
/// nobody can tell.
fn applied(reports: &[PackReport], pack: &str, id: &str) -> bool {
    let Some(report) = reports.iter().find(|report| report.pack.0 == pack) else {
        return false;
    };
    let rule = report.rules.iter().find(|rule| rule.id == id);
    rule.is_none_or(|rule| rule.held + rule.broke + rule.inconclusive > 0)
}
