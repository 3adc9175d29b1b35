//! Relations: a case beside its siblings, which differ from it in one thing.

use crate::domain::{
    Case, Chains, Domain, ListOperation, Part, Step, Type, Value, fields_in_words, steps_in_words,
};
use crate::observation::Outcome;
use crate::vocabulary::client_field;

use super::about::Certainty;
use super::aspect::Aspect;
use super::check::{Check, Discrepancy};
use super::clause::{Clause, UNANSWERED};
use super::flaw::{Flaw, ListFlaw};
use super::kind::{Kind, Side};
use super::observation::Observation;
use super::predicate::Predicate;
use super::schemes::{offered, offered_sorted, schemes_in_words};
use super::term::{Env, Path};
use super::truth::Tri;

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
    /// What either side is to be like by itself: where the two differ and one is like it and the other
    /// is not, it is the other that is accused.
    pub sound: Option<Clause>,
}

/// Which cases are the siblings of a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// The same conversation behind these steps.
    Behind(Vec<Value>),
    /// The same conversation, which goes on with these steps; the client of the last ask is the sibling's.
    Then {
        /// The steps before the last.
        steps: Vec<Value>,
        /// The fields in which the client that asks last differs from the case's; none where the case is
        /// played once more behind itself.
        last: Value,
    },
    /// The same setting, which had another value of this field at first and came to it by an edit: a sibling
    /// for each other value.
    Edited(Path),
    /// The same setting, whose list came to be what it is by one of these operations: a sibling for each way.
    Operated {
        /// The list.
        path: Path,
        /// What was done to it.
        by: Vec<ListOperation>,
        /// The most operations, one after the other.
        most: usize,
    },
    /// The same setting, two neighbours of whose list change places then: a sibling for each pair that differs.
    Reordered(Path),
}

/// What a field changes to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    pub of: Aspect,
    /// Whether the case may also be better off than its sibling (outcomes only).
    pub no_worse: bool,
}

/// A sibling and how it differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiblingCase {
    /// The sibling.
    pub case: Case,
    /// How it differs, in words: `with client.persona preemptive`.
    pub difference: String,
}

impl Siblings {
    /// Whether siblings differ in the policy or the instance.
    pub fn change_setting(&self) -> bool {
        match self {
            Self::Change(changes) => changes.iter().any(|(path, _)| path.part != Part::Client),
            Self::Remove { path, .. } | Self::Reorder(path) => path.part != Part::Client,
            Self::Behind(_) | Self::Then { .. } => false,
            // What is edited depends on the setting, though it may be the same at first.
            Self::Edited(_) | Self::Operated { .. } | Self::Reordered(_) => true,
        }
    }

    /// Whether siblings differ in the conversation: in the client, or in what comes before it.
    pub fn change_conversation(&self) -> bool {
        match self {
            Self::Change(changes) => changes.iter().any(|(path, _)| path.part == Part::Client),
            Self::Remove { path, .. } | Self::Reorder(path) => path.part == Part::Client,
            Self::Behind(_)
            | Self::Then { .. }
            | Self::Edited(_)
            | Self::Operated { .. }
            | Self::Reordered(_) => true,
        }
    }

    /// Whether a case is a sibling of each of its siblings.
    pub fn are_mutual(&self) -> bool {
        match self {
            Self::Change(changes) => changes.iter().all(|(_, to)| *to == ChangeTo::Any),
            Self::Remove { .. }
            | Self::Behind(_)
            | Self::Edited(_)
            | Self::Operated { .. }
            | Self::Reordered(_) => false,
            Self::Reorder(_) => true,
            Self::Then { .. } => self.is_again(),
        }
    }

    /// The case itself, played once more behind itself.
    pub fn again() -> Self {
        Self::Then {
            steps: Vec::new(),
            last: Value::Record(Vec::new()),
        }
    }

    /// Whether the sibling is the case itself, played once more behind itself.
    pub fn is_again(&self) -> bool {
        *self == Self::again()
    }

    /// How many of the courses of several operations that come to a case its siblings are, and of how many; nothing
    /// where no course has several.
    pub fn courses(&self, case: &Case, domain: &Domain) -> Option<Chains> {
        match self {
            Self::Operated { path, by, most } if *most > 1 => chains(by, *most, path, case, domain),
            _ => None,
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
            Self::Behind(steps) => {
                push(case.behind(steps.iter().cloned()), before_in_words(steps));
            }
            Self::Then { steps, last } => {
                let difference = match self.is_again() {
                    true => "when asked again".to_owned(),
                    false => continuation_in_words(steps, last),
                };
                push(with_words_of(case, last).goes_on(steps, last), difference);
            }
            Self::Edited(path) => {
                let Some(now) = path.find(case) else {
                    return siblings;
                };
                for before in other_values(path, &ChangeTo::Any, case, domain) {
                    let words = format!("when {} was {before} at first", path.text);
                    push(
                        path.set(case, before).behind([edit(path, now.clone())]),
                        words,
                    );
                }
            }
            Self::Operated { path, by, most } => {
                // There may be many, and no two are the same.
                let chains = chains(by, *most, path, case, domain).into_iter();
                for way in chains.flat_map(|chains| chains.tried) {
                    let edits = way.edits.into_iter().map(|value| edit(path, value));
                    siblings.push(SiblingCase {
                        case: path.set(case, way.before).behind(edits),
                        difference: way.words,
                    });
                }
            }
            Self::Reordered(path) => {
                let chains = chains(&[ListOperation::Reorder], 1, path, case, domain);
                for way in chains.into_iter().flat_map(|chains| chains.tried) {
                    push(case.behind([edit(path, way.before)]), way.words);
                }
            }
        }
        siblings
    }
}

