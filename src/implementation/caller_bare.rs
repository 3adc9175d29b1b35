//! Who calls a control address where reqwest is not built in: hyper, which is there anyway. A gateway's own
//! tests need no more, and build 42 crates less.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A client that calls one program, each time over a connection of its own, asks no proxy and follows no
/// redirection.
#[derive(Debug)]
pub(super) struct Caller;

impl Caller {
    /// A new one.
    ///
    /// # Errors
    ///
    /// Never: the client that this stands for can fail here.
    #[allow(clippy::unnecessary_wraps)]
    pub(super) fn new() -> Result<Self, String> {
        Ok(Self)
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
        let parsed: Uri = url.parse().map_err(|error| format!("no URL: {error}"))?;
        let host = parsed.host().unwrap_or_default();
        let port = parsed.port_u16().unwrap_or(80);
        let stream = TcpStream::connect((host.trim_matches(['[', ']']), port))
            .await
            .map_err(|error| format!("no connection: {error}"))?;
        let target = parsed
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(ACCEPT, "*/*");
        if let Some(authority) = parsed.authority() {
            request = request.header(HOST, authority.as_str());
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(Bytes::from(body.unwrap_or_default())))
            .map_err(|error| error.to_string())?;
        let broken = |error: hyper::Error| format!("the connection broke: {error}");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        let answer = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let mut content = response.into_body();
            let mut bytes = Vec::new();
            while bytes.len() <= most
                && let Some(frame) = content.frame().await
            {
                if let Ok(data) = frame?.into_data() {
                    bytes.extend_from_slice(&data);
                }
            }
            Ok((status, bytes))
        };
        // The connection is driven beside the answer, and ends with it.
        tokio::pin!(answer);
        let mut connection = std::pin::pin!(connection);
        let mut over = false;
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return answer.map_err(broken),
                // What broke it, the answer tells.
                _ = &mut connection, if !over => over = true,
            }
        }
    }
}
