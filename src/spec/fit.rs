//! What is said of where a client stands and of a status: some of them, or all but some.

use crate::observation::{Answer, Outcome};

use super::observation::Observation;
use super::range::Range;

/// A word for where a client stands at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutcomeWord {
    /// Just this outcome.
    Is(Outcome),
    /// Nobody was let in, and the server stands: any 3xx or 4xx. What a document demands that has a
    /// request refused and names no status.
    KeptOut,
}

impl OutcomeWord {
    /// Every word.
    pub const ALL: [Self; 5] = [
        Self::Is(Outcome::Accepted),
        Self::Is(Outcome::Refused),
        Self::Is(Outcome::Redirected),
        Self::Is(Outcome::Failed),
        Self::KeptOut,
    ];

    /// The word itself.
    pub fn word(self) -> &'static str {
        match self {
            Self::Is(outcome) => outcome.word(),
            Self::KeptOut => "kept-out",
        }
    }

    /// What a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// Whether it is true of what was seen.
    pub fn fits(self, observation: Observation<'_>) -> bool {
        match self {
            Self::Is(outcome) => outcome == observation.outcome,
            Self::KeptOut => {
                observation.outcome == Outcome::Refused
                    || (300..=499).contains(&observation.answer.response.status)
            }
        }
    }

    /// The words of a report.
    fn in_words(self) -> &'static str {
        match self {
            Self::Is(outcome) => outcome.word(),
            Self::KeptOut => "kept out (3xx or 4xx)",
        }
    }
}

/// What is said of the outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OutcomeFit {
    /// The words; none where nothing is said.
    pub words: Vec<OutcomeWord>,
    /// Whether none of them is to be true, instead of one.
    pub not: bool,
}

impl OutcomeFit {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether it holds of what was seen.
    pub fn fits(&self, observation: Observation<'_>) -> bool {
        self.is_empty() || self.words.iter().any(|word| word.fits(observation)) != self.not
    }

    /// In the words of a spec, for the kind of a departure.
    pub(super) fn kind(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.word()).collect();
        turned(self.not, "not ", &words.join(OR))
    }

    /// What the kind of a departure says.
    pub(super) fn from_kind(words: &str) -> Option<Self> {
        let (not, words) = unturned("not ", words);
        let words = words.split(OR).map(OutcomeWord::from_word);
        Some(Self {
            words: words.collect::<Option<_>>()?,
            not,
        })
    }

    /// In the words of a report.
    pub(super) fn in_words(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.in_words()).collect();
        turned(self.not, "anything but ", &words.join(OR))
    }
}

/// What is said of the final status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StatusFit {
    /// Ranges, of which one is to have it; none where nothing is said.
    pub ranges: Vec<Range>,
    /// Whether none of them is to have it instead.
    pub not: bool,
}

impl StatusFit {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether it holds of a status.
    pub fn fits(&self, status: u16) -> bool {
        self.is_empty() || has(&self.ranges, status) != self.not
    }

    /// Whether it holds of an answer; where there is none, it does not: whoever names statuses wants one of them.
    pub fn fits_answer(&self, answer: &Answer) -> bool {
        match answer.is_missing() {
            true => self.is_empty(),
            false => self.fits(answer.response.status),
        }
    }

    /// In words: `401 or 4xx`.
    pub(super) fn in_words(&self) -> String {
        let words: Vec<String> = self
            .ranges
            .iter()
            .map(|range| range_in_words(*range))
            .collect();
        turned(self.not, OTHER_THAN, &words.join(OR))
    }

    /// What such words say.
    pub(super) fn from_words(words: &str) -> Option<Self> {
        let (not, words) = unturned(OTHER_THAN, words);
        let mut ranges = Vec::new();
        let mut words = words.split(OR).peekable();
        while let Some(word) = words.next() {
            // What has no other bound is told with the very word that stands between two.
            let open = words.next_if(|next| [MORE, LESS].contains(next));
            ranges.push(range_from_words(word, open)?);
        }
        Some(Self { ranges, not })
    }

    /// Just one status.
    pub(super) fn only(status: u16) -> Self {
        Self {
            ranges: vec![Range::only(i64::from(status))],
            not: false,
        }
    }
}

/// Whether a status, and the outcome that it stands for, would fit.
pub(super) fn would_fit(outcome: &OutcomeFit, status: &StatusFit, would: u16) -> bool {
    let stands = Outcome::of_status(would);
    let is = |word: &OutcomeWord| match word {
        OutcomeWord::Is(is) => *is == stands,
        OutcomeWord::KeptOut => (300..=499).contains(&would),
    };
    let fits = outcome.is_empty() || outcome.words.iter().any(is) != outcome.not;
    fits && status.fits(would)
}

/// Whether a status is within one of these ranges.
pub(super) fn has(ranges: &[Range], status: u16) -> bool {
    ranges.iter().any(|range| range.has(i64::from(status)))
}

/// What stands between two of which one is to fit.
const OR: &str = " or ";
const OTHER_THAN: &str = "other than ";
const MORE: &str = "more";
const LESS: &str = "less";

/// Words without what turns them round, and whether it stood there.
fn unturned<'a>(before: &str, words: &'a str) -> (bool, &'a str) {
    match words.strip_prefix(before) {
        Some(rest) => (true, rest),
        None => (false, words),
    }
}

/// The range that words of a report say, without what stands behind the last *or* where it is open.
fn range_from_words(word: &str, open: Option<&str>) -> Option<Range> {
    let number = |word: &str| word.parse::<i64>().ok();
    Some(match (open, word.split_once(" to ")) {
        (Some(MORE), None) => Range {
            min: number(word)?,
            max: i64::MAX,
        },
        (Some(_), None) => Range {
            min: i64::MIN,
            max: number(word)?,
        },
        (None, Some((min, max))) => Range {
            min: number(min)?,
            max: number(max)?,
        },
        (None, None) => class_named(word).or_else(|| number(word).map(Range::only))?,
        (Some(_), Some(_)) => return None,
    })
}

fn turned(not: bool, before: &str, words: &str) -> String {
    format!("{}{words}", if not { before } else { "" })
}

/// A range of statuses in the words of a report.
fn range_in_words(range: Range) -> String {
    match class(range) {
        Some(class) => class,
        None => match (range.min, range.max) {
            (min, max) if min == max => min.to_string(),
            (min, i64::MAX) => format!("{min} or more"),
            (i64::MIN, max) => format!("{max} or less"),
            (min, max) => format!("{min} to {max}"),
        },
    }
}

/// The name of a class of statuses, if a range is a whole one: `4xx`.
pub(super) fn class(range: Range) -> Option<String> {
    let first = range.min / 100;
    let whole = range.min == first * 100 && range.max == range.min + 99;
    (whole && (1..=5).contains(&first)).then(|| format!("{first}xx"))
}

/// The class of statuses that a word names.
pub(super) fn class_named(word: &str) -> Option<Range> {
    (1..=5)
        .map(|first| Range {
            min: first * 100,
            max: first * 100 + 99,
        })
        .find(|range| class(*range).as_deref() == Some(word))
}
