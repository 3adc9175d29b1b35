//! Expectations of the header fields of an answer.

use super::check::{Check, Discrepancy};
use super::flaw::Flaw;
use super::observation::Observation;
use super::parameter::ValueKind;
use super::range::Range;

/// What is expected of a header field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HeaderClause {
    /// It is there, or is not.
    Present(bool),
    /// One of its field lines has this value.
    Is(String),
    /// Its lines fit; where it is not there, only `lines` can object.
    Fits(HeaderFit),
}

/// What is expected of the lines of a header field that is a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HeaderFit {
    /// All of these are among its members, in whatever case; a member's own parameters do not count.
    pub has: Vec<String>,
    /// One of these is among its members.
    pub has_one_of: Vec<String>,
    /// None of these is among its members.
    pub has_none_of: Vec<String>,
    /// How many lines there are.
    pub lines: Option<Range>,
    /// The value of each line is of this kind.
    pub value: Option<ValueKind>,
}

/// Holds what is expected of header fields against the final answer.
pub(super) fn check_headers(
    headers: &[(String, HeaderClause)],
    observation: Observation<'_>,
) -> Check {
    for (name, wanted) in headers {
        let lines: Vec<String> = observation
            .answer
            .response
            .fields_named(name)
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect();
        let (holds, expected) = wanted.holds(name, &lines);
        if !holds {
            let observed = match lines.as_slice() {
                [] => format!("no field {name}"),
                lines => format!("{name}: {}", lines.join(" | ")),
            };
            return Check::Breaks(Discrepancy {
                kind: Flaw::Header(name.clone()).of_case(),
                expected,
                observed,
            });
        }
    }
    Check::Holds
}

impl HeaderClause {
    /// Whether it holds of a field's lines, and what is expected of them in words.
    pub(super) fn holds(&self, name: &str, lines: &[String]) -> (bool, String) {
        match self {
            Self::Present(true) => (!lines.is_empty(), format!("a field {name}")),
            Self::Present(false) => (lines.is_empty(), format!("no field {name}")),
            Self::Is(value) => (lines.contains(value), format!("{name}: {value}")),
            Self::Fits(fit) => fit.check(name, lines),
        }
    }
}

impl HeaderFit {
    /// Whether the lines fit, and what is expected of them in words.
    fn check(&self, name: &str, lines: &[String]) -> (bool, String) {
        if let Some(range) = self.lines
            && !range.has(i64::try_from(lines.len()).unwrap_or(i64::MAX))
        {
            return (false, format!("this many lines of {name}: {range}"));
        }
        if lines.is_empty() {
            return (true, String::new());
        }
        if let Some(kind) = self.value
            && !lines.iter().all(|line| kind.has(line))
        {
            return (false, format!("{name} with {}", kind.in_words()));
        }
        let member = |wanted: &String| {
            lines.iter().flat_map(|line| line.split(',')).any(|member| {
                let end = member.find(['=', ';']).unwrap_or(member.len());
                let word = member.get(..end).unwrap_or_default();
                word.trim().eq_ignore_ascii_case(wanted)
            })
        };
        if let Some(missing) = self.has.iter().find(|wanted| !member(wanted)) {
            return (false, format!("{name} with {missing}"));
        }
        if !self.has_one_of.is_empty() && !self.has_one_of.iter().any(member) {
            return (
                false,
                format!("{name} with {}", self.has_one_of.join(" or ")),
            );
        }
        match self.has_none_of.iter().find(|unwanted| member(unwanted)) {
            Some(unwanted) => (false, format!("{name} without {unwanted}")),
            None => (true, String::new()),
        }
    }
}
