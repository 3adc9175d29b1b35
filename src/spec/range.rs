//! Whole numbers between two bounds.

use std::fmt;

/// Whole numbers between two bounds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// The least.
    pub min: i64,
    /// The greatest.
    pub max: i64,
}

impl Range {
    /// Just one number.
    pub fn only(number: i64) -> Self {
        Self {
            min: number,
            max: number,
        }
    }

    /// Whether a number is within.
    pub fn has(self, number: i64) -> bool {
        (self.min..=self.max).contains(&number)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, max) if min == max => write!(out, "{min}"),
            (min, i64::MAX) => write!(out, "{{at-least: {min}}}"),
            (i64::MIN, max) => write!(out, "{{at-most: {max}}}"),
            (min, max) => write!(out, "{{at-least: {min}, at-most: {max}}}"),
        }
    }
}
