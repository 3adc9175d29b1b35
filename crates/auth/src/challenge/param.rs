//! Reading auth-params (RFC 9110 §11.2), which challenges, credentials and `Authentication-Info`
//! have in common.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::{Param, ValueForm};
use crate::departure::{Departure, Notes};
use crate::grammar::{is_space, is_tchar, latin1};

/// Reads parameters of one field, and notes what departs.
#[derive(Default)]
pub(super) struct ParamReader {
    pub(super) notes: Notes,
    /// The field line at hand.
    pub(super) line: usize,
    /// Lower-case names of the parameters of the list at hand.
    names: HashSet<String>,
}

impl ParamReader {
    /// Begins a new list of parameters, in which no name was used.
    pub(super) fn begin(&mut self) {
        // Not cleared: a clear takes the time of the largest list so far.
        self.names = HashSet::new();
    }

    pub(super) fn note(
        &mut self,
        departure: Departure,
        bytes: Range<usize>,
        what: impl FnOnce() -> String,
    ) {
        self.notes.push(departure, self.line, bytes, what);
    }

    /// Notes a name that was used before in this list.
    pub(super) fn note_duplicate(&mut self, param: &Param, bytes: Range<usize>) {
        if !self.names.insert(param.name.to_ascii_lowercase()) {
            let what = || format!("parameter `{}` occurs more than once", param.name);
            self.note(Departure::DuplicateParameter, bytes, what);
        }
    }

    /// Reads the parameter whose name is `value[at..end]`, with an `=` behind it; hands it over and
    /// where it ends.
    pub(super) fn read(&mut self, value: &[u8], at: usize, end: usize) -> (Param, usize) {
        let name = latin1(part(value, at..end));
        let equals = skip(value, end, is_space);
        let start = skip(value, equals + 1, is_space);
        if equals > end || start > equals + 1 {
            let what = || "white space around `=`".to_owned();
            self.note(Departure::WhiteSpaceAroundEquals, end..start, what);
        }
        let (text, form, stop) = self.value(value, start, &name);
        let param = Param {
            name,
            value: text,
            form,
            raw: part(value, start..stop).to_vec(),
        };
        (param, stop)
    }

    /// Reads the value of parameter `name` at `start`; hands over its text and where it ends.
    fn value(&mut self, value: &[u8], start: usize, name: &str) -> (String, ValueForm, usize) {
        if value.get(start) == Some(&b'"') {
            return self.quoted(value, start);
        }
        let token = skip(value, start, is_tchar);
        let end = skip(value, token, |byte| !is_space(byte) && byte != b',');
        let mut form = ValueForm::Bare;
        if end == start {
            let what = || format!("parameter `{name}` has no value");
            self.note(Departure::MissingValue, start..end, what);
        } else if end > token {
            let what = || format!("value of `{name}` must be quoted: it is not a token");
            self.note(Departure::ValueNotAToken, token..end, what);
        } else {
            form = ValueForm::Token;
            if name.eq_ignore_ascii_case("realm") {
                let what = || "value of `realm` must be quoted".to_owned();
                self.note(Departure::RealmNotQuoted, start..end, what);
            }
        }
        (latin1(part(value, start..end)), form, end)
    }

    /// Reads a quoted-string (RFC 9110 §5.6.4) whose opening quote is at `start`.
    fn quoted(&mut self, value: &[u8], start: usize) -> (String, ValueForm, usize) {
        let mut text = String::new();
        let mut at = start + 1;
        // The first and the last byte beyond US-ASCII: one departure a string.
        let mut obs_text: Option<Range<usize>> = None;
        let mut form = ValueForm::Unclosed;
        while let Some(&byte) = value.get(at) {
            let mut byte = byte;
            at += 1;
            match byte {
                b'"' => {
                    form = ValueForm::Quoted;
                    break;
                }
                b'\\' => {
                    let Some(&escaped) = value.get(at) else { break };
                    if !matches!(escaped, b'"' | b'\\') {
                        let what = || "backslash that nothing needs".to_owned();
                        self.note(Departure::NeedlessQuotedPair, at - 1..at + 1, what);
                    }
                    byte = escaped;
                    at += 1;
                }
                _ => {}
            }
            if byte.is_ascii_control() && byte != b'\t' {
                let what = || format!("control character 0x{byte:02x} in a quoted string");
                self.note(Departure::ControlCharacter, at - 1..at, what);
            } else if !byte.is_ascii() {
                let begun = obs_text.map_or(at - 1, |range| range.start);
                obs_text = Some(begun..at);
            }
            text.push(char::from(byte));
        }
        if let Some(bytes) = obs_text {
            let what = || "bytes beyond US-ASCII in a quoted string".to_owned();
            self.note(Departure::ObsText, bytes, what);
        }
        if form == ValueForm::Unclosed {
            let what = || "quoted string without its closing quote".to_owned();
            self.note(Departure::UnclosedQuote, start..value.len(), what);
            return (text, form, value.len());
        }
        (text, form, at)
    }
}

/// Whether what follows a token that ends at `end` makes it the name of a parameter.
pub(super) fn is_param(value: &[u8], end: usize) -> bool {
    value.get(skip(value, end, is_space)) == Some(&b'=')
}

/// A field value with every obs-fold (RFC 9112 §5.2) replaced by as many spaces, which is what a user
/// agent does, so that places stay what they are. Line ends right before a fold go with it: what is left
/// of them would be a fold in its turn.
pub(super) fn unfolded<'a>(value: &'a [u8], reader: &mut ParamReader) -> Cow<'a, [u8]> {
    if !value.contains(&b'\n') {
        return Cow::Borrowed(value);
    }
    let mut unfolded = value.to_vec();
    let mut at = 0;
    while at < value.len() {
        let mut end = at;
        while part(value, end..end + 2) == b"\r\n" {
            end += 2;
        }
        let white = skip(value, end, is_space);
        if end > at && white > end {
            let what = || "folded line".to_owned();
            reader.note(Departure::ObsFold, at..white, what);
            if let Some(bytes) = unfolded.get_mut(at..white) {
                bytes.fill(b' ');
            }
        }
        at = white.max(at + 1);
    }
    Cow::Owned(unfolded)
}

/// Some bytes of a value; none where it has no such bytes.
pub(super) fn part(value: &[u8], bytes: Range<usize>) -> &[u8] {
    value.get(bytes).unwrap_or_default()
}

/// The first position from `at` on whose byte is not of the class.
pub(super) fn skip(value: &[u8], at: usize, class: impl Fn(u8) -> bool) -> usize {
    let rest = value.get(at..).unwrap_or_default();
    at.min(value.len()) + rest.iter().take_while(|byte| class(**byte)).count()
}

/// The end of something unreadable: the next comma or white space outside quotes; always moves on.
pub(super) fn skip_junk(value: &[u8], start: usize) -> usize {
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
