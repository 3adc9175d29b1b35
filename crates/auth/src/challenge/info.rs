//! `Authentication-Info` and `Proxy-Authentication-Info` (RFC 9110 §11.6.3, §11.7.3; RFC 7615).

use super::Param;
use super::param::{ParamReader, is_param, skip, skip_junk, unfolded};
use crate::departure::{Departure, Problem, are_certain, are_well_formed};
use crate::grammar::{is_space, is_tchar};

/// The parameters that tell a client about the authentication that was successful.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthenticationInfo {
    /// The parameters, in order over all field lines: what a tolerant recipient reads.
    pub params: Vec<Param>,
    /// Where the bytes depart from what a sender generates; of each kind the first 16.
    pub problems: Vec<Problem>,
}

impl AuthenticationInfo {
    /// Reads the values of field lines: `#auth-param`. Never fails; time is linear in the input.
    pub fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut reader = ParamReader::default();
        let mut params = Vec::new();
        for (index, value) in lines.enumerate() {
            reader.line = index;
            let value = &*unfolded(value, &mut reader);
            line(value, &mut reader, &mut params);
        }
        Self {
            params,
            problems: reader.notes.problems,
        }
    }

    /// The value of the first parameter of this name (names compare case-insensitively).
    pub fn param(&self, name: &str) -> Option<&str> {
        let mut named = self.params.iter().filter(|param| param.is(name));
        named.next().map(|param| param.value.as_str())
    }

    /// What the grammar for recipients says these field lines are, or `None` where it has no such
    /// field.
    pub fn strict(&self) -> Option<&[Param]> {
        are_certain(&self.problems).then_some(self.params.as_slice())
    }

    /// Whether a sender may generate these field lines.
    pub fn is_well_formed(&self) -> bool {
        are_well_formed(&self.problems)
    }
}

/// Reads one field line.
fn line(value: &[u8], reader: &mut ParamReader, params: &mut Vec<Param>) {
    let mut at = 0;
    let mut element = false;
    let mut comma = None;
    loop {
        at = skip(value, at, is_space);
        match value.get(at) {
            None => break,
            Some(b',') => {
                if !element {
                    let what = || "empty list element".to_owned();
                    reader.note(Departure::EmptyListElement, at..at + 1, what);
                }
                element = false;
                comma = Some(at);
                at += 1;
            }
            Some(_) => {
                if element {
                    let what = || "no comma before this".to_owned();
                    reader.note(Departure::MissingComma, at..at + 1, what);
                }
                element = true;
                let end = skip(value, at, is_tchar);
                if end > at && is_param(value, end) {
                    let (param, stop) = reader.read(value, at, end);
                    reader.note_duplicate(&param, at..end);
                    params.push(param);
                    at = stop;
                } else {
                    let stop = skip_junk(value, at);
                    let what = || "not a parameter".to_owned();
                    reader.note(Departure::NotAParameter, at..stop, what);
                    at = stop;
                }
            }
        }
    }
    if let (false, Some(at)) = (element, comma) {
        let what = || "empty list element at the end".to_owned();
        reader.note(Departure::EmptyListElement, at..at + 1, what);
    }
}
