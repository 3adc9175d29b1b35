//! Challenges (RFC 9110 §11.3 and §11.6.1), and the fields that share their grammar.

mod authorization;
mod info;
mod layout;
mod param;
mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use authorization::Authorization;
pub use info::AuthenticationInfo;
pub use layout::{Lines, ListStyle, Order, Quoting, Spelling, departing};

use super::departure::{Departure, Problem, are_certain, are_well_formed};
use super::grammar::bytes;

/// One challenge: an auth-scheme with a token68 or with auth-params.
///
/// Two challenges are equal when they say the same: same spelling of names, same values, same order.
/// How a value was written and in which line it stood is no part of that.
#[derive(Clone, Debug, Default)]
pub struct Challenge {
    /// The auth-scheme as sent; compare with [`Challenge::is`].
    pub scheme: String,
    /// A token68 in place of parameters (RFC 9110 §11.2).
    pub token68: Option<String>,
    /// The auth-params in order.
    pub params: Vec<Param>,
    /// In which field line its auth-scheme stands, counted from 0.
    pub line: usize,
}

impl PartialEq for Challenge {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.token68 == other.token68 && self.params == other.params
    }
}

impl Eq for Challenge {}

/// One auth-param (RFC 9110 §11.2).
///
/// Two are equal when name as sent and value are, however the value was written.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name as sent; names compare case-insensitively.
    pub name: String,
    /// Its value without quotes and backslashes. obs-text is kept as Latin-1.
    pub value: String,
    /// How the value is written.
    pub form: ValueForm,
    /// The value exactly as sent, with its quotes.
    pub raw: Vec<u8>,
}

impl PartialEq for Param {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.value == other.value
    }
}

impl Eq for Param {}

/// How the value of an auth-param is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ValueForm {
    /// As a token (RFC 9110 §5.6.2).
    Token,
    /// As a quoted-string (RFC 9110 §5.6.4).
    Quoted,
    /// As a quoted-string that nothing closes: no form of the grammar.
    Unclosed,
    /// Without quotes, though it is no token, or not at all: no form of the grammar.
    Bare,
}

impl ValueForm {
    /// The word for it in specs and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Quoted => "quoted",
            Self::Unclosed => "unclosed",
            Self::Bare => "bare",
        }
    }
}

/// The challenges of a response, in order, with every departure from the grammar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Challenges {
    /// What a tolerant recipient reads.
    pub list: Vec<Challenge>,
    /// Where the bytes depart from what a sender generates; of each kind the first 16.
    pub problems: Vec<Problem>,
}

impl Param {
    /// A parameter whose value is written as a quoted-string.
    pub fn quoted(name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            name: name.into(),
            raw: print::quoted(&value),
            form: ValueForm::Quoted,
            value,
        }
    }

    /// A parameter whose value is written as a token; whether it can be is the caller's affair.
    pub fn token(name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            name: name.into(),
            raw: bytes(&value),
            form: ValueForm::Token,
            value,
        }
    }

    /// Whether this is the parameter of that name (names compare case-insensitively, RFC 9110 §11.2).
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl Challenge {
    /// A challenge of this scheme and nothing else.
    pub fn new(scheme: impl Into<String>) -> Self {
        Self {
            scheme: scheme.into(),
            ..Self::default()
        }
    }

    /// The same with one parameter more.
    #[must_use]
    pub fn with(mut self, param: Param) -> Self {
        self.params.push(param);
        self
    }

    /// Whether this is a challenge of the auth-scheme (names compare case-insensitively, RFC 9110
    /// §11.1).
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of the first auth-param of this name (names compare case-insensitively).
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|param| param.is(name))
            .map(|param| param.value.as_str())
    }

    /// Every auth-param of this name, in order: more than one where the sender departs from the
    /// grammar (names compare case-insensitively).
    pub fn params_named<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a Param> + use<'a, 'n> {
        self.params.iter().filter(move |param| param.is(name))
    }
}

impl Challenges {
    /// Reads the values of `WWW-Authenticate` (or `Proxy-Authenticate`) field lines.
    ///
    /// Never fails, and answers twice. [`Challenges::list`] is what a tolerant recipient makes of the
    /// bytes. [`Challenges::problems`] has every departure from what RFC 9110 §11.3 has a sender
    /// generate, which decides [`Challenges::strict`] and [`Challenges::is_well_formed`]. A line
    /// without any character holds no challenge and no problem. Time is linear in the input.
    pub fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut parser = parse::Parser::default();
        for (index, value) in lines.enumerate() {
            parser.line(index, value);
        }
        let (list, notes) = parser.finish();
        Self {
            list,
            problems: notes.problems,
        }
    }

    /// Challenges that nobody wrote wrongly, as they are.
    pub fn of(list: Vec<Challenge>) -> Self {
        Self {
            list,
            problems: Vec::new(),
        }
    }

    /// What the grammar for recipients says these field lines are, or `None` where it has no such
    /// field: then what they say is a matter of opinion, and no ground for an accusation.
    ///
    /// Departures that a sender must not send and a recipient must cope with, such as empty list
    /// elements (RFC 9110 §5.6.1), leave one reading only.
    pub fn strict(&self) -> Option<&[Challenge]> {
        are_certain(&self.problems).then_some(self.list.as_slice())
    }

    /// Whether a sender may generate these field lines: no departure is one that it must not send.
    pub fn is_well_formed(&self) -> bool {
        are_well_formed(&self.problems)
    }

    /// The places at which the field lines depart in this way.
    pub fn departing(&self, departure: Departure) -> impl Iterator<Item = &Problem> {
        self.problems
            .iter()
            .filter(move |problem| problem.departure == departure)
    }

    /// Whether one of them is of this auth-scheme.
    pub fn offers(&self, scheme: &str) -> bool {
        self.list.iter().any(|challenge| challenge.is(scheme))
    }
}
