//! Definitions: named values, computed from a case by a small closed set of selectors.

use std::sync::Arc;

use crate::domain::{CaseRef, Step, Symbol, Value, origins, steps_of};

use super::datum::Datum;
use super::predicate::Predicate;
use super::term::{Env, Path, SetExpr};
use super::truth::Tri;

/// A named value.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// How it is computed.
    pub body: Body,
}

/// How a definition is computed.
#[derive(Clone, Debug)]
pub enum Body {
    /// The items of a list that fit, in order, sorted by a field where that is asked for.
    List {
        /// The list's path.
        path: Path,
        /// Which items fit.
        keep: Predicate,
        /// The field to sort by (a stable sort).
        sorted_by: Option<SortKey>,
    },
    /// The first item of a definition that is a list.
    First(usize),
    /// The last item of a definition that is a list.
    Last(usize),
    /// The item of a list that an edit of the course changed or added last, as it is then; none where none did, or
    /// it is gone.
    EditedLast(Path),
    /// The distinct values of a field of a definition's items: `schemes-of` is that of `scheme`.
    Values {
        /// The definition that is a list.
        of: usize,
        /// The field's position.
        field: usize,
    },
    /// A set.
    Set(SetExpr),
    /// All elements of several sets.
    Union(Vec<SetExpr>),
    /// How many items or elements a definition has.
    Count(usize),
    /// A predicate by name.
    Test(Predicate),
    /// The body behind the first condition that holds.
    Choose(Vec<(Predicate, Body)>),
}

/// What items are sorted by: words by the order in which they are declared, anything else by its own.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// The field's position.
    pub field: usize,
    /// The field's words, in the order of their declaration; none where it has no words.
    pub words: Vec<Symbol>,
}

impl SortKey {
    fn of<'v>(&self, item: &'v Value) -> (Option<usize>, Option<&'v Value>) {
        let value = key(item, self.field);
        let word = value.and_then(Value::as_symbol);
        let place = word.and_then(|word| self.words.iter().position(|one| **one == *word));
        (place, value)
    }
}

impl Definition {
    /// The value for a case; `env` holds the values of earlier definitions.
    pub fn evaluate(&self, env: &Env<'_>) -> Datum {
        self.body.evaluate(env)
    }
}

impl Body {
    fn evaluate(&self, env: &Env<'_>) -> Datum {
        match self {
            Self::List {
                path,
                keep,
                sorted_by,
            } => {
                let all = path
                    .find(env.case)
                    .and_then(Value::items)
                    .unwrap_or_default();
                let mut items: Vec<Value> = all
                    .iter()
                    .filter(|item| {
                        keep.evaluate(&Env {
                            item: Some(item),
                            ..*env
                        }) == Tri::True
                    })
                    .cloned()
                    .collect();
                if let Some(by) = sorted_by {
                    items.sort_by(|one, other| by.of(one).cmp(&by.of(other)));
                }
                Datum::Items(items.into())
            }
            Self::First(of) => item(items(env, *of).first()),
            Self::Last(of) => item(items(env, *of).last()),
            Self::EditedLast(path) => item(edited_last(path, env.case).as_ref()),
            Self::Values { of, field } => {
                let mut symbols: Vec<Symbol> = Vec::new();
                for item in items(env, *of) {
                    if let Some(Value::Symbol(symbol)) = key(item, *field)
                        && !symbols.contains(symbol)
                    {
                        symbols.push(symbol.clone());
                    }
                }
                Datum::Set(symbols.into())
            }
            Self::Set(set) => Datum::Set(set.symbols(env).into()),
            Self::Union(sets) => {
                let mut symbols: Vec<Symbol> = Vec::new();
                for symbol in sets.iter().flat_map(|set| set.symbols(env)) {
                    if !symbols.contains(&symbol) {
                        symbols.push(symbol);
                    }
                }
                Datum::Set(symbols.into())
            }
            Self::Count(of) => {
                let count = match env.definitions.get(*of) {
                    Some(Datum::Items(items)) => items.len(),
                    Some(Datum::Set(symbols)) => symbols.len(),
                    _ => 0,
                };
                Datum::Count(i64::try_from(count).unwrap_or(i64::MAX))
            }
            Self::Test(test) => Datum::Test(test.evaluate(env) == Tri::True),
            Self::Choose(arms) => arms
                .iter()
                .find(|(when, _)| when.evaluate(env) == Tri::True)
                .map_or(Datum::Set(Arc::default()), |(_, body)| body.evaluate(env)),
        }
    }
}

fn item(one: Option<&Value>) -> Datum {
    Datum::Item(one.cloned().map(Arc::new))
}

/// The item of a list that was changed or added last by the edits of the course.
fn edited_last(path: &Path, case: CaseRef<'_>) -> Option<Value> {
    // Most courses have no step.
    case.course.items().filter(|steps| !steps.is_empty())?;
    let mut list = path.find(case)?.items()?.to_vec();
    // The steps of a course were read before: what is none changes nothing.
    let steps = steps_of(case.course).unwrap_or_default();
    let mut latest: Option<Value> = None;
    for step in steps {
        let Step::Edit(edits) = step else { continue };
        for (edited, value) in edits {
            let Some(after) = value.items().filter(|_| edited == path.text) else {
                continue;
            };
            let origins = origins(&list, after);
            let mut came = after
                .iter()
                .zip(origins)
                .filter(|(item, origin)| origin.is_none_or(|from| list.get(from) != Some(*item)));
            latest = came.next_back().map(|(item, _)| item.clone()).or(latest);
            list = after.to_vec();
        }
    }
    latest.filter(|item| list.contains(item))
}

fn items<'a>(env: &Env<'a>, index: usize) -> &'a [Value] {
    match env.definitions.get(index) {
        Some(Datum::Items(items)) => items,
        _ => &[],
    }
}

fn key(item: &Value, field: usize) -> Option<&Value> {
    match item {
        Value::Record(fields) => fields.get(field).map(|(_, value)| value),
        _ => None,
    }
}
