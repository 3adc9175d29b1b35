//! Relations: a case beside its siblings, which differ from it in one thing.

use crate::domain::{Case, Domain, Part, Value};
use crate::observation::Outcome;

use super::challenges::{offered, said};
use super::clause::{Check, Clause, Discrepancy};
use super::predicate::{Predicate, Tri};
use super::term::{Env, Path, Sight};

/// What must hold of a case beside each of its siblings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Which cases are its siblings.
    pub siblings: Siblings,
    /// The relation only speaks of siblings of which this holds.
    pub when: Predicate,
    /// What is compared.
    pub comparisons: Vec<Comparison>,
    /// What is expected of the sibling itself, with terms evaluated on it.
    pub expect: Option<Clause>,
}

/// Which cases are the siblings of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Siblings {
    /// Fields take other values.
    Change(Vec<(Path, ChangeTo)>),
    /// One item that fits is removed from a list: a sibling for each such item.
    Remove {
        /// The list.
        path: Path,
        /// Which items may go.
        keep: Predicate,
    },
    /// Two neighbours of a list that differ change places: a sibling for each such pair.
    Reorder(Path),
    /// The very same case, played again behind itself under the same installation.
    Again,
}

/// What a field changes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeTo {
    /// This value.
    Value(Value),
    /// Every other value of the field, one sibling each.
    Any,
}

/// What is compared between a case and its sibling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Of what.
    pub of: Compared,
    /// Whether the case may also be better off than its sibling (outcomes only).
    pub no_worse: bool,
}

/// What can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The outcome.
    Outcome,
    /// The final status.
    Status,
    /// The set of schemes that the final answer's challenges name.
    Challenges,
}

/// A sibling and how it differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiblingCase {
    /// The sibling.
    pub case: Case,
    /// How it differs, in words: `with client.persona preemptive`.
    pub difference: String,
    /// Whether it is the same case, played again.
    pub again: bool,
}

impl Siblings {
    /// Whether siblings differ in the policy or the instance.
    pub fn change_setting(&self) -> bool {
        match self {
            Self::Change(changes) => changes.iter().any(|(path, _)| path.part != Part::Client),
            Self::Remove { path, .. } | Self::Reorder(path) => path.part != Part::Client,
            Self::Again => false,
        }
    }

    /// Whether siblings differ in the client, if only in when it comes.
    pub fn change_client(&self) -> bool {
        match self {
            Self::Change(changes) => changes.iter().any(|(path, _)| path.part == Part::Client),
            Self::Remove { path, .. } | Self::Reorder(path) => path.part == Part::Client,
            Self::Again => true,
        }
    }

    /// Whether a case is a sibling of each of its siblings.
    fn are_mutual(&self) -> bool {
        match self {
            Self::Change(changes) => changes.iter().all(|(_, to)| *to == ChangeTo::Any),
            Self::Remove { .. } => false,
            Self::Reorder(_) | Self::Again => true,
        }
    }

    /// The siblings of a case within a domain, each once.
    pub fn of(&self, case: &Case, domain: &Domain) -> Vec<SiblingCase> {
        let mut siblings: Vec<SiblingCase> = Vec::new();
        let mut push = |sibling: Case, difference: String| {
            if sibling != *case && !siblings.iter().any(|known| known.case == sibling) {
                siblings.push(SiblingCase {
                    case: sibling,
                    difference,
                    again: false,
                });
            }
        };
        match self {
            Self::Change(changes) => {
                let mut all = vec![(case.clone(), Vec::<String>::new())];
                for (path, to) in changes {
                    all = all
                        .into_iter()
                        .flat_map(|(case, words)| {
                            other_values(path, to, &case, domain)
                                .into_iter()
                                .map(move |value| {
                                    let mut words = words.clone();
                                    words.push(format!("{} {value}", path.text));
                                    (path.set(&case, value), words)
                                })
                        })
                        .collect();
                }
                for (sibling, words) in all {
                    push(sibling, format!("with {}", words.join(" and ")));
                }
            }
            Self::Remove { path, keep } => {
                let items = path.find(case).and_then(Value::items).unwrap_or_default();
                for (index, item) in items.iter().enumerate() {
                    let env = Env {
                        item: Some(item),
                        ..Env::of(case, &[])
                    };
                    if keep.evaluate(&env) == Tri::True {
                        let mut fewer = items.to_vec();
                        fewer.remove(index);
                        let words = format!("without {}[{index}]", path.text);
                        push(path.set(case, Value::List(fewer)), words);
                    }
                }
            }
            Self::Reorder(path) => {
                let items = path.find(case).and_then(Value::items).unwrap_or_default();
                for index in 1..items.len() {
                    let mut swapped = items.to_vec();
                    swapped.swap(index - 1, index);
                    let words =
                        format!("with {0}[{1}] and [{index}] swapped", path.text, index - 1);
                    push(path.set(case, Value::List(swapped)), words);
                }
            }
            Self::Again => siblings.push(SiblingCase {
                case: case.clone(),
                difference: "when asked again".to_owned(),
                again: true,
            }),
        }
        siblings
    }
}

