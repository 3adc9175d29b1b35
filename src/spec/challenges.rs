//! Expectations of the challenges of an answer: which schemes, in which form and order.

use crate::auth::{Challenge, Departure, Param, Problem, Sender};
use crate::domain::Symbol;

use super::check::{Check, Discrepancy};
use super::flaw::{Flaw, ListFlaw};
use super::observation::Observation;
use super::range::Range;
use super::schemes::{offered, schemes_in_words};
use super::term::{Env, SetExpr};

/// What is expected of the challenges of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChallengeClause {
    /// These schemes and no others.
    pub exactly: Option<SetExpr>,
    /// These schemes, and perhaps others.
    pub at_least: Option<SetExpr>,
    /// None of these schemes.
    pub none_of: Option<SetExpr>,
    /// These schemes, in this order, with nothing between that is not named.
    pub in_order: Option<SetExpr>,
    /// At least one challenge, or none.
    pub some: Option<bool>,
    /// No departure from the grammar of RFC 9110 §11.3, or at least one.
    pub well_formed: Option<bool>,
    /// No departure of these kinds; empty for any.
    pub no_departure: Vec<Departure>,
    /// How many challenges of a scheme there are.
    pub count: Vec<(Symbol, Range)>,
    /// No two challenges of a scheme have the same values of all these parameters.
    pub distinct: Vec<(Symbol, Vec<String>)>,
    /// Challenges of a scheme have no parameters but these.
    pub only: Vec<(Symbol, Vec<String>)>,
    /// No two challenges are the same in scheme and parameters, or some are.
    pub unique: Option<bool>,
    /// Each field line holds one challenge, or one holds several.
    pub one_per_line: Option<bool>,
    /// Every challenge of these schemes is bare: its scheme and nothing else.
    pub bare: Option<SetExpr>,
    /// No challenge of these schemes is bare: each has a parameter or a token68.
    pub not_bare: Option<SetExpr>,
}

impl ChallengeClause {
    /// Holds the expectation against an answer's challenges.
    pub fn check(&self, env: &Env<'_>, observation: Observation<'_>) -> Check {
        let challenges = &observation.answer.challenges;
        if let Some(wanted) = self.well_formed
            && wanted != challenges.is_well_formed()
        {
            let graver = |problem: &&Problem| problem.departure.sender() == Sender::MustNot;
            let observed = match challenges.problems.iter().find(graver) {
                Some(problem) => format!(
                    "{} (line {}, byte {})",
                    problem.what,
                    problem.line + 1,
                    problem.bytes.start
                ),
                None => "well-formed challenges".to_owned(),
            };
            return Check::Breaks(Discrepancy {
                kind: Flaw::Challenges(if wanted {
                    ListFlaw::IllFormed
                } else {
                    ListFlaw::WellFormed
                })
                .of_case(),
                expected: match wanted {
                    true => "challenges by the grammar of RFC 9110 §11.3",
                    false => "challenges that break the grammar of RFC 9110 §11.3",
                }
                .to_owned(),
                observed,
            });
        }
        let named = |problem: &&Problem| self.no_departure.contains(&problem.departure);
        if let Some(problem) = challenges.problems.iter().find(named) {
            return Check::Breaks(Discrepancy {
                kind: Flaw::Departure(problem.departure).of_case(),
                expected: format!(
                    "challenges without this ({}): {}",
                    problem.departure.section(),
                    problem.departure.summary()
                ),
                observed: problem.to_string(),
            });
        }
        let check = match self.check_schemes(env, observation) {
            Check::Holds => self.check_list(env, observation),
            check => check,
        };
        match check {
            // What a broken field says is our reading of it: no ground for an accusation.
            Check::Breaks(_) if challenges.strict().is_none() => {
                Check::Unclear("the challenges do not parse".to_owned())
            }
            check => check,
        }
    }

    fn check_schemes(&self, env: &Env<'_>, observation: Observation<'_>) -> Check {
        let offered = offered(observation);
        let breaks = |flaw: ListFlaw, expected: String| {
            Check::Breaks(Discrepancy {
                kind: Flaw::Challenges(flaw).of_case(),
                expected,
                observed: schemes_in_words(offered),
            })
        };
        if let Some(some) = self.some
            && some == offered.is_empty()
        {
            return breaks(
                if some { ListFlaw::None } else { ListFlaw::Some },
                if some {
                    "at least one challenge"
                } else {
                    "no challenge"
                }
                .to_owned(),
            );
        }
        let missing = |set: &SetExpr| {
            set.symbols(env)
                .iter()
                .any(|symbol| !offered.iter().any(|have| **have == **symbol))
        };
        if let Some(set) = &self.exactly {
            let extra = offered.iter().any(|have| !set.has(env, have));
            let flaw = match (missing(set), extra) {
                (false, false) => None,
                (true, false) => Some(ListFlaw::Missing),
                (false, true) => Some(ListFlaw::Extra),
                (true, true) => Some(ListFlaw::MissingAndExtra),
            };
            if let Some(flaw) = flaw {
                return breaks(
                    flaw,
                    format!("exactly {}", schemes_in_words(&set.symbols(env))),
                );
            }
        }
        if let Some(set) = &self.at_least
            && missing(set)
        {
            return breaks(
                ListFlaw::Missing,
                format!("at least {}", schemes_in_words(&set.symbols(env))),
            );
        }
        if let Some(set) = &self.none_of
            && offered.iter().any(|have| set.has(env, have))
        {
            return breaks(
                ListFlaw::Extra,
                format!("none of {}", schemes_in_words(&set.symbols(env))),
            );
        }
        if let Some(set) = &self.in_order {
            let wanted = set.symbols(env);
            let mut rest = offered
                .iter()
                .filter(|have| wanted.iter().any(|w| **w == ***have));
            if !wanted
                .iter()
                .all(|w| rest.next().is_some_and(|have| **have == **w))
            {
                return breaks(
                    ListFlaw::Order,
                    format!("in this order: {}", schemes_in_words(&wanted)),
                );
            }
        }
        Check::Holds
    }

