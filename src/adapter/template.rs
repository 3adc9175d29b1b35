//! Templates: how policies become a program's own configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde::{Deserialize, Serialize};

use super::availability::Located;
use super::password_hash::{DigestHash, PasswordHash};
use crate::credentials::ToldIdentity;
use crate::domain::Value;
use crate::implementation::{IssuerPlace, Space};
use crate::yaml::one_of;

/// Where things are: what every template can use.
#[derive(Clone, Debug, Serialize)]
pub(super) struct TemplatePlaces {
    /// The program's path.
    program: String,
    /// The paths of the other programs.
    programs: BTreeMap<String, String>,
    /// The directory of the adapter's packages; empty where it has none.
    home: String,
    /// The working directory, which holds the files.
    dir: String,
    /// The folder of the adapter; the same as `dir` where it is built in.
    folder: String,
    /// A word that is this working directory's alone, with which shared memory may be named.
    unique: String,
}

impl TemplatePlaces {
    pub(super) fn new(found: &Located, space: &Space, folder: &Path) -> Self {
        let text = |path: &PathBuf| path.display().to_string();
        Self {
            program: found.program.as_ref().map(text).unwrap_or_default(),
            programs: found
                .programs
                .iter()
                .map(|(name, path)| (name.clone(), text(path)))
                .collect(),
            home: found.home.as_ref().map(text).unwrap_or_default(),
            dir: space.path().display().to_string(),
            folder: folder.display().to_string(),
            unique: space.word(),
        }
    }

    /// The same for a program that works in another directory.
    pub(super) fn in_directory(&self, space: &Space, folder: &Path) -> Self {
        Self {
            dir: space.path().display().to_string(),
            folder: folder.display().to_string(),
            unique: space.word(),
            ..self.clone()
        }
    }
}

/// What a template of kind *process* can use.
#[derive(Debug, Serialize)]
pub(super) struct TemplateContext<'a> {
    /// Where things are.
    #[serde(flatten)]
    pub(super) places: &'a TemplatePlaces,
    /// The loopback port of this configuration.
    pub(super) port: u16,
    /// The other loopback ports that the adapter asks for, by name.
    pub(super) ports: &'a BTreeMap<String, u16>,
    /// What the probe's path must answer with.
    pub(super) token: &'a str,
    /// The number of the installation.
    pub(super) generation: u64,
    /// The path of the log that audit events are read from; empty where there is none.
    pub(super) log: String,
    /// Who may log in; enabled ones only.
    pub(super) identities: Vec<ToldIdentity<'a>>,
    /// The policies.
    pub(super) slots: &'a [Slot<'a>],
    /// Where the sidecar is, and its realm; empty without one.
    pub(super) sidecar: SidecarPlace,
    /// Where the issuer of the tokens is.
    pub(super) issuer: &'a IssuerPlace,
    /// The issuer's key set, as JSON on one line.
    pub(super) jwks: String,
    /// The authority of clients' certificates, as a PEM file.
    pub(super) client_authority: String,
}

/// A policy as a template sees it.
#[derive(Debug, Serialize)]
pub(super) struct Slot<'a> {
    /// Its number.
    pub(super) slot: usize,
    /// The path below which it is reached.
    pub(super) prefix: String,
    /// What is asked for below it, where that is not `/resource`.
    pub(super) resource: Option<String>,
    /// The loopback port on which it is reached: its own where the adapter says so.
    pub(super) port: u16,
    /// The case's policy record.
    pub(super) policy: &'a Value,
    /// The case's instance record.
    pub(super) instance: &'a Value,
    /// The service that it asks, where its policy has it ask.
    pub(super) auth_service: Option<UpstreamPlace>,
    /// The server behind, where its policy has it ask.
    pub(super) backend: Option<UpstreamPlace>,
}

/// Where an upstream of a slot is.
#[derive(Clone, Debug, Serialize)]
pub(super) struct UpstreamPlace {
    /// Its URL, without a slash at its end.
    pub(super) url: String,
    /// Its address and port, for a gateway that takes no URL.
    pub(super) host: String,
    pub(super) port: u16,
}

impl UpstreamPlace {
    /// That of host and port.
    pub(super) fn of(authority: &str) -> Self {
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
        Self {
            url: format!("http://{authority}"),
            host: host.to_owned(),
            port: port.parse().unwrap_or_default(),
        }
    }
}

