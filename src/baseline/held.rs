//! Holding one statement against what a run found: whether the finding that it means shows, and if not, why.
//! Files of known departures and tests that state some are held so alike.

use crate::domain::{Case, grouped};
use crate::results::{Finding, PackReport, RuleReport, RuleState};

/// Which finding of its rule a statement means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant<'a> {
    /// That with this minimal case.
    Case(&'a Case),
    /// That which is called so, by its sentence or by its title.
    Called(&'a str),
    /// None that can be had here: its pack is not at hand.
    Nothing,
}

impl Meant<'_> {
    /// Whether what has this case, sentence and title is meant.
    pub fn is(self, case: &Case, sentence: &str, title: &str) -> bool {
        match self {
            Self::Case(meant) => meant == case,
            Self::Called(meant) => meant == sentence || meant == title,
            Self::Nothing => false,
        }
    }

    /// Whether a finding of the rule is meant.
    pub fn is_finding(self, finding: &Finding) -> bool {
        match self {
            Self::Case(meant) => *meant == finding.case,
            Self::Called(_) => self.is(&finding.case, &finding.sentence, &finding.title()),
            Self::Nothing => false,
        }
    }
}

/// Whether what a statement means shows in a run of its pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It does.
    Shows,
    /// It does not, and this was seen instead.
    Gone(String),
    /// It does not, and this was seen instead; but it shows by a rate, and may the next time.
    NotThisTime(String),
    /// Nobody can tell: verdicts are missing, or failures were not shrunk.
    Unknown,
}

/// Whether the finding of a rule that a statement means shows.
pub fn presence(meant: Meant<'_>, rule: &str, report: &PackReport) -> Presence {
    let of_rule = report.findings.iter().filter(|one| one.rule == rule);
    if of_rule.clone().any(|finding| meant.is_finding(finding)) {
        return Presence::Shows;
    }
    let Some(verdict) = rule_of(report, rule) else {
        return Presence::Gone("the pack has no such rule".to_owned());
    };
    let gone = match verdict.by_rate {
        true => Presence::NotThisTime,
        false => Presence::Gone,
    };
    match &verdict.state {
        _ if report.stopped.is_some() => Presence::Unknown,
        RuleState::Passed => gone(match verdict.held {
            1 => "the rule held in the one case".to_owned(),
            passed => format!("the rule held in all {} cases", grouped(passed)),
        }),
        RuleState::NotExercised | RuleState::NotApplicable(_) => {
            Presence::Gone("the rule did not apply".to_owned())
        }
        RuleState::Failed | RuleState::Flaky if report.unshrunk == 0 => {
            let others: Vec<&str> = of_rule.map(|one| one.sentence.as_str()).collect();
            gone(format!(
                "the rule broke, but not in this case: {}",
                others.join("; ")
            ))
        }
        RuleState::Inconclusive | RuleState::Failed | RuleState::Flaky => Presence::Unknown,
    }
}

/// The verdict of a rule.
pub(super) fn rule_of<'a>(report: &'a PackReport, id: &str) -> Option<&'a RuleReport> {
    report.rules.iter().find(|rule| rule.id == id)
}