/// The chains of operations that come to the list of a case.
fn chains(
    by: &[ListOperation],
    most: usize,
    path: &Path,
    case: &Case,
    domain: &Domain,
) -> Option<Chains> {
    let names: Vec<&str> = path.text.split('.').skip(1).collect();
    match (path.find(case), domain.part(path.part).at(&names)) {
        (Some(list), Some(Type::List(of))) => Some(Chains::of(by, most, list, of, &path.text)),
        _ => None,
    }
}

/// The step that has a field of the setting take a value.
fn edit(path: &Path, value: Value) -> Value {
    Value::record([("edit", Value::record([(path.text.as_str(), value)]))])
}

/// Whether a sibling has more behind it than the case, so that it is the one that may not differ: who asks once more
/// too.
fn comes_later(case: &Env<'_>, sibling: &Env<'_>) -> bool {
    let steps = |env: &Env<'_>| env.case.course.items().map_or(0, <[Value]>::len);
    steps(sibling) > steps(case)
}

/// The case with the simplest word in each field that another client has and its own lacks, as it is played:
/// what the one that asks last has more, the others are not to have.
fn with_words_of(case: &Case, other: &Value) -> Case {
    let mut case = case.clone();
    let Value::Record(fields) = other else {
        return case;
    };
    for (name, _) in fields {
        let first = client_field(name).and_then(|field| field.words.first());
        if let (Some(word), Value::Record(client)) = (first, &mut case.client)
            && client.iter().all(|(known, _)| known != name)
        {
            client.push((name.clone(), Value::symbol(word)));
        }
    }
    case
}

/// What happens before, in words.
fn before_in_words(steps: &[Value]) -> String {
    let steps = steps.iter().filter_map(|step| Step::from_value(step).ok());
    steps_in_words(&steps.collect::<Vec<_>>())
}

/// What comes behind the case, in words.
fn continuation_in_words(steps: &[Value], last: &Value) -> String {
    let mut words = match fields_in_words(last).as_str() {
        "" => "when asked again".to_owned(),
        fields => format!("when asked again with {fields}"),
    };
    if !steps.is_empty() {
        words.push_str(", ");
        words.push_str(&before_in_words(steps));
    }
    words
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
    /// Whether its siblings ask while others are at work, several times: what shows in some of these may show
    /// in none the next time.
    pub fn is_by_rate(&self) -> bool {
        let (Siblings::Behind(steps) | Siblings::Then { steps, .. }) = &self.siblings else {
            return false;
        };
        let is_beside = |step: &Value| matches!(Step::from_value(step), Ok(Step::Beside { .. }));
        steps.iter().any(is_beside)
    }

    /// Whether it speaks of a policy that is edited while it is in force.
    pub fn uses_edits(&self) -> bool {
        let is_edit = |step: &Value| Step::from_value(step).is_ok_and(|step| step.is_edit());
        match &self.siblings {
            Siblings::Edited(_) | Siblings::Operated { .. } | Siblings::Reordered(_) => true,
            Siblings::Behind(steps) | Siblings::Then { steps, .. } => steps.iter().any(is_edit),
            Siblings::Change(_) | Siblings::Remove { .. } | Siblings::Reorder(_) => false,
        }
    }

    /// Whether it looks at audit events.
    pub fn uses_events(&self) -> bool {
        self.when.uses_events() || self.expect.as_ref().is_some_and(Clause::uses_events)
    }

    /// Which of the two is accused where they differ: the one that alone is not sound, and where nothing is
    /// said of that, the one that has more behind it.
    pub(super) fn accused(&self, case: &Env<'_>, sibling: &Env<'_>) -> (Side, Certainty) {
        let is_sound = |env: &Env<'_>| match self.sound.as_ref()?.check(env) {
            Check::Holds => Some(true),
            Check::Breaks(_) => Some(false),
            Check::Unclear(_) => None,
        };
        match (is_sound(case), is_sound(sibling)) {
            (Some(true), Some(false)) => (Side::Sibling, Certainty::Certain),
            (Some(false), Some(true)) => (Side::Case, Certainty::Perhaps),
            _ if comes_later(case, sibling) => (Side::Sibling, Certainty::Perhaps),
            _ => (Side::Case, Certainty::Perhaps),
        }
    }

    /// Holds a case against one sibling; `None` where the relation does not speak of this sibling.
    pub fn check(&self, case: &Env<'_>, sibling: &Env<'_>, difference: &str) -> Option<Check> {
        if self.when.evaluate(sibling) != Tri::True {
            return None;
        }
        let (Some(here), Some(there)) = (case.observation, sibling.observation) else {
            return Some(Check::Unclear("the case was not played".to_owned()));
        };
        // What was never answered is like nothing else; what is expected of the sibling speaks for itself.
        if here.answer.is_missing() || (there.answer.is_missing() && self.expect.is_none()) {
            return Some(Check::Unclear(UNANSWERED.to_owned()));
        }
        let mut unclear = None;
        let mutual = self.siblings.are_mutual();
        let sides = Sides {
            here,
            there,
            difference,
            turned: self.accused(case, sibling).0 == Side::Sibling,
            better: match comes_later(case, sibling) {
                true => here.outcome,
                false => there.outcome,
            } != Outcome::Accepted,
        };
        let compared = match there.answer.is_missing() {
            true => &[],
            false => self.comparisons.as_slice(),
        };
        let mut all = compared.iter().map(|c| c.check(sides, mutual));
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
                    kind: Kind {
                        side: Side::Sibling,
                        ..found.kind
                    },
                }));
            }
            Some(Check::Unclear(why)) => unclear = unclear.or(Some(why)),
            _ => {}
        }
        // What is expected of the sibling speaks of what it did not come to, and nothing is compared.
        let is_idle = |clause: &Clause| self.comparisons.is_empty() && clause.is_idle(sibling);
        if unclear.is_none() && self.expect.as_ref().is_some_and(is_idle) {
            return None;
        }
        Some(unclear.map_or(Check::Holds, Check::Unclear))
    }
}

