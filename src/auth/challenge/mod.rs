//! Challenges (RFC 9110 §11.3 and §11.6.1).

mod parse;
mod print;
#[cfg(test)]
mod tests;

use std::fmt;

/// One challenge: an auth-scheme with a token68 or with auth-params.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The auth-scheme as sent; compare with [`Challenge::is`].
    pub scheme: String,
    /// A token68 in place of parameters (RFC 9110 §11.2).
    pub token68: Option<String>,
    /// The auth-params in order: name as sent, value unquoted. obs-text is kept as Latin-1.
    pub params: Vec<(String, String)>,
}

/// A departure from the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which field line, counted from 0.
    pub line: usize,
    /// The byte of that line's value at which it was noticed.
    pub at: usize,
    /// What is wrong there.
    pub what: String,
}

/// The challenges of a response, in order, with every departure from the grammar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenges {
    /// What a tolerant recipient reads.
    pub list: Vec<Challenge>,
    /// What a strict one objects to.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, byte) = (self.line + 1, self.at + 1);
        write!(out, "line {line}, byte {byte}: {}", self.what)
    }
}

impl Challenge {
    /// Whether this is a challenge of the auth-scheme (names compare case-insensitively, RFC 9110
    /// §11.1).
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of the first auth-param of this name (names compare case-insensitively).
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(have, _)| have.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl Challenges {
    /// Reads the values of `WWW-Authenticate` (or `Proxy-Authenticate`) field lines.
    ///
    /// Never fails: [`Challenges::list`] is what a tolerant recipient makes of the bytes, and every
    /// departure from the grammar of RFC 9110 §11.3 is in [`Challenges::problems`] (the first 64 of
    /// them). What the grammar lets recipients accept but forbids senders to generate, such as empty
    /// list elements (RFC 9110 §5.6.1), is a problem too, because the sender is who is judged. A line
    /// without any character holds no challenge and no problem. Time is linear in the input.
    pub fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut parser = parse::Parser::default();
        for (index, value) in lines.enumerate() {
            parser.line(index, value);
        }
        parser.finish()
    }

    /// Whether one of them is of this auth-scheme.
    pub fn offers(&self, scheme: &str) -> bool {
        self.list.iter().any(|challenge| challenge.is(scheme))
    }
}
