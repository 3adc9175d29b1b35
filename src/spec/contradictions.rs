//! Rules that contradict each other: what they expect of one case is such that no answer could satisfy both.
//!
//! What is compared are expectations and not rules: however many rules expect the same, it is held against
//! another expectation once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::observation::Outcome;
use crate::yaml::{Diagnostic, Diagnostics};

use super::check::Check;
use super::clause::{Clause, Topic};
use super::datum::Datum;
use super::imagine::Imagined;
use super::model::{Demand, Rule, Spec};
use super::observation::Observation;
use super::predicate::Predicate;
use super::rule_set::RuleSet;
use super::term::Env;
use super::truth::Tri;

/// The most pairs of different expectations of one thing that are compared: a few hundred rules that say each
/// something else of one field have as many.
const MOST_COMPARED: usize = 50_000;

/// What rules expect as it is written, what their `when` asks of an answer, and the choices of alternatives
/// that they presume.
type Written<'s> = (&'s Predicate, &'s Clause, &'s [(usize, usize)]);

/// The same for one case, with every set written out.
type ExpectedOfCase<'s> = (Predicate, Clause, &'s [(usize, usize)]);

/// Looks for contradictions, case by case.
pub(super) struct Contradictions<'s> {
    spec: &'s Spec,
    /// What the rules expect as it is written, each once.
    written: Vec<Written<'s>>,
    /// Which of those each rule expects; nothing where it can contradict none.
    of_rule: Vec<Option<usize>>,
    /// What is expected of one case or another, each once, with its number.
    numbers: HashMap<ExpectedOfCase<'s>, usize>,
    expected: Vec<ExpectedOfCase<'s>>,
    /// What each of those speaks of.
    topics: Vec<Vec<Topic>>,
    /// Signatures of the cases that were looked at.
    cases: HashSet<u64>,
    /// What was expected together in one case.
    together: HashSet<Vec<usize>>,
    /// Pairs that were compared; of those the ones that contradict each other.
    compared: HashSet<(usize, usize)>,
    contradicting: Vec<(usize, usize)>,
    /// Pairs of rules that were reported.
    reported: HashSet<(usize, usize)>,
}

impl<'s> Contradictions<'s> {
    pub(super) fn new(spec: &'s Spec) -> Self {
        let mut places: HashMap<Written<'s>, usize> = HashMap::new();
        let mut written = Vec::new();
        let mut of_rule = Vec::with_capacity(spec.rules.len());
        for (index, rule) in spec.rules.iter().enumerate() {
            let expects = match (&rule.demand, spec.conditions().seen(index)) {
                (Demand::Expect(clause), Some(seen)) if clause.can_contradict() => {
                    Some((seen, &**clause, rule.alternative.as_slice()))
                }
                _ => None,
            };
            of_rule.push(expects.map(|expects| {
                *places.entry(expects).or_insert_with(|| {
                    written.push(expects);
                    written.len() - 1
                })
            }));
        }
        Self {
            spec,
            written,
            of_rule,
            numbers: HashMap::new(),
            expected: Vec::new(),
            topics: Vec::new(),
            cases: HashSet::new(),
            together: HashSet::new(),
            compared: HashSet::new(),
            contradicting: Vec::new(),
            reported: HashSet::new(),
        }
    }

    /// Looks at what these rules expect of a case.
    pub(super) fn look(&mut self, env: &Env<'_>, rules: &RuleSet, problems: &mut Diagnostics) {
        // Whatever else differs between two cases, the same rules expect the same of both.
        if !self.cases.insert(signature(env, rules)) {
            return;
        }
        let mut by_written: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for rule in RuleSet::in_all([rules]) {
            if let Some(written) = self.of_rule.get(rule).copied().flatten() {
                by_written.entry(written).or_default().push(rule);
            }
        }
        let mut expecting: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (written, rules) in by_written {
            if let Some(number) = self.number(env, written) {
                expecting.entry(number).or_default().extend(rules);
            }
        }
        let numbers: Vec<usize> = expecting.keys().copied().collect();
        if !self.together.contains(&numbers) {
            for pair in self.pairs(&numbers) {
                if self.compared.len() < MOST_COMPARED {
                    self.compare(env, pair);
                }
            }
            self.together.insert(numbers);
        }
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (one, other) in &self.contradicting {
            let (Some(some), Some(others)) = (expecting.get(one), expecting.get(other)) else {
                continue;
            };
            let both = some.iter().flat_map(|one| {
                let pair = move |other: &usize| ((*one).min(*other), (*one).max(*other));
                others.iter().map(pair)
            });
            pairs.extend(both);
        }
        pairs.sort_unstable();
        for pair in pairs {
            // One case shows it; more of the same pair would only repeat it.
            if self.reported.insert(pair) {
                problems.list.extend(self.told(env, pair));
            }
        }
    }

    /// The number of what is expected of a case.
    fn number(&mut self, env: &Env<'_>, written: usize) -> Option<usize> {
        let (seen, clause, alternative) = *self.written.get(written)?;
        let expected = (seen.resolved(env), clause.resolved(env), alternative);
        let next = self.expected.len();
        let number = *self.numbers.entry(expected.clone()).or_insert(next);
        if number == next {
            self.topics.push(expected.1.topics());
            self.expected.push(expected);
        }
        Some(number)
    }

