//! Two texts beside each other: what of each is not in the other.

use serde::Serialize;

/// The most words of a text that are compared.
const MOST: usize = 400;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct DifferencePiece {
    text: String,
    /// Whether the other text has something else there.
    differs: bool,
}

impl DifferencePiece {
    /// A text that is compared with nothing.
    pub(super) fn plain(text: &str) -> Vec<Self> {
        vec![Self {
            text: text.to_owned(),
            differs: false,
        }]
    }
}

/// Both texts, in each what is not in the other marked; nothing where less than half of the shorter one is in the other,
/// or they are too long: then there would be more marks than help.
pub(super) fn difference(one: &str, other: &str) -> [Vec<DifferencePiece>; 2] {
    let plain = || [DifferencePiece::plain(one), DifferencePiece::plain(other)];
    let (ours, theirs) = (words(one), words(other));
    if ours.len() > MOST || theirs.len() > MOST {
        return plain();
    }
    let common = common(&ours, &theirs);
    let is_word = |word: &&&str| word.chars().any(char::is_alphanumeric);
    let count = |words: &[&str]| words.iter().filter(is_word).count();
    let kept = common.iter().filter_map(|(at, _)| ours.get(*at));
    if kept.filter(is_word).count() * 2 < count(&ours).min(count(&theirs)).max(1) {
        return plain();
    }
    let kept = |which: fn(&(usize, usize)) -> usize| common.iter().map(which).collect::<Vec<_>>();
    [
        pieces(&ours, &kept(|pair| pair.0)),
        pieces(&theirs, &kept(|pair| pair.1)),
    ]
}

/// Words, runs of blanks, and every other character by itself.
fn words(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || "-_.".contains(c) => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut words = Vec::new();
    let mut begin = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let now = kind(c);
        if before.is_some_and(|before| before != now || now == 2) {
            words.extend(text.get(begin..at));
            begin = at;
        }
        before = Some(now);
    }
    words.extend(text.get(begin..).filter(|rest| !rest.is_empty()));
    words
}

/// The places of a longest common subsequence.
fn common(one: &[&str], other: &[&str]) -> Vec<(usize, usize)> {
    let width = other.len() + 1;
    let mut lengths = vec![0_u16; (one.len() + 1) * width];
    let at = |lengths: &[u16], row: usize, column: usize| {
        lengths.get(row * width + column).copied().unwrap_or(0)
    };
    for (row, left) in one.iter().enumerate().rev() {
        for (column, right) in other.iter().enumerate().rev() {
            let length = match left == right {
                true => at(&lengths, row + 1, column + 1).saturating_add(1),
                false => at(&lengths, row + 1, column).max(at(&lengths, row, column + 1)),
            };
            if let Some(place) = lengths.get_mut(row * width + column) {
                *place = length;
            }
        }
    }
    let (mut row, mut column, mut pairs) = (0, 0, Vec::new());
    while let (Some(left), Some(right)) = (one.get(row), other.get(column)) {
        if left == right {
            pairs.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if at(&lengths, row + 1, column) >= at(&lengths, row, column + 1) {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

fn pieces(words: &[&str], kept: &[usize]) -> Vec<DifferencePiece> {
    let is_kept = |at: usize| kept.binary_search(&at).is_ok();
    let mut pieces: Vec<DifferencePiece> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        // A blank between two marked words is marked with them.
        let joins = word.trim().is_empty()
            && at.checked_sub(1).is_some_and(|before| !is_kept(before))
            && at + 1 < words.len()
            && !is_kept(at + 1);
        let differs = joins || !is_kept(at);
        match pieces.last_mut() {
            Some(last) if last.differs == differs => last.text.push_str(word),
            _ => pieces.push(DifferencePiece {
                text: (*word).to_owned(),
                differs,
            }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(pieces: &[DifferencePiece]) -> String {
        let shown = |piece: &DifferencePiece| match piece.differs {
            true => format!("[{}]", piece.text),
            false => piece.text.clone(),
        };
        pieces.iter().map(shown).collect()
    }

    #[test]
    fn what_is_not_in_the_other_is_marked() {
        let [one, other] = difference("a challenge for basic, as before", "a challenge for bearer");
        assert_eq!(marked(&one), "a challenge for [basic, as before]");
        assert_eq!(marked(&other), "a challenge for [bearer]");
    }

    #[test]
    fn nothing_is_marked_where_everything_would_be() {
        let [one, other] = difference("accepted (200)", "refused (401)");
        assert_eq!(
            (marked(&one), marked(&other)),
            ("accepted (200)".to_owned(), "refused (401)".to_owned())
        );
        let long = "a ".repeat(1_000);
        assert_eq!(marked(&difference(&long, "a b")[1]), "a b");
        assert_eq!(marked(&difference("", "")[0]), "");
    }

    #[test]
    fn no_text_is_lost() {
        for text in ["", " ", "a", "ä→b\u{202e} c", "((", "a  b\tc"] {
            assert_eq!(words(text).concat(), text);
            let [one, other] = difference(text, "a b c");
            let all = |pieces: &[DifferencePiece]| {
                pieces
                    .iter()
                    .map(|piece| piece.text.as_str())
                    .collect::<String>()
            };
            assert_eq!(
                (all(&one), all(&other)),
                (text.to_owned(), "a b c".to_owned())
            );
        }
    }
}
