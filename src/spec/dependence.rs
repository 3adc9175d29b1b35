//! What conditions and definitions depend on: the setting, the conversation, what was seen. Whatever depends on the
//! setting alone is worked out once for it, whoever asks, and so for conversations.

use std::ops::BitOr;

use crate::domain::Part;

use super::challenges::ChallengeClause;
use super::clause::Clause;
use super::definition::{Body, Definition};
use super::predicate::{Matcher, Predicate};
use super::term::{Element, Path, SetExpr, Term};

/// What something depends on; on nothing where it is the same for every case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dependence {
    /// The policy, or the instance that holds it.
    pub(super) setting: bool,
    /// The client, or what comes before it.
    pub(super) conversation: bool,
    /// What was seen.
    pub(super) observation: bool,
}

impl BitOr for Dependence {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            setting: self.setting | other.setting,
            conversation: self.conversation | other.conversation,
            observation: self.observation | other.observation,
        }
    }
}

impl Dependence {
    const OBSERVATION: Self = Self {
        setting: false,
        conversation: false,
        observation: true,
    };

    /// What several things depend on together.
    fn of_all(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().fold(Self::default(), |sum, one| sum | one)
    }

    /// What each of these definitions depends on.
    pub(super) fn of_definitions(definitions: &[Definition]) -> Vec<Self> {
        let mut all = Vec::with_capacity(definitions.len());
        for definition in definitions {
            let one = Self::of_body(&definition.body, &all);
            all.push(one);
        }
        all
    }

    /// What a condition depends on; `known` is what each definition does.
    pub(super) fn of(predicate: &Predicate, known: &[Self]) -> Self {
        match predicate {
            Predicate::All(parts) | Predicate::Any(parts) => {
                Self::of_all(parts.iter().map(|part| Self::of(part, known)))
            }
            Predicate::Not(inner) => Self::of(inner, known),
            Predicate::Term(term, matcher) => {
                Self::of_term(term, known) | Self::of_matcher(matcher, known)
            }
            Predicate::Outcome(_)
            | Predicate::Status(_)
            | Predicate::Challenges(_)
            | Predicate::Parameters(_)
            | Predicate::Info(_)
            | Predicate::Headers(_)
            | Predicate::Events(_) => Self::OBSERVATION,
        }
    }

    /// Whether the part of a condition that depends on what was seen is the same in all cases of a setting that have
    /// the same answer.
    pub(super) fn is_of_answer(predicate: &Predicate, known: &[Self]) -> bool {
        match predicate {
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().all(|part| Self::is_of_answer(part, known))
            }
            Predicate::Not(inner) => Self::is_of_answer(inner, known),
            Predicate::Term(..) => !Self::of(predicate, known).conversation,
            Predicate::Challenges(clause) => Self::are_of_setting(clause.sets(), known),
            Predicate::Outcome(_)
            | Predicate::Status(_)
            | Predicate::Parameters(_)
            | Predicate::Info(_)
            | Predicate::Headers(_) => true,
            Predicate::Events(_) => false,
        }
    }

    /// Whether an expectation is the same in all cases of a setting that have the same answer.
    pub(super) fn is_clause_of_answer(clause: &Clause, known: &[Self]) -> bool {
        let mut sets = clause.challenges.iter().flat_map(ChallengeClause::sets);
        clause.exchange.is_empty()
            && clause.events.is_empty()
            && Self::are_of_setting(&mut sets, known)
    }

    /// Whether sets are the same whatever the conversation.
    fn are_of_setting<'s>(sets: impl Iterator<Item = &'s SetExpr>, known: &[Self]) -> bool {
        let mut sets = sets;
        sets.all(|set| !Self::of_set(set, known).conversation)
    }

    fn of_matcher(matcher: &Matcher, known: &[Self]) -> Self {
        match matcher {
            Matcher::Is(_) | Matcher::Range(_) | Matcher::HasValue(_) | Matcher::Present(_) => {
                Self::default()
            }
            Matcher::In(set) | Matcher::NotIn(set) => Self::of_set(set, known),
            Matcher::SameAs(term) | Matcher::Has(Element::Term(term)) => Self::of_term(term, known),
            Matcher::Has(Element::Symbol(_)) => Self::default(),
            Matcher::HasItem(inner) => Self::of(inner, known),
        }
    }

    fn of_term(term: &Term, known: &[Self]) -> Self {
        match term {
            Term::Path(path) => Self::of_path(path),
            // The list that it stands in is accounted for where it is named.
            Term::Item { .. } => Self::default(),
            Term::Define { index, .. } | Term::DefineField { index, .. } => {
                known.get(*index).copied().unwrap_or_default()
            }
        }
    }

    fn of_path(path: &Path) -> Self {
        let conversation = matches!(path.part, Part::Course | Part::Client);
        Self {
            setting: !conversation,
            conversation,
            observation: false,
        }
    }

    fn of_set(set: &SetExpr, known: &[Self]) -> Self {
        match set {
            SetExpr::Elements(elements) => Self::of_all(elements.iter().map(|one| match one {
                Element::Symbol(_) => Self::default(),
                Element::Term(term) => Self::of_term(term, known),
            })),
            SetExpr::Define { index, .. } => known.get(*index).copied().unwrap_or_default(),
        }
    }

    fn of_body(body: &Body, known: &[Self]) -> Self {
        let earlier = |index: &usize| known.get(*index).copied().unwrap_or_default();
        match body {
            Body::List { path, keep, .. } => Self::of_path(path) | Self::of(keep, known),
            Body::EditedLast(path) => Self {
                conversation: true,
                ..Self::of_path(path)
            },
            Body::First(of) | Body::Last(of) | Body::Count(of) | Body::Values { of, .. } => {
                earlier(of)
            }
            Body::Set(set) => Self::of_set(set, known),
            Body::Union(sets) => Self::of_all(sets.iter().map(|set| Self::of_set(set, known))),
            Body::Test(test) => Self::of(test, known),
            Body::Choose(arms) => Self::of_all(
                arms.iter()
                    .map(|(when, body)| Self::of(when, known) | Self::of_body(body, known)),
            ),
        }
    }
}

/// A condition in parts, all of which must hold, by what they depend on.
#[derive(Clone, Debug)]
pub(super) struct Staged {
    /// On the setting alone, or on nothing.
    pub(super) setting: Predicate,
    /// On the conversation alone.
    pub(super) conversation: Predicate,
    /// On both.
    pub(super) case: Predicate,
    /// On what was seen.
    pub(super) seen: Predicate,
}

impl Staged {
    /// The parts of a condition; `known` is what each definition depends on.
    pub(super) fn new(when: &Predicate, known: &[Dependence]) -> Self {
        let mut parts: [Vec<Predicate>; 4] = Default::default();
        sort(when, known, &mut parts);
        let [setting, conversation, case, seen] = parts.map(Predicate::All);
        Self {
            setting,
            conversation,
            case,
            seen,
        }
    }
}

/// Puts the parts of a conjunction where they belong.
fn sort(when: &Predicate, known: &[Dependence], parts: &mut [Vec<Predicate>; 4]) {
    if let Predicate::All(all) = when {
        for part in all {
            sort(part, known, parts);
        }
        return;
    }
    let [setting, conversation, case, seen] = parts;
    let depends = Dependence::of(when, known);
    let place = match (depends.observation, depends.setting, depends.conversation) {
        (true, _, _) => seen,
        (false, true, true) => case,
        (false, false, true) => conversation,
        (false, _, false) => setting,
    };
    place.push(when.clone());
}
