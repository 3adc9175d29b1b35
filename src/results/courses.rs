//! Courses: how much of what several operations on a setting can do a run tried.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{MOST_OPERATIONS, counted, grouped};

/// How many courses of up to [`MOST_OPERATIONS`] operations were tried, and of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoursesCovered {
    /// Cases of which every course was.
    pub whole: u64,
    /// How many courses these have.
    pub of_whole: u64,
    /// Cases of which a sample was.
    pub sampled: u64,
    /// How many courses these have.
    pub of_sampled: u64,
    /// How many of those were tried.
    pub tried: u64,
}

impl CoursesCovered {
    /// Those of this and of another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            whole: self.whole.saturating_add(other.whole),
            of_whole: self.of_whole.saturating_add(other.of_whole),
            sampled: self.sampled.saturating_add(other.sampled),
            of_sampled: self.of_sampled.saturating_add(other.of_sampled),
            tried: self.tried.saturating_add(other.tried),
        }
    }

    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for CoursesCovered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "courses of up to {MOST_OPERATIONS} operations: ")?;
        if self.whole > 0 {
            let cases = counted(self.whole, "case", "cases");
            write!(out, "all {} of {cases}", grouped(self.of_whole))?;
        }
        if self.whole > 0 && self.sampled > 0 {
            write!(out, ", and ")?;
        }
        if self.sampled > 0 {
            write!(
                out,
                "{} of {} of {}: each operation alone, a covering array of each two at each two places, and others drawn \
                 by a seed of the list",
                grouped(self.tried),
                grouped(self.of_sampled),
                counted(self.sampled, "case", "cases"),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tried_is_told_of_both_kinds_of_cases() {
        let whole = CoursesCovered {
            whole: 12,
            of_whole: 4_032,
            ..CoursesCovered::default()
        };
        let told = "courses of up to 3 operations: all 4,032 of 12 cases";
        assert_eq!(whole.to_string(), told);
        let sampled = CoursesCovered {
            sampled: 1,
            of_sampled: 9_000,
            tried: 120,
            ..CoursesCovered::default()
        };
        let rest = "120 of 9,000 of 1 case: each operation alone, a covering array of each two at each two places, and \
                    others drawn by a seed of the list";
        assert_eq!(
            whole.and(sampled).to_string(),
            format!("{told}, and {rest}")
        );
        assert!(!sampled.is_none());
    }
}