fn other_values(path: &Path, to: &ChangeTo, case: &Case, domain: &Domain) -> Vec<Value> {
    match to {
        ChangeTo::Value(value) => vec![value.clone()],
        ChangeTo::Any => {
            let names: Vec<&str> = path.text.split('.').skip(1).collect();
            let have = path.find(case);
            domain
                .part(path.part)
                .at(&names)
                .map_or_else(Vec::new, |ty| {
                    ty.values()
                        .filter(|value| Some(value) != have)
                        .take(16)
                        .collect()
                })
        }
    }
}

impl Relation {
    /// Whether it looks at audit events.
    pub fn uses_events(&self) -> bool {
        self.when.uses_events()
            || self
                .expect
                .as_ref()
                .is_some_and(|clause| !clause.events.is_empty())
    }

    /// Holds a case against one sibling; `None` where the relation does not speak of this sibling.
    pub fn check(&self, case: &Env<'_>, sibling: &Env<'_>, difference: &str) -> Option<Check> {
        if self.when.evaluate(sibling) != Tri::True {
            return None;
        }
        let (Some(here), Some(there)) = (case.sight, sibling.sight) else {
            return Some(Check::Unclear("the case was not played".to_owned()));
        };
        let mut unclear = None;
        let mutual = self.siblings.are_mutual();
        let mut all = self
            .comparisons
            .iter()
            .map(|c| c.check(here, there, difference, mutual));
        let broken = all.find_map(|check| match check {
            Check::Breaks(discrepancy) => Some(discrepancy),
            Check::Unclear(why) => {
                unclear = Some(why);
                None
            }
            Check::Holds => None,
        });
        if let Some(discrepancy) = broken {
            return Some(Check::Breaks(discrepancy));
        }
        match self.expect.as_ref().map(|clause| clause.check(sibling)) {
            Some(Check::Breaks(found)) => {
                return Some(Check::Breaks(Discrepancy {
                    expected: format!("{}, {difference}", found.expected),
                    observed: found.observed,
                    kind: format!("sibling {}", found.kind),
                }));
            }
            Some(Check::Unclear(why)) => unclear = unclear.or(Some(why)),
            _ => {}
        }
        Some(unclear.map_or(Check::Holds, Check::Unclear))
    }
}

impl Comparison {
    fn check(self, here: Sight<'_>, there: Sight<'_>, difference: &str, mutual: bool) -> Check {
        // Of two cases that are each other's siblings, neither is the one that departs.
        let kind = |of: &str, there: String, here: String| {
            let mut both = [there, here];
            if mutual && !self.no_worse {
                both.sort();
            }
            format!("{of} {}", both.join(", "))
        };
        match self.of {
            Compared::Outcome => {
                let better = self.no_worse && there.outcome != Outcome::Accepted;
                if here.outcome == there.outcome || better {
                    return Check::Holds;
                }
                Check::Breaks(Discrepancy {
                    kind: kind(
                        "outcome",
                        there.outcome.to_string(),
                        here.outcome.to_string(),
                    ),
                    expected: format!(
                        "{}, as {difference} ({})",
                        there.outcome, there.answer.response.status
                    ),
                    observed: format!("{} ({})", here.outcome, here.answer.response.status),
                })
            }
            Compared::Status => {
                let (this, that) = (here.answer.response.status, there.answer.response.status);
                if this == that {
                    return Check::Holds;
                }
                Check::Breaks(Discrepancy {
                    kind: kind("status", that.to_string(), this.to_string()),
                    expected: format!("status {that}, as {difference}"),
                    observed: format!("status {this}"),
                })
            }
            Compared::Challenges => compare_challenges(here, there, difference),
        }
    }
}

fn compare_challenges(here: Sight<'_>, there: Sight<'_>, difference: &str) -> Check {
    let (mut this, mut that) = (offered(here), offered(there));
    let (shown, wanted) = (said(&this), said(&that));
    this.sort();
    that.sort();
    if this == that {
        return Check::Holds;
    }
    let certain = |sight: Sight<'_>| sight.answer.challenges.strict().is_some();
    if !certain(here) || !certain(there) {
        return Check::Unclear("the challenges do not parse".to_owned());
    }
    Check::Breaks(Discrepancy {
        // Which of the two has more depends on which is called the sibling.
        kind: "challenges differ".to_owned(),
        expected: format!("{wanted}, as {difference}"),
        observed: shown,
    })
}
