//! Writing resolved expectations and conditions as the YAML that reads back as the same.

use std::fmt;

use crate::yaml::{flow, quoted_if_needed};

use super::clause::{ChallengeClause, Clause, HeaderClause};
use super::predicate::{Predicate, Range};
use super::relation::{Compared, Comparison};
use super::term::{Element, SetExpr};

/// Flow style YAML. What is not resolved is written as in the spec.
impl fmt::Display for Clause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.outcome.is_empty() {
            let words = self.outcome.iter().map(|outcome| outcome.word());
            parts.push(format!("outcome: {}", flow(words)));
        }
        if !self.status.is_empty() {
            let codes: Vec<String> = self.status.iter().map(ToString::to_string).collect();
            parts.push(format!("status: [{}]", codes.join(", ")));
        }
        if let Some(challenges) = &self.challenges {
            parts.push(format!("challenges: {challenges}"));
        }
        if !self.parameters.is_empty() {
            let all: Vec<String> = self
                .parameters
                .iter()
                .map(|(scheme, names)| format!("{}: {}", quoted_if_needed(scheme), flow(names)))
                .collect();
            parts.push(format!("parameters: {{{}}}", all.join(", ")));
        }
        if !self.headers.is_empty() {
            let all: Vec<String> = self
                .headers
                .iter()
                .map(|(name, clause)| {
                    let clause = match clause {
                        HeaderClause::Present(true) => "present".to_owned(),
                        HeaderClause::Present(false) => "absent".to_owned(),
                        HeaderClause::Is(value) => quoted_if_needed(value),
                    };
                    format!("{}: {clause}", quoted_if_needed(name))
                })
                .collect();
            parts.push(format!("headers: {{{}}}", all.join(", ")));
        }
        if !self.events.is_empty() {
            let all: Vec<String> = self
                .events
                .iter()
                .map(|(name, count)| format!("{}: {count}", quoted_if_needed(name)))
                .collect();
            parts.push(format!("events: {{{}}}", all.join(", ")));
        }
        if let Some(text) = &self.body {
            parts.push(format!("body: {{contains: {}}}", quoted_if_needed(text)));
        }
        write!(out, "{{{}}}", parts.join(", "))
    }
}

impl fmt::Display for ChallengeClause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sets = [
            ("exactly", &self.exactly),
            ("at-least", &self.at_least),
            ("none-of", &self.none_of),
            ("in-order", &self.in_order),
        ];
        let mut parts: Vec<String> = sets
            .into_iter()
            .filter_map(|(name, set)| Some(format!("{name}: {}", set.as_ref()?)))
            .collect();
        for (name, truth) in [("some", self.some), ("well-formed", self.well_formed)] {
            parts.extend(truth.map(|truth| format!("{name}: {truth}")));
        }
        write!(out, "{{{}}}", parts.join(", "))
    }
}

impl fmt::Display for SetExpr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elements(elements) => {
                out.write_str(&flow(elements.iter().map(|element| match element {
                    Element::Symbol(symbol) => symbol.to_string(),
                    Element::Term(term) => term.text().to_owned(),
                })))
            }
            Self::Define { text, .. } => out.write_str(text),
        }
    }
}

/// Conditions on what was seen, in flow style YAML; conditions on the case are passed over, because
/// resolving has settled them.
impl fmt::Display for Predicate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let several = |parts: &[Predicate]| {
            let all: Vec<String> = parts.iter().map(ToString::to_string).collect();
            all.join(", ")
        };
        match self {
            Self::All(parts) if parts.is_empty() => out.write_str("{}"),
            Self::All(parts) => write!(out, "{{all: [{}]}}", several(parts)),
            Self::Any(parts) => write!(out, "{{any: [{}]}}", several(parts)),
            Self::Not(inner) => write!(out, "{{not: {inner}}}"),
            Self::Term(..) => out.write_str("{}"),
            Self::Outcome(outcomes) => {
                write!(
                    out,
                    "{{outcome: {}}}",
                    flow(outcomes.iter().map(|o| o.word()))
                )
            }
            Self::Status(ranges) => match ranges.as_slice() {
                [range] if range.min != range.max => write!(out, "{{status: {range}}}"),
                ranges => {
                    let codes: Vec<String> = ranges.iter().map(ToString::to_string).collect();
                    write!(out, "{{status: [{}]}}", codes.join(", "))
                }
            },
            Self::Challenges(clause) => write!(out, "{{challenges: {clause}}}"),
            Self::Events(wanted) => {
                let all: Vec<String> = wanted
                    .iter()
                    .map(|(name, range)| format!("{}: {range}", quoted_if_needed(name)))
                    .collect();
                write!(out, "{{events: {{{}}}}}", all.join(", "))
            }
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, max) if min == max => write!(out, "{min}"),
            (min, i64::MAX) => write!(out, "{{at-least: {min}}}"),
            (i64::MIN, max) => write!(out, "{{at-most: {max}}}"),
            (min, max) => write!(out, "{{at-least: {min}, at-most: {max}}}"),
        }
    }
}

/// The key and the word of a relation: `outcome: same`.
impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = match self.of {
            Compared::Outcome => "outcome",
            Compared::Status => "status",
            Compared::Challenges => "challenges",
        };
        let word = if self.no_worse { "no-worse" } else { "same" };
        write!(out, "{key}: {word}")
    }
}
