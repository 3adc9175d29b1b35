//! What is to be told of the texts that were read: mistakes and what was passed over, each where it stands.

use crate::yaml::{Diagnostic, Diagnostics, Source, Span};

/// A place in one of the texts that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordPlace {
    /// Which text, by the order in which they were begun.
    pub source: usize,
    /// Where in it.
    pub span: Span,
}

/// The texts that were read, and what is to be told of them.
#[derive(Clone, Debug, Default)]
pub struct ImportNotes {
    texts: Vec<Diagnostics>,
}

impl ImportNotes {
    /// Takes note of a text, whose number is the answer.
    pub fn begin(&mut self, source: Source) -> usize {
        self.texts.push(Diagnostics::new(source));
        self.texts.len() - 1
    }

    /// Tells of something.
    pub fn push(&mut self, text: usize, diagnostic: Diagnostic) {
        if let Some(told) = self.texts.get_mut(text) {
            told.push(diagnostic);
        }
    }

    /// Tells of a mistake: nothing is made of the texts then.
    pub fn error(&mut self, at: RecordPlace, message: impl Into<String>, help: impl Into<String>) {
        self.push(at.source, Diagnostic::error(at.span, message, help));
    }

    /// Tells of what deserves a look.
    pub fn warning(
        &mut self,
        at: RecordPlace,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(at.source, Diagnostic::warning(at.span, message, help));
    }

    /// All that another reader had to tell of a text.
    pub fn take(&mut self, text: usize, diagnostics: Diagnostics) {
        for diagnostic in diagnostics.list {
            self.push(text, diagnostic);
        }
    }

    /// The line in which a place stands, counted from 1.
    pub fn line(&self, at: RecordPlace) -> usize {
        let told = self.texts.get(at.source);
        told.map_or(0, |told| told.source.line_column(at.span.start).0)
    }

    /// The name of a text.
    pub fn name(&self, text: usize) -> &str {
        self.texts.get(text).map_or("", |told| &told.source.name)
    }

    /// Whether something cannot be used.
    pub fn has_errors(&self) -> bool {
        self.texts.iter().any(Diagnostics::has_errors)
    }

    /// How much there is to tell.
    pub fn count(&self) -> usize {
        self.texts.iter().map(|told| told.list.len()).sum()
    }

    /// All of it, text by text.
    pub fn render(&self) -> String {
        let told = self.texts.iter().filter(|told| !told.list.is_empty());
        told.map(Diagnostics::render).collect()
    }
}
