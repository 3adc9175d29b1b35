//! A page of text: lines in tones, broken between words where the paper is narrow.

use std::borrow::Cow;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::domain::{counted, grouped};

use super::escape::visible_line;

/// What a report is written on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    /// How many columns it has; lines are as long as they are where nothing is said.
    pub width: Option<usize>,
    /// Whether tones show as colours.
    pub colour: bool,
}

/// What a piece of text is to a reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// A heading.
    Strong,
    /// What failed.
    Bad,
    /// What holds.
    Good,
    /// What nobody knows, or what is no more than told.
    Doubt,
    /// What is there for whoever looks for it.
    Faint,
}

impl Tone {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| colour.on_default();
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Bad => colour(AnsiColor::Red).bold(),
            Self::Good => colour(AnsiColor::Green),
            Self::Doubt => colour(AnsiColor::Yellow),
            Self::Faint => colour(AnsiColor::Cyan),
        }
    }
}

/// Where a line may be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breaks {
    /// Between words.
    Words,
    /// Behind the commas of a YAML flow mapping, where a line break is white space like any other.
    Flow,
    /// Between the words of a shell's command, with a backslash, and within a quoted flow mapping as in
    /// one: what is copied still runs.
    Command,
}

/// The narrowest paper that lines are broken for.
const NARROWEST: usize = 40;

/// The most characters of a text in words, and of a value in flow style: what the engine writes is far shorter. A
/// command is as long as it is, because part of one is none.
const WORDS: usize = 8_000;
const FLOW: usize = 32_000;

/// The most lines of one text.
const MOST_LINES: usize = 100;

/// A page as it is written.
#[derive(Debug)]
pub(super) struct Page {
    paper: Paper,
    out: String,
    /// The tone that what comes next is written in, unless it turns.
    tone: Tone,
}

/// A piece that is never broken, and what stands behind it where the line is broken there.
struct Piece<'a> {
    tone: Tone,
    text: &'a str,
    end: End,
}

/// What comes between a piece and the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nothing: the next belongs to it.
    Joined,
    /// A space, which a line break can stand for.
    Space,
    /// A space, for which a backslash and a line break can stand.
    Continued,
}

