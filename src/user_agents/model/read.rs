//! How clients read a list of challenges: one function for each way.

use super::layout::Layout;
use super::offer::{Elements, Offer, closing, trim};
use super::traits::{Chokes, KnownScheme, Lines, Loses, MOST_KNOWN, Splits, Traits};
use super::words::Set;

/// The bytes of a line that a client with a short memory can hold.
const LONG: usize = 4096;

/// The most challenges that are read.
const MOST_OFFERS: usize = 256;

/// What of a client's traits decides how it reads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    lines: Lines,
    splits: Splits,
    chokes: Set,
    loses: Loses,
    knows: [Option<KnownScheme>; MOST_KNOWN],
}

impl Reading {
    pub(super) fn of(traits: &Traits) -> Self {
        Self {
            lines: traits.lines,
            splits: traits.splits,
            chokes: traits.chokes,
            loses: traits.loses,
            knows: traits.knows,
        }
    }

    fn chokes(&self, on: Chokes) -> bool {
        self.chokes.has(on)
    }
}

/// Reads the challenges of a layout in the way of a client, in order.
pub(super) fn read<'l>(how: &Reading, layout: &'l Layout, into: &mut Vec<Offer<'l>>) {
    into.clear();
    if how.splits == Splits::SchemeBlind {
        let scheme = how.knows.iter().flatten().next();
        into.extend(scheme.map(|scheme| Offer {
            scheme: scheme.name(),
            rest: "",
            line: 0,
        }));
        return;
    }
    match how.lines {
        Lines::Each => {
            for (line, text) in layout.lines().iter().enumerate() {
                read_text(how, text, line, into);
            }
        }
        Lines::Joined if layout.lines().is_empty() => {}
        Lines::Joined => read_text(how, layout.joined(), 0, into),
        Lines::First => {
            if let Some(text) = layout.lines().first() {
                read_text(how, text, 0, into);
            }
        }
        Lines::OneBuffer => one_buffer(how, layout, into),
        Lines::Handlers => handlers(how, layout, into),
    }
}

/// The challenge of Digest with which the first line begins, and those of Basic in each line; none where that line begins with
/// another scheme, or with what the client cannot read.
fn handlers<'l>(how: &Reading, layout: &'l Layout, into: &mut Vec<Offer<'l>>) {
    let Some(first) = layout.lines().first() else {
        return;
    };
    if head(how, first, 0, into).is_none() {
        return;
    }
    let basic = KnownScheme::Basic.name();
    if !{ into.iter() }.any(|offer| is_digest(offer.scheme) || offer.is(basic)) {
        into.clear();
        return;
    }
    into.retain(|offer| is_digest(offer.scheme));
    // What keeps the other one from reading its line is nothing to this one.
    let chokes = match how.chokes(Chokes::CommaAfterScheme) {
        true => Set::EMPTY.with(Chokes::CommaAfterScheme),
        false => Set::EMPTY,
    };
    let by_grammar = Reading {
        splits: Splits::Commas,
        chokes,
        ..*how
    };
    let mut of_line = Vec::new();
    for (line, text) in layout.lines().iter().enumerate() {
        of_line.clear();
        read_text(&by_grammar, text, line, &mut of_line);
        into.extend(of_line.iter().filter(|offer| offer.is(basic)));
    }
    into.truncate(MOST_OFFERS);
}

/// The challenge that the first known scheme of any line is noted for, as it stands where that was once every line has been
/// copied there. Nothing where another word stands there by then, or the end of a line: such a client goes by the letter.
fn one_buffer<'l>(how: &Reading, layout: &'l Layout, into: &mut Vec<Offer<'l>>) {
    let mut lines = layout.lines();
    for (line, text) in lines.iter().enumerate() {
        read_text(how, text, line, into);
        // Nothing is stronger, and no further line is copied.
        if into.iter().any(|offer| offer.is(KnownScheme::Ntlm.name())) {
            lines = lines.get(..=line).unwrap_or_default();
            break;
        }
    }
    let known = || how.knows.iter().flatten();
    let noted = known().find_map(|known| into.iter().find(|offer| offer.is(known.name())));
    let place = noted.and_then(|offer| {
        let text = lines.get(offer.line)?;
        (offer.scheme.as_ptr() as usize).checked_sub(text.as_ptr() as usize)
    });
    into.clear();
    // Shorter ones are copied in front of it.
    let reaches = |text: &&String| place.is_some_and(|place| text.len() >= place);
    let last = lines.iter().rposition(|text| reaches(&text));
    let behind = last.and_then(|last| Some((last, lines.get(last)?.get(place?..)?)));
    let Some((line, behind)) = behind else {
        return;
    };
    let begins = |known: &&KnownScheme| {
        let letter = known.name().get(..1).unwrap_or_default();
        let have = behind.get(..1);
        have.is_some_and(|have| have.eq_ignore_ascii_case(letter))
    };
    into.extend(known().find(begins).map(|known| {
        // Whether NTLM is meant is asked once more.
        let word = match known {
            KnownScheme::Ntlm => 0,
            _ => known.name().len(),
        };
        let rest = behind.get(word..).unwrap_or_default();
        Offer {
            scheme: known.name(),
            rest: rest.trim_start_matches([' ', '\t']),
            line,
        }
    }));
}

