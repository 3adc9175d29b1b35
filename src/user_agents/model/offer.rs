//! A challenge as one client sees it.

use super::traits::{Algorithm, Parameters};

/// A challenge in a text: its auth-scheme and what stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer<'l> {
    /// The auth-scheme as it was read.
    pub scheme: &'l str,
    /// Everything behind it, to the end of the text.
    pub rest: &'l str,
    /// Which line it stands on; 0 where lines are joined.
    pub line: usize,
}

impl<'l> Offer<'l> {
    /// Whether it is of this auth-scheme (RFC 9110 §11.1: in whatever case).
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of a parameter as written, without its quotes.
    pub fn parameter(&self, name: &str, which: Parameters) -> Option<&'l str> {
        let mut values = self.values(name, which);
        match which {
            Parameters::Own => values.next(),
            _ => values.last(),
        }
    }

    /// Each value that a parameter has in what is taken for the challenge's, in order.
    pub(super) fn values<'n>(
        &self,
        name: &'n str,
        which: Parameters,
    ) -> impl Iterator<Item = &'l str> + use<'l, 'n> {
        let elements = match which {
            Parameters::BleedByCommas => Elements::by_commas(self.rest),
            _ => Elements::of(self.rest),
        };
        let elements = elements.filter(|element| !trim(element).is_empty());
        let read = elements.map(move |element| match which {
            Parameters::BleedByCommas => by_letters(element),
            which if which.are_judged_at_once() => pair(element, |value| value),
            _ => pair(element, |value| {
                value.split([' ', '\t']).next().unwrap_or_default()
            }),
        });
        // What does not belong to a parameter ends the challenge's own ones, as a later challenge does.
        let own = read.take_while(move |read| match (which, read) {
            (Parameters::Own, Some((glued, ..))) => !glued,
            (Parameters::Own, None) => false,
            _ => true,
        });
        let mut is_lost = false;
        let judged = own.flatten().take_while(move |(_, have, value)| {
            let before = is_lost;
            is_lost |= which.are_judged_at_once()
                && have.eq_ignore_ascii_case("algorithm")
                && Algorithm::named(value).is_none();
            !before
        });
        judged
            .filter(move |(glued, ..)| !glued || which == Parameters::BleedAll)
            .filter(move |(_, have, _)| match which {
                Parameters::BleedByCommas => *have == name,
                _ => have.eq_ignore_ascii_case(name),
            })
            .map(|(.., value)| value)
    }

    /// Whether a parameter follows the auth-scheme at once, under this name.
    pub fn begins_with(&self, name: &str) -> bool {
        let after = self.rest.get(name.len()..).unwrap_or_default();
        self.rest
            .get(..name.len())
            .is_some_and(|have| have.eq_ignore_ascii_case(name))
            && after.starts_with('=')
    }
}

/// A list element as a parameter: whether a word stands before its name, its name, and its value without quotes, or, where it
/// has none, what a client takes for the value of the text up to the comma.
fn pair<'t>(element: &'t str, bare: fn(&'t str) -> &'t str) -> Option<(bool, &'t str, &'t str)> {
    let equals = element.find(['=', '"'])?;
    let (before, after) = element.split_at_checked(equals)?;
    let after = after.strip_prefix('=')?;
    let before = trim(before);
    let (glued, name) = match before.rfind([' ', '\t']) {
        Some(blank) => (true, before.get(blank + 1..)?),
        None => (false, before),
    };
    let after = after.trim_start_matches([' ', '\t']);
    let value = match after.strip_prefix('"') {
        Some(quoted) => quoted.get(..closing(quoted)).unwrap_or(quoted),
        None => bare(after),
    };
    Some((glued, name, value))
}

/// The same by letters: a name is all from the first that is no space to `=`, a value all behind that, without the quotes
/// between which the whole of it stands.
fn by_letters(element: &str) -> Option<(bool, &str, &str)> {
    let (name, value) = element.split_once('=')?;
    let quoted = value.strip_prefix('"');
    let quoted = quoted.and_then(|value| value.strip_suffix('"'));
    Some((false, name.trim_start_matches(' '), quoted.unwrap_or(value)))
}

/// The length of a quoted-string's text, given what follows its opening quote.
pub(super) fn closing(quoted: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in quoted.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    quoted.len()
}

/// Without spaces and tabs around it.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The elements of a list: what stands between commas outside quotes.
#[derive(Clone, Debug)]
pub(super) struct Elements<'t> {
    text: &'t str,
    /// Where the next element begins; past the end when there is none.
    at: usize,
    /// Whether a comma in quotes ends one too.
    blind: bool,
}

impl<'t> Elements<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            blind: false,
        }
    }

    /// What stands between commas, be they in quotes.
    fn by_commas(text: &'t str) -> Self {
        Self {
            blind: true,
            ..Self::of(text)
        }
    }

    /// Where the next element begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }
}

impl<'t> Iterator for Elements<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = self.text.get(self.at..)?;
        let mut quoted = false;
        let mut escaped = false;
        let end = rest.bytes().position(|byte| {
            match byte {
                _ if escaped && !self.blind => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b',' => return !quoted || self.blind,
                _ => {}
            }
            false
        });
        let end = end.unwrap_or(rest.len());
        self.at += end + 1;
        rest.get(..end)
    }
}