impl Page {
    pub(super) fn new(paper: Paper) -> Self {
        Self {
            paper,
            out: String::new(),
            tone: Tone::Plain,
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// The columns that are left behind an indentation.
    pub(super) fn room(&self, indent: usize) -> usize {
        match self.paper.width {
            Some(width) => width.max(NARROWEST).saturating_sub(indent),
            None => usize::MAX,
        }
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.out.push('\n');
    }

    /// Words in one tone, from the first column.
    pub(super) fn say(&mut self, tone: Tone, text: &str) {
        self.put("", 0, &[(tone, text)], Breaks::Words);
    }

    /// A line: what leads it in a faint tone, then its text. What does not fit goes on in column `hang`. A line
    /// feed is shown and breaks nothing: what a text says is never taken for a line of the report.
    pub(super) fn put(&mut self, lead: &str, hang: usize, text: &[(Tone, &str)], breaks: Breaks) {
        self.put_within(lead, (hang, hang), text, breaks);
    }

    /// The same where what begins a line and what goes on stand in different columns.
    pub(super) fn put_within(
        &mut self,
        lead: &str,
        columns: (usize, usize),
        text: &[(Tone, &str)],
        breaks: Breaks,
    ) {
        let shown: Vec<(Tone, String)> = text
            .iter()
            .map(|(tone, text)| (*tone, visible_line(&bounded(text, breaks)).into_owned()))
            .collect();
        let line: Vec<(Tone, &str)> = shown.iter().map(|(tone, text)| (*tone, &**text)).collect();
        self.line(lead, columns, &line, breaks);
    }

    /// A text of several lines, such as what a program wrote, each behind an indentation of `hang`.
    pub(super) fn put_lines(&mut self, lead: &str, hang: usize, tone: Tone, text: &str) {
        let mut lead = lead;
        let mut lines = text.trim_end_matches('\n').split('\n');
        for line in lines.by_ref().take(MOST_LINES) {
            self.put(lead, hang, &[(tone, line)], Breaks::Words);
            lead = "";
        }
        let left = lines.count();
        if left > 0 {
            let left = counted(left as u64, "more line", "more lines");
            self.put("", hang, &[(tone, &format!("… {left}"))], Breaks::Words);
        }
    }

    fn line(
        &mut self,
        lead: &str,
        (begin, hang): (usize, usize),
        text: &[(Tone, &str)],
        breaks: Breaks,
    ) {
        let lead = bounded(lead, Breaks::Words);
        let lead = visible_line(&lead);
        let mut column = lead.chars().count();
        let words = lead.trim_start();
        let (blank, _) = lead.split_at(lead.len() - words.len());
        self.out.push_str(blank);
        self.piece(Tone::Faint, words);
        self.turn(Tone::Plain);
        // What leads with blanks alone begins behind them.
        if column < begin && (lead.is_empty() || !words.is_empty()) {
            let _ = write!(self.out, "{:1$}", "", begin.saturating_sub(column));
            column = begin;
        }
        let width = self.room(0);
        let pieces = pieces(text, breaks);
        let mut at = 0;
        let mut fresh = true;
        while at < pieces.len() {
            // What must stay on one line.
            let end = (at..pieces.len())
                .find(|index| pieces.get(*index).is_some_and(|one| one.end != End::Joined))
                .map_or(pieces.len(), |index| index + 1);
            let unit = pieces.get(at..end).unwrap_or_default();
            let length: usize = unit.iter().map(|one| one.text.chars().count()).sum();
            let before = at.checked_sub(1).and_then(|at| pieces.get(at));
            let behind = unit.last().map_or(End::Joined, |last| last.end);
            let reserve = match behind {
                End::Continued if end < pieces.len() => 2,
                _ => 0,
            };
            if let Some(before) = before {
                if !fresh && column + 1 + length + reserve > width {
                    self.turn(Tone::Plain);
                    if before.end == End::Continued {
                        self.out.push_str(" \\");
                    }
                    self.out.push('\n');
                    let _ = write!(self.out, "{:hang$}", "");
                    column = hang;
                } else {
                    self.out.push(' ');
                    column += 1;
                }
            }
            for one in unit {
                self.piece(one.tone, one.text);
            }
            column += length;
            fresh = false;
            at = end;
        }
        self.turn(Tone::Plain);
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        self.out.push('\n');
    }

    fn piece(&mut self, tone: Tone, text: &str) {
        if !text.is_empty() {
            self.turn(tone);
            self.out.push_str(text);
        }
    }

    /// Writes in another tone from here on.
    fn turn(&mut self, tone: Tone) {
        if !self.paper.colour || tone == self.tone {
            return;
        }
        if self.tone != Tone::Plain {
            let _ = write!(self.out, "{:#}", self.tone.style());
        }
        let _ = write!(self.out, "{}", tone.style());
        self.tone = tone;
    }
}

/// A text without what goes beyond the length of one, which is told.
fn bounded(text: &str, breaks: Breaks) -> Cow<'_, str> {
    let most = match breaks {
        Breaks::Words => WORDS,
        Breaks::Flow => FLOW,
        Breaks::Command => return text.into(),
    };
    match text.char_indices().nth(most) {
        None => text.into(),
        Some((end, _)) => {
            let length = grouped(text.chars().count() as u64);
            let begin = text.get(..end).unwrap_or_default();
            format!("{begin}… ({length} characters in all)").into()
        }
    }
}

/// A text in pieces; the spaces at which it may be broken are left out.
fn pieces<'a>(text: &[(Tone, &'a str)], breaks: Breaks) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    // Quotes reach over tones.
    let mut within = Within::default();
    for (tone, text) in text {
        let mut begun = 0;
        for (at, c) in text.char_indices() {
            let end = within.take(c, breaks);
            if let Some(end) = end {
                // Leading spaces are no words.
                let word = text.get(begun..at).unwrap_or_default();
                if word.is_empty() && pieces.is_empty() {
                    continue;
                }
                pieces.push(Piece {
                    tone: *tone,
                    text: word,
                    end,
                });
                begun = at + c.len_utf8();
            }
        }
        pieces.push(Piece {
            tone: *tone,
            text: text.get(begun..).unwrap_or_default(),
            end: End::Joined,
        });
    }
    pieces
}

/// Where a scan of a line stands.
#[derive(Default)]
struct Within {
    single: bool,
    double: bool,
    /// Whether what is in single quotes is a flow mapping.
    flow: bool,
    last: Option<char>,
}

