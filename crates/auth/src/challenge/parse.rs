//! Reading `WWW-Authenticate`: tolerant in what is read, strict in what is noted.
//!
//! The grammar (RFC 9110 §11.3, §11.6.1, with the list rule of §5.6.1):
//!
//! ```text
//! WWW-Authenticate = #challenge
//! challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
//! auth-param       = token BWS "=" BWS ( token / quoted-string )
//! ```
//!
//! Both lists use the comma, so where a challenge ends is known only from what follows the comma: a
//! token with `=` behind it is a parameter of the challenge at hand, any other token is the next
//! auth-scheme. Every step below moves forward and looks ahead over one word only, so the time is
//! linear in the length of the input.

use super::Challenge;
use super::param::{ParamReader, is_param, part, skip, skip_junk, unfolded};
use crate::departure::{Departure, Notes};
use crate::grammar::{is_space, is_tchar, is_token68_char, latin1};

/// Reads field lines one by one.
#[derive(Default)]
pub(super) struct Parser {
    list: Vec<Challenge>,
    params: ParamReader,
    /// Whether the challenge at hand has its auth-scheme only, and what stood behind that.
    bare: Bare,
}

/// What is known about the gap between an auth-scheme and its first parameter.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Bare {
    /// Something stands there already.
    #[default]
    No,
    /// `Basic ,`: a space, then a comma, so a parameter may still follow in a list.
    SpaceComma,
    /// `Basic,`, or with a tab between: a challenge without parameters; none may follow.
    Comma,
}

impl Parser {
    /// Everything read so far.
    pub(super) fn finish(self) -> (Vec<Challenge>, Notes) {
        (self.list, self.params.notes)
    }

    /// Reads the value of one field line.
    pub(super) fn line(&mut self, line: usize, value: &[u8]) {
        self.params.line = line;
        let value = &*unfolded(value, &mut self.params);
        let mut at = 0;
        // Whether an element was read since the last comma; a line of white space is no element.
        let mut element = false;
        let mut comma = None;
        let mut first = true;
        loop {
            at = skip(value, at, is_space);
            match value.get(at) {
                None => break,
                Some(b',') => {
                    if !element {
                        self.note(
                            Departure::EmptyListElement,
                            at..at + 1,
                            "empty list element",
                        );
                    }
                    element = false;
                    comma = Some(at);
                    at += 1;
                }
                Some(_) => {
                    if element {
                        self.note(Departure::MissingComma, at..at + 1, "no comma before this");
                    }
                    at = self.element(value, at, first);
                    element = true;
                    first = false;
                }
            }
        }
        if let (false, Some(at)) = (element, comma) {
            let what = "empty list element at the end";
            self.note(Departure::EmptyListElement, at..at + 1, what);
        }
    }

    /// Reads one list element at `at` and says where it ends.
    fn element(&mut self, value: &[u8], at: usize, first: bool) -> usize {
        let end = skip(value, at, is_tchar);
        if end == at {
            let end = skip_junk(value, at);
            let what = "neither an auth-scheme nor a parameter";
            self.note(Departure::NotAChallenge, at..end, what);
            return end;
        }
        if is_param(value, end) {
            return self.param(value, at, end, first);
        }
        self.scheme(value, at, end)
    }

    /// Reads a challenge whose auth-scheme is `value[at..end]`, as far as its first element.
    fn scheme(&mut self, value: &[u8], at: usize, end: usize) -> usize {
        self.list.push(Challenge {
            line: self.params.line,
            ..Challenge::new(latin1(part(value, at..end)))
        });
        self.params.begin();
        let start = skip(value, end, is_space);
        let space = part(value, end..start);
        match value.get(start) {
            None | Some(b',') => {
                self.bare = match space.first() {
                    Some(b' ') => Bare::SpaceComma,
                    _ => Bare::Comma,
                };
                return start;
            }
            Some(_) if space.is_empty() => {
                self.bare = Bare::No;
                let stop = skip_junk(value, end);
                let what = "no space after the auth-scheme";
                self.note(Departure::NoSpaceAfterScheme, end..stop, what);
                return stop;
            }
            Some(_) => self.bare = Bare::No,
        }
        if let Some(tab) = space.iter().position(|byte| *byte == b'\t') {
            let what = "tab after the auth-scheme, where only spaces may be";
            self.note(Departure::TabAfterScheme, end + tab..end + tab + 1, what);
        }
        self.first_word(value, start)
    }

    /// Reads what follows an auth-scheme and its spaces: a token68 or a parameter.
    fn first_word(&mut self, value: &[u8], start: usize) -> usize {
        let body = skip(value, start, is_token68_char);
        let padded = skip(value, body, |byte| byte == b'=');
        let behind = skip(value, padded, is_space);
        let ends_here = matches!(value.get(behind), None | Some(b','));
        // `aaaa=` is a token68: a parameter would need a value (RFC 9110 §11.2).
        if body > start && ends_here {
            self.token68(value, start, padded);
            return padded;
        }
        let name = skip(value, start, is_tchar);
        if name > start && is_param(value, name) {
            return self.param(value, start, name, false);
        }
        let followed_by_space = value.get(padded).copied().is_some_and(is_space);
        if body > start && followed_by_space {
            // `Basic Auth realm="x"`: read as the grammar would up to the missing comma.
            self.token68(value, start, padded);
            return padded;
        }
        let stop = skip_junk(value, start);
        let what = "neither a token68 nor a parameter";
        self.note(Departure::NotToken68NorParameter, start..stop, what);
        stop
    }

    fn token68(&mut self, value: &[u8], start: usize, end: usize) {
        if let Some(challenge) = self.list.last_mut() {
            challenge.token68 = Some(latin1(part(value, start..end)));
        }
    }

    /// Reads a parameter whose name is `value[at..end]`.
    fn param(&mut self, value: &[u8], at: usize, end: usize, first: bool) -> usize {
        let (param, stop) = self.params.read(value, at, end);
        let Some(challenge) = self.list.last_mut() else {
            self.note_param(
                Departure::ParameterBeforeScheme,
                (at, end),
                &param.name,
                "before any auth-scheme",
            );
            return stop;
        };
        let after_token68 = challenge.token68.is_some();
        let misplaced = if after_token68 {
            Some((Departure::ParameterBesideToken68, "beside a token68"))
        } else if self.bare == Bare::Comma {
            Some((
                Departure::ParameterAfterBareScheme,
                "after an auth-scheme that a comma has ended",
            ))
        } else {
            None
        };
        if let Some((departure, what)) = misplaced {
            self.note_param(departure, (at, end), &param.name, what);
        } else if first {
            // Joined by commas (RFC 9110 §5.3) the lines say this; taken alone, this one says nothing.
            let what = "begins a field line, without its auth-scheme";
            self.note_param(Departure::ParameterBeginsLine, (at, end), &param.name, what);
        }
        if self.bare == Bare::SpaceComma {
            let name = &param.name;
            let what = || format!("empty list element before parameter `{name}`");
            self.params.note(Departure::EmptyListElement, at..end, what);
        }
        self.bare = Bare::No;
        self.params.note_duplicate(&param, at..end);
        if let Some(challenge) = self.list.last_mut() {
            challenge.params.push(param);
        }
        stop
    }

    fn note(&mut self, departure: Departure, bytes: std::ops::Range<usize>, what: &str) {
        self.params.note(departure, bytes, || what.to_owned());
    }

    fn note_param(&mut self, departure: Departure, at: (usize, usize), name: &str, what: &str) {
        self.params.note(departure, at.0..at.1, || {
            format!("parameter `{name}` {what}")
        });
    }
}
