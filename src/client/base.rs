//! What the paths of requests are relative to.

use std::sync::Arc;

use crate::wire::{Endpoint, Way};

/// What the paths of requests are relative to, made when an endpoint or a way is first met: most requests
/// go where the last one went.
#[derive(Debug, Default)]
pub(super) struct Base {
    of: Option<(Endpoint, Way)>,
    url: Arc<str>,
}

impl Base {
    pub(super) fn of(&mut self, endpoint: &Endpoint, way: Way) -> Arc<str> {
        let known = self.of.as_ref();
        if known.is_none_or(|(known, by)| known != endpoint || *by != way) {
            let scheme = if way.is_secure() { "https" } else { "http" };
            let host = endpoint.named(way).unwrap_or(&endpoint.authority);
            self.url = format!("{scheme}://{host}{}", endpoint.prefix).into();
            self.of = Some((endpoint.clone(), way));
        }
        Arc::clone(&self.url)
    }
}
