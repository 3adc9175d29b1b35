//! Findings by hand: curl lines in which variables stand for secrets.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use countersign::credentials::{CredentialState, Identity, KeyPlace, SIGNATURE, Scheme};
use countersign::domain::{Case, Step, Value, steps_of, with_fields};
use countersign::export::shell_quoted;
use countersign::vocabulary::{ClientCase, Form, Method};

use super::holdings::{Holdings, MARKS};
use crate::cli::arguments::ProbeOptions;
use crate::cli::reach::place::ServerUrl;

/// What stands in place of a line that there is not.
const NOT_BY_CURL: &str = "# curl alone does not send the other request: see the exchange";

/// What stands for secrets in lines for a shell.
pub(super) struct Names {
    user: String,
    password: String,
    token: String,
    key: String,
    /// The files of certificates that are believed, or shown, as curl is told of them.
    files: String,
    /// The URL as a word of a shell.
    url: String,
    /// Its path.
    path: String,
    /// What stands in place of secrets, with what is shown for it.
    marks: Vec<(String, String)>,
    /// Whoever asks, with marks.
    identities: Vec<Identity>,
    /// Where the server looks for keys.
    place: Option<KeyPlace>,
}

impl Names {
    /// The variables that the secrets came from, or else usual names.
    pub(super) fn of(options: &ProbeOptions, holdings: &Holdings, place: &ServerUrl) -> Self {
        let variable = |name: &Option<String>, usual: &str| {
            let is_name = |name: &&str| {
                name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                    && !name.starts_with(|c: char| c.is_ascii_digit())
            };
            let name = name.as_deref().filter(is_name).unwrap_or(usual);
            format!("${{{name}}}")
        };
        let user = in_quotes(&holdings.given.identity().user);
        let password = variable(&options.given.password_env, "PASSWORD");
        let token = variable(&options.given.token_env, "TOKEN");
        let own = [user.clone(), password.clone(), token.clone()];
        let mut marks: Vec<(String, String)> =
            MARKS.map(str::to_owned).into_iter().zip(own).collect();
        marks.extend(holdings.marks());
        Self {
            marks,
            identities: holdings.marked().identities(),
            place: holdings.place.clone(),
            path: place.path.split('?').next().unwrap_or_default().to_owned(),
            user,
            password,
            token,
            key: variable(&options.key_env, "KEY"),
            files: [
                ("--cacert", &options.ca),
                ("--cert", &options.client_cert),
                ("--key", &options.client_key),
            ]
            .iter()
            .filter_map(|(word, file)| Some(format!("{word} {} ", shell_quoted(file.as_ref()?))))
            .collect(),
            // What stands in a query may be a secret.
            url: match place.shown.strip_suffix("?…") {
                Some(bare) => format!("\"{}?${{QUERY}}\"", in_quotes(bare)),
                None => shell_quoted(&place.shown),
            },
        }
    }

    /// What curl is told to log in with: the user, or the token.
    pub(super) fn with(&self, user: bool) -> String {
        match user {
            true => format!("-u \"{}:{}\" ", self.user, self.password),
            false => format!("-H \"Authorization: Bearer {}\" ", self.token),
        }
    }

    /// The same of an API key, in a place of this name.
    pub(super) fn key(&self, place: &str, name: &str) -> String {
        match place {
            "header" => format!("-H \"{}: {}\" ", in_quotes(name), self.key),
            "cookie" => format!("-b \"{}={}\" ", in_quotes(name), self.key),
            _ => format!("-G -d \"{}={}\" ", in_quotes(name), self.key),
        }
    }

    /// A request for a URL beside the one that is probed.
    pub(super) fn call(&self, method: &str, url: &str, words: &str) -> String {
        let method = match method {
            "GET" => String::new(),
            "HEAD" => "--head ".to_owned(),
            other => format!("-X {other} "),
        };
        format!(
            "curl -si {}{method}{words}{}",
            self.files,
            shell_quoted(url)
        )
    }

    /// A request as a line, in which marks have become what they stand for; `target` is where it goes beyond the URL.
    pub(super) fn line(&self, method: &str, target: &str, fields: &[(String, String)]) -> String {
        let mut words = match method {
            "GET" => String::new(),
            "HEAD" => "--head ".to_owned(),
            other => format!("-X {} ", shell_quoted(other)),
        };
        for (name, value) in fields {
            let is_made = value.to_ascii_lowercase().starts_with("digest ");
            let shown = match is_made {
                true => Some("Digest … (made of ${PASSWORD} and the challenge)".to_owned()),
                false if value.len() > 2000 => Some(format!("… ({} bytes)", value.len())),
                false => self.words(value),
            };
            let shown = shown.unwrap_or_else(|| "… (with control characters)".to_owned());
            words.push_str(&format!("-H \"{name}: {shown}\" "));
        }
        format!(
            "curl -si {}{words}{}{}",
            self.files,
            self.url,
            self.behind(target)
        )
    }

    /// What of a target carries something marked in its query, as it stands behind the URL.
    fn behind(&self, target: &str) -> String {
        let has_mark = |text: &str| {
            self.marks
                .iter()
                .any(|(mark, _)| text.contains(mark.as_str()))
        };
        let at = target.rfind(['?', '&']).filter(|_| has_mark(target));
        let added = at.and_then(|at| target.get(at..));
        let shown = added.and_then(|added| self.quoted(added));
        shown.map_or_else(String::new, |shown| format!("\"{shown}\""))
    }

