//! Holding a baseline against what a run found.

use super::held::{Meant, Presence, presence, rule_of};
use super::{Baseline, Day, KnownDeparture, Showing};
use crate::domain::{counted, grouped};
use crate::results::{Finding, KnownDefect, KnownDefects, PackReport, Run, Stale, place_of};

/// What is known of what a run found, what is new, and what no longer shows.
#[derive(Clone, Debug, Default)]
pub struct BaselineComparison<'a> {
    /// Departures that show, each with its findings.
    pub known: Vec<(&'a KnownDeparture, Vec<&'a Finding>)>,
    /// Findings that the baseline does not list.
    pub fresh: Vec<&'a Finding>,
    /// Departures that show, and were to be known until a day that is over: their findings are new again.
    pub over: Vec<(&'a KnownDeparture, Day)>,
    /// Entries that do not show.
    pub stale: Vec<Stale>,
}

impl BaselineComparison<'_> {
    /// The same as a value, by the places of findings in the run that it was made of.
    pub fn known(&self, baseline: &Baseline, run: &Run) -> KnownDefects {
        let shows = self.known.iter().map(|(departure, findings)| KnownDefect {
            title: departure.finding.clone(),
            whose: departure.whose,
            reason: departure.reason.clone(),
            link: departure.link.clone(),
            confirmed: departure.confirmed.clone(),
            findings: (findings.iter())
                .filter_map(|finding| place_of(&run.packs, finding))
                .collect(),
        });
        KnownDefects {
            file: baseline.file.clone(),
            shows: shows.collect(),
            stale: self.stale.clone(),
        }
    }
}

impl Baseline {
    /// Holds it against a run. Entries of packs that were not run, of rules that were
    /// not asked for (`rules` is empty where all were) and of what ended early are left alone; so is
    /// what cannot be told because not every failure was shrunk. `whole` says that the domain was not
    /// narrowed: otherwise a minimal case may be another one, and no entry is stale. What was to be known until a
    /// day before `today` is known no more.
    pub fn compare<'a>(
        &'a self,
        run: &'a Run,
        is_judged: &dyn Fn(&str) -> bool,
        whole: bool,
        today: Day,
    ) -> BaselineComparison<'a> {
        let reports = run.packs.as_slice();
        let mut compared = BaselineComparison::default();
        let all = || reports.iter().flat_map(|report| &report.findings);
        for departure in &self.departures {
            let shows = |finding: &&Finding| departure.shows.iter().any(|one| one.is(finding));
            let findings: Vec<&Finding> = all().filter(shows).collect();
            if let Some(until) = departure.until
                && until < today
                && !findings.is_empty()
            {
                compared.over.push((departure, until));
                continue;
            }
            if !findings.is_empty() {
                compared.known.push((departure, findings));
            }
        }
        let is_known = |finding: &Finding| {
            let mut known = compared.known.iter().flat_map(|(_, findings)| findings);
            known.any(|known| std::ptr::eq(*known, finding))
        };
        compared.fresh = all().filter(|finding| !is_known(finding)).collect();
        if whole {
            compared.stale = self.stale(reports, is_judged);
            for stale in &mut compared.stale {
                let mut known = compared.known.iter();
                stale.in_part = stale.brief.is_some()
                    && known.any(|(departure, _)| departure.finding == stale.said);
            }
        }
        compared
    }

    fn stale(&self, reports: &[PackReport], is_judged: &dyn Fn(&str) -> bool) -> Vec<Stale> {
        let report = |pack: &str| reports.iter().find(|report| report.pack.0 == pack);
        let mut stale = Vec::new();
        for departure in &self.departures {
            for showing in &departure.shows {
                let Some(report) = report(&showing.pack).filter(|_| is_judged(&showing.rule))
                else {
                    continue;
                };
                let presence = presence(showing.meant(), &showing.rule, report);
                let by_rate = matches!(presence, Presence::NotThisTime(_));
                if let Presence::Gone(why) | Presence::NotThisTime(why) = presence {
                    stale.push(Stale {
                        pack: showing.pack.clone(),
                        rule: showing.rule.clone(),
                        brief: Some(showing.brief.clone()),
                        said: departure.finding.clone(),
                        why,
                        in_part: false,
                        by_rate,
                    });
                }
            }
        }
        for never in &self.never_apply {
            for (pack, rule) in &never.rules {
                let Some(report) = report(pack).filter(|_| is_judged(rule)) else {
                    continue;
                };
                let why = match rule_of(report, rule) {
                    None => "the pack has no such rule".to_owned(),
                    Some(rule) if rule.held + rule.broke + rule.inconclusive > 0 => format!(
                        "it did apply: it held in {} and broke in {}",
                        counted(rule.held, "case", "cases"),
                        grouped(rule.broke)
                    ),
                    Some(_) => continue,
                };
                stale.push(Stale {
                    pack: pack.clone(),
                    rule: rule.clone(),
                    brief: None,
                    said: never.because.clone(),
                    why,
                    in_part: false,
                    by_rate: false,
                });
            }
        }
        stale
    }
}

impl Showing {
    /// Whether a finding is this one: the same rule, broken by the same minimal case.
    pub fn is(&self, finding: &Finding) -> bool {
        finding.pack.0 == self.pack && finding.rule == self.rule && self.meant().is_finding(finding)
    }

    fn meant(&self) -> Meant<'_> {
        self.case.as_ref().map_or(Meant::Nothing, Meant::Case)
    }
}
