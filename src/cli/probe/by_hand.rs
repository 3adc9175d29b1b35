//! Findings by hand: curl lines in which variables stand for secrets.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use countersign::credentials::{CredentialState, Identity, Scheme, Token, TokenState};
use countersign::domain::{Case, Step, Value, steps_of, with_fields};
use countersign::export::shell_quoted;
use countersign::vocabulary::{ClientCase, Form, Method};

use crate::cli::arguments::ProbeOptions;
use crate::cli::reach::credentials::Given;

/// What stands for the user, the password and the token while a request is made, and in no request of anybody.
const MARKS: [&str; 3] = [
    "countersign-mark-user",
    "countersign-mark-word",
    "countersign-mark-token",
];

/// What stands in place of a line that there is not.
const NOT_BY_CURL: &str = "# curl alone does not send the other request: see the exchange";

/// What stands for secrets in lines for a shell.
pub(super) struct Names {
    user: String,
    password: String,
    token: String,
    /// The file of certificates that are believed.
    ca: Option<String>,
}

impl Names {
    /// The variables that the secrets came from, or else usual names.
    pub(super) fn of(options: &ProbeOptions, given: &Given) -> Self {
        let variable = |name: &Option<String>, usual: &str| {
            let is_name = |name: &&str| {
                name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                    && !name.starts_with(|c: char| c.is_ascii_digit())
            };
            let name = name.as_deref().filter(is_name).unwrap_or(usual);
            format!("${{{name}}}")
        };
        Self {
            user: in_quotes(&given.identity().user),
            password: variable(&options.given.password_env, "PASSWORD"),
            token: variable(&options.given.token_env, "TOKEN"),
            ca: options.ca.clone(),
        }
    }

    /// Text within double quotes in which marks have become what they stand for; nothing where it has what no
    /// line can show.
    fn quoted(&self, text: &str) -> Option<String> {
        if text.chars().any(char::is_control) {
            return None;
        }
        let [user, password, token] = MARKS;
        Some(
            in_quotes(text)
                .replace(user, &self.user)
                .replace(password, &self.password)
                .replace(token, &self.token),
        )
    }

