//! What every page is in: its head, the style, the script, and a policy by which nothing else may run or be fetched.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{
    AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value, escape_formatter,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::super::escape::visible;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const SHELL: &str = include_str!("shell.html");

#[derive(Serialize)]
struct Shell<'a> {
    title: &'a str,
    policy: String,
}

/// A page: what a template makes of this, in the shell. `title` is what a window is called.
pub(super) fn page(title: &str, template: &str, view: impl Serialize) -> io::Result<String> {
    let body = render(template, view)?;
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let shell = render(SHELL, Shell { title, policy })?;
    // Nothing that is foreign is in the shell but the title, which is escaped: it holds none of these.
    let mut page = String::with_capacity(shell.len() + body.len() + STYLE.len() + SCRIPT.len());
    for part in shell.split("<!--") {
        match part.split_once("-->") {
            Some(("style", rest)) => page.extend([STYLE, rest]),
            Some(("body", rest)) => page.extend([body.as_str(), rest]),
            Some(("script", rest)) => page.extend([SCRIPT, rest]),
            _ => page.push_str(part),
        }
    }
    page.push('\n');
    Ok(page)
}

fn render(template: &str, view: impl Serialize) -> io::Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .map_err(io::Error::other)?;
    environment.set_syntax(syntax);
    environment.set_formatter(shown);
    environment
        .render_str(template, Serde(view))
        .map_err(io::Error::other)
}

/// Writes a value: what is not to be seen of a text is shown, and markup in it is escaped.
fn shown(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str().filter(|_| !value.is_safe()) {
        Some(text) => escape_formatter(out, state, &Value::from(visible(text).as_ref())),
        None => escape_formatter(out, state, value),
    }
}

/// The source of a style or script that is this text (Content Security Policy Level 3 §2.3.1).
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_its_own_is_a_command_to_github() {
        // There it would be written otherwise, and its hash would be another.
        for line in [STYLE, SCRIPT, SHELL].iter().flat_map(|text| text.lines()) {
            let is_command = line.trim_start().starts_with("::") || line.contains("##[");
            assert!(!is_command, "{line}");
        }
    }
}
