//! Reading how a program is run.

use super::places::{PlaceSlip, place_slips};
use super::runs::{ExitCodes, Registry, Runs};
use super::shipped::driver;
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind, Span, nearest, one_of};

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
    places(node, &runs, problems);
    Some(runs)
}

/// Tells what in the texts of an entry has the look of a place and is none.
fn places(node: &Node, runs: &Runs, problems: &mut Diagnostics) {
    let written = runs.files.iter().map(|(name, _)| name);
    let files = written.chain(&runs.driver);
    let mut more: Vec<String> = files.map(|name| format!("file:{name}")).collect();
    if !runs.compile.is_empty() {
        more.push("compiled".to_owned());
    }
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    for key in ["command", "version", "compile", "environment", "files"] {
        let texts: Vec<&Node> = match node.get(key).map(|node| &node.kind) {
            Some(NodeKind::List(items)) => items.iter().collect(),
            Some(NodeKind::Map(entries)) => entries.iter().map(|entry| &entry.value).collect(),
            _ => continue,
        };
        for text in texts {
            for slip in place_slips(&text.scalar_text().unwrap_or_default(), &more) {
                let span = span_of(text, &slip, problems);
                problems.push(Diagnostic::error(span, slip.message, slip.help));
            }
        }
    }
}

/// Where it stands in the file: what stands between quotes may be written otherwise than it is read.
fn span_of(text: &Node, slip: &PlaceSlip, problems: &Diagnostics) -> Span {
    let whole = text.span;
    let written = problems.source.text.get(whole.start..whole.end);
    let at = written.and_then(|written| written.find(&slip.written));
    at.map_or(whole, |at| {
        let start = whole.start + at;
        Span::new(start, start + slip.written.len())
    })
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
