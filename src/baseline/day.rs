//! Days, by which what is known is to be mended.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// How many seconds a day of UTC has.
const SECONDS: u64 = 24 * 60 * 60;

/// A day of UTC, by the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u64);

impl Day {
    /// The day of now.
    pub fn today() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(since.unwrap_or_default().as_secs() / SECONDS)
    }

    /// A day as it is written, such as `2026-12-31`, from 1970 to 9999; nothing where no calendar has it.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| -> Option<u64> {
            let text = parts.next()?;
            let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_number)
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        let is_there = year >= FIRST_YEAR && (1..=12).contains(&month) && parts.next().is_none();
        if !is_there || !(1..=days_of(year, month)).contains(&day) {
            return None;
        }
        let years = (FIRST_YEAR..year).map(|year| match is_leap(year) {
            true => 366,
            false => 365,
        });
        let months = (1..month).map(|month| days_of(year, month));
        Some(Self(years.sum::<u64>() + months.sum::<u64>() + day - 1))
    }
}

/// The first year that is counted.
const FIRST_YEAR: u64 = 1970;

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// How many days a month has, the first of which is 1.
fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut left, mut year, mut month) = (self.0, FIRST_YEAR, 1);
        while left >= days_of(year, month) {
            left -= days_of(year, month);
            (year, month) = match month {
                12 => (year + 1, 1),
                month => (year, month + 1),
            };
        }
        write!(out, "{year}-{month:02}-{:02}", left + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_back_as_they_are_written() {
        for text in ["1970-01-01", "2000-02-29", "2026-12-31", "9999-12-31"] {
            let day = Day::from_text(text);
            assert_eq!(day.map(|day| day.to_string()).as_deref(), Some(text));
        }
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-00-10",
            "2026-02-30",
            "2025-02-29",
            "26-12-31",
            "2026-1-2",
            "2026-12-31T00",
            "1969-12-31",
            "tomorrow",
            "2026-12-é",
        ] {
            assert_eq!(Day::from_text(text), None, "{text}");
        }
        assert!(Day::from_text("2026-01-31") < Day::from_text("2026-02-01"));
        assert!(Day::from_text("2020-01-01") < Some(Day::today()));
        // As `date -d 2026-11-29 +%s` has it, by 86,400.
        assert_eq!(Day::from_text("2026-11-29"), Some(Day(20_786)));
    }
}
