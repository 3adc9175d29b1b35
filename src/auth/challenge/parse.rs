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

use std::collections::HashSet;

use super::super::grammar::{is_space, is_tchar, is_token68_char, latin1};
use super::{Challenge, Challenges, Problem};

/// The most problems that are kept: a page of garbage is no more instructive than its beginning.
const MOST_PROBLEMS: usize = 64;

/// Reads field lines one by one.
#[derive(Default)]
pub(super) struct Parser {
    read: Challenges,
    /// Lower-case names of the parameters of the challenge at hand.
    names: HashSet<String>,
    line: usize,
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
    /// `Basic,`: a challenge without parameters; none may follow.
    Comma,
}

impl Parser {
    /// Everything read so far.
    pub(super) fn finish(self) -> Challenges {
        self.read
    }

    /// Reads the value of one field line.
    pub(super) fn line(&mut self, line: usize, value: &[u8]) {
        self.line = line;
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
                        self.problem(at, "empty list element");
                    }
                    element = false;
                    comma = Some(at);
                    at += 1;
                }
                Some(_) => {
                    if element {
                        self.problem(at, "no comma before this");
                    }
                    at = self.element(value, at, first);
                    element = true;
                    first = false;
                }
            }
        }
        if let (false, Some(at)) = (element, comma) {
            self.problem(at, "empty list element at the end");
        }
    }

    /// Reads one list element at `at` and says where it ends.
    fn element(&mut self, value: &[u8], at: usize, first: bool) -> usize {
        let end = skip(value, at, is_tchar);
        if end == at {
            self.problem(at, "neither an auth-scheme nor a parameter");
            return skip_junk(value, at);
        }
        let behind = skip(value, end, is_space);
        if value.get(behind) == Some(&b'=') {
            return self.param(value, at, end, first);
        }
        self.scheme(value, at, end)
    }

    /// Reads a challenge whose auth-scheme is `value[at..end]`, as far as its first element.
    fn scheme(&mut self, value: &[u8], at: usize, end: usize) -> usize {
        self.read.list.push(Challenge {
            scheme: latin1(value.get(at..end).unwrap_or_default()),
            token68: None,
            params: Vec::new(),
        });
        self.names = HashSet::new();
        let start = skip(value, end, is_space);
        let space = value.get(end..start).unwrap_or_default();
        match value.get(start) {
            None | Some(b',') => {
                self.bare = if space.is_empty() {
                    Bare::Comma
                } else {
                    Bare::SpaceComma
                };
                return start;
            }
            Some(_) if space.is_empty() => {
                self.bare = Bare::No;
                self.problem(end, "no space after the auth-scheme");
                return skip_junk(value, end);
            }
            Some(_) => self.bare = Bare::No,
        }
        if let Some(tab) = space.iter().position(|byte| *byte == b'\t') {
            self.problem(
                end + tab,
                "tab after the auth-scheme, where only spaces may be",
            );
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
        if name > start && value.get(skip(value, name, is_space)) == Some(&b'=') {
            return self.param(value, start, name, false);
        }
        let followed_by_space = value.get(padded).copied().is_some_and(is_space);
        if body > start && followed_by_space {
            // `Basic Auth realm="x"`: read as the grammar would up to the missing comma.
            self.token68(value, start, padded);
            return padded;
        }
        self.problem(start, "neither a token68 nor a parameter");
        skip_junk(value, start)
    }

    fn token68(&mut self, value: &[u8], start: usize, end: usize) {
        if let Some(challenge) = self.read.list.last_mut() {
            challenge.token68 = Some(latin1(value.get(start..end).unwrap_or_default()));
        }
    }

    /// Reads a parameter whose name is `value[at..end]`.
    fn param(&mut self, value: &[u8], at: usize, end: usize, first: bool) -> usize {
        let name = latin1(value.get(at..end).unwrap_or_default());
        let equals = skip(value, end, is_space);
        let start = skip(value, equals + 1, is_space);
        if equals > end || start > equals + 1 {
            self.problem(end.max(at), "white space around `=`");
        }
        let (text, stop) = self.param_value(value, start, &name);
        let Some(challenge) = self.read.list.last_mut() else {
            self.problem(at, format!("parameter `{name}` before any auth-scheme"));
            return stop;
        };
        let after_token68 = challenge.token68.is_some();
        challenge.params.push((name.clone(), text));
        if first {
            // Joined by commas (RFC 9110 §5.3) the lines say this; taken alone, this one says nothing.
            let what = format!("parameter `{name}` begins a field line, without its auth-scheme");
            self.problem(at, what);
        } else if after_token68 {
            self.problem(at, format!("parameter `{name}` beside a token68"));
        } else if self.bare == Bare::Comma {
            let what = format!("parameter `{name}` after an auth-scheme that a comma has ended");
            self.problem(at, what);
        } else if self.bare == Bare::SpaceComma {
            self.problem(at, format!("empty list element before parameter `{name}`"));
        }
        self.bare = Bare::No;
        if !self.names.insert(name.to_ascii_lowercase()) {
            self.problem(at, format!("parameter `{name}` occurs more than once"));
        }
        stop
    }

    /// Reads the value of parameter `name` at `start`; hands over its text and where it ends.
    fn param_value(&mut self, value: &[u8], start: usize, name: &str) -> (String, usize) {
        if value.get(start) == Some(&b'"') {
            return self.quoted(value, start);
        }
        let token = skip(value, start, is_tchar);
        let end = skip(value, token, |byte| !is_space(byte) && byte != b',');
        if end == start {
            self.problem(start, format!("parameter `{name}` has no value"));
        } else if end > token {
            let what = format!("value of `{name}` must be quoted: it is not a token");
            self.problem(token, what);
        } else if name.eq_ignore_ascii_case("realm") {
            // RFC 9110 §11.5: a sender MUST only generate the quoted-string syntax.
            self.problem(start, "value of `realm` must be quoted");
        }
        (latin1(value.get(start..end).unwrap_or_default()), end)
    }

    /// Reads a quoted-string (RFC 9110 §5.6.4) whose opening quote is at `start`.
    fn quoted(&mut self, value: &[u8], start: usize) -> (String, usize) {
        let mut text = String::new();
        let mut at = start + 1;
        while let Some(&byte) = value.get(at) {
            at += 1;
            match byte {
                b'"' => return (text, at),
                b'\\' => {
                    let Some(&escaped) = value.get(at) else { break };
                    self.control(at, escaped);
                    text.push(char::from(escaped));
                    at += 1;
                }
                byte => {
                    self.control(at - 1, byte);
                    text.push(char::from(byte));
                }
            }
        }
        self.problem(start, "quoted string without its closing quote");
        (text, value.len())
    }

    /// Notes a control character where qdtext and quoted-pair have none.
    fn control(&mut self, at: usize, byte: u8) {
        if byte.is_ascii_control() && byte != b'\t' {
            self.problem(
                at,
                format!("control character 0x{byte:02x} in a quoted string"),
            );
        }
    }

    fn problem(&mut self, at: usize, what: impl Into<String>) {
        if self.read.problems.len() < MOST_PROBLEMS {
            self.read.problems.push(Problem {
                line: self.line,
                at,
                what: what.into(),
            });
        }
    }
}

/// The first position from `at` on whose byte is not of the class.
fn skip(value: &[u8], at: usize, class: impl Fn(u8) -> bool) -> usize {
    let rest = value.get(at..).unwrap_or_default();
    at.min(value.len()) + rest.iter().take_while(|byte| class(**byte)).count()
}

/// The end of something unreadable: the next comma or white space outside quotes; always moves on.
fn skip_junk(value: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut quoted = false;
    while let Some(&byte) = value.get(at) {
        if !quoted && at > start && (byte == b',' || is_space(byte)) {
            break;
        }
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => at += 1,
            _ => {}
        }
        at += 1;
    }
    at.min(value.len())
}