fn read_text<'l>(how: &Reading, text: &'l str, line: usize, into: &mut Vec<Offer<'l>>) {
    if how.chokes(Chokes::LongLine) && text.len() > LONG {
        return;
    }
    let before = into.len();
    let whole = match how.splits {
        Splits::Commas => commas(how, text, line, into),
        Splits::Head => head(how, text, line, into),
        Splits::Words => words(text, line, into),
        Splits::QuoteBlind => quote_blind(text, line, into),
        Splits::Prefix => prefix(how, text, line, into),
        Splits::Substring | Splits::SubstringOrDigest => substring(how, text, line, into),
        Splits::AnyScheme => any_scheme(how, text, line, into),
        Splits::SchemeBlind => Some(()),
    };
    if whole.is_none() && how.loses == Loses::Line {
        into.truncate(before);
    }
    into.truncate(MOST_OFFERS);
}

/// By the grammar; nothing as soon as the client chokes.
fn commas<'l>(how: &Reading, text: &'l str, line: usize, into: &mut Vec<Offer<'l>>) -> Option<()> {
    let ok = |on: Chokes, met: bool| (!(met && how.chokes(on))).then_some(());
    let mut elements = Elements::of(text);
    let mut any = false;
    // Whether the last auth-scheme was followed by a comma.
    let mut bare = false;
    loop {
        let start = elements.position();
        let Some(element) = elements.next() else {
            break;
        };
        let more = elements.position() <= text.len();
        let word = trim(element);
        if word.is_empty() {
            ok(Chokes::EmptyElement, more || any)?;
            continue;
        }
        any = true;
        let token = word.find([' ', '\t', '=', '"']).unwrap_or(word.len());
        let (scheme, behind) = word.split_at_checked(token)?;
        let rest = behind.trim_start_matches([' ', '\t']);
        if rest.starts_with('=') {
            ok(Chokes::CommaAfterScheme, bare)?;
            bare = false;
            ok(Chokes::MissingComma, goes_on(rest))?;
            continue;
        }
        let blank = behind.len() - rest.len();
        let space = behind.get(..blank).unwrap_or_default();
        ok(Chokes::Tab, space.contains('\t'))?;
        ok(Chokes::SeveralSpaces, blank > 1)?;
        bare = rest.is_empty();
        ok(Chokes::BareScheme, bare && more)?;
        let alone = word.len() == text.len();
        ok(Chokes::LoneDigest, alone && is_digest(scheme))?;
        if !bare {
            let name = rest.find([' ', '\t', '=', '"']).unwrap_or(rest.len());
            let value = trim(rest.get(name..).unwrap_or_default());
            let parameter = value.starts_with('=') && !value.trim_matches('=').is_empty();
            ok(Chokes::Token68, !parameter)?;
            ok(Chokes::MissingComma, parameter && goes_on(value))?;
        }
        ok(Chokes::OddCase, odd_case(how, scheme))?;
        let leading = element.len() - element.trim_start_matches([' ', '\t']).len();
        let from = start + leading + token + blank;
        into.push(Offer {
            scheme,
            rest: text.get(from..).unwrap_or_default(),
            line,
        });
    }
    Some(())
}

/// Whether something follows the value that `=` begins.
fn goes_on(equals: &str) -> bool {
    let value = trim(equals.get(1..).unwrap_or_default());
    match value.strip_prefix('"') {
        Some(quoted) => {
            let end = closing(quoted);
            !trim(quoted.get(end + 1..).unwrap_or_default()).is_empty()
        }
        None => value.contains([' ', '\t']),
    }
}

fn is_digest(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("Digest")
}

/// Whether this is the name of a scheme that the client knows, in other letters than its own.
fn odd_case(how: &Reading, scheme: &str) -> bool {
    let name = how.knows.iter().flatten().map(|known| known.name());
    name.clone().any(|name| name.eq_ignore_ascii_case(scheme))
        && !{ name }.any(|name| name == scheme)
}

/// One challenge at the beginning of the text.
fn head<'l>(how: &Reading, text: &'l str, line: usize, into: &mut Vec<Offer<'l>>) -> Option<()> {
    let mut text = text;
    if !how.chokes(Chokes::EmptyElement) {
        text = text.trim_start_matches([',', ' ', '\t']);
    }
    let blank: &[char] = match how.chokes(Chokes::Tab) {
        true => &[' '],
        false => &[' ', '\t'],
    };
    let end = text.find(blank).unwrap_or(text.len());
    let (mut scheme, behind) = text.split_at_checked(end)?;
    let rest = behind.trim_start_matches([' ', '\t']);
    if how.chokes(Chokes::SeveralSpaces) && behind.len() - rest.len() > 1 {
        return None;
    }
    if !how.chokes(Chokes::CommaAfterScheme) {
        scheme = scheme.split(',').next().unwrap_or_default();
    }
    if how.chokes(Chokes::OddCase) && odd_case(how, scheme) {
        return None;
    }
    if how.chokes(Chokes::LoneDigest) && rest.is_empty() && is_digest(scheme) {
        return None;
    }
    let words = || Elements::of(rest).map(trim);
    let word = |part: &str| !part.is_empty() && !part.contains('=');
    if how.chokes(Chokes::WordInDigest) && is_digest(scheme) && words().any(word) {
        return None;
    }
    into.push(Offer { scheme, rest, line });
    Some(())
}

