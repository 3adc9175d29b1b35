//! Diagnostics: a mistake, where it stands, and what to write instead.

use std::fmt;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::node::Span;

/// The most diagnostics of one source that are kept.
const MOST: usize = 100;

/// A text that a person wrote, and the name under which it is shown.
#[derive(Clone, Debug)]
pub struct Source {
    /// A file's path, or a description such as `--case`.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

impl Source {
    /// A source of this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Line and column of a byte offset, both counted from 1; columns count characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

/// Whether a diagnostic stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The text cannot be used.
    Error,
    /// The text can be used; something in it deserves a look.
    Warning,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// A few words beside the caret; may be empty.
    pub label: String,
    /// Another place that belongs to it, with a few words.
    pub related: Option<(Span, String)>,
    /// What to write instead, or what to do.
    pub help: String,
}

impl Diagnostic {
    /// An error at `span`; `help` says what to write instead.
    pub fn error(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            span,
            label: String::new(),
            related: None,
            help: help.into(),
        }
    }

    /// A warning at `span`; `help` says what to do about it.
    pub fn warning(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(span, message, help)
        }
    }

    /// The same with a few words beside the caret.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a second place.
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related = Some((span, label.into()));
        self
    }
}

/// All that was found wrong with one source.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    /// The text that they speak of.
    pub source: Source,
    /// In the order found.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// None yet.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            list: Vec::new(),
        }
    }

    /// Adds one, unless the very same was said before or so many were said that nobody reads on.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let room = self.list.len() < MOST || !self.has_errors();
        if room && !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All of them as text for a terminal, without colours.
    pub fn render(&self) -> String {
        let renderer = Renderer::plain();
        let mut out = String::new();
        for diagnostic in &self.list {
            let level = match diagnostic.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
            };
            let mut primary =
                AnnotationKind::Primary.span(diagnostic.span.range_in(&self.source.text));
            if !diagnostic.label.is_empty() {
                primary = primary.label(diagnostic.label.as_str());
            }
            let mut snippet = Snippet::source(&*self.source.text)
                .path(self.source.name.as_str())
                .annotation(primary);
            if let Some((span, label)) = &diagnostic.related {
                snippet = snippet.annotation(
                    AnnotationKind::Context
                        .span(span.range_in(&self.source.text))
                        .label(label.as_str()),
                );
            }
            let mut group = level
                .primary_title(diagnostic.message.as_str())
                .element(snippet);
            if !diagnostic.help.is_empty() {
                group = group.element(Level::HELP.message(diagnostic.help.as_str()));
            }
            out.push_str(&renderer.render(&[group]));
            out.push_str("\n\n");
        }
        out
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.render().trim_end())
    }
}

impl std::error::Error for Diagnostics {}

/// The known word nearest to a mistyped one, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        // A word of which nothing is left was not mistyped but is another.
        .filter(|(distance, candidate)| {
            *distance <= candidate.chars().count().max(3) / 3 && *distance < length
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_file_line_column_caret_and_remedy() {
        let source = Source::new("a.yaml", "one: 1\ntwö: [x]\n");
        let mut all = Diagnostics::new(source);
        all.push(
            Diagnostic::error(Span::new(14, 15), "`x` is unknown", "write `y`")
                .label("not a profile")
                .related(Span::new(0, 3), "as opposed to this"),
        );
        let text = all.render();
        assert!(text.contains("error: `x` is unknown"), "{text}");
        assert!(text.contains("--> a.yaml:2:7"), "{text}");
        assert!(text.contains("not a profile"), "{text}");
        assert!(text.contains("help: write `y`"), "{text}");
        assert_eq!(all.source.line_column(14), (2, 7));
    }

    #[test]
    fn nearest_is_near() {
        assert_eq!(nearest("polcy", ["policy", "client"]), Some("policy"));
        assert_eq!(nearest("zebra", ["policy", "client"]), None);
        assert_eq!(nearest("", ["o"]), None);
        assert_eq!(nearest("x", ["o"]), None);
        assert_eq!(
            nearest("advertize_all", ["advertise_all", "active"]),
            Some("advertise_all")
        );
    }
}
