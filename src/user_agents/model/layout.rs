//! A challenge layout: the field lines of one response, read once for all clients.

use super::offer::Offer;
use super::read::{self, Reading};

/// The most field lines that are looked at; a response with more is not read further.
pub const MOST_LINES: usize = 64;

/// The values of `WWW-Authenticate` (or `Proxy-Authenticate`) field lines, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    lines: Vec<String>,
    joined: String,
}

impl Layout {
    /// A layout of these lines, of which the first [`MOST_LINES`] are kept. A line that is folded is
    /// read as RFC 9112 §5.2 demands of a user agent: with a space in the place of each fold.
    pub fn new<S: Into<String>>(lines: impl IntoIterator<Item = S>) -> Self {
        let lines: Vec<String> = lines
            .into_iter()
            .take(MOST_LINES)
            .map(|line| unfolded(&line.into()))
            .collect();
        let joined = lines.join(", ");
        Self { lines, joined }
    }

    /// The lines, without white space around them.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The lines as one, joined with commas (RFC 9110 §5.3).
    pub fn joined(&self) -> &str {
        &self.joined
    }

    /// The challenges as the grammar has them.
    pub fn offers(&self) -> Vec<Offer<'_>> {
        let mut offers = Vec::new();
        read::read(&Reading::default(), self, &mut offers);
        offers
    }
}

/// A line without folds, and without white space around it.
fn unfolded(line: &str) -> String {
    let blank = [' ', '\t'];
    if !line.contains('\n') {
        return line.trim_matches(blank).to_owned();
    }
    let parts = line
        .split(['\r', '\n'])
        .map(|part| part.trim_matches(blank));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}
