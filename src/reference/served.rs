//! What was asked and what was answered, for somebody who looks on.

use hyper::Request;
use hyper::header::{AUTHORIZATION, HeaderMap, PROXY_AUTHORIZATION};
use tokio::sync::mpsc::Sender;

use crate::credentials::Scheme;
use crate::wire::Way;

/// So many answers wait for whoever looks on; of more nothing is told.
pub(super) const WAITING: usize = 1_024;

/// What is told of credentials without an auth-scheme: they may be a secret as they stand.
const NO_SCHEME: &str = "credentials without a scheme";

/// The most characters of an auth-scheme that are told.
const LONGEST: usize = 40;

/// A request and the status of the answer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Its method.
    pub method: String,
    /// Its path, without the query, in which credentials may stand; of `CONNECT` the authority.
    pub path: String,
    /// The way that it came by.
    pub way: Way,
    /// The auth-scheme of its credentials, where it has some in a field for them; never a secret.
    pub scheme: Option<String>,
    /// The status of the answer.
    pub status: u16,
}

impl Served {
    /// A request that is not answered yet.
    pub(super) fn of<B>(way: Way, request: &Request<B>) -> Self {
        Self {
            method: request.method().to_string(),
            path: match request.uri().path() {
                "" => request.uri().to_string(),
                path => path.to_owned(),
            },
            way,
            scheme: scheme(request.headers()),
            status: 0,
        }
    }

    /// Tells whoever looks on how it was answered.
    pub(super) fn report(mut self, status: u16, onlooker: &Sender<Self>) {
        self.status = status;
        // Nobody may look on any more, or they are slow.
        let _ = onlooker.try_send(self);
    }
}

/// The auth-scheme of the first credentials: the word before the space, or a word that is known for one.
fn scheme(fields: &HeaderMap) -> Option<String> {
    let value = [&AUTHORIZATION, &PROXY_AUTHORIZATION]
        .into_iter()
        .find_map(|name| fields.get(name))?;
    let bytes = value.as_bytes();
    let word = bytes.split(|byte| !byte.is_ascii_graphic()).next()?;
    let text = String::from_utf8_lossy(word).into_owned();
    let is_scheme = word.len() < bytes.len() && word.len() <= LONGEST;
    Some(
        match is_scheme || text.is_empty() || Scheme::from_name(&text).is_some() {
            true => text,
            false => NO_SCHEME.to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_of_credentials_but_their_scheme() {
        let told = |value: &'static str| {
            let mut fields = HeaderMap::new();
            fields.insert(AUTHORIZATION, value.parse().unwrap());
            scheme(&fields).unwrap()
        };
        for (value, word) in [
            ("Basic YTpi", "Basic"),
            ("X-Unheard-Of\tYTpi", "X-Unheard-Of"),
            ("bearer", "bearer"),
            ("", ""),
            ("a-token-as-it-stands", NO_SCHEME),
        ] {
            assert_eq!(told(value), word, "{value}");
        }
        assert_eq!(scheme(&HeaderMap::new()), None);
    }
}