impl Within {
    /// What may be made of a character, if it is a space at which the line may be broken.
    fn take(&mut self, c: char, breaks: Breaks) -> Option<End> {
        let last = self.last.replace(c);
        if c == ' ' {
            let comma = last == Some(',');
            return match breaks {
                Breaks::Words => Some(End::Space),
                Breaks::Flow => (comma && !self.double).then_some(End::Space),
                Breaks::Command if self.single => {
                    (self.flow && comma && !self.double).then_some(End::Space)
                }
                Breaks::Command => (!self.double).then_some(End::Continued),
            };
        }
        match c {
            '\'' if breaks == Breaks::Command && (self.single || !self.double) => {
                self.single = !self.single;
                (self.flow, self.double) = (false, false);
            }
            '"' if breaks != Breaks::Words && last != Some('\\') => self.double = !self.double,
            '{' if self.single && last == Some('\'') => self.flow = true,
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(width: usize, lead: &str, hang: usize, text: &str, breaks: Breaks) -> String {
        let mut page = Page::new(Paper {
            width: Some(width),
            colour: false,
        });
        page.put(lead, hang, &[(Tone::Plain, text)], breaks);
        page.finish()
    }

    #[test]
    fn no_text_forges_a_line_or_goes_on_for_ever() {
        let mut page = Page::new(Paper::default());
        page.say(Tone::Plain, "401\n0 findings\n");
        page.put_lines("notice", 12, Tone::Plain, &"x\n".repeat(150));
        let told = page.finish();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 1 + MOST_LINES + 1);
        assert_eq!(lines[0], "401\\n0 findings");
        assert_eq!(lines[1], "notice      x");
        assert!(
            lines[2..]
                .iter()
                .all(|line| line.starts_with(&" ".repeat(12)))
        );
        assert_eq!(lines.last().unwrap().trim(), "… 50 more lines");
        let mut page = Page::new(Paper::default());
        page.say(Tone::Plain, &"x".repeat(10_000_000));
        let long = page.finish();
        assert!(long.len() < WORDS + 60);
        assert!(long.ends_with("x… (10,000,000 characters in all)\n"));
    }

    #[test]
    fn words_are_never_broken() {
        let text = "a client that waits for its challenge is shut out for ever";
        assert_eq!(
            on(40, "  impact", 12, text, Breaks::Words),
            "  impact    a client that waits for its\n            challenge is shut out for\n            ever\n"
        );
        let long = "x".repeat(60);
        assert_eq!(on(40, "", 2, &long, Breaks::Words), format!("  {long}\n"));
        assert_eq!(on(40, "", 0, "", Breaks::Words), "\n");
        assert_eq!(on(40, "  a", 4, "b\nc", Breaks::Words), "  a b\\nc\n");
    }

    #[test]
    fn what_is_copied_still_runs() {
        let line = "countersign run --against nginx --case '{policy: {a: true, b: \"x, y\"}, client: {c: d}}' --rule r";
        let told = on(40, "", 4, line, Breaks::Command);
        assert!(told.lines().all(|line| line.len() <= 42), "{told}");
        // A shell joins what a backslash parts; YAML folds what is in the quotes.
        let joined: String = told.replace("\\\n", " ").replace('\n', " ");
        let squeezed: Vec<&str> = joined.split_whitespace().collect();
        assert_eq!(squeezed.join(" "), line);
        assert!(!told.contains("{policy: {a: true, \\"), "{told}");
        assert!(told.contains("\"x, y\""), "{told}");
        let field = "curl -si -H 'Authorization: Basic YWxpY2U6b3Blbi1zZXNhbWU= and, more' http://127.0.0.1:4010/s0/resource";
        let told = on(40, "", 4, field, Breaks::Command);
        assert!(
            told.contains("'Authorization: Basic YWxpY2U6b3Blbi1zZXNhbWU= and, more'"),
            "{told}"
        );
    }

    #[test]
    fn flow_mappings_are_parted_behind_commas() {
        let told = on(
            40,
            "  case",
            12,
            "{active: true, profiles: [{scheme: basic, active: true}]}",
            Breaks::Flow,
        );
        assert_eq!(
            told,
            "  case      {active: true,\n            profiles: [{scheme: basic,\n            active: true}]}\n"
        );
    }

    #[test]
    fn without_a_width_a_line_is_one_line() {
        let mut page = Page::new(Paper::default());
        page.put(
            "  rule",
            12,
            &[(Tone::Bad, "a  b "), (Tone::Plain, "c")],
            Breaks::Words,
        );
        assert_eq!(page.finish(), "  rule      a  b c\n");
    }

    #[test]
    fn colours_are_of_the_page_and_of_nobody_else() {
        let mut page = Page::new(Paper {
            width: None,
            colour: true,
        });
        page.say(Tone::Bad, "evil\x1b[32m");
        let text = page.finish();
        assert!(text.contains("evil\\x1b[32m"), "{text:?}");
        assert_eq!(text.matches('\x1b').count(), 3, "{text:?}");
    }
}