    /// What is expected of the list of challenges beside which schemes are in it.
    fn check_list(&self, env: &Env<'_>, observation: Observation<'_>) -> Check {
        let list = &observation.answer.challenges.list;
        let breaks = |flaw: ListFlaw, expected: String, observed: String| {
            Check::Breaks(Discrepancy {
                kind: Flaw::Challenges(flaw).of_case(),
                expected,
                observed,
            })
        };
        for (set, wanted) in [(&self.bare, true), (&self.not_bare, false)] {
            let Some(set) = set else { continue };
            let departs = |challenge: &&Challenge| {
                let scheme = challenge.scheme.to_ascii_lowercase();
                let bare = challenge.params.is_empty() && challenge.token68.is_none();
                bare != wanted && set.has(env, &scheme)
            };
            if let Some(challenge) = list.iter().find(departs) {
                let (flaw, expected) = match wanted {
                    true => (ListFlaw::NotBare, "challenges of the scheme alone"),
                    false => (ListFlaw::Bare, "challenges with a parameter"),
                };
                let observed = format!("the challenge {}", challenge.as_sent());
                return breaks(flaw, expected.to_owned(), observed);
            }
        }
        for (scheme, range) in &self.count {
            let count = list.iter().filter(|challenge| challenge.is(scheme)).count();
            if !range.has(i64::try_from(count).unwrap_or(i64::MAX)) {
                let expected = format!("this many challenges for {scheme}: {range}");
                return breaks(ListFlaw::Count, expected, format!("{count} of them"));
            }
        }
        for (scheme, names) in &self.distinct {
            let mut seen: Vec<Vec<&str>> = Vec::new();
            for challenge in list.iter().filter(|challenge| challenge.is(scheme)) {
                let value = |name: &String| challenge.param(name).unwrap_or_default();
                let values: Vec<&str> = names.iter().map(value).collect();
                if seen.contains(&values) {
                    let expected = format!(
                        "challenges for {scheme} that differ in {}",
                        names.join(" or ")
                    );
                    let pairs = names.iter().zip(&values);
                    let pairs: Vec<String> = pairs
                        .map(|(name, value)| format!("{name} {value:?}"))
                        .collect();
                    return breaks(
                        ListFlaw::Distinct,
                        expected,
                        format!("two with {}", pairs.join(", ")),
                    );
                }
                seen.push(values);
            }
        }
        for (scheme, names) in &self.only {
            let known = |param: &&Param| names.iter().any(|name| param.is(name));
            for challenge in list.iter().filter(|challenge| challenge.is(scheme)) {
                let foreign = challenge.params.iter().find(|param| !known(param));
                if let Some(foreign) = foreign {
                    let expected = format!(
                        "challenges for {scheme} with no parameter but {}",
                        names.join(" and ")
                    );
                    let observed = format!("{} in {}", foreign.name, challenge.as_sent());
                    return breaks(ListFlaw::Foreign, expected, observed);
                }
            }
        }
        if let Some(wanted) = self.unique {
            let texts: Vec<String> = list.iter().map(ToString::to_string).collect();
            let mut rest = texts.iter().enumerate();
            let twice = rest.find(|(at, one)| texts.iter().take(*at).any(|other| other == *one));
            if wanted != twice.is_none() {
                let observed = match twice.and_then(|(at, _)| list.get(at)) {
                    Some(one) => format!("twice: {}", one.as_sent()),
                    None => "no challenge twice".to_owned(),
                };
                return breaks(ListFlaw::Unique, "each challenge once".to_owned(), observed);
            }
        }
        if let Some(wanted) = self.one_per_line {
            let lines = observation
                .answer
                .response
                .fields_named(observation.answer.challenge_field())
                .count();
            if wanted != (list.len() <= lines) {
                let observed = format!("challenges: {}, field lines: {lines}", list.len());
                return breaks(
                    ListFlaw::Layout,
                    "one challenge a field line".to_owned(),
                    observed,
                );
            }
        }
        Check::Holds
    }

    pub(super) fn resolved(&self, env: &Env<'_>) -> Self {
        let resolve = |set: &Option<SetExpr>| set.as_ref().map(|set| set.resolved(env));
        Self {
            exactly: resolve(&self.exactly),
            at_least: resolve(&self.at_least),
            none_of: resolve(&self.none_of),
            in_order: resolve(&self.in_order),
            bare: resolve(&self.bare),
            not_bare: resolve(&self.not_bare),
            ..self.clone()
        }
    }

    /// Every set that it names.
    pub(super) fn sets(&self) -> impl Iterator<Item = &SetExpr> {
        [
            &self.exactly,
            &self.at_least,
            &self.none_of,
            &self.in_order,
            &self.bare,
            &self.not_bare,
        ]
        .into_iter()
        .flatten()
    }
}
