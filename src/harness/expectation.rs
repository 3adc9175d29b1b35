//! Known departures: what a test states that it expects of a rule, other than that it holds.

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
    /// A finding with this sentence.
    Finding(String),
    /// That the rule never applies.
    NotExercised,
}

/// What is expected of the rule of one trial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Departures {
    /// The sentences of the findings that are to show, each with its reason.
    pub(super) findings: Vec<(String, String)>,
    /// Why it is never to apply, if so.
    pub(super) not_exercised: Option<String>,
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
                Expectation::Finding(sentence) => departures
                    .findings
                    .push((sentence.clone(), entry.reason.clone())),
                Expectation::NotExercised => departures.not_exercised = Some(entry.reason.clone()),
            }
        }
        departures
    }
}
