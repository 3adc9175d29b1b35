//! What was asked and what was answered, for somebody who looks on.

use hyper::Request;
use hyper::header::{AUTHORIZATION, HeaderMap, PROXY_AUTHORIZATION};
use tokio::sync::mpsc::UnboundedSender;

use crate::wire::Way;

/// The most characters of an auth-scheme that are told.
const LONGEST: usize = 40;

/// A request and the status of the answer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Its method.
    pub method: String,
    /// Its path, without the query, in which credentials may stand.
    pub path: String,
    /// The way that it came by.
    pub way: Way,
    /// The auth-scheme of its credentials, where it has some in a field for them.
    pub scheme: Option<String>,
    /// The status of the answer.
    pub status: u16,
}

impl Served {
    /// A request that is not answered yet.
    pub(super) fn of<B>(way: Way, request: &Request<B>) -> Self {
        Self {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            way,
            scheme: scheme(request.headers()),
            status: 0,
        }
    }

    /// Tells whoever looks on how it was answered.
    pub(super) fn tell(mut self, status: u16, onlooker: &UnboundedSender<Self>) {
        self.status = status;
        // Nobody may look on any more.
        let _ = onlooker.send(self);
    }
}

/// The first word of the first credentials.
fn scheme(fields: &HeaderMap) -> Option<String> {
    let value = [&AUTHORIZATION, &PROXY_AUTHORIZATION]
        .into_iter()
        .find_map(|name| fields.get(name))?;
    let bytes = value.as_bytes().iter().take(LONGEST);
    let word = bytes.take_while(|byte| byte.is_ascii_graphic());
    Some(word.copied().map(char::from).collect())
}
