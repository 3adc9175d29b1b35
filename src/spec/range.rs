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

impl Range {
    /// The numbers as those of times, in words.
    pub(super) fn of_times(self) -> String {
        match (self.min, self.max) {
            (min, max) if min == max => times(min),
            (min, i64::MAX) => format!("at least {}", times(min)),
            (i64::MIN, max) => format!("at most {}", times(max)),
            (min, max) => format!("{min} to {max} times"),
        }
    }
}

/// A number of times, in words.
pub(super) fn times(count: i64) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
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
