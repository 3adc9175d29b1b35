//! Credentials that a person gave, to try what a server accepts. They are never an argument, which
//! other users of a machine can see, and never in an output.

use std::io::Read;

use countersign::credentials::{
    CredentialState, Identity, KeyPlace, Scheme, Secret, Token, TokenState, authorization,
};
use countersign::yaml::{self, Source};

use crate::cli::arguments::CredentialOptions;
use crate::cli::failure::CommandFailure;

/// The largest file of credentials that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// What a file of credentials looks like.
const FORM: &str = "write `user: NAME`, `password: PASSWORD`, `token: TOKEN`, `key: KEY` and `key-in: header:NAME`, each \
                    on a line of its own, with quotes where a value looks like a number; a user and a password go \
                    together, and `key-in` goes with a key";

/// A user with a password, a token, an API key, or some of them.
#[derive(Debug, Default)]
pub(in crate::cli) struct Given {
    user: Option<(String, Secret)>,
    token: Option<Secret>,
    key: Option<(Secret, Option<KeyPlace>)>,
}

impl Given {
    /// What the command line says where to find.
    pub(in crate::cli) fn of(place: &CredentialOptions) -> Result<Self, CommandFailure> {
        let given = match &place.credentials {
            Some(file) => Self::read(file)?,
            None => {
                let password = place.password_env.as_deref();
                let password = password.map(|name| variable(name, "--password-env"));
                let token = place.token_env.as_deref();
                let token = token.map(|name| variable(name, "--token-env"));
                Self {
                    user: place.user.clone().zip(password.transpose()?),
                    token: token.transpose()?,
                    key: None,
                }
            }
        };
        given.check()?;
        Ok(given)
    }

    /// Reads a file. What is wrong with it is told without a word of it.
    fn read(file: &str) -> Result<Self, CommandFailure> {
        let unreadable = |why: &str| CommandFailure::input(format!("{file} cannot be read: {why}"));
        let mut bytes = Vec::new();
        let mut take = |from: &mut dyn Read| from.take(LARGEST + 1).read_to_end(&mut bytes);
        let read = match file {
            "-" => take(&mut std::io::stdin().lock()),
            file => std::fs::File::open(file).and_then(|mut file| take(&mut file)),
        };
        read.map_err(|error| unreadable(&error.to_string()))?;
        if bytes.len() as u64 > LARGEST {
            return Err(unreadable("it is too large for a file of credentials"));
        }
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8"))?;
        let wrong =
            || CommandFailure::input(format!("{file} is no file of credentials\n  help: {FORM}"));
        let node = yaml::read(&Source::new(file, text)).map_err(|_| wrong())?;
        let entries = node.entries().ok_or_else(wrong)?;
        let known = ["user", "password", "token", "key", "key-in"];
        let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        if names.is_empty() || names.iter().any(|name| !known.contains(name)) {
            return Err(wrong());
        }
        let value = |name: &str| match node.get(name) {
            // What YAML takes for a number might not be written as it stands.
            Some(node) => node
                .text()
                .map(|text| Some(text.to_owned()))
                .ok_or_else(wrong),
            None => Ok(None),
        };
        let user = match (value("user")?, value("password")?) {
            (Some(user), Some(password)) => Some((user, Secret::new(password))),
            (None, None) => None,
            _ => return Err(wrong()),
        };
        let place = value("key-in")?.map(|text| KeyPlace::read(&text));
        let place = place.transpose().map_err(|_| wrong())?;
        let key = match (value("key")?, place) {
            (Some(key), place) => Some((Secret::new(key), place)),
            (None, None) => None,
            (None, Some(_)) => return Err(wrong()),
        };
        Ok(Self {
            user,
            token: value("token")?.map(Secret::new),
            key,
        })
    }

    /// What cannot be sent is not sent.
    fn check(&self) -> Result<(), CommandFailure> {
        let has_control = |text: &str| text.chars().any(char::is_control);
        if let Some((user, password)) = &self.user {
            if user.contains(':') || has_control(user) {
                return Err(CommandFailure::input(
                    "the user has a colon or a control character, which Basic has no way to send \
                     (RFC 7617 §2)",
                ));
            }
            if has_control(password.expose()) {
                return Err(CommandFailure::input(
                    "the password has a control character, such as the end of a line, which Basic \
                     has no way to send (RFC 7617 §2)",
                ));
            }
        }
        let is_sendable =
            |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        match &self.token {
            Some(token) if !is_sendable(token.expose()) => Err(CommandFailure::input(
                "the token is empty, or has a blank, the end of a line or another character that no \
                 token has (RFC 6750 §2.1)",
            )),
            _ => Ok(()),
        }
    }

    pub(in crate::cli) fn has_user(&self) -> bool {
        self.user.is_some()
    }

    pub(in crate::cli) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// An API key that a file gave, and where the server looks for it, if the file says so.
    pub(in crate::cli) fn key(&self) -> Option<&(Secret, Option<KeyPlace>)> {
        self.key.as_ref()
    }

    /// The same with these in place of user, password and token, as far as there are any, and without a key.
    pub(in crate::cli) fn marked(&self, marks: [&str; 3]) -> Self {
        let [user, password, token] = marks;
        let secret = |mark: &str| Secret::new(mark.to_owned());
        Self {
            user: { self.user.as_ref() }.map(|_| (user.to_owned(), secret(password))),
            token: self.token.as_ref().map(|_| secret(token)),
            key: None,
        }
    }

    /// Every secret in it, as it is sent too.
    pub(in crate::cli) fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<String> = { self.token.iter() }
            .map(|token| token.expose().to_owned())
            .collect();
        if let Some((_, password)) = &self.user {
            secrets.push(password.expose().to_owned());
        }
        if self.has_user() {
            secrets.extend(Self::as_basic(&self.identity()));
        }
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
    }

    /// A user-id and a password as Basic sends them (RFC 7617 §2).
    pub(in crate::cli) fn as_basic(identity: &Identity) -> Option<String> {
        let basic = authorization(Scheme::Basic, CredentialState::Valid, identity);
        let basic = basic.ok().flatten()?;
        let (_, value) = basic.split_once(' ')?;
        Some(value.to_owned())
    }

    /// Whoever has them.
    pub(in crate::cli) fn identity(&self) -> Identity {
        let (user, password) = self.user.clone().unwrap_or_default();
        let token = |value: &Secret| Token {
            value: value.clone(),
            state: TokenState::Valid,
            scopes: Vec::new(),
        };
        Identity {
            user,
            password,
            enabled: true,
            roles: Vec::new(),
            groups: Vec::new(),
            tokens: self.token.as_ref().map(token).into_iter().collect(),
            api_keys: Vec::new(),
        }
    }
}

/// The value of an environment variable. Its name is not shown: whoever mistakes the option gives the
/// secret in its place.
pub(in crate::cli) fn variable(name: &str, option: &str) -> Result<Secret, CommandFailure> {
    let why = match std::env::var(name) {
        Ok(value) if !value.is_empty() => return Ok(Secret::new(value)),
        Ok(_) => "is empty",
        Err(std::env::VarError::NotPresent) => "is not there",
        Err(std::env::VarError::NotUnicode(_)) => "is not UTF-8",
    };
    Err(CommandFailure::input(format!(
        "the environment variable of {option} {why}\n  help: give the name of an exported variable that \
         holds the secret, and not the secret"
    )))
}
