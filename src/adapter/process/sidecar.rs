//! The sidecar: a small server of Countersign's own beside a gateway that leaves part of the work to
//! others. It checks Bearer tokens, for subrequests such as those of nginx's `auth_request` and by
//! introspection (RFC 7662); it is the origin server behind the gateway; and it echoes the token of a
//! configuration for a gateway that can write no answers of its own.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::adapter::template::SidecarPlace;
use crate::credentials::Identity;
use crate::implementation::{Tokens, accept, good, introspected};
use crate::reference::{describe_request, http1_acceptor, mark};

/// The path that checks Bearer tokens, and below which a gateway may put the path that it was asked for.
const BEARER: &str = "/bearer";

/// The field that says whose token was let through, for the gateway's log. Such servers commonly call
/// it so; nothing standardises it.
const WHOSE: &str = "x-auth-request-user";

/// The path that tells of a Bearer token whether it is good (RFC 7662 §2), asked for over TLS, as §4
/// demands.
const INTROSPECTION: &str = "/introspect";

/// The path below which a word is answered with itself.
const ECHO: &str = "/echo/";

/// The path of the origin server for gateways that put one of their own before what was asked for.
/// Everything else is the origin server's too.
const ORIGIN: &str = "/origin";

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// A running sidecar; dropping it ends it.
#[derive(Debug)]
pub(super) struct Sidecar {
    place: SidecarPlace,
    /// The good tokens, each with its user.
    tokens: Arc<Tokens>,
    servers: [JoinHandle<()>; 2],
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
        let tokens = Arc::new(RwLock::new(BTreeMap::new()));
        let acceptor = http1_acceptor().map_err(io::Error::other)?;
        let secure = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let secure_address = secure.local_addr()?;
        let state = SidecarState {
            realm: Arc::from(realm),
            tokens: Arc::clone(&tokens),
        };
        let servers = [
            tokio::spawn(serve(listener, None, state.clone())),
            tokio::spawn(serve(secure, Some(acceptor), state)),
        ];
        Ok(Self {
            place: SidecarPlace {
                bearer: format!("http://{address}{BEARER}"),
                introspection: format!("https://{secure_address}{INTROSPECTION}"),
                origin: format!("http://{address}{ORIGIN}"),
                echo: format!("http://{address}{ECHO}"),
                host: address.ip().to_string(),
                port: address.port(),
                realm: realm.to_owned(),
            },
            tokens,
            servers,
        })
    }

    /// Where it is.
    pub(super) fn place(&self) -> &SidecarPlace {
        &self.place
    }

    /// Makes it know the valid tokens of enabled identities, and no others.
    pub(super) fn know(&self, identities: &[Identity]) {
        let valid = good(identities);
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = valid;
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

/// What the answers depend on.
#[derive(Clone)]
struct SidecarState {
    realm: Arc<str>,
    tokens: Arc<Tokens>,
}

/// Serves until it is aborted; its connections end with it.
async fn serve(listener: TcpListener, acceptor: Option<TlsAcceptor>, state: SidecarState) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = accept(&listener) => {
                let Ok(stream) = accepted else { continue };
                let (acceptor, state) = (acceptor.clone(), state.clone());
                connections.spawn(async move {
                    match acceptor {
                        None => converse(stream, state).await,
                        Some(acceptor) => {
                            let handshake = timeout(HANDSHAKE, acceptor.accept(stream));
                            if let Ok(Ok(stream)) = handshake.await {
                                converse(stream, state).await;
                            }
                        }
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, state: SidecarState) {
    let service = service_fn(|request: Request<Incoming>| {
        let state = state.clone();
        async move {
            Ok::<_, Infallible>(if request.uri().path() == INTROSPECTION {
                introspected(request.into_body(), &state.tokens).await
            } else {
                let path = request.uri().path();
                answer(path, request.headers(), &state.realm, &state.tokens)
            })
        }
    });
    // A gateway that breaks off is no matter of the sidecar's.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn answer(path: &str, headers: &HeaderMap, realm: &str, tokens: &Tokens) -> Response<Full<Bytes>> {
    if let Some(word) = path.strip_prefix(ECHO) {
        return Response::new(Full::new(Bytes::copy_from_slice(word.as_bytes())));
    }
    if !path
        .strip_prefix(BEARER)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    {
        // A client may ask the origin server behind a proxy what it was sent.
        if let Some(described) = describe_request(headers) {
            return described;
        }
        let mut response = respond(StatusCode::OK, "resource\n", None);
        mark(&mut response);
        return response;
    }
    match presented(headers) {
        Some(token) => {
            let known = tokens.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = known.get(token) {
                let mut response = respond(StatusCode::OK, "", None);
                if let Ok(user) = HeaderValue::try_from(known.user.as_str()) {
                    response.headers_mut().insert(WHOSE, user);
                }
                response
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
    use http_body_util::BodyExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::credentials::Secret;

    fn ask(authorization: &[&str]) -> (u16, String) {
        let mut alice = Identity::alice();
        alice.tokens[0].value = Secret::new("good");
        let tokens = RwLock::new(good(&[alice]));
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

    #[tokio::test]
    async fn an_echo_is_the_word_and_everything_else_the_origin() {
        let tokens = RwLock::new(BTreeMap::new());
        for (path, body) in [
            ("/echo/word-1", &b"word-1"[..]),
            ("/origin/any", b"resource\n"),
            ("/s0/resource", b"resource\n"),
            ("/bearers", b"resource\n"),
            ("/bearer/s0/resource", b""),
        ] {
            let response = answer(path, &HeaderMap::new(), "r", &tokens);
            let said = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(said, body, "{path}");
        }
    }

    #[tokio::test]
    async fn introspection_knows_whose_a_token_is() {
        let sidecar = Sidecar::start("r").await.unwrap();
        sidecar.know(&[Identity::alice()]);
        let place = sidecar.place();
        let ask = |form: &'static str| {
            let (host, port) = (place.host.clone(), place.port);
            async move {
                let mut stream = tokio::net::TcpStream::connect((host.as_str(), port))
                    .await
                    .unwrap();
                let request = format!(
                    "POST {INTROSPECTION} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
                     content-length: {}\r\n\r\n{form}",
                    form.len()
                );
                stream.write_all(request.as_bytes()).await.unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.unwrap();
                answer
                    .rsplit("\r\n\r\n")
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            }
        };
        let good = ask("token=alice-token-valid&token_type_hint=access_token").await;
        assert!(
            good.contains(r#""active":true"#) && good.contains(r#""sub":"alice""#),
            "{good}"
        );
        for bad in ["token=alice-token-expired", "token=nobody", "token", ""] {
            assert_eq!(ask(bad).await, r#"{"active":false}"#, "{bad}");
        }
    }
}