/// Where the sidecar is.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct SidecarPlace {
    /// Checks Bearer tokens.
    pub(super) bearer: String,
    /// Tells whether a Bearer token is good (RFC 7662), over TLS with a certificate of its own making.
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
    environment.add_filter("htdigest", htdigest);
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
        .map_err(|error| words(&error, text))
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
        .map_err(|error| words(&error, text))
}

/// A template with its values filled in.
///
/// # Errors
///
/// In words, when the template uses what is not there or fails.
pub(super) fn render(text: &str, context: impl Serialize) -> Result<String, String> {
    environment()
        .render_str(text, Serde(context))
        .map_err(|error| words(&error, text))
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
        .map_err(|error| words(&error, expression))
}

/// What a line of a password file needs.
#[derive(Deserialize)]
struct PasswordLine {
    user: String,
    password: String,
}

/// A line of a password file, `user:…`, with the password hashed as said; `sha` if nothing is said.
/// A hash, although the secrets are no secrets, because in plain text a colon would end the field:
/// the server would compare a part of the password only.
fn htpasswd(Serde(login): Serde<PasswordLine>, hash: Option<&str>) -> Result<String, Error> {
    let PasswordLine { user, password } = login;
    let hash = chosen(hash, PasswordHash::ALL.map(|h| (h.word(), h)))?;
    Ok(format!("{}:{}", field(&user)?, hash.of(&user, &password)))
}

/// A line of a Digest file, `user:realm:H(A1)`; MD5 if no algorithm is named.
fn htdigest(
    Serde(login): Serde<PasswordLine>,
    realm: &str,
    algorithm: Option<&str>,
) -> Result<String, Error> {
    let PasswordLine { user, password } = login;
    let hash = chosen(algorithm, DigestHash::ALL.map(|h| (h.word(), h)))?;
    let ha1 = hash.ha1(&user, realm, &password);
    Ok(format!("{}:{}:{ha1}", field(&user)?, field(realm)?))
}

/// What a word stands for; the first where none is given.
fn chosen<T, const N: usize>(word: Option<&str>, all: [(&str, T); N]) -> Result<T, Error> {
    let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
    let words = one_of(&words);
    let found = all
        .into_iter()
        .find(|(known, _)| word.is_none_or(|word| word.eq_ignore_ascii_case(known)));
    found.map(|(_, value)| value).ok_or_else(|| {
        let text = format!(
            "there is no hash `{}`: there are {words}",
            word.unwrap_or_default()
        );
        Error::new(ErrorKind::InvalidOperation, text)
    })
}

/// A text as a field of a line whose fields end with a colon.
fn field(text: &str) -> Result<&str, Error> {
    if text.contains([':', '\r', '\n', '\0']) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("`{text}` has a colon or a line break"),
        ));
    }
    Ok(text)
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

/// What is wrong with a template, with the line in which it is.
fn words(error: &Error, text: &str) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    let Some(number) = error.line() else {
        return words;
    };
    // The library calls every template by one name.
    let words = match words.split_once(" (in <") {
        Some((before, rest)) => {
            let behind = rest.split_once(')').map_or("", |(_, behind)| behind);
            format!("{before}{behind}")
        }
        None => words,
    };
    let line = text
        .lines()
        .nth(number.saturating_sub(1))
        .unwrap_or_default();
    format!("{words}, in line {number}: {}", line.trim())
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
    fn a_digest_file_holds_what_it_can_hold() {
        let line = |filter: &str| {
            let template = format!("{{{{ i | {filter} }}}}");
            render(
                &template,
                serde_json::json!({ "i": identity("alice", "open:sesame") }),
            )
        };
        // `printf %s alice:api:open:sesame | openssl md5`
        let md5 = "alice:api:b09fe621dd24ecdf7b33c72909d13fa2";
        assert_eq!(line("htdigest('api')").unwrap(), md5);
        assert_eq!(line("htdigest('api', 'md5')").unwrap(), md5);
        let sha256 = line("htdigest('api', 'SHA-256')").unwrap();
        assert_eq!(sha256.len(), "alice:api:".len() + 64, "{sha256}");
        assert!(line("htpasswd('bcrypt')").unwrap().contains(":$2y$04$"));
        assert!(line("htpasswd('apr1')").unwrap().contains(":$apr1$"));
        for wrong in ["htdigest('a:b')", "htpasswd('sha1')", "htdigest('a', 'x')"] {
            assert!(line(wrong).is_err(), "{wrong}");
        }
        let why = line("htpasswd('md5')").unwrap_err();
        assert!(
            why.contains("there are `sha`, `bcrypt` and `apr1`"),
            "{why}"
        );
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
