//! What is foreign and goes to a terminal: control characters are shown, never sent.

use std::borrow::Cow;

/// A text as a terminal may be given it: every character that moves a cursor, changes a colour, rings a
/// bell or turns the direction of writing stands there as an escape. Line feeds stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !is_unseen(c) => out.push(c),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0'..='\x7f' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        }
    }
    Cow::Owned(out)
}

/// The same for what stands on one line: line feeds are shown as well, so that no text goes on as a line of the
/// report. What ends a text is no part of it.
pub(super) fn visible_line(text: &str) -> Cow<'_, str> {
    match visible(text.trim_end_matches('\n')) {
        shown if shown.contains('\n') => Cow::Owned(shown.replace('\n', "\\n")),
        shown => shown,
    }
}

/// The same of bounded length: a longer text is cut, and its length told.
#[cfg(feature = "cli")]
pub(super) fn bounded_line(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return visible_line(text).into_owned();
    }
    let kept: String = text.chars().take(most).collect();
    let length = crate::domain::grouped(length as u64);
    format!("{}… ({length} characters in all)", visible_line(&kept))
}

/// Controls (C0 but line feed, DEL, C1), marks and overrides of direction, line and paragraph
/// separators, and characters that take no room.
pub(super) fn is_unseen(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// JSON in which what a terminal would take for an order is escaped. Outside its strings there is
/// nothing of that kind.
pub(super) fn shielded(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unseen(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_stays_as_it_is() {
        for plain in [
            "",
            "Zwölf Boxkämpfer\n→ 日本語",
            "two profiles, flag false, Basic client",
        ] {
            assert!(matches!(visible(plain), Cow::Borrowed(same) if same == plain));
        }
    }

    #[test]
    fn a_line_stays_one() {
        assert_eq!(visible_line("a\n\x07b\n\n"), "a\\n\\x07b");
        assert!(matches!(visible_line("plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn controls_of_every_kind_are_shown() {
        assert_eq!(visible("a\x1b[31mb\x07"), "a\\x1b[31mb\\x07");
        assert_eq!(visible("a\tb\r\nc\x7f"), "a\\tb\\r\nc\\x7f");
        assert_eq!(
            visible("\u{9b}31m\u{202e}x\u{2066}"),
            "\\u{9b}31m\\u{202e}x\\u{2066}"
        );
        assert_eq!(
            visible("\u{feff}\u{200b}\u{2028}"),
            "\\u{feff}\\u{200b}\\u{2028}"
        );
    }
}
