//! Who calls a control address: reqwest. Without the feature `reqwest` that is `caller_bare.rs`, which does
//! the same.

use hyper::{Method, StatusCode};

/// A client that calls one program, each time over a connection of its own, asks no proxy and follows no
/// redirection.
#[derive(Debug)]
pub(super) struct Caller(reqwest::Client);

impl Caller {
    /// A new one.
    ///
    /// # Errors
    ///
    /// In words, when there can be none.
    pub(super) fn new() -> Result<Self, String> {
        reqwest::Client::builder()
            // A connection for each call: programs close idle ones when they like (Node.js after 5 s),
            // and a call that meets such an end would pass for a program that broke off.
            .pool_max_idle_per_host(0)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map(Self)
            .map_err(|error| chain(&error))
    }

    /// One call; a body is JSON. The answer ends soon behind `most` bytes.
    ///
    /// # Errors
    ///
    /// In words, when there is no answer.
    pub(super) async fn call(
        &self,
        method: Method,
        url: &str,
        body: Option<Vec<u8>>,
        most: usize,
    ) -> Result<(StatusCode, Vec<u8>), String> {
        let mut request = self.0.request(method, url);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        let answer = async {
            let mut response = request.send().await?;
            let mut bytes = Vec::new();
            while bytes.len() <= most
                && let Some(chunk) = response.chunk().await?
            {
                bytes.extend_from_slice(&chunk);
            }
            Ok((response.status(), bytes))
        };
        answer
            .await
            .map_err(|error: reqwest::Error| chain(&error.without_url()))
    }
}

/// An error with all its causes, because reqwest's own words leave the cause out.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