    /// A field's value within double quotes.
    fn words(&self, value: &str) -> Option<String> {
        let mut shown = String::new();
        for part in value.split_inclusive([' ', '\t']) {
            let word = part.trim_end_matches([' ', '\t']);
            let blank = part.strip_prefix(word).unwrap_or_default();
            shown.push_str(&self.word(word)?);
            shown.push_str(blank);
        }
        Some(shown)
    }

    /// Text within double quotes in which marks have become what they stand for; nothing where it has what no
    /// line can show.
    fn quoted(&self, text: &str) -> Option<String> {
        if text.chars().any(char::is_control) {
            return None;
        }
        let shown = self.marks.iter();
        Some(shown.fold(in_quotes(text), |text, (mark, shown)| {
            text.replace(mark.as_str(), shown)
        }))
    }

    /// The lines that play these cases, the first without credentials; nothing of a case where curl cannot.
    pub(super) fn lines<'a>(&self, cases: impl IntoIterator<Item = &'a Case>) -> Vec<String> {
        let mut lines = vec![self.curl("")];
        for case in cases {
            let own = self.of_case(case);
            let own = own.unwrap_or_else(|| vec![NOT_BY_CURL.to_owned()]);
            for line in own {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines
    }

    fn of_case(&self, case: &Case) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        for step in steps_of(&case.course).ok()? {
            let Step::Ask { with, times } = step else {
                return None;
            };
            let line = self.of_client(&with_fields(&case.client, &with))?;
            lines.push(match times {
                0 | 1 => line,
                times => format!("for i in $(seq {times}); do {line}; done"),
            });
        }
        lines.push(self.of_client(&case.client)?);
        Some(lines)
    }

    fn of_client(&self, record: &Value) -> Option<String> {
        let client = ClientCase::from_value(record).ok()?;
        let persona = record.field("persona").and_then(Value::as_symbol);
        let waits = persona.is_some_and(|persona| persona != "preemptive");
        let method = match client.method {
            Method::Get => String::new(),
            Method::Head => "--head ".to_owned(),
            Method::Options => "-X OPTIONS ".to_owned(),
            Method::Post => "-X POST ".to_owned(),
            _ => return None,
        };
        if client.credential == CredentialState::None {
            return Some(self.curl(&method));
        }
        let is_plain = client.credential == CredentialState::Valid && client.form == Form::Plain;
        let user = format!("{}:{}", self.user, self.password);
        let with = match client.scheme {
            Scheme::Digest if is_plain => format!("--digest -u \"{user}\" "),
            Scheme::Basic if is_plain && waits => format!("--anyauth -u \"{user}\" "),
            Scheme::Basic if is_plain => format!("-u \"{user}\" "),
            _ if waits => return None,
            Scheme::Hmac if is_plain => self.signed(client.method),
            _ => {
                let (with, behind) = self.fields(&client)?;
                return Some(self.curl(&format!("{method}{with}")) + &behind);
            }
        };
        Some(self.curl(&format!("{method}{with}")))
    }

    /// A signature that the shell makes.
    fn signed(&self, method: Method) -> String {
        let line = (SIGNATURE.0.to_owned(), String::new());
        let (name, _) = match &self.place {
            Some(place) => place.field(line),
            None => line,
        };
        format!(
            "-H \"{name}: {}:$(printf '%s\\n%s' {} {} | openssl dgst -sha256 -hmac \"{}\" -binary | base64)\" ",
            self.user,
            method.name(),
            shell_quoted(&self.path),
            self.password
        )
    }

    /// The field lines of a client that sends its credentials unasked, and what stands behind the URL.
    fn fields(&self, client: &ClientCase) -> Option<(String, String)> {
        let request = client.unasked(&self.identities)?;
        let (_, query) = request.path.split_once('?').unwrap_or_default();
        let query = match (&self.place, query) {
            (_, "") => String::new(),
            (Some(place), query) => place.query(query.to_owned()),
            (None, query) => query.to_owned(),
        };
        let behind = match query.is_empty() {
            true => String::new(),
            false if self.url.contains('?') => format!("&{query}"),
            false => format!("?{query}"),
        };
        let behind = match behind.is_empty() {
            true => behind,
            false => format!("\"{}\"", self.quoted(&behind)?),
        };
        let mut words = String::new();
        for field in &request.fields {
            if matches!(field.name.as_str(), "Accept" | "User-Agent") {
                continue;
            }
            let value = String::from_utf8(field.value.clone()).ok()?;
            if value.len() > 2000 {
                return None;
            }
            let line = (field.name.clone(), value);
            let (name, value) = match &self.place {
                Some(place) if client.scheme == Scheme::ApiKey => place.field(line),
                _ => line,
            };
            if value.is_empty() {
                words.push_str(&format!("-H \"{name};\" "));
                continue;
            }
            let value = self.words(&value)?;
            words.push_str(&format!("-H \"{name}: {value}\" "));
        }
        Some((words, behind))
    }

    /// A word of a field's value: what is base64 of something marked is made by the shell.
    fn word(&self, word: &str) -> Option<String> {
        let is_marked = |text: &String| {
            self.marks
                .iter()
                .any(|(mark, _)| text.contains(mark.as_str()))
        };
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

    fn curl(&self, words: &str) -> String {
        format!("curl -si {}{words}{}", self.files, self.url)
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
            key: "${KEY}".to_owned(),
            files: String::new(),
            url: String::new(),
            path: String::new(),
            marks: { MARKS.into_iter() }
                .zip(["alice", "${PASSWORD}", "${TOKEN}"])
                .map(|(mark, shown)| (mark.to_owned(), shown.to_owned()))
                .collect(),
            identities: Vec::new(),
            place: None,
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
