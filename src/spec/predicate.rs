//! Predicates: typed conditions over a case and over what was seen.
//!
//! Before a case is played, what will be seen is unknown, so evaluation is three-valued. That is
//! what lets the engine plan only cases to which a rule may apply, and the analysis find rules that
//! can never apply.

use crate::domain::Value;

use super::challenges::ChallengeClause;
use super::check::Check;
use super::datum::Datum;
use super::fit::{OutcomeWord, has};
use super::headers::{HeaderClause, check_headers};
use super::parameter::ParamClause;
use super::range::Range;
use super::subject::{Subject, all_fit, info_fits};
use super::term::{Element, Env, SetExpr, Term};
use super::truth::Tri;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Predicate {
    /// Every one holds; the empty one always does.
    All(Vec<Predicate>),
    /// One of them holds.
    Any(Vec<Predicate>),
    /// It does not hold.
    Not(Box<Predicate>),
    /// A term fits.
    Term(Term, Matcher),
    /// One of these words is true of the outcome.
    Outcome(Vec<OutcomeWord>),
    /// The final status is within one of these ranges.
    Status(Vec<Range>),
    /// The final answer's challenges fit.
    Challenges(Box<ChallengeClause>),
    /// For each subject, its challenges are there and have parameters that fit.
    Parameters(Vec<(Subject, Vec<ParamClause>)>),
    /// The final answer has `Authentication-Info`, with parameters that fit.
    Info(Vec<ParamClause>),
    /// The final answer's header fields fit.
    Headers(Vec<(String, HeaderClause)>),
    /// Each named audit event happened so many times.
    Events(Vec<(String, Range)>),
}

/// What a term must be like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Matcher {
    /// This value, or for a test this truth.
    Is(Value),
    /// One of the symbols of a set.
    In(SetExpr),
    /// Not one of the symbols of a set.
    NotIn(SetExpr),
    /// The same value as another term.
    SameAs(Term),
    /// A number, or a number of items, within a range.
    Range(Range),
    /// A set that has this element.
    Has(Element),
    /// A list that has this item.
    HasValue(Value),
    /// A list that has an item of which this holds.
    HasItem(Box<Predicate>),
    /// An item or optional value that is there, or is not.
    Present(bool),
}

impl Predicate {
    /// The condition that always holds.
    pub fn always() -> Self {
        Self::All(Vec::new())
    }

    /// Whether it holds.
    pub fn evaluate(&self, env: &Env<'_>) -> Tri {
        match self {
            Self::All(parts) => {
                let mut result = Tri::True;
                for part in parts {
                    match part.evaluate(env) {
                        Tri::False => return Tri::False,
                        Tri::Unknown => result = Tri::Unknown,
                        Tri::True => {}
                    }
                }
                result
            }
            Self::Any(parts) => {
                let mut result = Tri::False;
                for part in parts {
                    match part.evaluate(env) {
                        Tri::True => return Tri::True,
                        Tri::Unknown => result = Tri::Unknown,
                        Tri::False => {}
                    }
                }
                result
            }
            Self::Not(inner) => match inner.evaluate(env) {
                Tri::True => Tri::False,
                Tri::False => Tri::True,
                Tri::Unknown => Tri::Unknown,
            },
            Self::Term(term, matcher) => matcher.fits(term, env).into(),
            Self::Outcome(outcomes) => match env.observation {
                Some(observation) => outcomes.iter().any(|word| word.fits(observation)).into(),
                None => Tri::Unknown,
            },
            Self::Status(ranges) => match env.observation {
                Some(observation) => has(ranges, observation.answer.response.status).into(),
                None => Tri::Unknown,
            },
            Self::Challenges(clause) => match env.observation {
                Some(observation) => (clause.check(env, observation) == Check::Holds).into(),
                None => Tri::Unknown,
            },
            Self::Parameters(wanted) => match env.observation {
                Some(observation) => all_fit(wanted, observation).into(),
                None => Tri::Unknown,
            },
            Self::Info(wanted) => match env.observation {
                Some(observation) => info_fits(wanted, observation).into(),
                None => Tri::Unknown,
            },
            Self::Headers(wanted) => match env.observation {
                Some(observation) => (check_headers(wanted, observation) == Check::Holds).into(),
                None => Tri::Unknown,
            },
            Self::Events(wanted) => {
                match env.observation.and_then(|observation| observation.events) {
                    Some(events) => wanted
                        .iter()
                        .all(|(name, range)| {
                            let count = events.iter().filter(|event| event.name == *name).count();
                            range.has(i64::try_from(count).unwrap_or(i64::MAX))
                        })
                        .into(),
                    None => Tri::Unknown,
                }
            }
        }
    }