/// One challenge of the first scheme that is known, whatever stands there for one.
fn any_scheme<'l>(
    how: &Reading,
    text: &'l str,
    line: usize,
    into: &mut Vec<Offer<'l>>,
) -> Option<()> {
    let scheme = how.knows.iter().flatten().next()?.name();
    let text = text.trim_start_matches([',', ' ', '\t']);
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    let rest = text.get(end..).unwrap_or_default();
    let rest = rest.trim_start_matches([' ', '\t']);
    into.push(Offer { scheme, rest, line });
    Some(())
}

/// Up to white space an auth-scheme, and then its parameters.
fn words<'l>(text: &'l str, line: usize, into: &mut Vec<Offer<'l>>) -> Option<()> {
    let mut text = text.trim_start_matches([' ', '\t']);
    while !text.is_empty() {
        let end = text.find([' ', '\t']).unwrap_or(text.len());
        let (scheme, mut behind) = text.split_at_checked(end)?;
        let rest = behind.trim_start_matches([' ', '\t']);
        into.push(Offer { scheme, rest, line });
        loop {
            match parameter(behind) {
                Some((after, true)) => behind = after,
                Some((after, false)) => break text = after,
                None => break text = behind,
            }
        }
        text = text.trim_start_matches([' ', '\t']);
    }
    Some(())
}

/// What stands behind a parameter at the beginning of a text, and whether it has a value; nothing where there is none.
fn parameter(text: &str) -> Option<(&str, bool)> {
    let blank = |text: &'_ str| text.len() - text.trim_start_matches([' ', '\t']).len();
    let text = text.get(blank(text)..)?;
    let name = text.find([' ', '\t', '=', ',']).unwrap_or(text.len());
    if name == 0 {
        return None;
    }
    let behind = text.get(name..)?;
    let behind = behind.get(blank(behind)..)?;
    let behind_comma = |text: &'_ str| text.find(',').map_or(text.len(), |comma| comma + 1);
    let Some(value) = behind.strip_prefix('=') else {
        let ends = behind.is_empty() || behind.starts_with(',');
        return ends.then_some((behind.get(behind_comma(behind)..)?, false));
    };
    let value = value.get(blank(value)..)?;
    let value = match value.strip_prefix('"') {
        // A slash before a quote is nothing to it.
        Some(quoted) => quoted.get(quoted.find('"')? + 1..)?,
        None => value,
    };
    Some((value.get(behind_comma(value)..)?, true))
}

/// A challenge after each comma, be it within quotes.
fn quote_blind<'l>(text: &'l str, line: usize, into: &mut Vec<Offer<'l>>) -> Option<()> {
    let mut at = 0;
    while let Some(here) = text.get(at..) {
        let part = here.trim_start_matches([' ', '\t']);
        let end = part.find([',', ' ', '\t']).unwrap_or(part.len());
        let (scheme, rest) = part.split_at_checked(end)?;
        if !scheme.is_empty() && !scheme.contains('=') {
            let rest = rest.trim_start_matches([' ', '\t']);
            into.push(Offer { scheme, rest, line });
        }
        match here.find(',') {
            Some(comma) => at += comma + 1,
            None => break,
        }
    }
    Some(())
}

/// A known name at the beginning of the text.
fn prefix<'l>(how: &Reading, text: &'l str, line: usize, into: &mut Vec<Offer<'l>>) -> Option<()> {
    for name in how.knows.iter().flatten().map(|known| known.name()) {
        if let Some((scheme, rest)) = text.split_at_checked(name.len())
            && scheme.eq_ignore_ascii_case(name)
        {
            let word = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
            let rest = rest.get(word..).unwrap_or_default();
            let rest = rest.trim_start_matches([',', ' ', '\t']);
            into.push(Offer { scheme, rest, line });
        }
    }
    Some(())
}

/// A known name anywhere in the text.
fn substring<'l>(
    how: &Reading,
    text: &'l str,
    line: usize,
    into: &mut Vec<Offer<'l>>,
) -> Option<()> {
    for name in how.knows.iter().flatten().map(|known| known.name()) {
        let found = text
            .as_bytes()
            .windows(name.len())
            .position(|part| part.eq_ignore_ascii_case(name.as_bytes()));
        let ahead = found == Some(0)
            && text
                .get(name.len()..)
                .is_some_and(|rest| rest.starts_with(' '));
        if how.splits == Splits::SubstringOrDigest && is_digest(name) && !ahead {
            continue;
        }
        if let Some((_, behind)) = found.and_then(|at| text.split_at_checked(at))
            && let Some((scheme, rest)) = behind.split_at_checked(name.len())
        {
            let rest = rest.trim_start_matches([' ', '\t']);
            into.push(Offer { scheme, rest, line });
        }
    }
    Some(())
}
