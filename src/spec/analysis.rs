//! What can be found wrong with a spec as a whole, before the first request.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::domain::Case;
use crate::observation::{Answer, Outcome};
use crate::yaml::{Diagnostic, Diagnostics, Span, read};

use super::check::Check;
use super::clause::Clause;
use super::datum::Datum;
use super::imagine::Imagined;
use super::model::{Demand, Rule, Spec};
use super::observation::Observation;
use super::predicate::Predicate;
use super::space::MOST_CONVERSATIONS;
use super::term::Env;
use super::truth::Tri;

/// How many of the smallest cases are looked at, beside a covering array of the whole domain.
const SMALLEST: usize = 8_000;

/// How many cases are searched for one to which a rule applies, where none of the smallest is one.
const SEARCHED: u64 = 200_000;

impl Spec {
    /// Looks for rules that can never apply, rules that contradict each other, both errors, and for
    /// cases that no rule judges, a warning; each with the smallest case that shows it. Contradictions
    /// are looked for in all that a rule may expect of one case, on the smallest 8,000 cases and a
    /// covering array of the domain.
    pub fn analyse(&self) -> Diagnostics {
        let mut problems = Diagnostics::new(self.source.clone());
        let cases = self.sample();
        if cases.is_empty() {
            problems.push(Diagnostic::error(
                self.key(&["domain", "exclude"]),
                "the constraints exclude every case, so the domain is empty",
                "exclude less",
            ));
            return problems;
        }
        let mut applies = vec![false; self.rules.len()];
        let mut unjudged: Vec<&Case> = Vec::new();
        let mut compared = RulePairs::default();
        let mut compared_with: HashSet<Case> = HashSet::new();
        for case in &cases {
            let definitions = self.define(case);
            let env = Env::of(case, &definitions);
            let mut judged = false;
            let mut expecting: Vec<(usize, &Rule, &Clause)> = Vec::new();
            for (index, rule) in self.rules.iter().enumerate() {
                if matches!(rule.demand, Demand::Unseen) || rule.when.evaluate(&env) == Tri::False {
                    continue;
                }
                let Some(applies) = applies.get_mut(index) else {
                    continue;
                };
                match &rule.demand {
                    Demand::Expect(clause) => {
                        expecting.push((index, rule, clause));
                        (*applies, judged) = (true, true);
                    }
                    Demand::Relate(relation) => {
                        let mut siblings = relation.siblings.of(case, &self.domain);
                        siblings.retain(|sibling| {
                            self.can_stand_beside(case, &sibling.case)
                                && self.allows_beside(case, &sibling.case)
                        });
                        if !siblings.is_empty() {
                            (*applies, judged) = (true, true);
                        }
                        compared_with.extend(siblings.into_iter().map(|sibling| sibling.case));
                    }
                    Demand::Unseen => {}
                }
            }
            if !judged {
                unjudged.push(case);
            }
            self.contradictions(&env, &expecting, &mut compared, &mut problems);
        }
        let unseen = self.rules.iter().zip(applies).filter(|(_, seen)| !seen);
        let unseen = unseen.map(|(rule, _)| rule);
        let unseen = unseen.filter(|rule| !matches!(rule.demand, Demand::Unseen));
        for rule in self.never_applying(unseen.collect()) {
            let help = match &rule.demand {
                Demand::Expect(_) | Demand::Unseen => {
                    "no case of the domain fits its `when`: relax it, or widen the domain"
                }
                Demand::Relate(_) => {
                    "no case of the domain fits its `when` and has such a sibling: relax it, or \
                     widen the domain"
                }
            };
            problems.push(Diagnostic::error(
                rule.span,
                format!("the rule `{}` can never apply", rule.id),
                help,
            ));
        }
        // A case that others are compared with is looked at, even if no rule speaks of it alone.
        unjudged.retain(|case| !compared_with.contains(case));
        if let Some(smallest) = unjudged.first() {
            problems.push(Diagnostic::warning(
                self.key(&["rules"]),
                format!(
                    "no rule judges {} of the {} cases looked at",
                    unjudged.len(),
                    cases.len()
                ),
                format!("add a rule, or exclude them; the smallest is {smallest}"),
            ));
        }
        problems
    }

    /// Where a key stands in the text.
    fn key(&self, path: &[&str]) -> Span {
        let mut span = Span::default();
        let Ok(root) = read(&self.source) else {
            return span;
        };
        let mut node = &root;
        for key in path {
            let mut entries = node.entries().unwrap_or_default().iter();
            let Some(entry) = entries.find(|entry| entry.key == *key) else {
                break;
            };
            (span, node) = (entry.key_span, &entry.value);
        }
        span
    }

    /// The smallest cases first, then a covering array.
    fn sample(&self) -> Vec<Case> {
        let conversations = self.conversations(SMALLEST);
        let mut cases: Vec<Case> = Vec::new();
        for allowed in self.settings().unwrap_or_default() {
            for conversation in conversations {
                let case = Case::of(allowed.setting.clone(), conversation.clone());
                if !self.excludes(&case) {
                    cases.push(case);
                }
            }
            if cases.len() >= SMALLEST {
                break;
            }
        }
        cases.extend(self.cover().cases.iter().cloned());
        cases
    }

