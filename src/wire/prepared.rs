//! A request made ready once, to be sent many times.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};

use super::connects_as::ConnectsAs;
use super::endpoint::Endpoint;
use super::exact;
use super::fault::WireFault;
use super::message::Request;
use super::way::Way;

/// The body of a request; mostly none.
pub(super) type Content = Full<Bytes>;

/// A [`Request`] whose method and field lines were checked and turned into hyper's forms, so that
/// sending it again costs neither.
///
/// A request with field lines outside the grammar (control characters, folded lines, names that are
/// no tokens: RFC 9110 §5.1, §5.5) is sent as well: by HTTP/1.1 only, its bytes as they are, over a
/// connection that is not used again. Whoever makes requests need not tell the two apart.
#[derive(Clone)]
pub struct PreparedRequest {
    request: Arc<Request>,
    /// Nothing for the endpoint's usual way.
    way: Option<Way>,
    method: Method,
    /// With a place for `Host` at the front, where RFC 9110 §7.2 wants it.
    headers: HeaderMap,
    /// Whether hyper would not send it.
    beyond_grammar: bool,
    /// What it says of whom it asks, where that is not whom it goes to.
    host: Option<HeaderValue>,
    /// Whether its target is a whole URL by HTTP/1.1, to a server too (RFC 9112 §3.2.2).
    absolute: bool,
    /// The protocol in which it asks to go on (RFC 8441 §4).
    protocol: Option<&'static str>,
    /// As whom it is sent.
    caller: ConnectsAs,
    /// What went over the wire for it, where that is remembered.
    sent: Option<Arc<Mutex<Option<SentBefore>>>>,
}

/// What went over the wire for a request.
struct SentBefore {
    /// By which way, and to whom.
    way: Way,
    host: HeaderValue,
    /// All that stands behind the first line.
    rest: Box<[u8]>,
}

/// A request, and whom it asks.
#[derive(Clone, Copy)]
pub(super) struct AddressedRequest<'a> {
    pub(super) request: &'a PreparedRequest,
    pub(super) endpoint: &'a Endpoint,
    pub(super) way: Way,
    /// Host and port of whom it asks.
    pub(super) named: &'a str,
    /// The same as a field value.
    pub(super) host: &'a HeaderValue,
}

impl AddressedRequest<'_> {
    /// The request as a connection by this way takes it.
    ///
    /// # Errors
    ///
    /// As for [`PreparedRequest::outgoing`].
    pub(super) fn outgoing(&self) -> Result<Outgoing, WireFault> {
        self.request
            .outgoing(self.endpoint, self.way, self.named, self.host)
    }

    /// Writes the request as it goes over the wire, and says whether that is known because it went so before: all but
    /// the first line is as it was.
    pub(super) fn write_known(&self, out: &mut Vec<u8>) -> bool {
        out.clear();
        let Some(before) = self.request.sent_before() else {
            return false;
        };
        let Some(before) = before
            .as_ref()
            .filter(|before| before.way == self.way && before.host == *self.host)
        else {
            return false;
        };
        let is_plain = self.write_line(out);
        out.extend_from_slice(&before.rest);
        is_plain
    }

    /// Whether it is a `HEAD`, whose response ends with its head (RFC 9112 §6.3).
    pub(super) fn is_head(&self) -> bool {
        self.request.method == Method::HEAD
    }

    /// Whether what goes over the wire for it is to be remembered.
    pub(super) fn is_sent_often(&self) -> bool {
        self.request.sent.is_some()
    }

    /// Remembers what went over the wire for it, if that can be said of another endpoint too.
    pub(super) fn learn(&self, sent: &[u8]) {
        let mut line = Vec::new();
        if self.write_line(&mut line)
            && let Some(rest) = sent.strip_prefix(line.as_slice())
            && let Some(mut before) = self.request.sent_before()
        {
            *before = Some(SentBefore {
                way: self.way,
                host: self.host.clone(),
                rest: rest.into(),
            });
        }
    }

    /// Writes the first line (RFC 9112 §3), and says whether it goes over the wire as it is written.
    fn write_line(&self, out: &mut Vec<u8>) -> bool {
        let (prefix, path) = (&self.endpoint.prefix, &self.request.request.path);
        out.extend_from_slice(self.request.request.method.as_bytes());
        out.push(b' ');
        if let Some(scheme) = self.request.origin_scheme(self.way) {
            out.extend_from_slice(scheme.as_bytes());
            out.extend_from_slice(b"://");
            out.extend_from_slice(self.named.as_bytes());
        }
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(path.as_bytes());
        out.extend_from_slice(b" HTTP/1.1\r\n");
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        let begins = prefix.bytes().chain(path.bytes()).next();
        begins == Some(b'/') && prefix.bytes().all(is_plain)
    }
}

