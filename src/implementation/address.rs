//! Addresses that a program gives: plain HTTP on this machine, and nothing else.

use std::net::IpAddr;

use hyper::Uri;

/// The port of a URL that names none (RFC 9110 §4.2.1).
const USUAL_PORT: u16 = 80;

/// A URL of plain HTTP on a loopback address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The host as a URL has it: an IPv6 address in brackets.
    pub(super) host: String,
    /// The port, where the URL names one.
    pub(super) port: Option<u16>,
    /// The path; `/` where there is none.
    pub(super) path: String,
    /// Whether a query or a fragment follows.
    pub(super) goes_on: bool,
}

impl Address {
    /// Parses a URL and makes sure that it is plain HTTP on a loopback address.
    ///
    /// # Errors
    ///
    /// In words that follow the URL.
    pub(super) fn loopback(url: &str) -> Result<Self, String> {
        let parsed: Uri = url
            .parse()
            .map_err(|error| format!("is not a URL ({error})"))?;
        match parsed.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err("is https, which is not supported yet: serve plain http".to_owned());
            }
            Some(other) => return Err(format!("is not http but {other}")),
            None => return Err("is not a URL (it names no scheme)".to_owned()),
        }
        let authority = parsed
            .authority()
            .map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err("carries user information, which would be sent with nothing".to_owned());
        }
        let host = parsed.host().unwrap_or_default().to_ascii_lowercase();
        let port = match authority.get(host.len()..) {
            None | Some("" | ":") => None,
            Some(behind) => match behind.strip_prefix(':').map(str::parse) {
                Some(Ok(port)) => Some(port),
                _ => return Err(format!("is not a URL (`{behind}` is no port)")),
            },
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let near = match bare.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => bare == "localhost",
        };
        if !near {
            return Err("is not on a loopback address: use 127.0.0.1".to_owned());
        }
        Ok(Self {
            host,
            port,
            path: parsed.path().to_owned(),
            goes_on: url.contains(['?', '#']),
        })
    }

    /// Host and port.
    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port.unwrap_or(USUAL_PORT))
    }

    /// The URL that it was, as far as its path.
    pub(super) fn url(&self) -> String {
        let port = self.port.map_or(String::new(), |port| format!(":{port}"));
        format!("http://{}{port}{}", self.host, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        for (url, authority, again) in [
            (
                "http://127.0.0.1:9/a/b",
                "127.0.0.1:9",
                "http://127.0.0.1:9/a/b",
            ),
            ("HTTP://LocalHost", "localhost:80", "http://localhost/"),
            ("http://[::1]:80/", "[::1]:80", "http://[::1]:80/"),
            ("http://127.0.0.1:/?x", "127.0.0.1:80", "http://127.0.0.1/"),
        ] {
            let address = Address::loopback(url).unwrap();
            assert_eq!(address.authority(), authority, "{url}");
            assert_eq!(address.url(), again, "{url}");
            assert_eq!(address.goes_on, url.contains('?'), "{url}");
        }
    }

    #[test]
    fn what_is_none_or_elsewhere_is_refused() {
        for (url, word) in [
            ("", "is not a URL"),
            ("/a", "names no scheme"),
            ("127.0.0.1:80", "is not a URL"),
            ("http://", "is not a URL"),
            ("http://127.0.0.1:65536/", "`:65536` is no port"),
            ("http://127.0.0.1:8o/", "is no"),
            ("http://127.0.0.1:1/ä ö", "is not a URL"),
            ("http://2130706433/", "not on a loopback"),
            ("http://[::ffff:192.0.2.1]/", "not on a loopback"),
            ("http://localhost@192.0.2.1/", "user information"),
            ("http://localhost.example.org/", "not on a loopback"),
        ] {
            let why = Address::loopback(url).unwrap_err();
            assert!(why.contains(word), "{url}: {why}");
        }
    }
}