    /// Those of several rules that apply to no case at all. A domain too large to be searched gets the
    /// benefit of the doubt: the run itself reports rules that were not exercised.
    fn never_applying<'a>(&self, mut rules: Vec<&'a Rule>) -> Vec<&'a Rule> {
        let Some(settings) = self.settings() else {
            return Vec::new();
        };
        let complete = self.domain.conversations() <= MOST_CONVERSATIONS as u64;
        let cases: u64 = settings.iter().map(|one| one.conversations).sum();
        if !complete || cases > SEARCHED {
            return Vec::new();
        }
        let conversations = self.conversations(usize::MAX);
        for allowed in settings {
            if rules.is_empty() {
                break;
            }
            for conversation in conversations {
                let case = Case::of(allowed.setting.clone(), conversation.clone());
                if self.excludes(&case) {
                    continue;
                }
                let definitions = self.define(&case);
                let env = Env::of(&case, &definitions);
                rules.retain(|rule| {
                    let may = rule.when.evaluate(&env) != Tri::False;
                    let applies = may
                        && match &rule.demand {
                            Demand::Expect(_) | Demand::Unseen => true,
                            Demand::Relate(relation) => {
                                let siblings = relation.siblings.of(&case, &self.domain);
                                siblings.iter().any(|sibling| {
                                    self.can_stand_beside(&case, &sibling.case)
                                        && self.allows_beside(&case, &sibling.case)
                                })
                            }
                        };
                    !applies
                });
            }
        }
        rules
    }

    fn contradictions(
        &self,
        env: &Env<'_>,
        expecting: &[(usize, &Rule, &Clause)],
        compared: &mut RulePairs,
        problems: &mut Diagnostics,
    ) {
        // Whatever else differs between two cases, the same rules expect the same of both.
        if !compared.cases.insert(signature(env, expecting)) {
            return;
        }
        let resolved: Vec<(usize, &Rule, Predicate, Clause, usize)> = expecting
            .iter()
            .filter(|(_, _, clause)| clause.can_contradict())
            .map(|(index, rule, clause)| {
                let (when, clause) = (rule.when.resolved(env), clause.resolved(env));
                let id = compared.id(*index, &when, &clause);
                (*index, *rule, when, clause, id)
            })
            .collect();
        for (at, one) in resolved.iter().enumerate() {
            for other in resolved.iter().skip(at + 1) {
                if !compared.pairs.insert((one.4, other.4))
                    || !one.3.shares_a_subject(&other.3)
                    || exclusive(one.1, other.1)
                    || compared.reported.contains(&(one.0, other.0))
                {
                    continue;
                }
                if contradict(env, (&one.2, &one.3), (&other.2, &other.3)) {
                    problems.push(
                        Diagnostic::error(
                            other.1.span,
                            format!(
                                "the rules `{}` and `{}` contradict each other",
                                one.1.id, other.1.id
                            ),
                            format!(
                                "the smallest case that shows it is {}: `{}` expects {}, `{}` \
                                 expects {}; change one, or its `when`",
                                env.case.to_case(),
                                one.1.id,
                                one.3,
                                other.1.id,
                                other.3
                            ),
                        )
                        .related(one.1.span, "as opposed to this"),
                    );
                    // One case shows it; more of the same pair would only repeat it.
                    compared.reported.insert((one.0, other.0));
                }
            }
        }
    }
}

/// What was compared already.
#[derive(Default)]
struct RulePairs {
    /// Signatures of cases.
    cases: HashSet<u64>,
    /// What each rule expects of one case or another, with a number for each.
    ids: HashMap<usize, Vec<(Predicate, Clause, usize)>>,
    /// The next of those numbers.
    next: usize,
    /// Pairs of those numbers.
    pairs: HashSet<(usize, usize)>,
    /// Pairs of rules that were reported to contradict each other.
    reported: HashSet<(usize, usize)>,
}

impl RulePairs {
    /// The number of what a rule expects of a case.
    fn id(&mut self, index: usize, when: &Predicate, clause: &Clause) -> usize {
        let known = self.ids.entry(index).or_default();
        let like = known
            .iter()
            .find(|(this, that, _)| (this, that) == (when, clause));
        if let Some((.., id)) = like {
            return *id;
        }
        let id = self.next;
        self.next += 1;
        known.push((when.clone(), clause.clone(), id));
        id
    }
}

/// What the expectations of a case depend on: which rules expect something, the values of the
/// definitions that sets are made of, and what the client has.
fn signature(env: &Env<'_>, expecting: &[(usize, &Rule, &Clause)]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (index, ..) in expecting {
        index.hash(&mut hasher);
    }
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
fn exclusive(one: &Rule, other: &Rule) -> bool {
    one.alternative.iter().any(|(alternative, choice)| {
        other
            .alternative
            .iter()
            .any(|(other_alternative, other_choice)| {
                alternative == other_alternative && choice != other_choice
            })
    })
}

/// Whether nothing that could be seen satisfies both: at all, or under a status at which each could
/// be satisfied alone.
fn contradict(env: &Env<'_>, one: (&Predicate, &Clause), other: (&Predicate, &Clause)) -> bool {
    let mut alone = [false; 2];
    let mut together = false;
    let imagined = Imagined::of(env, one, other);
    for status in statuses(one.1, other.1) {
        let mut applies = [false; 2];
        let mut alone_here = [false; 2];
        let mut together_here = false;
        let answers: Vec<Answer> = imagined.answers(status).collect();
        let seen = answers
            .iter()
            .flat_map(|answer| imagined.events().iter().map(move |events| (answer, events)));
        for (answer, events) in seen {
            let observation = Observation::of(Outcome::of_status(status), answer, Some(events));
            let env = Env {
                observation: Some(observation),
                ..*env
            };
            let mut fine = [false; 2];
            for (index, (when, clause)) in [one, other].into_iter().enumerate() {
                let applying = when.evaluate(&env) == Tri::True;
                let holds = !applying || clause.check(&env) == Check::Holds;
                if let (Some(applies), Some(fine)) = (applies.get_mut(index), fine.get_mut(index)) {
                    *applies |= applying;
                    *fine = holds;
                }
            }
            alone_here = [alone_here[0] || fine[0], alone_here[1] || fine[1]];
            together_here |= fine == [true; 2];
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