/// A case and its sibling, and which of them is accused where they differ.
#[derive(Clone, Copy)]
struct Sides<'a> {
    here: Observation<'a>,
    there: Observation<'a>,
    difference: &'a str,
    /// Whether it is the sibling.
    turned: bool,
    /// Whether the one that others are held to did not get in, so that these could only be better off.
    better: bool,
}

impl<'a> Sides<'a> {
    /// The side that is accused, and the one that it should be like.
    fn accused_and_model(self) -> (Observation<'a>, Observation<'a>) {
        if self.turned {
            (self.there, self.here)
        } else {
            (self.here, self.there)
        }
    }

    /// What is expected of the accused side, where the other is like this.
    fn expected(self, model: &str) -> String {
        if self.turned {
            format!("{model}, also {}", self.difference)
        } else {
            format!("{model}, as {}", self.difference)
        }
    }

    /// The kind of a departure.
    fn kind(self, flaw: Flaw) -> Kind {
        let side = if self.turned {
            Side::Sibling
        } else {
            Side::Case
        };
        Kind { side, flaw }
    }
}

impl Comparison {
    fn check(self, sides: Sides<'_>, mutual: bool) -> Check {
        let (accused, model) = sides.accused_and_model();
        // Of two cases that are each other's siblings, neither is the one that departs.
        let neither = mutual && !self.no_worse;
        let status = |observation: Observation<'_>| observation.answer.response.status;
        match self.of {
            Aspect::Outcome => {
                let better = self.no_worse && sides.better;
                if accused.outcome == model.outcome || better {
                    return Check::Holds;
                }
                let expected = sides.expected(model.outcome.word());
                Check::Breaks(Discrepancy {
                    kind: sides.kind(match (model.outcome, accused.outcome) {
                        (first, then) if neither && then.word() < first.word() => {
                            Flaw::other_outcome(then, first)
                        }
                        (first, then) => Flaw::other_outcome(first, then),
                    }),
                    expected: format!("{expected} ({})", status(model)),
                    observed: format!("{} ({})", accused.outcome, status(accused)),
                })
            }
            Aspect::Status => {
                let (this, that) = (status(accused), status(model));
                if this == that {
                    return Check::Holds;
                }
                Check::Breaks(Discrepancy {
                    kind: sides.kind(if neither && this < that {
                        Flaw::other_status(this, that)
                    } else {
                        Flaw::other_status(that, this)
                    }),
                    expected: sides.expected(&format!("status {that}")),
                    observed: format!("status {this}"),
                })
            }
            Aspect::Challenges => compare_challenges(sides),
        }
    }
}

fn compare_challenges(sides: Sides<'_>) -> Check {
    let (here, there) = sides.accused_and_model();
    if offered(here) == offered(there) || offered_sorted(here) == offered_sorted(there) {
        return Check::Holds;
    }
    let certain = |observation: Observation<'_>| observation.answer.challenges.strict().is_some();
    if !certain(here) || !certain(there) {
        return Check::Unclear("the challenges do not parse".to_owned());
    }
    Check::Breaks(Discrepancy {
        // Which of the two has more depends on which is called the sibling.
        kind: sides.kind(Flaw::Challenges(ListFlaw::Differ)),
        expected: sides.expected(&schemes_in_words(offered(there))),
        observed: schemes_in_words(offered(here)),
    })
}
