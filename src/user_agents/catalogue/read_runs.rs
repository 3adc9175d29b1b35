//! Reading how a program is run.

use super::runs::{ExitCodes, Registry, Runs};
use super::shipped::driver;
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind, nearest, one_of};

/// What stands under `runs`.
pub(super) fn runs_of(node: &Node, problems: &mut Diagnostics) -> Option<Runs> {
    let mut fields = Fields::new(node, "`runs`", problems)?;
    let command = fields.required("command", "[curl, '{url}']", problems);
    let command = command.map_or_else(Vec::new, |node| texts("command", node, problems));
    let compile = fields.optional("compile");
    let runs = Runs {
        command,
        compile: compile.map_or_else(Vec::new, |node| texts("compile", node, problems)),
        environment: pairs(&mut fields, "environment", problems),
        files: pairs(&mut fields, "files", problems),
        driver: script(&mut fields, problems),
        exit: exit(&mut fields, problems),
        version: { fields.optional("version") }
            .map_or_else(Vec::new, |node| texts("version", node, problems)),
        installed: installed(&mut fields, problems),
    };
    fields.finish(problems);
    Some(runs)
}

fn script(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Option<String> {
    let node = fields.optional("driver")?;
    let name = node.scalar_text().unwrap_or_default();
    if driver(&name).is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!("there is no script `{name}`"),
            "a script stands in `clients/drivers`; what is not there goes into `files`",
        ));
    }
    Some(name)
}

fn texts(key: &str, node: &Node, problems: &mut Diagnostics) -> Vec<String> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` must be a list, and this is {}", node.noun()),
            "write each argument by itself: `[curl, -sS, '{url}']`",
        ));
        return Vec::new();
    };
    let texts = items.iter().filter_map(|item| {
        let text = item.scalar_text();
        if text.is_none() {
            problems.push(Diagnostic::error(
                item.span,
                format!("`{key}` has texts only, and this is {}", item.noun()),
                "put it into quotes: braces at its beginning are a map otherwise",
            ));
        }
        text
    });
    texts.collect()
}

fn pairs(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Diagnostics,
) -> Vec<(String, String)> {
    let Some(node) = fields.optional(key) else {
        return Vec::new();
    };
    let NodeKind::Map(entries) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` must be a map, and this is {}", node.noun()),
            "write a name and its text: `{NAME: text}`",
        ));
        return Vec::new();
    };
    let pairs = entries.iter().filter_map(|entry| {
        let text = entry.value.scalar_text()?;
        Some((entry.key.clone(), text))
    });
    pairs.collect()
}

fn exit(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> ExitCodes {
    let Some(node) = fields.optional("exit") else {
        return ExitCodes::default();
    };
    let Some(mut fields) = Fields::new(node, "`exit`", problems) else {
        return ExitCodes::default();
    };
    let mut codes = |key: &'static str, problems: &mut Diagnostics| {
        let Some(node) = fields.optional(key) else {
            return Vec::new();
        };
        let mut codes = Vec::new();
        for text in texts(key, node, problems) {
            match text.parse() {
                Ok(code) => codes.push(code),
                Err(_) => problems.push(Diagnostic::error(
                    node.span,
                    format!("`{text}` is no exit code"),
                    "write a whole number",
                )),
            }
        }
        codes
    };
    let exit = ExitCodes {
        inside: codes("in", problems),
        refused: codes("refused", problems),
    };
    fields.finish(problems);
    exit
}

fn installed(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Vec<(Registry, String)> {
    let Some(node) = fields.optional("installed") else {
        return Vec::new();
    };
    let NodeKind::Map(entries) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            "`installed` must be a map",
            "write where from and what: `{debian: curl}`",
        ));
        return Vec::new();
    };
    let mut installed = Vec::new();
    for entry in entries {
        let mut known = Registry::ALL.into_iter();
        let found = known.find(|registry| registry.word() == entry.key);
        match (found, entry.value.scalar_text()) {
            (Some(registry), Some(what)) => installed.push((registry, what)),
            _ => {
                let words = Registry::ALL.map(Registry::word);
                let help = match nearest(&entry.key, words) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("it may be {}", one_of(&words)),
                };
                problems.push(Diagnostic::error(
                    entry.value.span,
                    format!("nothing is installed from `{}` so", entry.key),
                    help,
                ));
            }
        }
    }
    installed
}
