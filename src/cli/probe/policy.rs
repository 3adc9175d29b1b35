//! What a person knows of the policy of an endpoint, beyond what the endpoint shows: a file, in which environment
//! variables stand for secrets.

use countersign::credentials::{Scheme, Secret};
use countersign::yaml::{self, MapEntry, Node, NodeKind, Source};

use crate::cli::failure::CommandFailure;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// What such a file looks like.
const FORM: &str = "write some of `profiles: [basic, bearer]`, `scope: NAME`, `expired-token: VAR`, `revoked-token: VAR`, \
                    `token-of-another-audience: VAR`, \
                    `token-of-another-issuer: VAR`, `token-without-scope: VAR`, `expired-key: VAR`, `revoked-key: VAR` and \
                    `disabled-user: {user: NAME, password: VAR, token: VAR, key: VAR}`, where VAR is the name of an \
                    environment variable that holds the secret";

/// The words for secrets in it, with those of the disabled user behind.
pub(super) const EXPIRED_TOKEN: &str = "expired-token";
pub(super) const REVOKED_TOKEN: &str = "revoked-token";
pub(super) const AUDIENCE_TOKEN: &str = "token-of-another-audience";
pub(super) const ISSUER_TOKEN: &str = "token-of-another-issuer";
pub(super) const LIMITED_TOKEN: &str = "token-without-scope";
pub(super) const EXPIRED_KEY: &str = "expired-key";
pub(super) const REVOKED_KEY: &str = "revoked-key";
pub(super) const DISABLED_USER: &str = "disabled-user";
pub(super) const DISABLED_PASSWORD: &str = "disabled-user.password";
pub(super) const DISABLED_TOKEN: &str = "disabled-user.token";
pub(super) const DISABLED_KEY: &str = "disabled-user.key";

/// A secret that a variable holds.
#[derive(Clone, Debug)]
pub(super) struct OfVariable {
    /// What it is, as the file says it.
    pub(super) word: &'static str,
    /// The variable.
    pub(super) variable: String,
    pub(super) secret: Secret,
}

/// What is known of a policy.
#[derive(Clone, Debug, Default)]
pub(super) struct ToldPolicy {
    /// Schemes that have a profile, whether or not there are credentials for them.
    pub(super) profiles: Vec<Scheme>,
    /// What a token must allow.
    pub(super) scope: Option<String>,
    /// Who may not log in.
    pub(super) disabled: Option<String>,
    pub(super) secrets: Vec<OfVariable>,
}

impl ToldPolicy {
    /// The secret of a kind, where there is one.
    pub(super) fn secret(&self, word: &str) -> Option<&str> {
        let one = self.secrets.iter().find(|one| one.word == word)?;
        Some(one.secret.expose())
    }

