//! One decision, whichever way it is asked for: what a proxy, HTTP/2 or HTTP/3 changes about a request and the
//! answer to it, and nothing else.

use std::mem::take;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    WWW_AUTHENTICATE,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use tokio::sync::mpsc::Sender;

use super::answer::{InForce, answer, current};
use super::fault::Fault;
use super::log_ins::Whence;
use super::peer_certificate::PeerCertificate;
use super::proxied_origin::{CHALLENGES, describe_request, mark};
use super::seeded::Faults;
use super::served::Served;
use crate::wire::Way;

/// Fields that have another name where a proxy speaks (RFC 9110 §11.7, RFC 7615).
pub(super) const RENAMED: [(HeaderName, HeaderName); 2] = [
    (WWW_AUTHENTICATE, PROXY_AUTHENTICATE),
    (
        HeaderName::from_static("authentication-info"),
        HeaderName::from_static("proxy-authentication-info"),
    ),
];

/// What a connection's requests are answered by.
#[derive(Clone, Debug)]
pub(super) struct ConnectionState {
    /// What is in force.
    pub(super) in_force: InForce,
    /// Host and port of the origin server, the only one to which the proxy relays.
    pub(super) origin: String,
    /// Who looks on, if anybody does.
    pub(super) onlooker: Arc<OnceLock<Sender<Served>>>,
    /// Where they come from.
    pub(super) whence: Whence,
}

impl ConnectionState {
    /// The same for a connection from an address.
    pub(super) fn from(&self, address: IpAddr) -> Self {
        Self {
            whence: Whence::new(address),
            ..self.clone()
        }
    }

    /// The same for a connection on which this certificate was shown.
    pub(super) fn shown(mut self, certificate: Option<PeerCertificate>) -> Self {
        self.whence.certificate = certificate.map(Arc::new);
        self
    }

    /// Answers a request that came by this way.
    pub(super) fn answer(&self, way: Way, request: Request<Bytes>) -> Response<Full<Bytes>> {
        let way = match way {
            Way::ForwardProxy if *request.method() == Method::CONNECT => Way::Tunnel,
            way => way,
        };
        let looked_on = self.onlooker.get();
        let looked_on = looked_on.map(|onlooker| (Served::of(way, &request), onlooker));
        let response = self.answer_unseen(way, request);
        if let Some((served, onlooker)) = looked_on {
            served.report(response.status().as_u16(), onlooker);
        }
        response
    }

    fn answer_unseen(&self, way: Way, request: Request<Bytes>) -> Response<Full<Bytes>> {
        match way {
            // The way of nearly all requests is as short as it can be.
            Way::Http1 | Way::Https => answer(&self.in_force, &request, false, &self.whence),
            Way::H2c | Way::H2 | Way::H3 => self.in_frames(way, request),
            Way::ForwardProxy => self.as_proxy(request),
            Way::Tunnel => self.as_tunnel(request),
        }
    }

    fn in_frames(&self, way: Way, mut request: Request<Bytes>) -> Response<Full<Bytes>> {
        // `:scheme` and `:authority` are no part of the target of an origin server's resource.
        if let Some(target) = request.uri().path_and_query() {
            *request.uri_mut() = Uri::from(target.clone());
        }
        let installed = current(&self.in_force);
        let faults = installed.faults();
        if way.is_http2() && faults.has(Fault::CredentialsLostOverHttp2) {
            remove(request.headers_mut(), &AUTHORIZATION);
        }
        // By HTTP/2 a CONNECT with a path is an extended one (RFC 8441 §4).
        let has_path = request.uri().path_and_query().is_some();
        let is_extended = *request.method() == Method::CONNECT && has_path;
        let is_bare = !request.headers().contains_key(AUTHORIZATION);
        if is_extended && is_bare && faults.has(Fault::ExtendedConnectLetIn) {
            return Response::default();
        }
        let mut response = answer(&self.in_force, &request, false, &self.whence);
        if way.is_http2() && faults.has(Fault::UnchallengedOverHttp2) {
            remove(response.headers_mut(), &WWW_AUTHENTICATE);
        }
        if way.is_http2() && faults.has(Fault::OneChallengeOverHttp2)
            || is_extended && faults.has(Fault::ExtendedConnectSeesOne)
        {
            keep_first(response.headers_mut(), &WWW_AUTHENTICATE);
        }
        if is_extended
            && response.status() == StatusCode::UNAUTHORIZED
            && faults.has(Fault::ExtendedConnectBreaks)
        {
            return refused(StatusCode::INTERNAL_SERVER_ERROR, "no upgrade\n");
        }
        response
    }

