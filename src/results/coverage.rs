//! Coverage: how much of a domain a run judges.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{counted, grouped};
use crate::spec::OFTEN_ENOUGH;

/// The most rules that are named.
const NAMED: usize = 4;

/// What a run covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// Every case of the domain.
    Whole {
        /// How many there are, constraints applied.
        cases: u64,
    },
    /// A covering array, then random cases.
    Sampled {
        /// How many cases there are, constraints applied, or at most; saturates.
        of: u64,
        /// Whether there are exactly so many: a space that is too large is not counted out.
        exact: bool,
        /// Pairs of field values that the covering array covers.
        pairs: u64,
        /// Pairs for which no allowed case was found.
        impossible: u64,
        /// How many cases are judged in all.
        cases: u64,
        /// How many were asked for: fewer than are judged where the covering array has more.
        asked: u64,
        /// The rules that the pairs alone meet in fewer than twenty cases, and for which more were looked for.
        // Of files that were written before there were such.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        steered_to: Vec<String>,
        /// The seed of the random ones.
        seed: u64,
    },
}

impl Coverage {
    /// How many cases are judged.
    pub fn cases(&self) -> u64 {
        match self {
            Self::Whole { cases } | Self::Sampled { cases, .. } => *cases,
        }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole { cases } => write!(out, "all {}", counted(*cases, "case", "cases")),
            Self::Sampled {
                of,
                exact,
                pairs,
                impossible,
                cases,
                asked,
                steered_to,
                seed,
            } => {
                write!(out, "2-way: all {}", counted(*pairs, "pair", "pairs"))?;
                if *impossible > 0 {
                    let of = grouped(pairs.saturating_add(*impossible));
                    write!(out, " that a case can have, of {of}")?;
                }
                let most = if *exact { "" } else { "at most " };
                write!(
                    out,
                    "; {} of {most}{}",
                    grouped(*cases),
                    counted(*of, "case", "cases")
                )?;
                if cases > asked {
                    let asked = grouped(*asked);
                    write!(
                        out,
                        " (more than the {asked} asked for: the pairs need them)"
                    )?;
                }
                if let Some(rules) = named(steered_to) {
                    let many = counted(steered_to.len() as u64, "rule", "rules");
                    write!(
                        out,
                        ", steered to {many} that pairs alone meet in fewer than {OFTEN_ENOUGH} ({rules})"
                    )?;
                }
                match cases > asked {
                    true => write!(out, ", seed {seed}"),
                    false => write!(out, ", the rest drawn by seed {seed}"),
                }
            }
        }
    }
}

/// Rules by their names, the first few; nothing where there are none.
fn named(rules: &[String]) -> Option<String> {
    let (first, more) = rules.split_at_checked(NAMED).unwrap_or((rules, &[]));
    let first = first.join(", ");
    match (rules.len(), more.len()) {
        (0, _) => None,
        (_, 0) => Some(first),
        (_, more) => Some(format!("{first} and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_says_what_it_is_made_of() {
        let told = |rules: &[&str], cases| {
            let coverage = Coverage::Sampled {
                of: 54_560,
                exact: true,
                pairs: 812,
                impossible: 0,
                cases,
                asked: 300,
                steered_to: rules.iter().map(|rule| (*rule).to_owned()).collect(),
                seed: 7,
            };
            coverage.to_string()
        };
        let pairs = "2-way: all 812 pairs";
        assert_eq!(
            told(&[], 300),
            format!("{pairs}; 300 of 54,560 cases, the rest drawn by seed 7")
        );
        assert_eq!(
            told(&["a", "b", "c", "d", "e", "f"], 300),
            format!(
                "{pairs}; 300 of 54,560 cases, steered to 6 rules that pairs alone meet in fewer than 20 (a, b, c, d \
                 and 2 more), the rest drawn by seed 7"
            )
        );
        assert_eq!(
            told(&[], 400),
            format!(
                "{pairs}; 400 of 54,560 cases (more than the 300 asked for: the pairs need them), seed 7"
            )
        );
    }
}
