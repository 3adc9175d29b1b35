//! What was not judged, told once at the end.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::counted;

/// How wide a line is.
const WIDTH: usize = 100;

/// The most trials that are named below a reason; each has a line of its own anyway.
const NAMED: usize = 12;

/// The most characters of a reason beside a trial's name.
const BESIDE: usize = 60;

/// How the reason begins where a rule is not scored.
pub(super) const NOT_SCORED: &str = "not scored: ";

/// Trials that were not judged, with their reasons.
#[derive(Debug, Default)]
pub(super) struct Notices {
    left: Mutex<Vec<(String, String)>>,
    known: Mutex<Vec<(String, String)>>,
}

impl Notices {
    /// Takes down that a trial was not judged, and why.
    pub(super) fn add(&self, trial: &str, reason: &str) {
        let mut notices = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        notices.push((trial.to_owned(), one_line(reason)));
    }

    /// Takes down that a trial passed because it broke as is stated, and what is stated.
    pub(super) fn add_known(&self, trial: &str, reason: &str) {
        let mut notices = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        notices.push((trial.to_owned(), one_line(reason)));
    }

    /// All of it, a paragraph for each reason; nothing where every trial was judged, and nothing is known.
    pub(super) fn text(&self) -> Option<String> {
        let parts = [
            paragraphs("known departures, which pass while they show", &self.known),
            paragraphs("not judged, and not passed", &self.left),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("\n"))
    }
}

fn paragraphs(what: &str, notices: &Mutex<Vec<(String, String)>>) -> Option<String> {
    {
        let notices = notices.lock().unwrap_or_else(PoisonError::into_inner);
        if notices.is_empty() {
            return None;
        }
        let mut reasons = BTreeMap::<&str, Vec<&str>>::new();
        for (trial, reason) in notices.iter() {
            // Of these there are many, each with a reason of its own that the spec gives.
            let reason = match reason.strip_prefix(NOT_SCORED) {
                Some(_) => "not scored, for reasons that `countersign rules` tells",
                None => reason,
            };
            reasons.entry(reason).or_default().push(trial);
        }
        let mut reasons: Vec<(&str, Vec<&str>)> = reasons.into_iter().collect();
        // What concerns most comes first.
        reasons.sort_by_key(|(reason, trials)| (usize::MAX - trials.len(), *reason));
        let count = u64::try_from(notices.len()).unwrap_or(u64::MAX);
        let mut text = format!("{what}: {}\n", counted(count, "trial", "trials"));
        for (reason, mut trials) in reasons {
            trials.sort_unstable();
            text.push_str(&format!("\n{reason} ({})\n", trials.len()));
            let named = trials.get(..NAMED).unwrap_or(&trials);
            text.push_str(&listed(named));
            if trials.len() > named.len() {
                text.push_str(&format!("    … and {} more\n", trials.len() - named.len()));
            }
        }
        Some(text)
    }
}

/// Names below what they begin with, in lines of a bounded width.
fn listed(trials: &[&str]) -> String {
    let mut text = String::new();
    let mut within = "";
    let mut width = 0;
    for trial in trials {
        let (group, name) = trial.rsplit_once("::").unwrap_or(("", trial));
        if group != within || text.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            within = group;
            let head = match group {
                "" => "  ".to_owned(),
                group => format!("  {group}::"),
            };
            width = head.len();
            text.push_str(&head);
        } else if width + name.len() + 2 > WIDTH {
            text.push_str(",\n    ");
            width = 4;
        } else {
            text.push_str(", ");
            width += 2;
        }
        text.push_str(name);
        width += name.len();
    }
    text.push('\n');
    text
}

/// A reason as it stands beside a trial's name, where the line has an end; the notice has all of it.
pub(super) fn beside(reason: &str) -> String {
    let reason = one_line(reason);
    if reason.chars().count() <= BESIDE {
        return reason;
    }
    let cut: String = reason.chars().take(BESIDE).collect();
    let words = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(words, _)| words);
    format!("{words} …")
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_once_with_all_that_it_concerns() {
        let notices = Notices::default();
        assert_eq!(notices.text(), None);
        notices.add("a::two::y", "it never applied");
        notices.add("a::one::z", "not scored: hard to tell");
        notices.add("a::one::x", "it never applied");
        notices.add("a::one::w", "it never applied");
        assert_eq!(
            notices.text().unwrap(),
            "not judged, and not passed: 4 trials\n\nit never applied (3)\n  a::one::w, x\n  \
             a::two::y\n\nnot scored, for reasons that `countersign rules` tells (1)\n  a::one::z\n"
        );
        for number in 0..40 {
            notices.add(&format!("a::one::rule-{number}"), "it never applied");
        }
        let text = notices.text().unwrap();
        assert!(text.lines().all(|line| line.len() <= WIDTH + 20), "{text}");
        assert!(text.contains("it never applied (43)\n"), "{text}");
        assert!(text.contains("    … and 31 more\n"), "{text}");
    }

    #[test]
    fn a_long_reason_is_cut_between_words() {
        assert_eq!(beside("it takes\n  way: one"), "it takes way: one");
        let long = beside(&"word ".repeat(40));
        assert!(
            long.ends_with("word …") && long.chars().count() < 64,
            "{long}"
        );
    }
}
