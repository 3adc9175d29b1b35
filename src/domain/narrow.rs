//! Narrowing: the part of a domain that an implementation supports, or that a user asks for.

use std::collections::BTreeMap;
use std::fmt;

use super::case::{Case, Part};
use super::simplicity::Simplicity;
use super::space::Domain;
use super::types::{Field, Say, Type};
use super::value::{Symbol, Value};

/// The most values of a list of allowed values that are kept.
const MOST_VALUES: usize = 4096;

/// Which values are allowed, by path; a path that is not mentioned is allowed in full. Paths are
/// dotted names, looking through lists: `policy.profiles.scheme`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// What each path allows.
    pub by_path: BTreeMap<String, Allowed>,
}

/// The values that a path allows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Allowed {
    /// Only these.
    Values(Vec<Value>),
    /// Numbers, or lengths of a list, between two bounds, each of which may be open.
    Range {
        /// The least.
        min: Option<i64>,
        /// The greatest.
        max: Option<i64>,
    },
}

impl fmt::Display for Allowed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Values(values) => {
                let words: Vec<String> = values.iter().map(ToString::to_string).collect();
                out.write_str(&words.join(", "))
            }
            Self::Range {
                min: Some(min),
                max: Some(max),
            } if min == max => write!(out, "{min}"),
            Self::Range {
                min: Some(min),
                max: Some(max),
            } => write!(out, "{min} to {max}"),
            Self::Range {
                min: Some(min),
                max: None,
            } => write!(out, "at least {min}"),
            Self::Range {
                min: None,
                max: Some(max),
            } => write!(out, "at most {max}"),
            Self::Range {
                min: None,
                max: None,
            } => out.write_str("anything"),
        }
    }
}

/// Why a narrowing cannot be applied to a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NarrowError {
    /// The domain has no such path.
    NoSuchPath {
        /// The path as given.
        path: String,
    },
    /// No value is left.
    Empty {
        /// The path as given.
        path: String,
        /// What was allowed.
        allowed: String,
    },
    /// A range was given for something that has no order.
    NotARange {
        /// The path as given.
        path: String,
    },
}

impl fmt::Display for NarrowError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchPath { path } => write!(out, "the domain has no field `{path}`"),
            Self::Empty { path, allowed } => {
                write!(out, "`{path}` has no value among: {allowed}")
            }
            Self::NotARange { path } => {
                write!(
                    out,
                    "`{path}` is neither a number nor a list, so it has no range"
                )
            }
        }
    }
}

impl std::error::Error for NarrowError {}

impl Domain {
    /// The domain that a narrowing leaves. A lenient narrowing passes over paths that this domain
    /// does not have.
    ///
    /// # Errors
    ///
    /// See [`Narrowing::apply`].
    pub fn narrow(&self, narrowing: &Narrowing, lenient: bool) -> Result<Self, NarrowError> {
        let whole = Type::Record(
            Part::ALL
                .into_iter()
                .map(|part| Field {
                    name: Symbol::from(part.word()),
                    ty: self.part(part).clone(),
                    say: Say::default(),
                })
                .collect(),
        );
        let narrowed = narrowing.apply(&whole, lenient)?;
        let part = |part: Part| {
            narrowed
                .at(&[part.word()])
                .cloned()
                .unwrap_or_else(|| self.part(part).clone())
        };
        Ok(Self {
            policy: part(Part::Policy),
            instance: part(Part::Instance),
            course: part(Part::Course),
            client: part(Part::Client),
            steps: self.steps.clone(),
        })
    }
}

impl Narrowing {
    /// Allows only one value at a path.
    pub fn fix(&mut self, path: &str, value: Value) {
        self.by_path
            .insert(path.to_owned(), Allowed::Values(vec![value]));
    }

    /// Why a case is outside of what is allowed; nothing where it is within. Fields that the case
    /// does not have are passed over.
    pub fn refusal(&self, case: &Case) -> Option<String> {
        self.by_path.iter().find_map(|(path, allowed)| {
            let refused = first_refused(path, allowed, case)?;
            Some(format!("{path} is {refused}, and it supports {allowed}"))
        })
    }

    /// The same for those paths alone of which the case has allowed values.
    #[must_use]
    pub fn around(mut self, case: &Case) -> Self {
        let by_path = &mut self.by_path;
        by_path.retain(|path, allowed| first_refused(path, allowed, case).is_none());
        self
    }

    /// The type that is left. Paths that the type does not have are passed over when `lenient` is
    /// true: an implementation may speak of fields that another spec declares.
    ///
    /// # Errors
    ///
    /// When nothing is left of a field, when a range meets a field without order, and, unless
    /// `lenient`, when a path names no field.
    pub fn apply(&self, ty: &Type, lenient: bool) -> Result<Type, NarrowError> {
        let mut narrowed = ty.clone();
        for (path, allowed) in &self.by_path {
            let names: Vec<&str> = path
                .split('.')
                .map(|name| name.trim_end_matches("[]"))
                .collect();
            if ty.at(&names).is_none() {
                if lenient {
                    continue;
                }
                return Err(NarrowError::NoSuchPath { path: path.clone() });
            }
            narrow_at(&mut narrowed, &names, allowed, path)?;
        }
        Ok(narrowed)
    }
}