    /// Whether it looks at what was seen.
    pub fn uses_observation(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::uses_observation),
            Self::Not(inner) => inner.uses_observation(),
            Self::Term(..) => false,
            Self::Outcome(_)
            | Self::Status(_)
            | Self::Challenges(_)
            | Self::Parameters(_)
            | Self::Info(_)
            | Self::Headers(_)
            | Self::Events(_) => true,
        }
    }

    /// Whether it looks at audit events.
    pub fn uses_events(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::uses_events),
            Self::Not(inner) => inner.uses_events(),
            Self::Events(_) => true,
            _ => false,
        }
    }

    /// The case's fields that it fixes to one value: what a sentence need not mention.
    pub fn fixed_paths(&self) -> Vec<&str> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::fixed_paths).collect(),
            Self::Term(Term::Path(path), Matcher::Is(_)) => vec![path.text.as_str()],
            _ => Vec::new(),
        }
    }

    /// The condition that never holds.
    pub fn never() -> Self {
        Self::Not(Box::new(Self::always()))
    }

    /// What is left of it for one case: the conditions on what was seen, with every set written out.
    /// It holds of what is seen of the case exactly where this does.
    pub fn resolved(&self, env: &Env<'_>) -> Self {
        let before = Env {
            observation: None,
            ..*env
        };
        match self.evaluate(&before) {
            Tri::True => return Self::always(),
            Tri::False => return Self::never(),
            Tri::Unknown => {}
        }
        // What the case decides is settled: in a conjunction that is still open it holds, in a
        // disjunction it does not.
        let open = |parts: &[Self]| -> Vec<Self> {
            parts
                .iter()
                .filter(|part| part.evaluate(&before) == Tri::Unknown)
                .map(|part| part.resolved(env))
                .collect()
        };
        match self {
            Self::All(parts) => only_or(open(parts), Self::All),
            Self::Any(parts) => only_or(open(parts), Self::Any),
            Self::Not(inner) => Self::Not(Box::new(inner.resolved(env))),
            // Never open; settled above.
            Self::Term(..) => Self::always(),
            Self::Challenges(clause) => Self::Challenges(Box::new(clause.resolved(env))),
            Self::Outcome(_)
            | Self::Status(_)
            | Self::Parameters(_)
            | Self::Info(_)
            | Self::Headers(_)
            | Self::Events(_) => self.clone(),
        }
    }
}

/// The one condition itself, or several joined.
fn only_or(mut parts: Vec<Predicate>, join: fn(Vec<Predicate>) -> Predicate) -> Predicate {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    join(parts)
}

impl Matcher {
    fn fits(&self, term: &Term, env: &Env<'_>) -> bool {
        match self {
            Self::Is(wanted) => match term.datum(env) {
                Some(Datum::Test(holds)) => *wanted == Value::Bool(*holds),
                Some(Datum::Count(count)) => *wanted == Value::Int(*count),
                _ => term.value(env) == Some(wanted),
            },
            Self::In(set) => match term.value(env) {
                Some(Value::Symbol(symbol)) => set.has(env, symbol),
                _ => false,
            },
            Self::NotIn(set) => match term.value(env) {
                Some(Value::Symbol(symbol)) => !set.has(env, symbol),
                _ => false,
            },
            Self::SameAs(other) => {
                let value = term.value(env);
                value.is_some() && value == other.value(env)
            }
            Self::Range(range) => size(term, env).is_some_and(|size| range.has(size)),
            Self::Has(element) => {
                let wanted = match element {
                    Element::Symbol(symbol) => Some(&**symbol),
                    Element::Term(other) => other.value(env).and_then(Value::as_symbol),
                };
                match (term.datum(env), wanted) {
                    (Some(Datum::Set(symbols)), Some(wanted)) => {
                        symbols.iter().any(|symbol| &**symbol == wanted)
                    }
                    _ => false,
                }
            }
            Self::HasValue(wanted) => {
                let items = term.value(env).and_then(Value::items);
                items.is_some_and(|items| items.contains(wanted))
            }
            Self::HasItem(wanted) => {
                let fits = |item: &Value| {
                    let env = Env {
                        item: Some(item),
                        ..*env
                    };
                    wanted.evaluate(&env) == Tri::True
                };
                match (term.datum(env), term.value(env)) {
                    (Some(Datum::Items(items)), _) => items.iter().any(fits),
                    (None, Some(Value::List(items))) => items.iter().any(fits),
                    _ => false,
                }
            }
            Self::Present(wanted) => {
                let present = match term.datum(env) {
                    Some(Datum::Item(item)) => item.is_some(),
                    _ => term.value(env).is_some_and(|value| *value != Value::Absent),
                };
                present == *wanted
            }
        }
    }
}

fn size(term: &Term, env: &Env<'_>) -> Option<i64> {
    let length = |length: usize| i64::try_from(length).ok();
    match term.datum(env) {
        Some(Datum::Items(items)) => length(items.len()),
        Some(Datum::Set(symbols)) => length(symbols.len()),
        Some(Datum::Count(count)) => Some(*count),
        Some(_) => None,
        None => match term.value(env)? {
            Value::List(items) => length(items.len()),
            Value::Int(number) => Some(*number),
            _ => None,
        },
    }
}
