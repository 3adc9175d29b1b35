//! Departures from the grammar of authentication fields: a closed set, each with its grade.

use std::fmt;
use std::ops::Range;

/// Declares the departures: word, what the sender and the recipient owe, section, sentence.
macro_rules! departures {
    ($($variant:ident, $word:literal, $sender:ident, $recipient:ident, $section:literal,
       $summary:literal;)*) => {
        /// One way in which a field departs from what RFC 9110 has its sender generate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Departure {
            $(#[doc = $summary] $variant,)*
        }

        impl Departure {
            /// Every departure.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word for it in specs and reports, in kebab case.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What the sender owes.
            pub fn sender(self) -> Sender {
                match self {
                    $(Self::$variant => Sender::$sender,)*
                }
            }

            /// What the recipient owes.
            pub fn recipient(self) -> Recipient {
                match self {
                    $(Self::$variant => Recipient::$recipient,)*
                }
            }

            /// The document and section that says so.
            pub fn section(self) -> &'static str {
                match self {
                    $(Self::$variant => $section,)*
                }
            }

            /// What it is, in one sentence.
            pub fn summary(self) -> &'static str {
                match self {
                    $(Self::$variant => $summary,)*
                }
            }
        }
    };
}

departures! {
    EmptyListElement, "empty-list-element", MustNot, MustCope, "RFC 9110 §5.6.1",
        "Nothing stands between two commas, before the first or behind the last.";
    MissingComma, "missing-comma", MustNot, MayRefuse, "RFC 9110 §5.6.1",
        "An element follows another without the comma that parts them.";
    ParameterBeforeScheme, "parameter-before-scheme", MustNot, MayRefuse, "RFC 9110 §11.3",
        "A parameter stands before any auth-scheme.";
    ParameterBeginsLine, "parameter-begins-line", OughtNot, MustCope, "RFC 9110 §5.3",
        "A field line begins with a parameter: only joined with the line before does it say of what.";
    ParameterAfterBareScheme, "parameter-after-bare-scheme", MustNot, MayRefuse, "RFC 9110 §11.3",
        "A comma stands directly behind the auth-scheme, which ends the challenge, and a parameter \
         follows.";
    ParameterBesideToken68, "parameter-beside-token68", MustNot, MayRefuse, "RFC 9110 §11.3",
        "A token68 and a parameter stand in one challenge.";
    NotAChallenge, "not-a-challenge", MustNot, MayRefuse, "RFC 9110 §11.3",
        "Something begins with neither an auth-scheme nor the name of a parameter.";
    NoSpaceAfterScheme, "no-space-after-scheme", MustNot, MayRefuse, "RFC 9110 §11.3",
        "Something other than a space or a comma stands directly behind the auth-scheme.";
    TabAfterScheme, "tab-after-scheme", MustNot, MayRefuse, "RFC 9110 §11.3",
        "A tab stands behind the auth-scheme, where only spaces may be.";
    NotToken68NorParameter, "not-token68-nor-parameter", MustNot, MayRefuse, "RFC 9110 §11.2",
        "What follows the auth-scheme is neither a token68 nor a parameter.";
    WhiteSpaceAroundEquals, "white-space-around-equals", MustNot, MustCope, "RFC 9110 §5.6.3",
        "White space stands before or behind the `=` of a parameter.";
    DuplicateParameter, "duplicate-parameter", MustNot, MayRefuse, "RFC 9110 §11.2",
        "Two parameters of one challenge have the same name.";
    RealmNotQuoted, "realm-not-quoted", MustNot, MustCope, "RFC 9110 §11.5",
        "The realm is a token, and not a quoted-string.";
    ValueNotAToken, "value-not-a-token", MustNot, MayRefuse, "RFC 9110 §11.2",
        "A value without quotes has characters that a token has not.";
    MissingValue, "missing-value", MustNot, MayRefuse, "RFC 9110 §11.2",
        "Nothing follows the `=` of a parameter.";
    UnclosedQuote, "unclosed-quote", MustNot, MayRefuse, "RFC 9110 §5.6.4",
        "A quoted-string lacks its closing quote.";
    ControlCharacter, "control-character", MustNot, MayRefuse, "RFC 9110 §5.6.4",
        "A control character other than the tab stands in a quoted-string.";
    NeedlessQuotedPair, "needless-quoted-pair", ShouldNot, MustCope, "RFC 9110 §5.6.4",
        "A backslash stands before a character other than a quote or a backslash.";
    ObsText, "obs-text", OughtNot, MustCope, "RFC 9110 §5.5",
        "A quoted-string has bytes beyond US-ASCII, which recipients may only pass on as they are.";
    ObsFold, "obs-fold", MustNot, MustCope, "RFC 9112 §5.2",
        "The value goes on in the next line, which begins with white space.";
    SeveralCredentials, "several-credentials", MustNot, MayRefuse, "RFC 9110 §11.6.2",
        "More than one set of credentials stands in a field that holds one.";
    SeveralLines, "several-lines", MustNot, MayRefuse, "RFC 9110 §5.3",
        "A field that holds one value is sent more than once.";
    NoCredentials, "no-credentials", MustNot, MayRefuse, "RFC 9110 §11.6.2",
        "A field that holds credentials is empty.";
    NotAParameter, "not-a-parameter", MustNot, MayRefuse, "RFC 9110 §11.6.3",
        "An element of a list of parameters is none.";
}