/// The first value of a case at a path that is not allowed.
fn first_refused<'c>(path: &str, allowed: &Allowed, case: &'c Case) -> Option<&'c Value> {
    let (part, rest) = path.split_once('.')?;
    let value = case.part(Part::from_word(part)?);
    let names: Vec<&str> = rest
        .split('.')
        .map(|name| name.trim_end_matches("[]"))
        .collect();
    let mut found = Vec::new();
    collect(value, &names, &mut found);
    found.into_iter().find(|value| !allowed.has(value))
}

impl Allowed {
    pub(super) fn has(&self, value: &Value) -> bool {
        let within = |number: i64, min: &Option<i64>, max: &Option<i64>| {
            min.is_none_or(|min| min <= number) && max.is_none_or(|max| number <= max)
        };
        match (self, value) {
            (Self::Values(values), value) => values.contains(value),
            (Self::Range { min, max }, Value::Int(number)) => within(*number, min, max),
            (Self::Range { min, max }, Value::List(items)) => {
                within(i64::try_from(items.len()).unwrap_or(i64::MAX), min, max)
            }
            (Self::Range { .. }, _) => true,
        }
    }
}

/// The values at a path of field names, looking through lists.
fn collect<'v>(value: &'v Value, names: &[&str], into: &mut Vec<&'v Value>) {
    match (value, names.split_first()) {
        (_, None) => into.push(value),
        (Value::List(items), Some(_)) => items.iter().for_each(|item| collect(item, names, into)),
        (_, Some((first, rest))) => {
            if let Some(value) = value.field(first) {
                collect(value, rest, into);
            }
        }
    }
}

fn narrow_at(
    ty: &mut Type,
    names: &[&str],
    allowed: &Allowed,
    path: &str,
) -> Result<(), NarrowError> {
    match (ty, names.split_first()) {
        (Type::Record(fields), Some((first, rest))) => {
            match fields.iter_mut().find(|field| &*field.name == *first) {
                Some(field) => narrow_at(&mut field.ty, rest, allowed, path),
                None => Err(NarrowError::NoSuchPath {
                    path: path.to_owned(),
                }),
            }
        }
        (Type::List(list), Some(_)) => narrow_at(&mut list.of, names, allowed, path),
        (Type::Optional(inner), Some(_)) => narrow_at(inner, names, allowed, path),
        (ty, None) => narrow_here(ty, allowed, path),
        _ => Err(NarrowError::NoSuchPath {
            path: path.to_owned(),
        }),
    }
}

fn narrow_here(ty: &mut Type, allowed: &Allowed, path: &str) -> Result<(), NarrowError> {
    let empty = || NarrowError::Empty {
        path: path.to_owned(),
        allowed: allowed.to_string(),
    };
    match (&mut *ty, allowed) {
        (
            Type::Int { min, max },
            Allowed::Range {
                min: least,
                max: most,
            },
        ) => {
            *min = (*min).max(least.unwrap_or(*min));
            *max = (*max).min(most.unwrap_or(*max));
            if min > max { Err(empty()) } else { Ok(()) }
        }
        (
            Type::List(list),
            Allowed::Range {
                min: least,
                max: most,
            },
        ) => {
            if most.is_some_and(|most| most < 0) {
                return Err(empty());
            }
            let bound = |value: i64| usize::try_from(value).unwrap_or(0);
            list.min = list.min.max(least.map_or(list.min, bound));
            list.max = list.max.min(most.map_or(list.max, bound));
            if list.min > list.max {
                Err(empty())
            } else {
                Ok(())
            }
        }
        (_, Allowed::Range { .. }) => Err(NarrowError::NotARange {
            path: path.to_owned(),
        }),
        (_, Allowed::Values(values)) => {
            // Not by looking through the type's values: a list may have more than can be looked at.
            let mut kept: Vec<Value> = values
                .iter()
                .filter(|value| ty.contains(value))
                .take(MOST_VALUES)
                .cloned()
                .collect();
            kept.sort_by_cached_key(|value| Simplicity::of(ty, value));
            kept.dedup();
            if kept.is_empty() {
                return Err(empty());
            }
            *ty = match &*ty {
                Type::OneOf(_) => Type::OneOf(
                    kept.iter()
                        .filter_map(|value| value.as_symbol().map(Symbol::from))
                        .collect(),
                ),
                _ => Type::Among(kept),
            };
            Ok(())
        }
    }
}