    fn as_proxy(&self, mut request: Request<Bytes>) -> Response<Full<Bytes>> {
        match request.uri().authority() {
            None => {
                let why = "a proxy is asked with the whole URI (RFC 9112 3.2.2)\n";
                return refused(StatusCode::BAD_REQUEST, why);
            }
            Some(origin) if origin.as_str() != self.origin => {
                return refused(
                    StatusCode::BAD_GATEWAY,
                    "this proxy relays to itself only\n",
                );
            }
            Some(_) => {}
        }
        let installed = current(&self.in_force);
        let faults = installed.faults();
        let fields = request.headers_mut();
        if faults.has(Fault::ProxyTakesCredentials) {
            remove(fields, &AUTHORIZATION);
        }
        let origin = describe_request(fields);
        if !faults.has(Fault::ProxyReadsAuthorization) {
            // What is meant for the origin server is not the proxy's to judge.
            remove(fields, &AUTHORIZATION);
            rename(fields, &PROXY_AUTHORIZATION, &AUTHORIZATION);
        }
        let mut response = answer(&self.in_force, &request, true, &self.whence);
        if let Some(origin) = origin
            && response.status().is_success()
        {
            return relayed(origin, faults);
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            if faults.has(Fault::ProxyUnauthorized) {
                return response;
            }
            if faults.has(Fault::ProxyUnchallenged) {
                remove(response.headers_mut(), &WWW_AUTHENTICATE);
            }
            if faults.has(Fault::ProxyNamesOneScheme) {
                keep_first(response.headers_mut(), &WWW_AUTHENTICATE);
            }
            *response.status_mut() = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
        }
        if response.status().is_success() {
            mark(&mut response);
        }
        let fields = response.headers_mut();
        for (from, to) in &RENAMED {
            rename(fields, from, to);
        }
        let asks = response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED;
        if asks && faults.has(Fault::ProxyAsksTwice) {
            let challenge = HeaderValue::from_static("Basic realm=\"origin\"");
            response.headers_mut().append(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// What the origin server answered, as it is, save for what faults change.
fn relayed(mut answer: Response<Full<Bytes>>, faults: &Faults) -> Response<Full<Bytes>> {
    let fields = answer.headers_mut();
    if faults.has(Fault::ProxyDropsInfo) {
        fields.remove("authentication-info");
    }
    let mut lines: Vec<String> = CHALLENGES.map(str::to_owned).to_vec();
    if faults.has(Fault::ProxyReordersChallenges) {
        lines.reverse();
    } else if faults.has(Fault::ProxyTidiesChallenges) {
        for line in &mut lines {
            *line = line.replace("vAPID", "vapid").replace(",note", ", note");
        }
    } else {
        return answer;
    }
    fields.remove(WWW_AUTHENTICATE);
    for line in lines {
        if let Ok(value) = HeaderValue::try_from(line) {
            fields.append(WWW_AUTHENTICATE, value);
        }
    }
    answer
}

pub(super) fn refused(status: StatusCode, why: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(why.as_bytes())));
    *response.status_mut() = status;
    response
}

/// Removes all lines of a field without disturbing the order of the others.
pub(super) fn remove(fields: &mut HeaderMap, name: &HeaderName) {
    rebuild(fields, |known| (known != name).then(|| known.clone()));
}

/// Removes all lines of a field but the first.
pub(super) fn keep_first(fields: &mut HeaderMap, name: &HeaderName) {
    let mut lines = 0;
    rebuild(fields, |known| {
        lines += usize::from(known == name);
        (known != name || lines == 1).then(|| known.clone())
    });
}

pub(super) fn rename(fields: &mut HeaderMap, from: &HeaderName, to: &HeaderName) {
    rebuild(fields, |known| {
        Some(if known == from {
            to.clone()
        } else {
            known.clone()
        })
    });
}

fn rebuild(fields: &mut HeaderMap, mut place: impl FnMut(&HeaderName) -> Option<HeaderName>) {
    let lines: Vec<(HeaderName, HeaderValue)> = take(fields)
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in lines {
        if let Some(name) = place(&name) {
            fields.append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::credentials::Identity;
    use crate::domain::Value;
    use crate::reference::Reference;
    use crate::wire::{Endpoint, FieldLine, Limits, PreparedRequest, Transport};

    /// Basic, then bearer, both advertised.
    async fn reference() -> Reference {
        let profile = |scheme| Value::record([("scheme", Value::symbol(scheme))]);
        let profiles = Value::List(vec![profile("basic"), profile("bearer")]);
        let policy = Value::record([("profiles", profiles), ("advertise_all", Value::Bool(true))]);
        let reference = Reference::start(&[]).await.unwrap();
        reference.install(
            1,
            None,
            &[(&policy, &Value::record([]))],
            &[Identity::alice()],
        );
        reference
    }

    fn request(method: &str, credentials: Option<&str>) -> PreparedRequest {
        let fields = credentials.into_iter().map(|name| FieldLine {
            name: name.to_owned(),
            value: b"Basic YWxpY2U6b3Blbi1zZXNhbWU=".to_vec(),
        });
        let request = crate::wire::Request {
            content: Bytes::new(),
            method: method.to_owned(),
            path: "/resource".to_owned(),
            fields: fields.collect(),
        };
        PreparedRequest::new(Arc::new(request)).unwrap()
    }

    /// Status, and every field line of a name.
    async fn seen(
        endpoint: &Endpoint,
        request: &PreparedRequest,
        name: &str,
    ) -> (u16, Vec<String>) {
        let mut transport = Transport::new(Limits::default());
        let received = transport.exchange(endpoint, request).await.unwrap();
        let response = received.to_response().unwrap();
        let lines = response.fields_named(name);
        let lines = lines.map(|value| String::from_utf8_lossy(value).into_owned());
        (response.status, lines.collect())
    }

    #[tokio::test]
    async fn the_same_is_decided_whichever_way_it_is_asked_for() {
        let reference = reference().await;
        let endpoint = reference.endpoint(0);
        for way in Way::ALL {
            let method = match way {
                Way::Tunnel => "CONNECT",
                _ => "GET",
            };
            let bare = request(method, None).by(way);
            let (status, challenges) = seen(&endpoint, &bare, way.challenge_field()).await;
            assert_eq!(status, way.challenge_status(), "{way}");
            let expected = [
                "BEARER realm=\"Service-now\"",
                "BASIC realm=\"Service-now\"",
            ];
            assert_eq!(challenges, expected, "{way}");
            let good = request(method, Some(way.credentials_field())).by(way);
            assert_eq!(seen(&endpoint, &good, "x").await.0, 200, "{way}");
        }
    }

    #[tokio::test]
    async fn a_proxy_answers_for_itself_alone() {
        let reference = reference().await;
        let endpoint = reference.endpoint(0);
        let by = |request: PreparedRequest| request.by(Way::ForwardProxy);
        // Credentials for the origin server are none for the proxy.
        let misplaced = by(request("GET", Some("Authorization")));
        let (status, none) = seen(&endpoint, &misplaced, "www-authenticate").await;
        assert_eq!((status, none), (407, Vec::new()));
        // An origin server takes none for a proxy.
        let misplaced = request("GET", Some("Proxy-Authorization"));
        assert_eq!(seen(&endpoint, &misplaced, "x").await.0, 401);
        let elsewhere = Endpoint {
            authority: "127.0.0.1:1".to_owned(),
            ..endpoint.clone()
        };
        assert_eq!(
            seen(&elsewhere, &by(request("GET", None)), "x").await.0,
            502
        );
        let away = Endpoint {
            tunnel: Some("s0.example:443".into()),
            ..endpoint.clone()
        };
        let tunnel = request("CONNECT", None).by(Way::Tunnel);
        assert_eq!(seen(&away, &tunnel, "x").await.0, 502);
        // Asked like an origin server.
        let proxy = endpoint.address(Way::ForwardProxy).unwrap();
        let origin = Endpoint::new(proxy, "/s0");
        assert_eq!(seen(&origin, &request("GET", None), "x").await.0, 400);
    }
}
