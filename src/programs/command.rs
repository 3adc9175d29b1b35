//! How a program is called: its arguments, in which places stand for what differs from play to play.

use std::collections::BTreeMap;

use crate::credentials::Identity;
use crate::user_agents::catalogue::{
    PLACES, PlayedBy, Runs, driver, filled, place_slips, places_told,
};
use crate::user_agents::model::Holds;
use crate::yaml::{Diagnostic, Diagnostics, Source, Span};

/// What a program is given to log in with. These are test secrets, and nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecrets {
    /// The user-id.
    pub user: String,
    /// The password.
    pub password: String,
    /// The bearer token.
    pub token: String,
}

impl ClientSecrets {
    /// Those that every layout takes, unless it is about a password outside US-ASCII.
    pub fn usual() -> Self {
        Self {
            user: "user".to_owned(),
            password: "pass".to_owned(),
            token: "tok3n".to_owned(),
        }
    }

    /// The same with a password outside US-ASCII, of which one character is outside Latin-1 too.
    pub fn foreign() -> Self {
        Self {
            password: "p\u{e4}ss\u{20ac}".to_owned(),
            ..Self::usual()
        }
    }

    /// Those of an identity.
    pub fn of(identity: &Identity) -> Self {
        let token = identity.tokens.first();
        Self {
            user: identity.user.clone(),
            password: identity.password.expose().to_owned(),
            token: token
                .map(|token| token.value.expose().to_owned())
                .unwrap_or_default(),
        }
    }
}

/// What stands for a place in one play.
#[derive(Clone, Debug)]
pub(super) struct FilledPlaces<'a> {
    /// Host and port of the server.
    pub(super) authority: &'a str,
    /// The path of the resource.
    pub(super) path: &'a str,
    pub(super) secrets: &'a ClientSecrets,
    /// The realm of the challenges.
    pub(super) realm: &'a str,
    /// The program's folder.
    pub(super) folder: &'a str,
    /// The folder into which its script was compiled.
    pub(super) compiled: &'a str,
    /// The files that were written for it, by name.
    pub(super) files: &'a BTreeMap<String, String>,
}

/// The place of the folder into which a script is compiled.
pub(super) const COMPILED: &str = "{compiled}";

/// A program and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramCommand {
    /// What a reader would call it.
    pub name: String,
    /// The program and its arguments, with places in braces.
    pub words: Vec<String>,
    /// Its environment, with places.
    pub environment: Vec<(String, String)>,
    /// Files that are written for it, with places; `{file:NAME}` is the path of one.
    pub files: Vec<(String, String)>,
    /// Scripts that are written for it as they are, by name.
    pub scripts: Vec<(String, String)>,
    /// The command that compiles its script, with places; empty where nothing is compiled.
    pub compile: Vec<String>,
    /// The command that says its version, with places; `PROGRAM --version` where it is empty.
    pub version: Vec<String>,
    /// Whether it runs in its own folder and not in the current one.
    pub at_home: bool,
}

impl ProgramCommand {
    /// A command as somebody typed it.
    ///
    /// # Errors
    ///
    /// In words, where what has the look of a place is none, or no place stands for the server.
    pub fn typed(words: &[String]) -> Result<Self, String> {
        let Some(program) = words.first() else {
            return Err("there is no command".to_owned());
        };
        let name = program.rsplit('/').next().unwrap_or(program).to_owned();
        let command = Self {
            name,
            words: words.to_vec(),
            environment: Vec::new(),
            files: Vec::new(),
            scripts: Vec::new(),
            compile: Vec::new(),
            version: Vec::new(),
            at_home: false,
        };
        let problems = slips(words);
        if problems.has_errors() {
            return Err(problems.to_string());
        }
        let asks = ["{url}", "{user-url}", "{authority}", "{port}"];
        if !asks.iter().any(|place| command.mentions(place)) {
            return Err(format!(
                "the command has no `{{url}}`, so it would not ask the server\n  help: write it where the URL goes; {}",
                places_told()
            ));
        }
        Ok(command)
    }

    /// How the catalogue says that a client is run.
    pub fn of(name: &str, runs: &Runs) -> Self {
        Self {
            name: name.to_owned(),
            words: runs.command.clone(),
            environment: runs.environment.clone(),
            files: runs.files.clone(),
            scripts: { runs.driver.iter() }
                .filter_map(|name| Some((name.clone(), driver(name)?.to_owned())))
                .collect(),
            compile: runs.compile.clone(),
            version: runs.version.clone(),
            at_home: true,
        }
    }

