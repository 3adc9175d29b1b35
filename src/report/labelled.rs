//! Text beside a label, in lines of a bounded width: what `countersign reach` and `countersign advise` print.

use std::fmt::{self, Write};

/// The width of the text, in characters.
const WIDTH: usize = 100;

/// Where words begin that stand beside a label.
pub(super) const INDENT: &str = "          ";

/// Text without control characters: they are written as their escapes.
pub(super) fn shown_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() && c != '\t' {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

/// A paragraph beside a label.
pub(super) fn labelled(out: &mut impl Write, label: &str, text: &str) -> fmt::Result {
    paragraph(out, &format!("{label:9} "), text)
}

/// Words in lines of at most [`WIDTH`] characters, the first behind a label, all at its width.
pub(super) fn paragraph(out: &mut impl Write, label: &str, text: &str) -> fmt::Result {
    let indent = label.chars().count();
    out.write_str(label)?;
    let mut column = indent;
    for (at, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if at > 0 && column + 1 + length > WIDTH {
            write!(out, "\n{:indent$}{word}", "")?;
            column = indent + length;
        } else {
            let space = if at > 0 { " " } else { "" };
            write!(out, "{space}{word}")?;
            column += length + space.len();
        }
    }
    out.write_char('\n')
}

/// Names with semicolons between them, in lines of at most [`WIDTH`] characters.
pub(super) fn wrapped(out: &mut impl Write, names: &[&str]) -> fmt::Result {
    let mut column = 0;
    for (at, name) in names.iter().enumerate() {
        let end = if at + 1 < names.len() { ";" } else { "" };
        let length = name.chars().count() + end.len();
        if column == 0 || column + 1 + length > WIDTH {
            if column > 0 {
                out.write_char('\n')?;
            }
            write!(out, "{INDENT}{name}{end}")?;
            column = INDENT.len() + length;
        } else {
            write!(out, " {name}{end}")?;
            column += 1 + length;
        }
    }
    out.write_char('\n')
}
