//! What a departure from an expectation or a relation is about.

use crate::auth::{AuthenticationInfo, Challenge, Departure, Param, Problem, Sender};
use crate::observation::Outcome;

use super::about::{
    About, Certainty, DecisionFlaw, ListPart, clusters, is_twice, lines, offer, values,
};
use super::aspect::Aspect;
use super::challenges::ChallengeClause;
use super::check::Check;
use super::clause::Clause;
use super::fit::would_fit;
use super::headers::{HeaderClause, check_headers};
use super::kind::Side;
use super::observation::Observation;
use super::parameter::ParamClause;
use super::predicate::Predicate;
use super::relation::Relation;
use super::subject::check_parameters;
use super::term::Env;

impl Clause {
    /// What is about what was seen that does not fit, if anything is.
    pub fn about(&self, env: &Env<'_>) -> Option<About> {
        let observation = env.observation?;
        let answer = observation.answer;
        if !self.outcome.fits(observation) || !self.status.fits_answer(answer) {
            let would = |status: u16| would_fit(&self.outcome, &self.status, status);
            let opened = observation.outcome == Outcome::Accepted;
            let turn = match (opened, would(200)) {
                (true, false) if !would(204) => DecisionFlaw::Opened,
                (false, true) if ![400, 401, 403, 407].into_iter().any(would) => {
                    DecisionFlaw::KeptOut
                }
                _ => DecisionFlaw::Manner,
            };
            return Some(About::answer(turn, observation));
        }
        if let Some(about) = self
            .challenges
            .as_ref()
            .and_then(|clause| clause.about(env, observation))
        {
            return Some(about);
        }
        for (subject, clauses) in &self.parameters {
            for clause in clauses {
                let one = [(subject.clone(), vec![clause.clone()])];
                if !matches!(check_parameters(&one, observation), Check::Breaks(_)) {
                    continue;
                }
                let mut among = subject.among(&observation.answer.challenges.list);
                let departs =
                    |challenge: &&Challenge| clause.departure(&challenge.params, "").is_some();
                let challenge = among.find(departs)?;
                return Some(About::Parameter {
                    scheme: challenge.scheme.to_ascii_lowercase(),
                    name: clause.name.to_ascii_lowercase(),
                    seen: values(&challenge.params, &clause.name),
                });
            }
        }
        let read = AuthenticationInfo::parse(
            observation
                .answer
                .response
                .fields_named("authentication-info"),
        );
        let departs = |clause: &&ParamClause| clause.departure(&read.params, "").is_some();
        if let Some(clause) = self.info.iter().find(departs) {
            return Some(About::Info {
                name: clause.name.to_ascii_lowercase(),
                seen: values(&read.params, &clause.name),
            });
        }
        let breaks = |field: &&(String, HeaderClause)| {
            matches!(
                check_headers(std::slice::from_ref(*field), observation),
                Check::Breaks(_)
            )
        };
        if let Some((name, _)) = self.headers.iter().find(breaks) {
            return Some(About::Field {
                name: name.to_ascii_lowercase(),
                seen: lines(observation.answer, name),
            });
        }
        if let Some(about) = self.exchange.about(env, observation) {
            return Some(about);
        }
        let count = |name: &String| {
            let events = observation.events.unwrap_or_default();
            events.iter().filter(|event| event.name == *name).count()
        };
        let mut events = self.events.iter();
        if let Some((name, wanted)) =
            events.find(|(name, wanted)| usize::try_from(*wanted) != Ok(count(name)))
        {
            return Some(About::Event {
                name: name.clone(),
                too_often: count(name) > *wanted as usize,
            });
        }
        self.body.is_some().then_some(About::Body)
    }
}

impl Clause {
    /// What else what does not fit is about: the form of a parameter, where that is wrong, and that a
    /// challenge is bare, where it lacks one.
    pub fn beside(&self, about: &About, observation: Observation<'_>) -> Vec<About> {
        let wrong = |clause: &ParamClause, params: &[Param]| {
            let mut named = params.iter().filter(|param| param.is(&clause.name));
            let wanted = clause.form?;
            named
                .find(|param| param.form != wanted)
                .map(|param| param.form)
        };
        let mut beside = Vec::new();
        match about {
            About::Parameter { scheme, name, seen } => {
                for (subject, clauses) in &self.parameters {
                    for challenge in subject.among(&observation.answer.challenges.list) {
                        let forms =
                            (clauses.iter()).filter_map(|one| wrong(one, &challenge.params));
                        beside.extend(forms.map(|form| About::Forms {
                            scheme: Some(scheme.clone()),
                            form,
                        }));
                        let bare = challenge.params.is_empty() && challenge.token68.is_none();
                        let lacks = clauses
                            .iter()
                            .any(|one| one.name.eq_ignore_ascii_case(name));
                        if bare && lacks && !seen.is_something() {
                            beside.push(About::List(ListPart::Bare));
                        }
                    }
                }
            }
            About::Info { .. } => {
                let lines = observation
                    .answer
                    .response
                    .fields_named("authentication-info");
                let info = AuthenticationInfo::parse(lines);
                let forms = self.info.iter().filter_map(|one| wrong(one, &info.params));
                beside.extend(forms.map(|form| About::Forms { scheme: None, form }));
            }
            _ => {}
        }
        beside
    }
}

