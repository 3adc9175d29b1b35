//! What is to differ does differ: texts that are made out of others, and are none of those.

use sha2::{Digest, Sha256};

/// How many characters have to be changed of a text that is too long to be come upon by chance.
const ENOUGH: usize = 16;

/// Another text of the same look, which nobody issued who issued this one: its digits and letters are
/// others of their kind (those of hexadecimal numbers stay such). Where there are few of them, as in a
/// counter, something that no counter comes to stands behind.
pub(super) fn foreign(text: &str) -> String {
    Turned::whole(text).of(text)
}

/// How a text is made that nobody issued, of one that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// Whether the first half stays as it is, in characters, rounded down.
    pub keeps_half: bool,
    /// The last of the letters, behind which the first comes: `f` where they are hexadecimal digits, and else `z`.
    pub last: char,
    /// What stands behind.
    pub behind: String,
}

impl Turned {
    /// All of a text.
    pub(super) fn whole(text: &str) -> Self {
        let letters = || text.chars().filter(char::is_ascii_alphabetic);
        let last = match letters().all(|c| c.is_ascii_hexdigit()) {
            true => 'f',
            false => 'z',
        };
        let changed = text.chars().filter(char::is_ascii_alphanumeric).count();
        let behind = match changed < ENOUGH {
            true => trace(text),
            false => String::new(),
        };
        Self {
            keeps_half: false,
            last,
            behind,
        }
    }

    /// The second half of a text.
    pub(super) fn second_half(text: &str) -> Self {
        let half = text.chars().count() / 2;
        let end: String = text.chars().skip(half).collect();
        Self {
            keeps_half: true,
            ..Self::whole(&end)
        }
    }

    /// Made of a text.
    pub(super) fn of(&self, text: &str) -> String {
        let kept = match self.keeps_half {
            true => text.chars().count() / 2,
            false => 0,
        };
        let made = text.chars().enumerate().map(|(at, c)| match at < kept {
            true => c,
            false => next(c, self.last),
        });
        made.chain(self.behind.chars()).collect()
    }
}

/// The digit or letter behind this one, the first behind the last of its kind; other characters stay.
fn next(c: char, last: char) -> char {
    match c {
        '9' => '0',
        'a'..='z' if c >= last => 'a',
        'A'..='Z' if c >= last.to_ascii_uppercase() => 'A',
        '0'..='8' | 'a'..='y' | 'A'..='Y' => char::from_u32(u32::from(c) + 1).unwrap_or(c),
        other => other,
    }
}

/// Sixteen hexadecimal digits that depend on a text.
fn trace(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// This text, with as much behind it as it needs to be none of those that are taken.
pub(super) fn unless_taken(mut text: String, taken: impl Fn(&str) -> bool) -> String {
    while taken(&text) {
        text.push('x');
    }
    text
}

/// A path that is not the one of a request target.
pub(super) fn elsewhere(target: &str) -> &'static str {
    match target.ends_with("/elsewhere") {
        true => "/nowhere",
        false => "/elsewhere",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_look_stays() {
        for (text, other) in [
            ("0123456789abcdef", "1234567890bcdefa"),
            ("7ypf/xlj9XXwfDPEoM4U+Z==", "8zqg/ymk0YYxgEQFpN5V+A=="),
            ("9F9F9F9F.9a9b9c9d", "0A0A0A0A.0b0c0d0e"),
        ] {
            assert_eq!(foreign(text), other);
        }
    }

    #[test]
    fn a_counter_does_not_come_to_it() {
        for text in ["", "1", "41", "-", "\u{e4}\u{f6}", "1795564800"] {
            assert!(foreign(text).len() >= text.len() + 16, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_another_that_differs(text: String, other in "[ -~]{0,40}") {
            for text in [text, other] {
                let made = foreign(&text);
                proptest::prop_assert_ne!(&made, &text);
                // No spelling of the one is the other either.
                proptest::prop_assert!(!made.eq_ignore_ascii_case(&text));
                let printable = |text: &str| text.chars().all(|c| matches!(c, ' '..='~'));
                proptest::prop_assert!(printable(&made) || !printable(&text));
            }
        }

        #[test]
        fn what_is_taken_is_not_made(text: String, taken: Vec<String>) {
            let of = |text: &str| taken.iter().any(|one| one == text);
            let all = |text: &str| of(text) || text.len() < 9;
            proptest::prop_assert!(!all(&unless_taken(text, all)));
        }

        #[test]
        fn elsewhere_is_not_here(target in ".*(/elsewhere)?") {
            proptest::prop_assert!(!target.ends_with(elsewhere(&target)));
        }
    }
}
