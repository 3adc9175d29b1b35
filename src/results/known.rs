//! What a baseline makes of what a run found.

use serde::{Deserialize, Serialize};

use super::run::FindingPlace;

/// What a baseline makes of what a run found: what is known and shows, and what does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownDefects {
    /// The baseline's file.
    pub file: String,
    /// Departures that show.
    pub shows: Vec<KnownDefect>,
    /// Entries that do not show.
    pub stale: Vec<Stale>,
}

/// A known departure that shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownDefect {
    /// What the baseline calls it: defect and sentence.
    pub title: String,
    /// Whose doing it is.
    pub whose: Whose,
    /// Why it is so.
    pub reason: String,
    /// The project's own documentation or issue, where there is one.
    pub link: Option<String>,
    /// How it was confirmed by hand, in one sentence.
    pub confirmed: String,
    /// The findings that are it.
    pub findings: Vec<FindingPlace>,
}

/// Whose doing a departure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// The product's: it cannot be configured away, or contradicts its documentation.
    Product,
    /// A default of the product that its documentation states.
    Default,
    /// Of the configuration that the adapter writes.
    Adapter,
    /// Nobody has said: it was found by a run before.
    Unsaid,
}

impl Whose {
    /// Those that a person can write.
    pub const ALL: [Self; 3] = [Self::Product, Self::Default, Self::Adapter];

    /// The word for it in a file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Default => "default",
            Self::Adapter => "adapter",
            Self::Unsaid => "unsaid",
        }
    }

    /// Whose doing it is, for a reader.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Product => "the product",
            Self::Default => "a documented default",
            Self::Adapter => "the adapter's configuration",
            Self::Unsaid => "nobody has said",
        }
    }
}

/// An entry of a baseline that does not show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// The pack's name.
    pub pack: String,
    /// The rule's id.
    pub rule: String,
    /// The minimal case as the baseline has it; none where the rule was said never to apply.
    pub brief: Option<String>,
    /// What the baseline says of it: the finding's sentence, or why it never applies.
    pub said: String,
    /// What was seen instead.
    pub why: String,
    /// Whether the same departure shows elsewhere.
    pub in_part: bool,
    /// Whether it shows in some of several tries, and may in none: then that it does not show is no departure.
    #[serde(default)]
    pub by_rate: bool,
}

impl KnownDefects {
    /// How many departures show, how many do not, and how many reasons for rules that never apply are wrong:
    /// each is one, whatever number of rules and cases it is listed with. One that shows in a part of them
    /// shows, and one that shows by a rate may show again.
    pub fn count(&self) -> [u64; 3] {
        let mut gone: Vec<&str> = Vec::new();
        let mut applied: Vec<&str> = Vec::new();
        for stale in self.stale.iter().filter(|one| !one.in_part && !one.by_rate) {
            let list = match stale.brief {
                Some(_) => &mut gone,
                None => &mut applied,
            };
            if !list.contains(&stale.said.as_str()) {
                list.push(&stale.said);
            }
        }
        [
            self.shows.len() as u64,
            gone.len() as u64,
            applied.len() as u64,
        ]
    }
}