    /// The command that plays many servers one after the other, which the file names: of a script that ships, which takes
    /// `--plays FILE` in the place of where to go.
    pub(super) fn for_many(&self, file: &str) -> Option<Vec<String>> {
        self.scripts.first()?;
        let goes = |word: &&String| {
            let mut places = PLACES.iter().map(|(name, _)| format!("{{{name}}}"));
            !places.any(|place| word.contains(&place))
        };
        let mut words: Vec<String> = self.words.iter().take_while(goes).cloned().collect();
        words.extend(["--plays".to_owned(), file.to_owned()]);
        Some(words)
    }

    /// What a reader needs to run it by hand, in this version.
    pub(super) fn played_by(&self, version: Option<String>) -> PlayedBy {
        PlayedBy {
            name: self.name.clone(),
            version,
            command: self.words.clone(),
            environment: self.environment.clone(),
            files: self.files.clone(),
            driver: self.scripts.first().map(|(name, _)| name.clone()),
            compile: self.compile.clone(),
        }
    }

    /// Which secrets it is given.
    pub fn holds(&self) -> Holds {
        let password = self.mentions("{password}") || self.mentions("{user-url}");
        match (password, self.mentions("{token}")) {
            (true, true) => Holds::Both,
            (false, true) => Holds::Token,
            (_, false) => Holds::Password,
        }
    }

    /// Whether it is given any.
    pub fn has_secrets(&self) -> bool {
        let secrets = ["{password}", "{user-url}", "{token}"];
        secrets.iter().any(|place| self.mentions(place))
    }

    /// Whether it asks the server as its proxy.
    pub fn is_behind_proxy(&self) -> bool {
        self.mentions("{proxy}")
    }

    /// Whether a place stands somewhere in it.
    fn mentions(&self, place: &str) -> bool {
        let environment = self.environment.iter().chain(&self.files);
        let texts = self.words.iter().chain(environment.map(|(_, text)| text));
        { texts }.any(|text| text.contains(place))
    }
}

/// What of a command that somebody typed has the look of a place and is none, where it stands.
fn slips(words: &[String]) -> Diagnostics {
    let mut shown = String::new();
    let mut found = Vec::new();
    for word in words {
        if !shown.is_empty() {
            shown.push(' ');
        }
        let quote = match word.contains(char::is_whitespace) {
            true => "'",
            false => "",
        };
        shown.push_str(quote);
        let begin = shown.len();
        found.extend(place_slips(word, &[]).into_iter().map(|slip| (begin, slip)));
        shown.push_str(word);
        shown.push_str(quote);
    }
    let mut problems = Diagnostics::new(Source::new("the command", shown));
    for (begin, slip) in found {
        let span = Span::new(begin + slip.at.start, begin + slip.at.end);
        problems.push(Diagnostic::error(span, slip.message, slip.help));
    }
    problems
}

impl FilledPlaces<'_> {
    /// A text with its places filled. Braces around anything else stay as they are.
    pub(super) fn fill(&self, text: &str) -> String {
        filled(text, |name| self.value(name))
    }

    fn value(&self, name: &str) -> Option<String> {
        let Self {
            authority,
            path,
            secrets,
            ..
        } = self;
        let split = authority.rsplit_once(':');
        Some(match name {
            "url" => format!("http://{authority}{path}"),
            "user-url" => format!(
                "http://{}:{}@{authority}{path}",
                encoded(&secrets.user),
                encoded(&secrets.password)
            ),
            "proxy" => format!("http://{authority}"),
            "user" => secrets.user.clone(),
            "password" => secrets.password.clone(),
            "token" => secrets.token.clone(),
            "realm" => self.realm.to_owned(),
            "authority" => (*authority).to_owned(),
            "host" => split?.0.to_owned(),
            "port" => split?.1.to_owned(),
            "path" => (*path).to_owned(),
            "folder" => self.folder.to_owned(),
            "compiled" => self.compiled.to_owned(),
            other => self.files.get(other.strip_prefix("file:")?)?.clone(),
        })
    }
}

/// A text as it may stand in a URL before an `@` (RFC 3986 §3.2.1).
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
