//! Whose auth-params an expectation speaks of, and how it is held against such challenges.

use crate::auth::{AuthenticationInfo, Challenge, Challenges, Departure, Param, Recipient};
use crate::domain::Symbol;

use super::check::Check;
use super::flaw::{Flaw, ParamFlaw};
use super::observation::Observation;
use super::parameter::ParamClause;

/// Whose parameters are spoken of: of which challenges among those of a scheme, or among all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Which of them. RFC 9110 §11.5 allows several challenges of one scheme, with realms of their own,
    /// so it makes a difference.
    pub which: Which,
    /// The auth-scheme; all where it is not there.
    pub scheme: Option<Symbol>,
}

/// Which of several challenges are spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// All of them: what an expectation means where it says nothing else.
    Every,
    /// One of them, whichever: what a condition means where it says nothing else.
    Some,
    /// The first of them.
    First,
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Every, Self::Some, Self::First];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::Some => "some",
            Self::First => "first",
        }
    }
}

/// What stands for all auth-schemes in a spec.
pub(super) const ANY: &str = "any";

impl Subject {
    /// The words for it in specs: `bearer`, `some bearer`, `first digest`, `any`; and `first` for the first
    /// challenge of all. What is usual is not said.
    pub fn words(&self, usual: Which) -> String {
        let scheme = self.scheme.as_deref();
        let which = self.which.word();
        match (self.which, scheme) {
            (Which::First, None) => which.to_owned(),
            (this, scheme) if this == usual => scheme.unwrap_or(ANY).to_owned(),
            (_, scheme) => format!("{which} {}", scheme.unwrap_or(ANY)),
        }
    }

    /// What a reader calls these challenges.
    fn in_words(&self) -> String {
        let scheme = self.scheme.as_deref();
        match self.which {
            Which::Every => match scheme {
                Some(scheme) => format!("every {scheme} challenge"),
                None => "every challenge".to_owned(),
            },
            Which::Some => match scheme {
                Some(scheme) => format!("one {scheme} challenge at least"),
                None => "one challenge at least".to_owned(),
            },
            Which::First => match scheme {
                Some(scheme) => format!("the first {scheme} challenge"),
                None => "the first challenge".to_owned(),
            },
        }
    }

    /// The challenges of a list that it speaks of.
    pub(super) fn among<'a>(
        &'a self,
        list: &'a [Challenge],
    ) -> impl Iterator<Item = &'a Challenge> {
        let most = match self.which {
            Which::First => 1,
            Which::Every | Which::Some => usize::MAX,
        };
        let of_scheme = |challenge: &&Challenge| {
            let scheme = self.scheme.as_deref();
            scheme.is_none_or(|scheme| challenge.is(scheme))
        };
        list.iter().filter(of_scheme).take(most)
    }
}

/// Holds what is expected of auth-params against the challenges that it speaks of; where there are none,
/// it holds.
pub(super) fn check_parameters(
    parameters: &[(Subject, Vec<ParamClause>)],
    observation: Observation<'_>,
) -> Check {
    let challenges = &observation.answer.challenges;
    for (subject, clauses) in parameters {
        let whose = subject.in_words();
        let departure = |challenge: &Challenge| {
            let mut clauses = clauses.iter();
            clauses.find_map(|clause| clause.departure(&challenge.params, &whose))
        };
        let mut among = subject.among(&challenges.list);
        if subject.which == Which::Some
            && subject
                .among(&challenges.list)
                .any(|challenge| departure(challenge).is_none())
        {
            continue;
        }
        let found = among.find_map(|challenge| Some((departure(challenge)?, challenge)));
        if let Some((mut discrepancy, challenge)) = found {
            // What a broken field says is our reading of it: no ground for an accusation.
            let is_count = matches!(
                discrepancy.kind.flaw,
                Flaw::Parameter {
                    flaw: ParamFlaw::Times,
                    ..
                }
            );
            if challenges.strict().is_none() && !(is_count && repeats_only(challenges)) {
                return Check::Unclear("the challenges do not parse".to_owned());
            }
            discrepancy.observed = format!("{} in {}", discrepancy.observed, challenge.as_sent());
            return Check::Breaks(discrepancy);
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

/// Whether the challenges are there that a condition speaks of, and fit all that it says, for each subject.
pub(super) fn all_fit(
    parameters: &[(Subject, Vec<ParamClause>)],
    observation: Observation<'_>,
) -> bool {
    let list = &observation.answer.challenges.list;
    parameters.iter().all(|(subject, clauses)| {
        let fits = |challenge: &Challenge| are_there(clauses, &challenge.params);
        let mut among = subject.among(list);
        match subject.which {
            Which::Every => among.next().is_some() && subject.among(list).all(fits),
            Which::Some | Which::First => among.any(fits),
        }
    })
}

/// Whether the field `Authentication-Info` of the final answer (RFC 9110 §11.6.3) fits what a condition says.
pub(super) fn info_fits(clauses: &[ParamClause], observation: Observation<'_>) -> bool {
    let mut lines = observation
        .answer
        .response
        .fields_named("authentication-info")
        .peekable();
    lines.peek().is_some() && are_there(clauses, &AuthenticationInfo::parse(lines).params)
}

/// Whether parameters are there, or are not, as a condition says.
fn are_there(clauses: &[ParamClause], params: &[Param]) -> bool {
    clauses.iter().all(|clause| {
        let is_there = params.iter().any(|param| param.is(&clause.name));
        (is_there || clause.present == Some(false)) && clause.departure(params, "it").is_none()
    })
}
