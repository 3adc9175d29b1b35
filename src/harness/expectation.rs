//! Known departures: what a test, or the baseline of an adapter, states that it expects of a rule, other
//! than that it holds.

use crate::baseline::{Baseline, Day, KnownDeparture, Meant};
use crate::corpus::Entry;
use crate::domain::Case;
use crate::results::Finding;

/// What is expected of one rule and one implementation.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) implementation: String,
    pub(super) pack: String,
    pub(super) rule: String,
    pub(super) what: Expectation,
    pub(super) reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// A finding.
    Finding {
        /// Its sentence; where the case is given, that of its cause.
        sentence: String,
        /// Its minimal case.
        case: Option<Case>,
        /// Whether it is the first that a baseline names of a departure.
        leads: bool,
    },
    /// That the rule never applies.
    NotExercised,
}

impl Expectation {
    /// A finding with this sentence.
    pub(super) fn finding(sentence: impl Into<String>) -> Self {
        Self::Finding {
            sentence: sentence.into(),
            case: None,
            leads: false,
        }
    }
}

/// What is expected of the rule of one trial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Departures {
    /// The findings that are to show.
    pub(super) findings: Vec<StatedFinding>,
    /// Why it is never to apply, if so.
    pub(super) not_exercised: Option<String>,
}

/// A finding that is to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StatedFinding {
    /// Its sentence; where the case is given, that of its cause.
    pub(super) sentence: String,
    /// Its minimal case.
    pub(super) case: Option<Case>,
    /// Whether it is the first that a baseline names of a departure, whose sentence that is.
    pub(super) leads: bool,
    pub(super) reason: String,
}

impl StatedFinding {
    /// Which finding of the rule, or which reproduction of it, is meant.
    pub(super) fn meant(&self) -> Meant<'_> {
        match &self.case {
            Some(case) => Meant::Case(case),
            None => Meant::Called(&self.sentence),
        }
    }

    /// Whether a finding of the rule is the one stated.
    pub(super) fn is(&self, finding: &Finding) -> bool {
        self.meant().is_finding(finding)
    }

    /// Whether a reproduction of the rule is the finding stated.
    pub(super) fn is_kept_as(&self, entry: &Entry) -> bool {
        self.meant()
            .is(&entry.case, &entry.sentence, &entry.title())
    }
}

/// What the baseline of an implementation states.
pub(super) fn of_baseline(baseline: Baseline, implementation: &str) -> Vec<Expected> {
    let mut expected = Vec::new();
    let mut add = |(pack, rule): (String, String), what: Expectation, reason: &str| {
        expected.push(Expected {
            implementation: implementation.to_owned(),
            pack,
            rule,
            what,
            reason: reason.to_owned(),
        });
    };
    let today = Day::today();
    let is_known = |one: &KnownDeparture| one.until.is_none_or(|until| until >= today);
    for departure in baseline.departures.into_iter().filter(is_known) {
        let reason = format!("{} ({})", departure.reason, departure.whose.phrase());
        for (index, showing) in departure.shows.into_iter().enumerate() {
            let what = Expectation::Finding {
                sentence: departure.finding.clone(),
                case: showing.case,
                leads: index == 0,
            };
            add((showing.pack, showing.rule), what, &reason);
        }
    }
    for never in baseline.never_apply {
        for rule in never.rules {
            add(rule, Expectation::NotExercised, &never.because);
        }
    }
    expected
}

impl Departures {
    /// What the statements say of one trial.
    pub(super) fn of(expected: &[Expected], implementation: &str, pack: &str, rule: &str) -> Self {
        let mut departures = Self::default();
        for entry in expected {
            if (&*entry.implementation, &*entry.pack, &*entry.rule) != (implementation, pack, rule)
            {
                continue;
            }
            match &entry.what {
                Expectation::Finding {
                    sentence,
                    case,
                    leads,
                } => departures.findings.push(StatedFinding {
                    sentence: sentence.clone(),
                    case: case.clone(),
                    leads: *leads,
                    reason: entry.reason.clone(),
                }),
                Expectation::NotExercised => departures.not_exercised = Some(entry.reason.clone()),
            }
        }
        departures
    }
}
