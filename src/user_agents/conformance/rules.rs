//! The rules, as their file says them.

use std::sync::LazyLock;

use crate::yaml::{Diagnostics, Fields, NodeKind, Source, read};

/// A rule for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRule {
    /// Its name.
    pub id: String,
    /// `must`, `should` or `advice`.
    pub level: String,
    /// What it says, in one sentence.
    pub says: String,
    /// Where that is from.
    pub source: String,
}

/// The rules that ship, in their order.
///
/// # Errors
///
/// Diagnostics where the file is wrong, which the tests rule out.
pub fn client_rules() -> Result<&'static [ClientRule], &'static Diagnostics> {
    static RULES: LazyLock<Result<Vec<ClientRule>, Diagnostics>> = LazyLock::new(|| {
        let text = include_str!("../../../clients/conformance.yaml");
        let source = Source::new("clients/conformance.yaml", text);
        let node = read(&source)?;
        let mut problems = Diagnostics::new(source.clone());
        let mut rules = Vec::new();
        if let Some(mut fields) = Fields::new(&node, "the file", &mut problems) {
            fields.optional("countersign");
            let list = fields.required("rules", "[{id: …}]", &mut problems);
            fields.finish(&mut problems);
            let items = match list.map(|node| &node.kind) {
                Some(NodeKind::List(items)) => items.as_slice(),
                _ => &[],
            };
            for item in items {
                let Some(mut fields) = Fields::new(item, "a rule", &mut problems) else {
                    continue;
                };
                let mut text = |key, problems: &mut Diagnostics| {
                    let text = fields.required_text(key, "…", problems);
                    text.unwrap_or_default().to_owned()
                };
                rules.push(ClientRule {
                    id: text("id", &mut problems),
                    level: text("level", &mut problems),
                    says: text("says", &mut problems),
                    source: text("source", &mut problems),
                });
                fields.finish(&mut problems);
            }
        }
        match problems.has_errors() {
            true => Err(problems),
            false => Ok(rules),
        }
    });
    RULES.as_deref()
}
