//! Coverage: how much of a domain a run judges.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{counted, grouped};

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
                    write!(
                        out,
                        " (more than the {} asked for: the pairs need them)",
                        grouped(*asked)
                    )?;
                }
                write!(out, ", seed {seed}")
            }
        }
    }
}
