//! Whether what an adapter says of its implementation is among what specs have.

use super::definition::{ADAPTER_FILE, Adapter, AdapterKind};
use crate::implementation::{Slip, Vocabulary};
use crate::yaml::{self, Diagnostic, Diagnostics, Node, Source};

impl Adapter {
    /// Makes sure that what it says of the implementation is among what specs have. What a remote program
    /// says, it says once it runs: see [`Description::check`](crate::implementation::Description::check).
    ///
    /// # Errors
    ///
    /// Diagnostics for paths, values, choices and packs that no spec has, with what was probably meant.
    pub fn check(&self, vocabulary: &Vocabulary) -> Result<(), Diagnostics> {
        let Ok(text) = self.folder.read(ADAPTER_FILE) else {
            return Ok(());
        };
        let source = Source::new(self.folder.shown(ADAPTER_FILE), &*text);
        let node = yaml::read(&source)?;
        let mut problems = Diagnostics::new(source);
        let mut told = |node: &Node, slip: Option<Slip>| {
            if let Some((what, help)) = slip {
                problems.push(Diagnostic::error(node.span, what, help));
            }
        };
        let AdapterKind::Process(recipe) = &self.kind else {
            return Ok(());
        };
        let passed_over = |name: &str| vocabulary.passes_over(name, &recipe.own);
        let entries = |key: &str| node.get(key).and_then(Node::entries).unwrap_or_default();
        for entry in entries("supports") {
            let allowed = recipe.supports.narrowing.by_path.get(&entry.key);
            if let Some(allowed) = allowed.filter(|_| !passed_over(&entry.key)) {
                told(
                    &entry.value,
                    vocabulary.slip_in_supports(&entry.key, allowed),
                );
            }
        }
        let alternatives = entries("alternatives").iter();
        for entry in alternatives.filter(|entry| !passed_over(&entry.key)) {
            let choice = entry.value.text().unwrap_or_default();
            told(
                &entry.value,
                vocabulary.slip_in_alternatives(&entry.key, choice),
            );
        }
        let items = |key: &str| match node.get(key).map(|node| &node.kind) {
            Some(yaml::NodeKind::List(items)) => items.as_slice(),
            _ => &[],
        };
        let named = |key: &str| {
            let items = items(key).iter();
            items.filter(|item| !passed_over(item.text().unwrap_or_default()))
        };
        for item in named("knows") {
            told(
                item,
                vocabulary.slip_in_knows(item.text().unwrap_or_default()),
            );
        }
        for item in named("claims") {
            told(
                item,
                vocabulary.slip_in_claims(item.text().unwrap_or_default()),
            );
        }
        match problems.has_errors() {
            true => Err(problems),
            false => Ok(()),
        }
    }
}