/// As much of it as is shown of a [`Request`].
impl fmt::Debug for PreparedRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PreparedRequest")
            .field("request", &self.request)
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

/// A request as a connection takes it.
pub(super) struct Outgoing {
    /// What hyper is told to send.
    pub(super) message: hyper::Request<Content>,
    /// What goes over the wire in its place.
    pub(super) exact: Option<Arc<[u8]>>,
    /// The protocol in which it asks to go on, by HTTP/2 alone.
    #[cfg_attr(
        not(feature = "http2"),
        allow(dead_code, reason = "it is read by whoever speaks HTTP/2")
    )]
    pub(super) protocol: Option<&'static str>,
}

impl PreparedRequest {
    /// Checks a request, for the endpoint's usual way. `Host` is added by the transport; where it is among the
    /// fields, it says so instead of what the transport would (RFC 9110 §7.2), by HTTP/1.1 only.
    ///
    /// # Errors
    ///
    /// [`WireFault::Unsendable`] when the method is outside the grammar (RFC 9110 §9.1), or when a
    /// field line would not arrive as one line: the record of what was sent would be wrong.
    pub fn new(request: Arc<Request>) -> Result<Self, WireFault> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| unsendable(format!("`{}` is not a method", request.method)))?;
        let mut headers = HeaderMap::with_capacity(request.fields.len() + 1);
        headers.insert(HOST, HeaderValue::from_static(""));
        let mut beyond_grammar = false;
        let mut host = None;
        for field in &request.fields {
            let name = HeaderName::from_bytes(field.name.as_bytes());
            let value = HeaderValue::from_bytes(&field.value);
            match (name, value) {
                (Ok(HOST), Ok(value)) if host.is_none() => host = Some(value),
                (Ok(HOST), _) => {
                    return Err(unsendable("there is one `Host`, on one line".to_owned()));
                }
                (Ok(name), Ok(value)) => {
                    headers.append(name, value);
                }
                _ => {
                    exact::check(field).map_err(unsendable)?;
                    beyond_grammar = true;
                }
            }
        }
        Ok(Self {
            request,
            way: None,
            method,
            headers,
            beyond_grammar,
            host,
            absolute: false,
            protocol: None,
            caller: ConnectsAs::default(),
            sent: None,
        })
    }

    /// The same for whoever sends it again and again: what went over the wire for it is remembered, which makes it
    /// cheaper to send.
    #[must_use]
    pub fn often(mut self) -> Self {
        // What a tunnel carries is no answer that could be known beforehand.
        self.sent = (!self.beyond_grammar && !self.is_connect()).then(Arc::default);
        self
    }

    /// What went over the wire for it before, where that is remembered.
    fn sent_before(&self) -> Option<MutexGuard<'_, Option<SentBefore>>> {
        let sent = self.sent.as_ref()?;
        Some(sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it is a `CONNECT`, extended or not: what follows a 2xx is no content (RFC 9110 §9.3.6, RFC 8441 §4).
    pub(super) fn is_connect(&self) -> bool {
        self.method == Method::CONNECT
    }

    /// Whether it asks for a tunnel (RFC 9110 §9.3.6): it names an authority and no path.
    fn asks_for_tunnel(&self) -> bool {
        self.is_connect() && self.protocol.is_none()
    }

    /// The same request by this way.
    #[must_use]
    pub fn by(mut self, way: Way) -> Self {
        self.way = Some(way);
        self
    }

    /// The same request with a whole URL for its target, as one to a proxy has it: a server takes it too (RFC 9112
    /// §3.2.2). HTTP/2 and HTTP/3 have no such form.
    #[must_use]
    pub fn in_absolute_form(mut self) -> Self {
        self.absolute = true;
        self
    }

    /// The same request, a `CONNECT`, for going on in this protocol with what its path names: it goes by HTTP/2, to
    /// whoever says that it takes it (RFC 8441 §3, §4).
    #[must_use]
    pub fn to_go_on_in(mut self, protocol: &'static str) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// The same request of a client that connects as this one.
    #[must_use]
    pub fn sent_as(mut self, caller: ConnectsAs) -> Self {
        self.caller = caller;
        self
    }

    /// As whom it is sent.
    pub(super) fn caller(&self) -> &ConnectsAs {
        &self.caller
    }

    /// The scheme of the URL that its target is by a way; nothing where it is no URL.
    fn origin_scheme(&self, way: Way) -> Option<&'static str> {
        let scheme = if way.is_secure() { "https" } else { "http" };
        (way.is_proxy() || self.absolute && !way.is_framed()).then_some(scheme)
    }

    /// The way that it asks for, if it asks for one.
    pub fn way(&self) -> Option<Way> {
        self.way
    }

    /// The request as it was given.
    pub fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// The request as hyper takes it for HTTP/1.1: its path below the endpoint's prefix, `Host` as
    /// given.
    ///
    /// # Errors
    ///
    /// [`WireFault::Unsendable`] when prefix and path make no request target.
    pub fn to_hyper(
        &self,
        endpoint: &Endpoint,
        host: &HeaderValue,
    ) -> Result<hyper::Request<Content>, WireFault> {
        Ok(self.with_fields(self.message(Vec::new(), endpoint)?, host))
    }

    /// A message with the fields of this request, `Host` as given unless the request says so itself.
    fn with_fields(
        &self,
        mut message: hyper::Request<Content>,
        host: &HeaderValue,
    ) -> hyper::Request<Content> {
        *message.headers_mut() = self.headers.clone();
        let host = self.host.as_ref().unwrap_or(host);
        message.headers_mut().insert(HOST, host.clone());
        message
    }

    /// The request as a connection by this way takes it; `named` is host and port of whom it asks.
    ///
    /// # Errors
    ///
    /// [`WireFault::Unsendable`] when prefix and path make no request target, or HTTP/2 and HTTP/3 cannot carry
    /// the request.
    pub(super) fn outgoing(
        &self,
        endpoint: &Endpoint,
        way: Way,
        named: &str,
        host: &HeaderValue,
    ) -> Result<Outgoing, WireFault> {
        if way.is_framed() {
            return self.in_frames(endpoint, way, named);
        }
        if self.protocol.is_some() {
            return Err(unsendable(format!("no extended CONNECT goes by {way}")));
        }
        let message = match self.origin_scheme(way) {
            _ if self.asks_for_tunnel() => {
                let uri = Uri::from_maybe_shared(Bytes::from(named.to_owned()))
                    .map_err(|why| unsendable(format!("`{named}` is not an authority: {why}")))?;
                self.with_fields(self.to_target(uri), host)
            }
            Some(scheme) => {
                let origin = format!("{scheme}://{named}").into_bytes();
                self.with_fields(self.message(origin, endpoint)?, host)
            }
            None => self.to_hyper(endpoint, host)?,
        };
        let host = self.host.as_ref().and_then(|host| host.to_str().ok());
        let exact = (self.beyond_grammar).then(|| {
            let host = host.unwrap_or(named);
            exact::bytes(&self.request, &message.uri().to_string(), host)
        });
        Ok(Outgoing {
            message,
            exact,
            protocol: None,
        })
    }

    /// The request for HTTP/2 or HTTP/3, whose `:scheme` and `:authority` stand in the URI, and whose fields have
    /// no `Host` beside them (RFC 9113 §8.3.1, RFC 9114 §4.3.1).
    fn in_frames(&self, endpoint: &Endpoint, way: Way, named: &str) -> Result<Outgoing, WireFault> {
        if self.beyond_grammar {
            let why = format!("its field lines are outside the grammar, which {way} cannot carry");
            return Err(unsendable(why));
        }
        if self.host.is_some() {
            return Err(unsendable(format!("{way} has no field `Host`")));
        }
        if self.asks_for_tunnel() {
            return Err(unsendable(format!("no tunnel is asked for by {way}")));
        }
        if self.protocol.is_some() && !way.is_http2() {
            return Err(unsendable(format!("no extended CONNECT goes by {way}")));
        }
        let scheme = if way.is_secure() { "https" } else { "http" };
        let origin = format!("{scheme}://{named}").into_bytes();
        let mut message = self.message(origin, endpoint)?;
        // Not by removing it, which would put the last field in its place.
        message.headers_mut().extend(
            self.headers
                .iter()
                .filter(|(name, _)| **name != HOST)
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        Ok(Outgoing {
            message,
            exact: None,
            protocol: self.protocol,
        })
    }

    /// Method and target, the latter behind what stands before the path.
    fn message(
        &self,
        origin: Vec<u8>,
        endpoint: &Endpoint,
    ) -> Result<hyper::Request<Content>, WireFault> {
        let path = &self.request.path;
        let mut target = origin;
        target.reserve(endpoint.prefix.len() + path.len());
        target.extend_from_slice(endpoint.prefix.as_bytes());
        target.extend_from_slice(path.as_bytes());
        let uri = Uri::from_maybe_shared(Bytes::from(target)).map_err(|why| {
            let prefix = &endpoint.prefix;
            unsendable(format!("`{prefix}{path}` is not a request target: {why}"))
        })?;
        Ok(self.to_target(uri))
    }

    /// Method, target and content.
    fn to_target(&self, uri: Uri) -> hyper::Request<Content> {
        let mut request = hyper::Request::new(Content::new(self.request.content.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        request
    }
}

/// The value of `Host` for an endpoint by HTTP/1.1.
///
/// # Errors
///
/// [`WireFault::Unsendable`] when the authority has characters that a field value cannot hold.
pub fn host_of(endpoint: &Endpoint) -> Result<HeaderValue, WireFault> {
    host(&endpoint.authority)
}

/// An authority as a value of `Host`.
///
/// # Errors
///
/// As for [`host_of`].
pub(super) fn host(authority: &str) -> Result<HeaderValue, WireFault> {
    HeaderValue::from_str(authority)
        .map_err(|_| unsendable(format!("`{authority}` is not an authority")))
}

fn unsendable(why: String) -> WireFault {
    WireFault::Unsendable { why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::FieldLine;

    fn request(method: &str, path: &str, name: &str, value: &[u8]) -> Arc<Request> {
        Arc::new(Request {
            content: Bytes::new(),
            method: method.to_owned(),
            path: path.to_owned(),
            fields: vec![FieldLine {
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
            ("GET", "/", "a:b", b"b", "not a field name"),
            ("GET", "/", "a", b"b\r\nc: d", "more than one line"),
            ("GET", "/", "host", b"x\0", "Host"),
            ("GET", "/ x", "a", b"b", "request target"),
        ] {
            let fault = PreparedRequest::new(request(method, path, name, value))
                .and_then(|ready| ready.to_hyper(&endpoint, &host).map(drop))
                .unwrap_err();
            let words = fault.to_string();
            assert!(words.contains(word), "{words}");
        }
    }

    #[test]
    fn a_request_may_say_of_itself_whom_it_asks() {
        let endpoint = Endpoint::new("127.0.0.1:1", "/s0");
        let host = host_of(&endpoint).unwrap();
        let asked = |request: Arc<Request>| {
            let ready = PreparedRequest::new(request).unwrap();
            let sent = ready.to_hyper(&endpoint, &host).unwrap();
            let hosts = sent.headers().get_all(HOST).iter().cloned();
            let named: Vec<HeaderValue> = hosts.collect();
            (named, ready.by(Way::H2c))
        };
        let (own, ready) = asked(request("GET", "/", "host", b"a,b.example"));
        assert_eq!(own, ["a,b.example"]);
        assert!(ready.outgoing(&endpoint, Way::H2c, "a", &host).is_err());
        let (usual, _) = asked(request("GET", "/", "a", b"b"));
        assert_eq!(usual, ["127.0.0.1:1"]);
    }
}
