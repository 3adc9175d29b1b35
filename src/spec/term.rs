//! Terms: what a predicate or an expectation speaks of.

use crate::domain::{Case, CaseRef, Part, Symbol, Value};

use super::datum::Datum;
use super::observation::Observation;

/// A path to a field of the case, resolved to positions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// As written: `policy.advertise_all`.
    pub text: String,
    /// The part that it begins in.
    pub part: Part,
    /// The position of each field within its record.
    pub steps: Vec<usize>,
}

impl Path {
    /// The whole course.
    pub fn course() -> Self {
        Self {
            text: Part::Course.word().to_owned(),
            part: Part::Course,
            steps: Vec::new(),
        }
    }

    /// The value at this path.
    pub fn find<'a>(&self, case: impl Into<CaseRef<'a>>) -> Option<&'a Value> {
        let case = case.into();
        self.steps
            .iter()
            .try_fold(case.part(self.part), |value, step| match value {
                Value::Record(fields) => fields.get(*step).map(|(_, value)| value),
                _ => None,
            })
    }

    /// The case with another value at this path.
    pub fn set(&self, case: &Case, to: Value) -> Case {
        let mut part = case.part(self.part).clone();
        let slot = self
            .steps
            .iter()
            .try_fold(&mut part, |value, step| match value {
                Value::Record(fields) => fields.get_mut(*step).map(|(_, value)| value),
                _ => None,
            });
        if let Some(slot) = slot {
            *slot = to;
        }
        case.with(self.part, part)
    }
}

/// Something with a value: a field of the case, of an item, or a definition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// A field of the case.
    Path(Path),
    /// A field of the list item at hand, by position.
    Item {
        /// As written.
        text: String,
        /// Its position in the item's record.
        field: usize,
    },
    /// A definition, by position.
    Define {
        /// As written.
        text: String,
        /// Its position.
        index: usize,
    },
    /// A field of a definition that is one item: `latest.scheme`.
    DefineField {
        /// As written.
        text: String,
        /// The definition's position.
        index: usize,
        /// The field's position in the item's record.
        field: usize,
    },
}

/// One element of a written set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// A symbol, such as `basic`.
    Symbol(Symbol),
    /// The value of a term, such as `client.scheme`; nothing where that has none.
    Term(Term),
}

/// A set of symbols.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SetExpr {
    /// Written out.
    Elements(Vec<Element>),
    /// A definition, by position.
    Define {
        /// As written.
        text: String,
        /// Its position.
        index: usize,
    },
}

/// What terms are evaluated in.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// The case.
    pub case: CaseRef<'a>,
    /// The values of the definitions.
    pub definitions: &'a [Datum],
    /// The list item at hand, inside a `where`.
    pub item: Option<&'a Value>,
    /// What was seen, once the case was played.
    pub observation: Option<Observation<'a>>,
}

impl<'a> Env<'a> {
    /// Before the case is played.
    pub fn of(case: impl Into<CaseRef<'a>>, definitions: &'a [Datum]) -> Self {
        Self {
            case: case.into(),
            definitions,
            item: None,
            observation: None,
        }
    }

    /// After it was played.
    pub fn seen(
        case: impl Into<CaseRef<'a>>,
        definitions: &'a [Datum],
        observation: Observation<'a>,
    ) -> Self {
        Self {
            case: case.into(),
            definitions,
            item: None,
            observation: Some(observation),
        }
    }
}

impl Term {
    /// As written in the spec.
    pub fn text(&self) -> &str {
        match self {
            Self::Path(path) => &path.text,
            Self::Item { text, .. }
            | Self::Define { text, .. }
            | Self::DefineField { text, .. } => text,
        }
    }

    /// The single value, where there is one.
    pub fn value<'a>(&self, env: &Env<'a>) -> Option<&'a Value> {
        match self {
            Self::Path(path) => path.find(env.case),
            Self::Item { field, .. } => record_field(env.item?, *field),
            Self::Define { .. } => None,
            Self::DefineField { index, field, .. } => match env.definitions.get(*index)? {
                Datum::Item(Some(item)) => record_field(item, *field),
                _ => None,
            },
        }
    }

    /// The definition's value, if the term is a definition.
    pub fn datum<'a>(&self, env: &Env<'a>) -> Option<&'a Datum> {
        match self {
            Self::Define { index, .. } => env.definitions.get(*index),
            _ => None,
        }
    }
}

fn record_field(record: &Value, field: usize) -> Option<&Value> {
    match record {
        Value::Record(fields) => fields.get(field).map(|(_, value)| value),
        _ => None,
    }
}

impl SetExpr {
    /// The symbols, each once, in order.
    pub fn symbols(&self, env: &Env<'_>) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        self.each(env, &mut |symbol| {
            if !symbols.contains(symbol) {
                symbols.push(symbol.clone());
            }
        });
        symbols
    }

    /// Whether a symbol is among them.
    pub fn has(&self, env: &Env<'_>, wanted: &str) -> bool {
        let mut found = false;
        self.each(env, &mut |symbol| found |= &**symbol == wanted);
        found
    }

    fn each(&self, env: &Env<'_>, use_one: &mut dyn FnMut(&Symbol)) {
        match self {
            Self::Elements(elements) => {
                for element in elements {
                    match element {
                        Element::Symbol(symbol) => use_one(symbol),
                        Element::Term(term) => {
                            if let Some(Value::Symbol(symbol)) = term.value(env) {
                                use_one(symbol);
                            }
                        }
                    }
                }
            }
            Self::Define { index, .. } => {
                if let Some(Datum::Set(symbols)) = env.definitions.get(*index) {
                    symbols.iter().for_each(use_one);
                }
            }
        }
    }

    /// The same set written out for one case.
    pub fn resolved(&self, env: &Env<'_>) -> Self {
        Self::Elements(self.symbols(env).into_iter().map(Element::Symbol).collect())
    }
}

impl SetExpr {
    /// Whether it is the same whatever the case.
    pub(super) fn is_written_out(&self) -> bool {
        match self {
            Self::Elements(elements) => elements
                .iter()
                .all(|element| matches!(element, Element::Symbol(_))),
            Self::Define { .. } => false,
        }
    }
}
