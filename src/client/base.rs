//! What the paths of requests are relative to.

use std::sync::Arc;

use crate::wire::{Endpoint, Way};

/// What the paths of requests are relative to, made when an endpoint or a way is first met: most requests
/// go where the last one went.
#[derive(Debug, Default)]
pub(super) struct Base {
    host: String,
    prefix: String,
    way: Option<Way>,
    url: Arc<str>,
}

impl Base {
    pub(super) fn of(&mut self, endpoint: &Endpoint, way: Way) -> Arc<str> {
        let host = endpoint.named(way).unwrap_or(&endpoint.authority);
        let prefix = &endpoint.prefix;
        if self.way != Some(way) || self.prefix != *prefix || self.host != host {
            let scheme = if way.is_secure() { "https" } else { "http" };
            self.url = format!("{scheme}://{host}{prefix}").into();
            host.clone_into(&mut self.host);
            prefix.clone_into(&mut self.prefix);
            self.way = Some(way);
        }
        Arc::clone(&self.url)
    }
}
