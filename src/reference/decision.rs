//! What is asked, and what is decided on it.

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};

use super::log_ins::Whence;

/// The body of a 200.
pub(super) const WELCOME: &[u8] = br#"{"result":{},"status":"success"}"#;

/// What is asked, as far as the decision depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct DecisionInput<'a> {
    /// The method.
    pub(super) method: &'a Method,
    /// Path and query.
    pub(super) target: &'a str,
    /// Every field line.
    pub(super) headers: &'a HeaderMap,
    /// Whether a proxy is asked, for itself.
    pub(super) by_proxy: bool,
    /// Where it comes from.
    pub(super) whence: &'a Whence,
    /// The content.
    pub(super) content: &'a [u8],
}

/// What a request is answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decision {
    /// The status.
    pub(super) status: StatusCode,
    /// Field lines that the decision adds to the answer, in order.
    pub(super) fields: Vec<(HeaderName, HeaderValue)>,
    /// The content, where it is not the usual one of the status.
    pub(super) content: Option<String>,
}

impl Decision {
    /// A status, and nothing to say beside it.
    pub(super) fn bare(status: StatusCode) -> Self {
        Self {
            status,
            fields: Vec::new(),
            content: None,
        }
    }
}
