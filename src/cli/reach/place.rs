//! A server by its URL, and what in the URL is a secret.

use countersign::credentials::Scheme;

use crate::cli::failure::CommandFailure;

/// The fewest characters of a value in a query that is taken for a secret wherever it comes back: where
/// the name says that it is one, and else.
const SHORTEST: [usize; 2] = [4, 8];

/// What stands in the names of parameters that hold secrets.
const TELLING: [&str; 10] = [
    "token", "key", "secret", "pass", "pwd", "code", "sig", "auth", "session", "jwt",
];

/// Words of challenges, which are no secrets.
const WORDS: [&str; 5] = ["realm", "nonce", "algorithm", "Negotiate", "charset"];

/// A server by its URL.
pub(in crate::cli) struct ServerUrl {
    /// The URL as it is shown.
    pub(in crate::cli) shown: String,
    pub(in crate::cli) host: String,
    pub(in crate::cli) authority: String,
    pub(in crate::cli) path: String,
    /// Whether it is reached over TLS.
    pub(in crate::cli) secure: bool,
    /// What is not shown wherever it comes back, the longest first.
    secrets: Vec<String>,
}

impl ServerUrl {
    pub(in crate::cli) fn of(url: &str) -> Result<Self, CommandFailure> {
        // A fragment is for whoever shows what was fetched, and never sent (RFC 9110 §4.2.5).
        let url = url.split_once('#').map_or(url, |(url, _)| url);
        let parsed: Result<hyper::Uri, _> = url.parse();
        let authority = parsed.as_ref().ok().and_then(|parsed| parsed.authority());
        // A password in a URL is shown nowhere.
        if authority.is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(CommandFailure::input(
                "the URL carries user information, which would not be sent\n  help: give a user with \
                 --user NAME and --password-env VAR",
            ));
        }
        // Neither is a token in its query.
        let shown = match url.split_once('?') {
            Some((before, _)) => format!("{before}?…"),
            None => url.to_owned(),
        };
        let parsed = parsed.map_err(|error| match url.contains('@') {
            true => CommandFailure::input(format!("what is given for a URL is none: {error}")),
            false => CommandFailure::input(match url.contains("://") {
                true => format!("`{shown}` is not a URL: {error}"),
                false => format!(
                    "`{shown}` is not a URL: {error}\n  help: it begins with http:// or https://"
                ),
            }),
        })?;
        let wrong = |why: &str| CommandFailure::input(format!("`{shown}` {why}"));
        let secure = match parsed.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong("is neither http nor https")),
        };
        let authority = parsed.authority().ok_or_else(|| wrong("has no host"))?;
        let host = authority.host();
        let usual = if secure { 443 } else { 80 };
        // A port that is none is not another port: what is meant for one server would go to another.
        let port = match authority.as_str().strip_prefix(host) {
            Some("" | ":") => usual,
            behind => behind
                .and_then(|behind| port(behind.strip_prefix(':')?))
                .ok_or_else(|| {
                    let behind = behind.unwrap_or_default();
                    wrong(&format!(
                        "is not a URL: `{behind}` is no port, which is a number from 1 to 65535"
                    ))
                })?,
        };
        let path = parsed.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            authority: format!("{host}:{port}"),
            path: path.to_owned(),
            host: host.to_owned(),
            secrets: secrets(parsed.query().unwrap_or_default()),
            shown,
            secure,
        })
    }

    /// What a server sent, without the secrets that it was sent.
    pub(in crate::cli) fn masked(&self, value: &[u8]) -> Vec<u8> {
        let mut masked = Vec::with_capacity(value.len());
        let mut rest = value;
        while let Some((first, behind)) = rest.split_first() {
            let begins = |secret: &&String| {
                let begin = rest.get(..secret.len());
                begin.is_some_and(|begin| begin.eq_ignore_ascii_case(secret.as_bytes()))
            };
            match self.secrets.iter().find(begins) {
                Some(secret) => {
                    masked.extend_from_slice(b"***");
                    rest = rest.get(secret.len()..).unwrap_or_default();
                }
                None => {
                    masked.push(*first);
                    rest = behind;
                }
            }
        }
        masked
    }
}

/// A port in digits alone.
fn port(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let port = text.parse().ok().filter(|_| is_number);
    port.filter(|port| *port > 0)
}

/// The values of a query that may be secrets: as they were sent, decoded, and encoded in full.
fn secrets(query: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    for pair in query.split(['&', ';']) {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let name = name.to_ascii_lowercase();
        let tells = TELLING.iter().any(|telling| name.contains(telling));
        let [told, untold] = SHORTEST;
        let shortest = if tells { told } else { untold };
        let decoded = decoded(value);
        let is_word = |text: &str| {
            let word = |word: &&str| word.eq_ignore_ascii_case(text);
            Scheme::from_name(text).is_some() || WORDS.iter().any(word)
        };
        if decoded.chars().count() < shortest || is_word(&decoded) {
            continue;
        }
        let encoded = encoded(&decoded);
        for secret in [value.to_owned(), decoded, encoded] {
            if !secrets.contains(&secret) {
                secrets.push(secret);
            }
        }
    }
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// Text without percent-encoding (RFC 3986 §2.1).
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
        let byte = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => u8::try_from(high * 16 + low).ok(),
            _ => None,
        };
        rest = match byte {
            Some(_) => behind.get(2..).unwrap_or_default(),
            None => behind,
        };
        bytes.push(byte.unwrap_or(*first));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Text with percent-encoding of all that is reserved (RFC 3986 §2.3).
pub(in crate::cli) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