/// What the sender of a departure owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Sender {
    /// It must not send this: the grammar for senders has no such field, or a MUST forbids it.
    MustNot,
    /// It should not send this.
    ShouldNot,
    /// It may, and does better not to: some recipients are known to misread it.
    OughtNot,
}

impl Sender {
    /// The words for it in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::MustNot => "sender must not",
            Self::ShouldNot => "sender should not",
            Self::OughtNot => "sender ought not",
        }
    }
}

/// What the recipient of a departure owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Recipient {
    /// The grammar for recipients includes it: it is read, and there is one reading only.
    MustCope,
    /// No rule says what a recipient makes of it: each reads what it likes, or nothing.
    MayRefuse,
}

impl Recipient {
    /// The words for it in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::MustCope => "recipient must cope",
            Self::MayRefuse => "recipient may refuse",
        }
    }
}

impl Departure {
    /// Those that a field with challenges can have; the others are of fields that hold none.
    pub fn of_challenges() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|departure| {
            !matches!(
                departure,
                Self::SeveralCredentials
                    | Self::SeveralLines
                    | Self::NoCredentials
                    | Self::NotAParameter
            )
        })
    }

    /// The departure that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|departure| departure.word() == word)
    }
}

impl fmt::Display for Departure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// A departure at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What it is.
    pub departure: Departure,
    /// Which field line, counted from 0.
    pub line: usize,
    /// Which bytes of that line's value, counted from 0.
    pub bytes: Range<usize>,
    /// What is wrong there, in words.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, byte) = (self.line + 1, self.bytes.start + 1);
        write!(out, "line {line}, byte {byte}: {}", self.what)
    }
}

/// How often one departure is noted in a field: a page of garbage is no more instructive than its
/// beginning, but no kind of departure is lost behind another.
const MOST_OF_A_KIND: usize = 16;

/// What was noted while a field was read.
#[derive(Debug)]
pub(super) struct Notes {
    pub(super) problems: Vec<Problem>,
    /// How many of each kind, in the order of [`Departure::ALL`].
    counts: [usize; Departure::ALL.len()],
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            problems: Vec::new(),
            counts: [0; Departure::ALL.len()],
        }
    }
}

impl Notes {
    /// Notes a departure, unless it was noted often enough.
    pub(super) fn push(
        &mut self,
        departure: Departure,
        line: usize,
        bytes: Range<usize>,
        what: impl FnOnce() -> String,
    ) {
        if let Some(count) = self.counts.get_mut(departure as usize) {
            *count += 1;
            if *count > MOST_OF_A_KIND {
                return;
            }
        }
        self.problems.push(Problem {
            departure,
            line,
            bytes,
            what: what(),
        });
    }
}

/// Whether no departure is one that a sender must not send.
pub(super) fn are_well_formed(problems: &[Problem]) -> bool {
    problems
        .iter()
        .all(|problem| problem.departure.sender() != Sender::MustNot)
}

/// Whether every recipient must read the field, and alike.
pub(super) fn are_certain(problems: &[Problem]) -> bool {
    problems
        .iter()
        .all(|problem| problem.departure.recipient() == Recipient::MustCope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_their_departures() {
        for departure in Departure::ALL {
            assert_eq!(Departure::from_word(departure.word()), Some(*departure));
            assert!(departure.summary().ends_with('.'));
            assert!(departure.section().starts_with("RFC "));
        }
        assert_eq!(Departure::from_word("Obs-fold"), None);
    }

    #[test]
    fn one_kind_hides_no_other() {
        let mut notes = Notes::default();
        for at in 0..1_000 {
            notes.push(Departure::ObsText, 0, at..at + 1, String::new);
        }
        notes.push(Departure::UnclosedQuote, 0, 0..1, String::new);
        assert_eq!(notes.problems.len(), MOST_OF_A_KIND + 1);
        assert!(!are_certain(&notes.problems) && !are_well_formed(&notes.problems));
    }
}
