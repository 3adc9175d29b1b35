//! `Authorization` and `Proxy-Authorization` (RFC 9110 §11.4, §11.6.2, §11.7.2).

use super::Challenge;
use super::param::{part, skip};
use super::parse::Parser;
use crate::departure::{Departure, Notes, Problem, are_certain, are_well_formed};
use crate::grammar::{is_space, is_tchar};

/// The credentials of a request.
///
/// Credentials have the grammar of one challenge (RFC 9110 §11.4): an auth-scheme with a token68 or
/// with auth-params.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authorization {
    /// What a tolerant recipient reads: the first credentials of the first field line that has any.
    pub credentials: Option<Challenge>,
    /// Whatever follows the auth-scheme and its spaces, as sent. Schemes that are older than the
    /// grammar read it themselves.
    pub rest: Vec<u8>,
    /// Where the bytes depart from what a sender generates; of each kind the first 16.
    pub problems: Vec<Problem>,
}

impl Authorization {
    /// Reads the values of all field lines of a request. Without any there are no credentials and no
    /// problem. Never fails; time is linear in the input.
    pub fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut read = Self::default();
        let mut notes = Notes::default();
        for (index, value) in lines.enumerate() {
            if index > 0 {
                let what = || "another field line".to_owned();
                notes.push(Departure::SeveralLines, index, 0..value.len(), what);
            }
            let (first, rest) = one(index, value, &mut notes);
            if read.credentials.is_none() && first.is_some() {
                read.credentials = first;
                read.rest = rest;
            }
        }
        read.problems = notes.problems;
        read
    }

    /// What the grammar says these field lines are, or `None` where it has no such field.
    pub fn strict(&self) -> Option<Option<&Challenge>> {
        are_certain(&self.problems).then_some(self.credentials.as_ref())
    }

    /// Whether a sender may generate these field lines.
    pub fn is_well_formed(&self) -> bool {
        are_well_formed(&self.problems)
    }
}

/// Reads one field line: the credentials and what follows their auth-scheme.
fn one(index: usize, value: &[u8], notes: &mut Notes) -> (Option<Challenge>, Vec<u8>) {
    let mut parser = Parser::default();
    parser.line(index, value);
    let (list, found) = parser.finish();
    let begin = skip(value, 0, |byte| is_space(byte) || byte == b',');
    if begin == value.len() {
        let what = || "no credentials".to_owned();
        notes.push(Departure::NoCredentials, index, 0..value.len(), what);
        return (None, Vec::new());
    }
    let several = list.len() > 1;
    let first = list.into_iter().next();
    // A list may stand in parameters only: elsewhere a comma is not one of its separators.
    let is_list = first.as_ref().is_some_and(|one| !one.params.is_empty());
    for problem in found.problems {
        let stray = problem.departure == Departure::EmptyListElement
            && (!is_list || problem.bytes.start < begin);
        if stray {
            let what = || "comma where no list is".to_owned();
            let departure = Departure::NotToken68NorParameter;
            notes.push(departure, index, problem.bytes, what);
        } else {
            let what = || problem.what;
            notes.push(problem.departure, index, problem.bytes, what);
        }
    }
    if several {
        let what = || "more than one set of credentials".to_owned();
        notes.push(Departure::SeveralCredentials, index, 0..value.len(), what);
    }
    let end = skip(value, begin, is_tchar);
    let rest = skip(value, end, is_space);
    let rest = first
        .as_ref()
        .map_or(&[][..], |_| part(value, rest..value.len()));
    (first, rest.to_vec())
}
