//! Templates: how policies become a program's own configuration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use crate::auth::Identity;
use crate::domain::Value;

/// What a template can use.
#[derive(Debug, Serialize)]
pub(super) struct Context<'a> {
    /// The program's path.
    pub(super) program: String,
    /// The working directory, which holds the files.
    pub(super) dir: String,
    /// The folder of the adapter; the same as `dir` where it is built in.
    pub(super) folder: String,
    /// The loopback port of this configuration.
    pub(super) port: u16,
    /// What the probe's path must answer with.
    pub(super) token: &'a str,
    /// The number of the installation.
    pub(super) generation: u64,
    /// Who may log in; enabled ones only.
    pub(super) identities: Vec<&'a Identity>,
    /// The policies.
    pub(super) slots: &'a [Slot<'a>],
    /// Where the sidecar is, and its realm; empty without one.
    pub(super) sidecar: SidecarPlace,
}

/// A policy as a template sees it.
#[derive(Debug, Serialize)]
pub(super) struct Slot<'a> {
    /// Its number.
    pub(super) slot: usize,
    /// The path below which it is reached.
    pub(super) prefix: String,
    /// The case's policy record.
    pub(super) policy: &'a Value,
    /// The case's instance record.
    pub(super) instance: &'a Value,
}

/// Where the sidecar is.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct SidecarPlace {
    /// Checks Bearer tokens.
    pub(super) bearer: String,
    /// Tells whether a Bearer token is good (RFC 7662).
    pub(super) introspection: String,
    /// Answers 200 to everything.
    pub(super) origin: String,
    /// Answers with the last part of the path.
    pub(super) echo: String,
    /// Its address and port, for a gateway that takes no URL: every path that is not one of those
    /// above is the origin server's.
    pub(super) host: String,
    pub(super) port: u16,
    /// The realm.
    pub(super) realm: String,
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    // Only delimiters can be refused, and these are the usual ones.
    if let Ok(syntax) = syntax {
        environment.set_syntax(syntax);
    }
    environment.add_filter("htpasswd", htpasswd);
    environment.add_filter("quoted", quoted);
    environment
}

/// Whether a text is a template.
///
/// # Errors
///
/// The parser's words.
pub(super) fn check_template(text: &str) -> Result<(), String> {
    environment()
        .template_from_str(text)
        .map(drop)
        .map_err(|error| words(&error))
}

/// Whether a text is an expression.
///
/// # Errors
///
/// The parser's words.
pub(super) fn check_expression(text: &str) -> Result<(), String> {
    environment()
        .compile_expression(text)
        .map(drop)
        .map_err(|error| words(&error))
}

/// A template with its values filled in.
///
/// # Errors
///
/// In words, when the template uses what is not there or fails.
pub(super) fn render(text: &str, context: impl Serialize) -> Result<String, String> {
    environment()
        .render_str(text, Serde(context))
        .map_err(|error| words(&error))
}

/// Whether an expression holds of a policy.
///
/// # Errors
///
/// In words, when it uses what is not there or fails.
pub(super) fn holds(expression: &str, slot: &Slot<'_>) -> Result<bool, String> {
    environment()
        .compile_expression(expression)
        .and_then(|compiled| compiled.eval(Serde(slot)))
        .map(|value| value.is_true())
        .map_err(|error| words(&error))
}

/// What a line of a password file needs.
#[derive(Deserialize)]
struct Login {
    user: String,
    password: String,
}

/// A line of a password file: `user:{SHA}…`, as nginx, Apache httpd and others read it. A hash,
/// although the secrets are no secrets, because in plain text a colon would end the field: the
/// server would compare a part of the password only.
fn htpasswd(Serde(login): Serde<Login>) -> Result<String, Error> {
    let Login { user, password } = login;
    if user.contains([':', '\r', '\n', '\0']) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("the user `{user}` has a colon or a line break"),
        ));
    }
    let hash = BASE64.encode(Sha1::digest(password.as_bytes()));
    Ok(format!("{user}:{{SHA}}{hash}"))
}

/// A text in double quotes, with backslashes before what would end it: a string of nginx, JSON and
/// most others, as far as no control character is in it.
fn quoted(text: &str) -> Result<String, Error> {
    if text.contains(char::is_control) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "a control character cannot be quoted",
        ));
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    Ok(format!("\"{escaped}\""))
}

fn words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    match error.line() {
        Some(line) if !words.contains("line") && !words.contains(&format!(":{line})")) => {
            format!("{words} (line {line})")
        }
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(user: &str, password: &str) -> serde_json::Value {
        serde_json::json!({ "user": user, "password": password })
    }

    #[test]
    fn a_password_file_holds_what_it_can_hold() {
        let line = |user: &str, password: &str| {
            render(
                "{{ i | htpasswd }}",
                serde_json::json!({ "i": identity(user, password) }),
            )
        };
        // `printf %s open:sesame | openssl sha1 -binary | base64`
        let hashed = "alice:{SHA}k5A+xr53n4Lxr/w+OtkhllTIZrk=";
        assert_eq!(line("alice", "open:sesame").unwrap(), hashed);
        for (user, password) in [("a:b", "x"), ("a\nb", "x")] {
            let why = line(user, password).unwrap_err();
            assert!(why.contains("a colon or a line break"), "{why}");
        }
    }

    #[test]
    fn what_is_not_there_is_an_error_and_not_empty_text() {
        let why = render("a\n{{ prot }}", serde_json::json!({ "port": 1 })).unwrap_err();
        assert!(why.contains("undefined") && why.contains('2'), "{why}");
        assert!(check_template("{% if %}").is_err());
        assert!(check_expression("a >").is_err());
    }

    #[test]
    fn text_is_not_escaped_for_html_but_quoted_where_asked() {
        let context = serde_json::json!({ "t": "a\"<\\" });
        assert_eq!(
            render("{{ t }} {{ t | quoted }}", &context).unwrap(),
            "a\"<\\ \"a\\\"<\\\\\""
        );
    }
}
