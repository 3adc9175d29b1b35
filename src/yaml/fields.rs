//! Reading a mapping key by key, so that no key is lost and none is unknown.

use super::diagnostic::{Diagnostic, Diagnostics, nearest};
use super::node::{MapEntry, Node, NodeKind, Span};

/// A mapping that is being read. Each key is asked for once; [`Fields::finish`] then reports every
/// key that nobody asked for, with the nearest one that exists.
#[derive(Debug)]
pub struct Fields<'a> {
    span: Span,
    what: String,
    entries: &'a [MapEntry],
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Begins to read `node`, which a reader would call `what` (`a rule`); reports where it is not a
    /// mapping.
    pub fn new(node: &'a Node, what: &str, problems: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            NodeKind::Map(entries) => Some(Self {
                span: node.span,
                what: what.to_owned(),
                entries,
                asked: Vec::new(),
            }),
            _ => {
                problems.push(Diagnostic::error(
                    node.span,
                    format!("{what} must be a mapping, and this is {}", node.noun()),
                    "write keys and values, such as `key: value`",
                ));
                None
            }
        }
    }

    /// Where the mapping begins.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The value of a key that may be absent.
    pub fn optional(&mut self, key: &'static str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key that may be absent.
    pub fn entry(&mut self, key: &'static str) -> Option<&'a MapEntry> {
        self.asked.push(key);
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value of a key that must be there; `example` is what the help suggests to write.
    pub fn required(
        &mut self,
        key: &'static str,
        example: &str,
        problems: &mut Diagnostics,
    ) -> Option<&'a Node> {
        let found = self.optional(key);
        if found.is_none() {
            problems.push(Diagnostic::error(
                self.head(),
                format!("{} needs `{key}`", self.what),
                format!("add `{key}: {example}`"),
            ));
        }
        found
    }

    /// Text under a key that may be absent; reports where it is something else.
    pub fn text(&mut self, key: &'static str, problems: &mut Diagnostics) -> Option<&'a str> {
        let node = self.optional(key)?;
        text_of(node, key, problems)
    }

    /// Text under a key that must be there.
    pub fn required_text(
        &mut self,
        key: &'static str,
        example: &str,
        problems: &mut Diagnostics,
    ) -> Option<&'a str> {
        let node = self.required(key, example, problems)?;
        text_of(node, key, problems)
    }

    /// Reports every key that was not asked for, and answers whether there was none.
    pub fn finish(self, problems: &mut Diagnostics) -> bool {
        let mut all_known = true;
        for entry in self.entries {
            if self.asked.contains(&entry.key.as_str()) {
                continue;
            }
            let help = match nearest(&entry.key, self.asked.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("{} knows {}", self.what, one_of(&self.asked)),
            };
            all_known = false;
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("{} has no key `{}`", self.what, entry.key),
                help,
            ));
        }
        all_known
    }

    fn head(&self) -> Span {
        self.entries
            .first()
            .map_or(self.span, |entry| entry.key_span)
    }
}

fn text_of<'a>(node: &'a Node, key: &str, problems: &mut Diagnostics) -> Option<&'a str> {
    let text = node.text();
    if text.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` must be text, and this is {}", node.noun()),
            "put it in quotes if it is meant as text",
        ));
    }
    text
}

/// `a`, `b` and `c`, each in backticks.
pub(crate) fn one_of<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words
        .iter()
        .map(|word| format!("`{}`", word.as_ref()))
        .collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}