    /// The lines that play these cases, the first without credentials; nothing of a case where curl cannot.
    pub(super) fn lines<'a>(
        &self,
        cases: impl IntoIterator<Item = &'a Case>,
        url: &str,
    ) -> Vec<String> {
        let mut lines = vec![self.curl("", url)];
        for case in cases {
            let own = self.of_case(case, url);
            let own = own.unwrap_or_else(|| vec![NOT_BY_CURL.to_owned()]);
            for line in own {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines
    }

    fn of_case(&self, case: &Case, url: &str) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        for step in steps_of(&case.course).ok()? {
            let Step::Ask { with, times } = step else {
                return None;
            };
            let line = self.of_client(&with_fields(&case.client, &with), url)?;
            lines.push(match times {
                0 | 1 => line,
                times => format!("for i in $(seq {times}); do {line}; done"),
            });
        }
        lines.push(self.of_client(&case.client, url)?);
        Some(lines)
    }

    fn of_client(&self, record: &Value, url: &str) -> Option<String> {
        let client = ClientCase::from_value(record).ok()?;
        let persona = record.field("persona").and_then(Value::as_symbol);
        let waits = persona.is_some_and(|persona| persona != "preemptive");
        let method = match client.method {
            Method::Get => String::new(),
            Method::Head => "--head ".to_owned(),
            Method::Options => "-X OPTIONS ".to_owned(),
            _ => return None,
        };
        if client.credential == CredentialState::None {
            return Some(self.curl(&method, url));
        }
        let is_plain = client.credential == CredentialState::Valid && client.form == Form::Plain;
        let user = format!("{}:{}", self.user, self.password);
        let with = match client.scheme {
            Scheme::Digest if is_plain => format!("--digest -u \"{user}\" "),
            Scheme::Basic if is_plain && waits => format!("--anyauth -u \"{user}\" "),
            Scheme::Basic if is_plain => format!("-u \"{user}\" "),
            _ if waits => return None,
            _ => self.fields(&client)?,
        };
        Some(self.curl(&format!("{method}{with}"), url))
    }

    /// The field lines of a client that sends its credentials unasked.
    fn fields(&self, client: &ClientCase) -> Option<String> {
        let [user, password, token] = MARKS.map(str::to_owned);
        let identity = Identity {
            user,
            password,
            enabled: true,
            roles: Vec::new(),
            tokens: vec![Token {
                value: token,
                state: TokenState::Valid,
                scopes: Vec::new(),
            }],
            api_keys: Vec::new(),
        };
        let request = client.unasked(&[identity])?;
        if request.path.contains('?') {
            return None;
        }
        let mut words = String::new();
        for field in &request.fields {
            if matches!(field.name.as_str(), "Accept" | "User-Agent") {
                continue;
            }
            let value = String::from_utf8(field.value.clone()).ok()?;
            if value.len() > 2000 {
                return None;
            }
            if value.is_empty() {
                words.push_str(&format!("-H \"{};\" ", field.name));
                continue;
            }
            let mut shown = String::new();
            let parts = value.split_inclusive([' ', '\t']);
            for part in parts {
                let word = part.trim_end_matches([' ', '\t']);
                let blank = part.strip_prefix(word).unwrap_or_default();
                shown.push_str(&self.word(word)?);
                shown.push_str(blank);
            }
            let value = shown;
            words.push_str(&format!("-H \"{}: {value}\" ", field.name));
        }
        Some(words)
    }

    /// A word of a field's value: what is base64 of something marked is made by the shell.
    fn word(&self, word: &str) -> Option<String> {
        let is_marked = |text: &String| MARKS.iter().any(|mark| text.contains(mark));
        let read = |bytes: Vec<u8>| String::from_utf8(bytes).ok().filter(is_marked);
        let padded = BASE64_STANDARD.decode(word).ok().and_then(read);
        let bare = || BASE64_STANDARD_NO_PAD.decode(word).ok().and_then(read);
        let (text, without) = match padded {
            Some(text) => (text, "'\\n'"),
            None => match bare() {
                Some(text) => (text, "'=\\n'"),
                None => return self.quoted(word),
            },
        };
        // What is no text stands in the format, in octal digits.
        let (mut format, mut arguments) = (String::new(), Vec::new());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = rest.find(char::is_control).unwrap_or(rest.len());
            let (plain, behind) = rest.split_at_checked(end)?;
            if !plain.is_empty() {
                format.push_str("%s");
                arguments.push(format!("\"{}\"", self.quoted(plain)?));
            }
            let mut behind = behind.chars();
            if let Some(control) = behind.next() {
                format.push_str(&format!("\\{:03o}", u32::from(control)));
            }
            rest = behind.as_str();
        }
        let arguments = arguments.join(" ");
        Some(format!(
            "$(printf '{format}' {arguments} | base64 | tr -d {without})"
        ))
    }

    fn curl(&self, words: &str, url: &str) -> String {
        let ca = self.ca.as_deref();
        let ca = ca.map_or_else(String::new, |file| {
            format!("--cacert {} ", shell_quoted(file))
        });
        format!("curl -si {ca}{words}{}", shell_quoted(url))
    }
}

/// Text as it stands within double quotes of a shell.
fn in_quotes(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_makes_what_the_client_sent() {
        let names = Names {
            user: "alice".to_owned(),
            password: "${PASSWORD}".to_owned(),
            token: "${TOKEN}".to_owned(),
            ca: None,
        };
        let [user, password, token] = MARKS;
        let basic = format!("{user}:{password}\0");
        assert_eq!(
            names.word(&BASE64_STANDARD.encode(&basic)).unwrap(),
            r#"$(printf '%s\000' "alice:${PASSWORD}" | base64 | tr -d '\n')"#
        );
        let bare = BASE64_STANDARD_NO_PAD.encode(format!("{user}:{password}!"));
        assert!(names.word(&bare).unwrap().contains("${PASSWORD}!"));
        assert_eq!(names.word(token).unwrap(), "${TOKEN}");
        assert_eq!(names.word("junk").unwrap(), "junk");
        assert_eq!(names.word("a`b").unwrap(), "a\\`b");
    }
}
