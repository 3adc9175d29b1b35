//! Whose auth-params an expectation speaks of, and how it is held against every such challenge.

use crate::auth::{Challenge, Challenges, Departure, Recipient};
use crate::domain::Symbol;

use super::clause::Check;
use super::parameter::ParamClause;
use super::term::Sight;

/// Whose parameters are spoken of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Those of every challenge.
    Any,
    /// Those of the first challenge.
    First,
    /// Those of the challenges of one auth-scheme.
    Scheme(Symbol),
}

impl Subject {
    /// The word for it in specs.
    pub fn word(&self) -> &str {
        match self {
            Self::Any => "any",
            Self::First => "first",
            Self::Scheme(scheme) => scheme,
        }
    }
}

/// Holds what is expected of auth-params against every challenge that it speaks of.
pub(super) fn check_parameters(
    parameters: &[(Subject, Vec<ParamClause>)],
    sight: Sight<'_>,
) -> Check {
    let challenges = &sight.answer.challenges;
    for (subject, clauses) in parameters {
        for challenge in spoken_of(subject, &challenges.list) {
            let whose = match subject {
                Subject::First => "the first challenge".to_owned(),
                _ => format!("every {} challenge", subject.word()),
            };
            let departure = clauses
                .iter()
                .find_map(|clause| clause.departure(&challenge.params, &whose));
            if let Some(mut discrepancy) = departure {
                // What a broken field says is our reading of it: no ground for an accusation.
                let is_count = discrepancy.kind.ends_with(" times");
                if challenges.strict().is_none() && !(is_count && repeats_only(challenges)) {
                    return Check::Unclear("the challenges do not parse".to_owned());
                }
                discrepancy.observed = format!("{} in {challenge}", discrepancy.observed);
                return Check::Breaks(discrepancy);
            }
        }
    }
    Check::Holds
}

/// Whether nothing is unclear of the challenges but which of two equal names counts: how often a name
/// stands there is plain even so.
fn repeats_only(challenges: &Challenges) -> bool {
    challenges.problems.iter().all(|problem| {
        problem.departure == Departure::DuplicateParameter
            || problem.departure.recipient() == Recipient::MustCope
    })
}

/// Whether some challenge fits all that is said of a subject, for each subject.
pub(super) fn some_fit(parameters: &[(Subject, Vec<ParamClause>)], sight: Sight<'_>) -> bool {
    let list = &sight.answer.challenges.list;
    parameters.iter().all(|(subject, clauses)| {
        spoken_of(subject, list).any(|challenge| {
            clauses.iter().all(|clause| {
                let is_there = challenge.params_named(&clause.name).next().is_some();
                (is_there || clause.present == Some(false))
                    && clause.departure(&challenge.params, "it").is_none()
            })
        })
    })
}

fn spoken_of<'a>(
    subject: &'a Subject,
    list: &'a [Challenge],
) -> impl Iterator<Item = &'a Challenge> {
    let spoken_of = |(at, challenge): &(usize, &Challenge)| match subject {
        Subject::Any => true,
        Subject::First => *at == 0,
        Subject::Scheme(scheme) => challenge.is(scheme),
    };
    let spoken_of = list.iter().enumerate().filter(spoken_of);
    spoken_of.map(|(_, challenge)| challenge)
}
