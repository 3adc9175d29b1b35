//! A request made ready once, to be sent many times.

use std::sync::Arc;

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};

use super::endpoint::Endpoint;
use super::fault::WireFault;
use super::message::Request;

/// The body of every request: none.
pub(super) type NoBody = Empty<Bytes>;

/// A [`Request`] whose method and field lines were checked and turned into hyper's forms, so that
/// sending it again costs neither.
#[derive(Clone, Debug)]
pub struct Prepared {
    request: Arc<Request>,
    method: Method,
    /// With a place for `Host` at the front, where RFC 9110 §7.2 wants it.
    headers: HeaderMap,
}

impl Prepared {
    /// Checks a request. `Host` is added by the transport and must not be among its fields.
    ///
    /// # Errors
    ///
    /// [`WireFault::Unsendable`] when the method, a field name or a field value is outside the
    /// grammar (RFC 9110 §5.1, §5.5, §9.1), so that hyper would not send it.
    pub fn new(request: Arc<Request>) -> Result<Self, WireFault> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| unsendable(format!("`{}` is not a method", request.method)))?;
        let mut headers = HeaderMap::with_capacity(request.fields.len() + 1);
        headers.insert(HOST, HeaderValue::from_static(""));
        for field in &request.fields {
            let name = HeaderName::from_bytes(field.name.as_bytes())
                .map_err(|_| unsendable(format!("`{}` is not a field name", field.name)))?;
            if name == HOST {
                return Err(unsendable("`Host` is the transport's to send".to_owned()));
            }
            let value = HeaderValue::from_bytes(&field.value).map_err(|_| {
                let value = field.value.escape_ascii();
                unsendable(format!("`{value}` is not a value for {}", field.name))
            })?;
            headers.append(name, value);
        }
        Ok(Self {
            request,
            method,
            headers,
        })
    }

    /// The request as it was given.
    pub fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// The request as hyper takes it: its path below the endpoint's prefix, `Host` as given.
    ///
    /// # Errors
    ///
    /// [`WireFault::Unsendable`] when prefix and path make no request target.
    pub fn to_hyper(
        &self,
        endpoint: &Endpoint,
        host: &HeaderValue,
    ) -> Result<hyper::Request<NoBody>, WireFault> {
        let path = &self.request.path;
        let mut target = Vec::with_capacity(endpoint.prefix.len() + path.len());
        target.extend_from_slice(endpoint.prefix.as_bytes());
        target.extend_from_slice(path.as_bytes());
        let uri = Uri::from_maybe_shared(Bytes::from(target)).map_err(|why| {
            let prefix = &endpoint.prefix;
            unsendable(format!("`{prefix}{path}` is not a request target: {why}"))
        })?;
        let mut request = hyper::Request::new(NoBody::new());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(HOST, host.clone());
        Ok(request)
    }
}

/// The value of `Host` for an endpoint.
///
/// # Errors
///
/// [`WireFault::Unsendable`] when the authority has characters that a field value cannot hold.
pub fn host_of(endpoint: &Endpoint) -> Result<HeaderValue, WireFault> {
    HeaderValue::from_str(&endpoint.authority)
        .map_err(|_| unsendable(format!("`{}` is not an authority", endpoint.authority)))
}

fn unsendable(why: String) -> WireFault {
    WireFault::Unsendable { why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Field;

    fn request(method: &str, path: &str, name: &str, value: &[u8]) -> Arc<Request> {
        Arc::new(Request {
            method: method.to_owned(),
            path: path.to_owned(),
            fields: vec![Field {
                name: name.to_owned(),
                value: value.to_vec(),
            }],
        })
    }

    #[test]
    fn what_cannot_be_sent_says_why() {
        let endpoint = Endpoint::new("127.0.0.1:1", "/s0");
        let host = host_of(&endpoint).unwrap();
        for (method, path, name, value, word) in [
            ("GE T", "/", "a", &b"b"[..], "method"),
            ("GET", "/", "a b", b"b", "field name"),
            ("GET", "/", "a", b"b\r\nc: d", "value for a"),
            ("GET", "/", "host", b"x", "Host"),
            ("GET", "/ x", "a", b"b", "request target"),
        ] {
            let fault = Prepared::new(request(method, path, name, value))
                .and_then(|ready| ready.to_hyper(&endpoint, &host).map(drop))
                .unwrap_err();
            let words = fault.to_string();
            assert!(words.contains(word), "{words}");
        }
    }
}