    /// Those of several expectations, two and two, that speak of something in common.
    fn pairs(&self, numbers: &[usize]) -> BTreeSet<(usize, usize)> {
        // Whoever speaks of a thing itself, and whoever speaks of a part of it.
        let mut itself: HashMap<&Topic, Vec<usize>> = HashMap::new();
        let mut parts: HashMap<Topic, Vec<usize>> = HashMap::new();
        for number in numbers {
            for topic in self.topics.get(*number).into_iter().flatten() {
                itself.entry(topic).or_default().push(*number);
                if let Some(whole) = topic.whole() {
                    parts.entry(whole).or_default().push(*number);
                }
            }
        }
        let mut pairs = BTreeSet::new();
        for (topic, speaking) in &itself {
            for (at, one) in speaking.iter().enumerate() {
                let others = speaking.iter().skip(at + 1);
                let of_parts = parts.get(topic).into_iter().flatten();
                let others = others.chain(of_parts).filter(|other| *other != one);
                if pairs.len() >= MOST_COMPARED {
                    return pairs;
                }
                pairs.extend(others.map(|other| (*one.min(other), *one.max(other))));
            }
        }
        pairs
    }

    /// Holds two expectations against each other, once.
    fn compare(&mut self, env: &Env<'_>, pair: (usize, usize)) {
        let (Some(one), Some(other)) = (self.expected.get(pair.0), self.expected.get(pair.1))
        else {
            return;
        };
        if !exclusive(one.2, other.2)
            && self.compared.insert(pair)
            && contradict(env, (&one.0, &one.1), (&other.0, &other.1))
        {
            self.contradicting.push(pair);
        }
    }

    /// That two rules contradict each other.
    fn told(&self, env: &Env<'_>, pair: (usize, usize)) -> Option<Diagnostic> {
        let rules = &self.spec.rules;
        let (one, other) = (rules.get(pair.0)?, rules.get(pair.1)?);
        let expects = |rule: &Rule| match &rule.demand {
            Demand::Expect(clause) => Some(clause.resolved(env)),
            Demand::Relate(_) | Demand::Unseen => None,
        };
        let told = Diagnostic::error(
            other.span,
            format!(
                "the rules `{}` and `{}` contradict each other",
                one.id, other.id
            ),
            format!(
                "the smallest case that shows it is {}: `{}` expects {}, `{}` expects {}; change one, or its \
                 `when`",
                env.case.to_case(),
                one.id,
                expects(one)?,
                other.id,
                expects(other)?
            ),
        );
        Some(told.related(one.span, "as opposed to this"))
    }
}

/// What the expectations of a case depend on: which rules expect something, the values of the
/// definitions that sets are made of, and what the client has.
fn signature(env: &Env<'_>, rules: &RuleSet) -> u64 {
    let mut hasher = DefaultHasher::new();
    rules.hash(&mut hasher);
    for datum in env.definitions {
        // Of a list only its length, its fields by `schemes-of` and its ends are ever spoken of.
        if !matches!(datum, Datum::Items(_)) {
            datum.hash(&mut hasher);
        }
    }
    env.case.client.field("scheme").hash(&mut hasher);
    hasher.finish()
}

/// Whether two rules belong to different choices of one alternative.
fn exclusive(one: &[(usize, usize)], other: &[(usize, usize)]) -> bool {
    one.iter().any(|(alternative, choice)| {
        other.iter().any(|(other_alternative, other_choice)| {
            alternative == other_alternative && choice != other_choice
        })
    })
}

/// Whether nothing that could be seen satisfies both: at all, or under a status at which each could
/// be satisfied alone.
fn contradict(env: &Env<'_>, one: (&Predicate, &Clause), other: (&Predicate, &Clause)) -> bool {
    let imagined = Imagined::of(env, one, other);
    let mut alone = [false; 2];
    let mut together = false;
    for status in statuses(one.1, other.1) {
        let mut applies = [false; 2];
        let mut alone_here = [false; 2];
        let mut together_here = false;
        'answers: for answer in imagined.answers(status) {
            for events in imagined.events() {
                let seen = Observation::of(Outcome::of_status(status), &answer, Some(events));
                let env = Env {
                    observation: Some(seen),
                    ..*env
                };
                let mut fine = [false; 2];
                for (index, (when, clause)) in [one, other].into_iter().enumerate() {
                    let applying = when.evaluate(&env) == Tri::True;
                    let holds = !applying || clause.check(&env) == Check::Holds;
                    if let (Some(applies), Some(fine)) =
                        (applies.get_mut(index), fine.get_mut(index))
                    {
                        *applies |= applying;
                        *fine = holds;
                    }
                }
                alone_here = [alone_here[0] || fine[0], alone_here[1] || fine[1]];
                together_here |= fine == [true; 2];
                // Nothing else that could be seen with this status makes a contradiction then.
                if together_here {
                    break 'answers;
                }
            }
        }
        if applies == [true; 2] && alone_here == [true; 2] && !together_here {
            return true;
        }
        alone = [alone[0] || alone_here[0], alone[1] || alone_here[1]];
        together |= together_here;
    }
    alone == [true; 2] && !together
}

/// Statuses of which one satisfies both expectations if any does: both ends of every range and what is
/// next to them, one of every outcome where outcomes are spoken of, and what is common.
fn statuses(one: &Clause, other: &Clause) -> Vec<u16> {
    let mut found: Vec<u16> = vec![200, 401, 403];
    for clause in [one, other] {
        if !clause.outcome.is_empty() {
            found.extend([302, 400, 404, 407, 500]);
        }
        let ends = clause.status.ranges.iter().flat_map(|range| {
            let (min, max) = (range.min, range.max);
            [min, max, min.saturating_sub(1), max.saturating_add(1)]
        });
        let ends = ends.filter(|status| (100..=999).contains(status));
        found.extend(ends.filter_map(|status| u16::try_from(status).ok()));
    }
    found.sort_unstable();
    found.dedup();
    found
}