    /// Reads a file. What is wrong with it is told without a value of it: somebody may have written a secret there.
    pub(super) fn read(file: &str) -> Result<Self, CommandFailure> {
        let unreadable = |why: &str| CommandFailure::input(format!("{file} cannot be read: {why}"));
        let size = std::fs::metadata(file).map_err(|error| unreadable(&error.to_string()))?;
        if size.len() > LARGEST {
            return Err(unreadable(
                "it is too large for a file that says what is known of a policy",
            ));
        }
        let bytes = std::fs::read(file).map_err(|error| unreadable(&error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8"))?;
        Self::of(file, &text, &|name| std::env::var(name).ok())
    }

    /// The same, of a text, with these variables.
    fn of(
        file: &str,
        text: &str,
        variables: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, CommandFailure> {
        let reader = PolicyReader {
            file,
            text,
            variables,
        };
        let node = yaml::read(&Source::new(file, text))
            .map_err(|_| reader.wrong(None, "it is no YAML"))?;
        let entries = node
            .entries()
            .filter(|entries| !entries.is_empty())
            .ok_or_else(|| reader.wrong(None, "it says nothing"))?;
        let mut told = Self::default();
        for entry in entries {
            reader.entry(entry, &mut told)?;
        }
        if told.secret(LIMITED_TOKEN).is_some() && told.scope.is_none() {
            return Err(reader.wrong(
                None,
                "`token-without-scope` goes with `scope`, which says what it lacks",
            ));
        }
        Ok(told)
    }
}

struct PolicyReader<'a> {
    file: &'a str,
    text: &'a str,
    variables: &'a dyn Fn(&str) -> Option<String>,
}

impl PolicyReader<'_> {
    fn wrong(&self, at: Option<&Node>, why: &str) -> CommandFailure {
        let line = at.and_then(|node| self.text.get(..node.span.start));
        let line = line.map(|before| before.matches('\n').count() + 1);
        let place = line.map_or_else(String::new, |line| format!(", line {line}"));
        CommandFailure::input(format!("{}{place}: {why}\n  help: {FORM}", self.file))
    }

    fn entry(&self, entry: &MapEntry, told: &mut ToldPolicy) -> Result<(), CommandFailure> {
        let node = &entry.value;
        let known = [
            EXPIRED_TOKEN,
            REVOKED_TOKEN,
            AUDIENCE_TOKEN,
            ISSUER_TOKEN,
            LIMITED_TOKEN,
            EXPIRED_KEY,
            REVOKED_KEY,
        ];
        let word = known.into_iter().find(|word| *word == entry.key);
        match (entry.key.as_str(), word) {
            (_, Some(word)) => told.secrets.push(self.secret(word, node)?),
            ("profiles", _) => told.profiles = self.profiles(node)?,
            ("scope", _) => {
                let scope = node.text().filter(|text| is_scope(text));
                let scope = scope
                    .ok_or_else(|| self.wrong(Some(node), "`scope` is no scope (RFC 6749 §3.3)"))?;
                told.scope = Some(scope.to_owned());
            }
            (DISABLED_USER, _) => self.disabled(node, told)?,
            _ => {
                return Err(self.wrong(Some(node), "there is a key here that is not known"));
            }
        }
        Ok(())
    }

    fn profiles(&self, node: &Node) -> Result<Vec<Scheme>, CommandFailure> {
        let wrong = || {
            self.wrong(
                Some(node),
                "`profiles` is a list of basic, bearer and digest",
            )
        };
        let NodeKind::List(items) = &node.kind else {
            return Err(wrong());
        };
        let spoken = [Scheme::Basic, Scheme::Bearer, Scheme::Digest];
        let read = |item: &Node| Scheme::from_word(item.text()?).filter(|one| spoken.contains(one));
        let profiles: Option<Vec<Scheme>> = items.iter().map(read).collect();
        profiles.ok_or_else(wrong)
    }

    fn disabled(&self, node: &Node, told: &mut ToldPolicy) -> Result<(), CommandFailure> {
        let wrong = |why: &str| self.wrong(Some(node), why);
        let entries = node.entries().unwrap_or_default();
        for entry in entries {
            let word = match entry.key.as_str() {
                "user" => {
                    let name = entry.value.text().filter(|name| {
                        !name.is_empty()
                            && !name.contains(':')
                            && !name.chars().any(char::is_control)
                    });
                    let name = name
                        .ok_or_else(|| wrong("`user` is no name that can be sent (RFC 7617 §2)"))?;
                    told.disabled = Some(name.to_owned());
                    continue;
                }
                "password" => DISABLED_PASSWORD,
                "token" => DISABLED_TOKEN,
                "key" => DISABLED_KEY,
                _ => return Err(wrong("`disabled-user` has a key that is not known")),
            };
            told.secrets.push(self.secret(word, &entry.value)?);
        }
        match told.disabled.is_some() && entries.len() > 1 {
            true => Ok(()),
            false => Err(wrong(
                "`disabled-user` has a `user`, and a `password`, a `token` or a `key`",
            )),
        }
    }

    fn secret(&self, word: &'static str, node: &Node) -> Result<OfVariable, CommandFailure> {
        let is_name = |text: &&str| {
            let mut letters = text.chars();
            letters
                .next()
                .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
                && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let wrong = |why: &str| self.wrong(Some(node), &format!("`{word}` {why}"));
        let variable = { node.text().filter(is_name) }.ok_or_else(|| {
            wrong(
                "is not the name of an environment variable, and secrets do not stand in this file",
            )
        })?;
        let value = (self.variables)(variable)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| wrong("names an environment variable that is not there, or is empty"))?;
        let is_password = word == DISABLED_PASSWORD;
        let is_sendable = match is_password {
            true => !value.chars().any(char::is_control),
            false => value.bytes().all(|byte| byte.is_ascii_graphic()),
        };
        if !is_sendable {
            return Err(wrong("names a variable with a value that cannot be sent"));
        }
        Ok(OfVariable {
            word,
            variable: variable.to_owned(),
            secret: Secret::new(value),
        })
    }
}

/// Whether a text is one scope, or several with blanks between them (RFC 6749 §3.3).
fn is_scope(text: &str) -> bool {
    let is_of = |c: char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
    !text.trim().is_empty() && text.chars().all(is_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ToldPolicy, String> {
        let variables = |name: &str| (name == "THERE").then(|| "s3cret".to_owned());
        let told = ToldPolicy::of("p.yaml", text, &variables);
        told.map_err(|failure| failure.text().to_owned())
    }

    #[test]
    fn variables_stand_for_secrets() {
        let told = read(
            "profiles: [basic, bearer]\nscope: orders:write\ntoken-without-scope: THERE\ndisabled-user: {user: mallory, password: THERE}\n",
        )
        .unwrap();
        assert_eq!(told.profiles, [Scheme::Basic, Scheme::Bearer]);
        assert_eq!(told.secret(LIMITED_TOKEN), Some("s3cret"));
        assert_eq!(told.secret(DISABLED_PASSWORD), Some("s3cret"));
        assert_eq!(told.disabled.as_deref(), Some("mallory"));
        assert!(!format!("{told:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_wrong_is_told_without_its_value() {
        for (text, wanted) in [
            (
                "expired-token: eyJ.literal-s3cret",
                "line 1: `expired-token` is not the name of",
            ),
            (
                "scope: a\nexpired-token: LITERALS3CRET",
                "line 2: `expired-token` names an environment variable that is not there",
            ),
            ("token: LITERALS3CRET", "a key here that is not known"),
            ("profiles: [hoba]", "`profiles` is a list"),
            ("token-without-scope: THERE", "goes with `scope`"),
            ("disabled-user: {user: m}", "has a `user`, and"),
            ("[s3cret", "is no YAML"),
            ("", "it says nothing"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(wanted), "no {wanted} in {said}");
            assert!(!said.to_lowercase().contains("s3cret"), "{said}");
        }
    }
}
