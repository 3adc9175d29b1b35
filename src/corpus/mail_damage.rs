//! What a mail makes of a file: quoted, or cut.

use crate::yaml::{Diagnostic, Diagnostics, Source, Span};

/// The key that a reproduction begins with, and the one that it ends with.
const FIRST: &str = "countersign-reproduction:";
const LAST: &str = "identities:";

/// What is the matter with a text that is wrong because of how it was sent, if that is likely.
pub(super) fn diagnosed(source: &Source) -> Option<Diagnostics> {
    let text = &*source.text;
    let at = |start: usize, end: usize| Span { start, end };
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let quoted = lines().filter(|line| line.starts_with('>')).count();
    let diagnostic = if text.contains(FIRST) && quoted * 10 > lines().count() * 9 {
        let start = text.find('>').unwrap_or(0);
        Diagnostic::error(
            at(start, start + 1),
            "this reproduction is quoted, as in an answer to a mail",
            "take the `>` and the blank behind it away from each line: `sed 's/^> \\{0,1\\}//'`",
        )
    } else {
        let begins = text.lines().any(|line| line.starts_with(FIRST));
        let ends = text.lines().any(|line| line.starts_with(LAST));
        // Whoever edits a file seldom takes its end away.
        let last = text.trim_end();
        if !begins || ends || last.lines().count() < FEW {
            return None;
        }
        let start = last.rfind('\n').map_or(0, |at| at + 1);
        Diagnostic::error(
            at(start, last.len()),
            "this reproduction ends here, and its last key, `identities`, is not there: it was probably cut on \
             its way",
            "get the whole file, as an attachment",
        )
    };
    let mut problems = Diagnostics::new(source.clone());
    problems.push(diagnostic);
    Some(problems)
}

/// A text of fewer lines was written by hand.
const FEW: usize = 20;
