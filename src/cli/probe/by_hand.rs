//! Findings by hand: curl lines in which variables stand for secrets.

use countersign::credentials::{Identity, KeyPlace};
use countersign::domain::Case;
use countersign::export::{
    CurlAsks, StandIns, TextPart, by_curl, in_quotes, shell_made, shell_quoted,
    shows_what_is_advertised,
};

use super::holdings::{Holdings, MARKS};
use crate::cli::arguments::ProbeOptions;
use crate::cli::reach::place::ServerUrl;
use crate::cli::reach::proxy::{self, OF_VARIABLE};

/// What stands in place of a line that there is not.
const NOT_BY_CURL: &str = "# no line of curl sends the other request: `--save FOLDER` keeps it, and of the file `countersign export` \
                           makes a script that does (--format curl, python)";

/// What stands for secrets in lines for a shell.
pub(super) struct Names {
    user: String,
    password: String,
    token: String,
    key: String,
    /// The proxy, and the files of certificates that are believed, or shown, as curl is told of them.
    ways: String,
    /// The URL as a word of a shell.
    url: String,
    /// What stands in place of secrets.
    stand_ins: StandIns,
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
            name.to_owned()
        };
        let shown = |name: &str| format!("${{{name}}}");
        let user = holdings.given.identity().user;
        let password = variable(&options.given.password_env, "PASSWORD");
        let token = variable(&options.given.token_env, "TOKEN");
        let own = [
            TextPart::Text(user.clone()),
            TextPart::Variable(password.clone()),
            TextPart::Variable(token.clone()),
        ];
        let proxy = options.proxy.as_deref();
        let proxy = proxy.map(|named| proxy::as_curl(named, shell_quoted));
        let cert = options.client_cert.as_ref();
        let of_cert = cert.filter(|named| named.starts_with(OF_VARIABLE));
        let files = [
            ("--cacert", options.ca.as_ref()),
            ("--cert", cert),
            // What a variable holds is a pipe to curl, which reads it for each of the two.
            ("--key", options.client_key.as_ref().or(of_cert)),
        ];
        let files = { files.iter() }.filter_map(|(word, named)| {
            let named = named.as_ref()?;
            Some(match named.strip_prefix(OF_VARIABLE) {
                Some(name) => format!("{word} <(echo \"${{{name}}}\") "),
                None => format!("{word} {} ", shell_quoted(named)),
            })
        });
        let marks = MARKS.map(str::to_owned).into_iter().zip(own);
        Self {
            stand_ins: StandIns::new(marks.chain(holdings.marks())),
            identities: holdings.marked().identities(),
            place: holdings.place.clone(),
            user: in_quotes(&user),
            password: shown(&password),
            token: shown(&token),
            key: shown(&variable(&options.key_env, "KEY")),
            ways: proxy.into_iter().chain(files).collect(),
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
        self.key_of(place, name, &self.key)
    }

    /// The same of a key that a variable holds, which is given as a shell has it.
    pub(super) fn key_of(&self, place: &str, name: &str, variable: &str) -> String {
        let name = in_quotes(name);
        match place {
            "header" => format!("-H \"{name}: {variable}\" "),
            "cookie" => format!("-b \"{name}={variable}\" "),
            _ => format!("-G -d \"{name}={variable}\" "),
        }
    }

    /// A request for a URL beside the one that is probed.
    pub(super) fn call(&self, method: &str, url: &str, words: &str) -> String {
        let method = match method {
            "GET" => String::new(),
            "HEAD" => "--head ".to_owned(),
            other => format!("-X {other} "),
        };
        format!("curl -si {}{method}{words}{}", self.ways, shell_quoted(url))
    }

    /// A request as a line, in which marks have become what they stand for; `target` is where it goes beyond the URL.
    pub(super) fn line(
        &self,
        method: &str,
        target: &str,
        fields: &[(String, String)],
        content: &str,
    ) -> String {
        let mut words = match method {
            "GET" => String::new(),
            "HEAD" => "--head ".to_owned(),
            "POST" if !content.is_empty() => format!("-d {} ", shell_quoted(content)),
            other => format!("-X {} ", shell_quoted(other)),
        };
        for (name, value) in fields {
            let is_made = value.to_ascii_lowercase().starts_with("digest ");
            let shown = match is_made {
                true => Some("Digest … (made of ${PASSWORD} and the challenge)".to_owned()),
                false if value.len() > 2000 => Some(format!("… ({} bytes)", value.len())),
                false => shell_made(&self.stand_ins.pieces(value)),
            };
            let shown = shown.unwrap_or_else(|| "… (with control characters)".to_owned());
            words.push_str(&format!("-H \"{name}: {shown}\" "));
        }
        format!(
            "curl -si {}{words}{}{}",
            self.ways,
            self.url,
            self.behind(target)
        )
    }

    /// What of a target carries something marked in its query, as it stands behind the URL.
    fn behind(&self, target: &str) -> String {
        let at = target.rfind(['?', '&']);
        let added = at.and_then(|at| target.get(at..));
        let added = added.filter(|added| self.stand_ins.are_in(added));
        let shown = added.and_then(|added| shell_made(&self.stand_ins.plain(added)));
        shown.map_or_else(String::new, |shown| format!("\"{shown}\""))
    }

    /// The commands that play these cases, the first without credentials, as far as curl can. `content` says whether
    /// that of answers matters.
    pub(super) fn lines(&self, cases: &[&Case], content: bool) -> Vec<String> {
        let asks = CurlAsks {
            identities: &self.identities,
            url: &self.url,
            options: &self.ways,
            key: self.place.as_ref(),
            stand_ins: self.stand_ins.clone(),
        };
        let played = |cases: &[&Case]| by_curl(cases.iter().copied(), &asks, content);
        let is_played = |case: &&Case| {
            let is_first = case.steps().is_empty() && shows_what_is_advertised(case);
            let own = || played(&[case]);
            is_first || own().is_some_and(|own| own.len() > 1 || !case.steps().is_empty())
        };
        let (can, cannot) = cases.iter().copied().partition::<Vec<_>, _>(is_played);
        let lines = played(&can).unwrap_or_default();
        let lines = lines.into_iter().map(|(line, _)| line);
        let cannot = (!cannot.is_empty()).then(|| NOT_BY_CURL.to_owned());
        lines.chain(cannot).collect()
    }
}
