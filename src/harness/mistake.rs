//! Why a test cannot be prepared.

use std::collections::BTreeSet;
use std::fmt;

use crate::yaml::nearest;

/// Why a test cannot be prepared: it is written wrongly, or a spec is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake(String);

impl Mistake {
    pub(super) fn new(words: String) -> Self {
        Self(words)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.trim_end())
    }
}

/// That there is no such name, with the nearest one or all.
pub(super) fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Mistake {
    let help = match nearest(name, known.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            let known: BTreeSet<&str> = known.collect();
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there are: {}", known.join(", "))
        }
    };
    Mistake(format!("there is no {what} `{name}`\n  help: {help}"))
}