impl ChallengeClause {
    fn about(&self, env: &Env<'_>, observation: Observation<'_>) -> Option<About> {
        let breaks = |part: Self| matches!(part.check(env, observation), Check::Breaks(_));
        let problems = &observation.answer.challenges.problems;
        let nothing = Self::default;
        let named: Option<Departure> = if self.well_formed == Some(true) {
            let grave = |problem: &&Problem| problem.departure.sender() == Sender::MustNot;
            problems.iter().find(grave).map(|one| one.departure)
        } else {
            let named = |problem: &&Problem| self.no_departure.contains(&problem.departure);
            problems.iter().find(named).map(|one| one.departure)
        };
        if let Some(named) = named {
            let cluster = clusters(problems)
                .into_iter()
                .find(|cluster| cluster.contains(&named));
            return Some(About::Writing {
                departures: cluster?,
            });
        }
        let of_offer = Self {
            exactly: self.exactly.clone(),
            at_least: self.at_least.clone(),
            none_of: self.none_of.clone(),
            some: self.some,
            ..nothing()
        };
        if breaks(of_offer) {
            let schemes = offer(observation);
            return Some(About::Offer { schemes });
        }
        let list = &observation.answer.challenges.list;
        let parts = [
            (
                ListPart::Order,
                Self {
                    in_order: self.in_order.clone(),
                    ..nothing()
                },
            ),
            (
                ListPart::Bare,
                Self {
                    not_bare: self.not_bare.clone(),
                    ..nothing()
                },
            ),
            (
                ListPart::Count,
                Self {
                    count: self.count.clone(),
                    ..nothing()
                },
            ),
            (
                // The same challenge twice has the same parameters, too.
                if is_twice(list) {
                    ListPart::Twice
                } else {
                    ListPart::Alike
                },
                Self {
                    distinct: self.distinct.clone(),
                    ..nothing()
                },
            ),
            (
                ListPart::Foreign,
                Self {
                    only: self.only.clone(),
                    ..nothing()
                },
            ),
            (
                ListPart::Twice,
                Self {
                    unique: self.unique,
                    ..nothing()
                },
            ),
            (
                ListPart::Layout,
                Self {
                    one_per_line: self.one_per_line,
                    ..nothing()
                },
            ),
        ];
        let mut parts = parts.into_iter();
        parts.find_map(|(part, clause)| breaks(clause).then_some(About::List(part)))
    }
}

/// What a condition presumes of an answer's challenges, and may be at fault in place of what is expected:
/// whoever demands 401 of answers with a certain error objects to the error as much as to the status.
pub fn presumed(when: &Predicate, observation: Observation<'_>) -> Vec<About> {
    let mut presumed = Vec::new();
    match when {
        Predicate::All(all) => {
            presumed.extend(all.iter().flat_map(|one| self::presumed(one, observation)));
        }
        Predicate::Parameters(parameters) => {
            for (subject, clauses) in parameters {
                for challenge in subject.among(&observation.answer.challenges.list) {
                    presumed.extend(clauses.iter().map(|clause| About::Parameter {
                        scheme: challenge.scheme.to_ascii_lowercase(),
                        name: clause.name.to_ascii_lowercase(),
                        seen: values(&challenge.params, &clause.name),
                    }));
                }
            }
        }
        _ => {}
    }
    presumed
}

impl Relation {
    /// What the departure of a case from its sibling is about, on each side of which it may be: where the
    /// two differ and nobody says which is right, it may be either, and the one that is accused comes first.
    pub fn about(&self, case: &Env<'_>, sibling: &Env<'_>) -> Vec<(Side, About, Certainty)> {
        let (Some(here), Some(there)) = (case.observation, sibling.observation) else {
            return Vec::new();
        };
        let both = |of: &dyn Fn(Observation<'_>, Observation<'_>) -> About| {
            let perhaps = Certainty::Perhaps;
            let of_case = (Side::Case, of(here, there), perhaps);
            match self.accused(case, sibling) {
                (side, Certainty::Certain) => vec![(side, of(there, here), Certainty::Certain)],
                (Side::Case, Certainty::Perhaps) => {
                    vec![of_case, (Side::Sibling, of(there, here), perhaps)]
                }
                (Side::Sibling, Certainty::Perhaps) => {
                    vec![(Side::Sibling, of(there, here), perhaps), of_case]
                }
            }
        };
        let decided = |this: Observation<'_>, that: Observation<'_>| {
            let accepted = |observation: Observation<'_>| observation.outcome == Outcome::Accepted;
            let turn = match (accepted(this), accepted(that)) {
                (true, false) => DecisionFlaw::Opened,
                (false, true) => DecisionFlaw::KeptOut,
                _ => DecisionFlaw::Manner,
            };
            About::answer(turn, this)
        };
        let status = |observation: Observation<'_>| observation.answer.response.status;
        for comparison in &self.comparisons {
            match comparison.of {
                Aspect::Outcome if here.outcome != there.outcome => return both(&decided),
                Aspect::Status if status(here) != status(there) => return both(&decided),
                Aspect::Challenges if offer(here) != offer(there) => {
                    return both(&|this, _| About::Offer {
                        schemes: offer(this),
                    });
                }
                _ => {}
            }
        }
        let expected = self.expect.as_ref();
        let about = expected.and_then(|clause| clause.about(sibling));
        let mut all: Vec<_> = (about.into_iter())
            .map(|about| (Side::Sibling, about, Certainty::Certain))
            .collect();
        // What is expected of the sibling follows from what came here, and that may be wrong.
        if !all.is_empty() {
            let here = match here.outcome {
                Outcome::Accepted => About::answer(DecisionFlaw::Opened, here),
                _ => About::Offer {
                    schemes: offer(here),
                },
            };
            all.push((Side::Case, here, Certainty::Perhaps));
        }
        all
    }
}
