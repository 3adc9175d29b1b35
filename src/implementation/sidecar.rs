//! The sidecar: a small server of Countersign's own beside a gateway that leaves part of the work to
//! others. It checks Bearer tokens for subrequests, such as those of nginx's `auth_request`, and it
//! is the origin server behind the gateway.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::template::SidecarPlace;
use crate::auth::{Identity, TokenState};

/// The path that checks Bearer tokens.
const BEARER: &str = "/bearer";

/// The path below which everything is answered with 200.
const ORIGIN: &str = "/origin";

/// A running sidecar; dropping it ends it.
#[derive(Debug)]
pub(super) struct Sidecar {
    place: SidecarPlace,
    tokens: Arc<RwLock<BTreeSet<String>>>,
    server: JoinHandle<()>,
}

impl Sidecar {
    /// Starts it on a free loopback port; it knows no token yet.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub(super) async fn start(realm: &str) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address: SocketAddr = listener.local_addr()?;
        let tokens = Arc::new(RwLock::new(BTreeSet::new()));
        let server = tokio::spawn(serve(listener, Arc::from(realm), Arc::clone(&tokens)));
        Ok(Self {
            place: SidecarPlace {
                bearer: format!("http://{address}{BEARER}"),
                origin: format!("http://{address}{ORIGIN}"),
                realm: realm.to_owned(),
            },
            tokens,
            server,
        })
    }

    /// Where it is.
    pub(super) fn place(&self) -> &SidecarPlace {
        &self.place
    }

    /// Makes it know the valid tokens of enabled identities, and no others.
    pub(super) fn know(&self, identities: &[Identity]) {
        let valid = identities
            .iter()
            .filter(|identity| identity.enabled)
            .flat_map(|identity| &identity.tokens)
            .filter(|token| token.state == TokenState::Valid)
            .map(|token| token.value.clone())
            .collect();
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = valid;
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves until it is aborted; its connections end with it.
async fn serve(listener: TcpListener, realm: Arc<str>, tokens: Arc<RwLock<BTreeSet<String>>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (realm, tokens) = (Arc::clone(&realm), Arc::clone(&tokens));
                let service = service_fn(move |request: Request<Incoming>| {
                    let answer = answer(request.uri().path(), request.headers(), &realm, &tokens);
                    std::future::ready(Ok::<_, Infallible>(answer))
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                connections.spawn(async { drop(connection.await) });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

fn answer(
    path: &str,
    headers: &HeaderMap,
    realm: &str,
    tokens: &RwLock<BTreeSet<String>>,
) -> Response<Full<Bytes>> {
    if path
        .strip_prefix(ORIGIN)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    {
        return respond(StatusCode::OK, "resource\n", None);
    }
    if path != BEARER {
        return respond(StatusCode::NOT_FOUND, "not found\n", None);
    }
    match presented(headers) {
        Some(token) => {
            let known = tokens.read().unwrap_or_else(PoisonError::into_inner);
            if known.contains(token) {
                respond(StatusCode::OK, "", None)
            } else {
                // RFC 6750 §3.1: a request whose token is not good gets the error code …
                respond(StatusCode::UNAUTHORIZED, "", Some((realm, true)))
            }
        }
        // … and one that lacks authentication information should get none.
        None => respond(StatusCode::UNAUTHORIZED, "", Some((realm, false))),
    }
}

/// The Bearer token of a request that carries exactly one `Authorization` field (RFC 6750 §2.1; the
/// scheme's name in any case, RFC 9110 §11.1).
fn presented(headers: &HeaderMap) -> Option<&str> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let (first, None) = (fields.next()?, fields.next()) else {
        return None;
    };
    let (scheme, token) = first.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_matches(' '))
}

fn respond(
    status: StatusCode,
    body: &'static str,
    challenge: Option<(&str, bool)>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    if let Some((realm, invalid)) = challenge {
        let realm = realm.replace('\\', "\\\\").replace('"', "\\\"");
        let error = if invalid {
            ", error=\"invalid_token\""
        } else {
            ""
        };
        if let Ok(value) = HeaderValue::try_from(format!("Bearer realm=\"{realm}\"{error}")) {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(authorization: &[&str]) -> (u16, String) {
        let tokens = RwLock::new(BTreeSet::from(["good".to_owned()]));
        let mut headers = HeaderMap::new();
        for value in authorization {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        let response = answer(BEARER, &headers, "a \"b\"", &tokens);
        let challenge = response.headers().get(WWW_AUTHENTICATE);
        let challenge = challenge.map_or("", |value| value.to_str().unwrap());
        (response.status().as_u16(), challenge.to_owned())
    }

    #[test]
    fn only_a_known_token_alone_is_let_through() {
        let plain = (401, r#"Bearer realm="a \"b\"""#.to_owned());
        let bad = (
            401,
            r#"Bearer realm="a \"b\"", error="invalid_token""#.to_owned(),
        );
        assert_eq!(ask(&["Bearer good"]).0, 200);
        assert_eq!(ask(&["bEARER  good"]).0, 200);
        assert_eq!(ask(&[]), plain);
        assert_eq!(ask(&["Basic Z29vZA=="]), plain);
        assert_eq!(ask(&["Bearer"]), plain);
        assert_eq!(ask(&["Bearer goo"]), bad);
        assert_eq!(ask(&["Bearer good good"]), bad);
        assert_eq!(ask(&["Bearer good", "Bearer good"]), plain);
    }
}
