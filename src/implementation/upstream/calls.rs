//! The service where it is asked by gRPC: Envoy's `ext_authz`, on hyper's HTTP/2 with prior knowledge.
//!
//! What the service says is what it says by HTTP, in the words of that protocol:
//!
//! | by HTTP | by gRPC |
//! |---|---|
//! | 200 | `ok_response` with the same fields; where it tells nobody, `X-User` is to be removed |
//! | another status | `denied_response` with that status, its fields and its content |
//! | | a call that fails: `grpc-status` 14 |
//! | bytes that are no HTTP | a message that is no `CheckResponse` |
//! | the beginning of an answer | the beginning of a message, and the stream is reset |
//! | the end of the connection, silence | the same |

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::sleep;

use super::conduct::{ServiceSends, USER, UpstreamAnswer};
use super::message::{KEPT, MOST_BODY, UpstreamRequest};
use super::played::{PlayedUpstream, SILENCE};
use crate::wire::{CHECK_PATH, CheckRequest, CheckResponse, FieldLine, framed, unframed};

/// The field in which gRPC says how a call ended.
const STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// What a message stands in.
const KIND: HeaderValue = HeaderValue::from_static("application/grpc");

/// Statuses of gRPC: it is done; nobody knows such a call; what came cannot be read; the service cannot be had.
const DONE: u16 = 0;
const UNIMPLEMENTED: u16 = 12;
const INTERNAL: u16 = 13;
const UNAVAILABLE: u16 = 14;

/// Serves a connection to its end.
pub(super) async fn converse_in_calls(
    played: Arc<PlayedUpstream>,
    stream: TcpStream,
    place: Arc<str>,
) {
    let hangs_up = Arc::new(Notify::new());
    let service = service_fn(|request| {
        let (played, place, hangs_up) = (
            Arc::clone(&played),
            Arc::clone(&place),
            Arc::clone(&hangs_up),
        );
        async move { Ok::<_, Infallible>(played.called(request, &place, &hangs_up).await) }
    });
    // What it spawns is over with the stream that it is for.
    let connection = http2::Builder::new(TokioExecutor::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // A gateway that breaks off is no matter of the service's.
        _ = connection => {}
        () = hangs_up.notified() => {}
    }
}

impl PlayedUpstream {
    async fn called(
        &self,
        request: Request<Incoming>,
        place: &str,
        hangs_up: &Notify,
    ) -> Response<CallBody> {
        if request.uri().path() != CHECK_PATH {
            return failed(UNIMPLEMENTED);
        }
        let Some(asked) = asked(request.into_body()).await else {
            return failed(INTERNAL);
        };
        let sends = self.conduct.sends(&asked);
        let status = match sends {
            ServiceSends::Status(status) | ServiceSends::StatusAndMore(status) => Some(status),
            ServiceSends::Decision => None,
            ServiceSends::Nothing | ServiceSends::Reset => {
                self.keep(&asked, None);
                hangs_up.notify_one();
                // The connection ends before that does.
                return silence().await;
            }
            // Of a call the beginning of an answer is nothing to whoever calls.
            ServiceSends::Silence
            | ServiceSends::HeadAndSilence
            | ServiceSends::ContentAndSilence => {
                self.keep(&asked, None);
                return silence().await;
            }
            ServiceSends::Failure => {
                self.keep(&asked, None);
                return failed(UNAVAILABLE);
            }
            ServiceSends::Half => {
                self.keep(&asked, None);
                let whole = framed(&response(&self.conduct.answer(Some(200), &asked, place)));
                return broken_off(&whole);
            }
            ServiceSends::Bytes(bytes) => {
                self.keep(&asked, None);
                return answered(&[framed(bytes)]);
            }
        };
        let told = self.conduct.answer(status, &asked, place);
        // Before the answer, so that whoever has the gateway's answer finds it.
        self.keep(&asked, Some(&told));
        let mut messages = vec![framed(&response(&told))];
        if matches!(sends, ServiceSends::StatusAndMore(_)) {
            messages.push(framed(&response(&self.conduct.unasked())));
        }
        answered(&messages)
    }
}

/// What is asked about; nothing where that cannot be read.
async fn asked(body: Incoming) -> Option<UpstreamRequest> {
    let stream = Limited::new(body, MOST_BODY).collect().await.ok()?;
    let stream = stream.to_bytes();
    let check = CheckRequest::read(unframed(&stream)?)?;
    let host = FieldLine {
        name: "Host".to_owned(),
        value: check.host.into_bytes(),
    };
    let mut content = check.content;
    content.truncate(KEPT);
    Some(UpstreamRequest {
        method: check.method,
        target: check.target,
        fields: std::iter::once(host).chain(check.fields).collect(),
        content,
        stays: true,
    })
}

/// The message of an answer.
fn response(told: &UpstreamAnswer) -> Vec<u8> {
    let fields = told.fields.clone();
    let response = match told.status {
        200 => CheckResponse::Ok {
            removes: match fields.iter().any(|field| field.name == USER) {
                true => Vec::new(),
                false => vec![USER.to_owned()],
            },
            fields,
        },
        status => CheckResponse::Denied {
            status,
            fields,
            body: told.body.to_owned(),
        },
    };
    response.write()
}

/// Nothing, for as long as whoever asks is there.
async fn silence() -> Response<CallBody> {
    sleep(SILENCE).await;
    failed(UNAVAILABLE)
}

/// A call that ends well, with these messages.
fn answered(messages: &[Vec<u8>]) -> Response<CallBody> {
    let data = Frame::data(Bytes::from(messages.concat()));
    let trailers = HeaderMap::from_iter([(STATUS, HeaderValue::from(DONE))]);
    of_grpc(CallBody {
        frames: VecDeque::from([data, Frame::trailers(trailers)]),
        breaks_off: false,
    })
}

/// The beginning of a message, and the end of the stream.
fn broken_off(message: &[u8]) -> Response<CallBody> {
    let (half, _) = message.split_at(message.len() / 2);
    of_grpc(CallBody {
        frames: VecDeque::from([Frame::data(Bytes::copy_from_slice(half))]),
        breaks_off: true,
    })
}

/// A call that fails with this status of gRPC.
fn failed(status: u16) -> Response<CallBody> {
    let mut response = of_grpc(CallBody {
        frames: VecDeque::new(),
        breaks_off: false,
    });
    response
        .headers_mut()
        .insert(STATUS, HeaderValue::from(status));
    response
}

fn of_grpc(body: CallBody) -> Response<CallBody> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, KIND);
    response
}

/// What comes on a stream: data and trailers.
struct CallBody {
    frames: VecDeque<Frame<Bytes>>,
    /// Whether the stream is reset behind them.
    breaks_off: bool,
}

impl Body for CallBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let broken = || Err(io::Error::from(io::ErrorKind::BrokenPipe));
        let next = self.frames.pop_front().map(Ok);
        Poll::Ready(next.or_else(|| self.breaks_off.then(broken)))
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && !self.breaks_off
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;
    use hyper::client::conn::http2 as client;

    use super::*;
    use crate::credentials::Identity;
    use crate::domain::{Setting, Value};
    use crate::implementation::Upstreams;
    use crate::observation::{Arrival, Upstream};

    fn setting(service: &str, identity: &str) -> Arc<Setting> {
        Arc::new(Setting {
            policy: Value::record([
                ("external_auth", Value::Bool(true)),
                ("protocol", Value::symbol("grpc")),
            ]),
            instance: Value::record([
                ("auth_service", Value::symbol(service)),
                ("challenges", Value::symbol("two-lines")),
                ("identity", Value::symbol(identity)),
            ]),
        })
    }

    /// How a call ended: its one message, and its `grpc-status`; nothing where it did not end well.
    async fn called(
        place: &str,
        path: &str,
        message: &[u8],
    ) -> Option<(Option<CheckResponse>, u16)> {
        let stream = TcpStream::connect(place).await.ok()?;
        let (mut sender, driver) = client::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .ok()?;
        let driver = tokio::spawn(driver);
        let request = Request::post(format!("http://{place}{path}"))
            .header(CONTENT_TYPE, "application/grpc")
            .body(Full::new(Bytes::from(framed(message))))
            .ok()?;
        let response = sender.send_request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.ok()?;
        let status = |fields: &HeaderMap| fields.get(STATUS)?.to_str().ok()?.parse().ok();
        let ended = status(&head.headers).or_else(|| status(body.trailers()?))?;
        let bytes = body.to_bytes();
        let message = unframed(&bytes).and_then(CheckResponse::read);
        driver.abort();
        Some((message, ended))
    }

    #[tokio::test]
    async fn calls_end_as_the_case_says_and_what_they_told_is_kept() {
        let words = [
            ("ok", "user"),
            ("ok", "none"),
            ("unauthorized", "none"),
            ("decides", "none"),
            ("failed-call", "none"),
            ("garbage", "none"),
            ("half", "none"),
            ("closed", "none"),
            ("unreachable", "none"),
        ];
        let settings = words.map(|(service, identity)| setting(service, identity));
        let alice = [Identity::alice()];
        let opened = Upstreams::open(&settings, &alice).await.unwrap().unwrap();
        let line = |name: &str, value: &str| FieldLine {
            name: name.to_owned(),
            value: value.as_bytes().to_vec(),
        };
        let check = CheckRequest {
            method: "PUT".to_owned(),
            target: "/s0/resource?x".to_owned(),
            host: "example".to_owned(),
            fields: vec![line("authorization", "bASIC  YWxpY2U6b3Blbi1zZXNhbWU=")],
            content: b"abc".to_vec(),
        };
        let ok = |fields, removes: &[&str]| CheckResponse::Ok {
            fields,
            removes: removes.iter().map(|name| (*name).to_owned()).collect(),
        };
        let alice = || ok(vec![line("X-User", "alice")], &[]);
        let with_group = || {
            let told = vec![line("X-User", "alice"), line("X-Group", "staff")];
            ok(told, &[])
        };
        let challenges = [
            "Bearer realm=\"the service\"",
            "Basic realm=\"the service\"",
        ];
        let denied = CheckResponse::Denied {
            status: 401,
            fields: challenges.map(|one| line("WWW-Authenticate", one)).to_vec(),
            body: "the service says no\n".to_owned(),
        };
        let expected = [
            Some((Some(with_group()), 0)),
            Some((Some(ok(Vec::new(), &["X-User"])), 0)),
            Some((Some(denied), 0)),
            Some((Some(alice()), 0)),
            Some((None, 14)),
            Some((None, 0)),
            None,
            None,
            None,
        ];
        for (slot, expected) in expected.into_iter().enumerate() {
            let place = opened.places()[slot].clone().unwrap().auth_service;
            let ended = called(&place, CHECK_PATH, &check.write()).await;
            assert_eq!(ended, expected, "{:?}", words[slot]);
        }
        let place = opened.places()[0].clone().unwrap().auth_service;
        let unknown = called(&place, "/another.Service/Check", b"").await;
        assert_eq!(unknown, Some((None, UNIMPLEMENTED)));
        let unread = called(&place, CHECK_PATH, b"\x08").await;
        assert_eq!(unread, Some((None, INTERNAL)));

        let kept = opened.arrivals_after(0).unwrap();
        let is_check = |one: &Arrival| {
            let seen = one.seen.as_ref().unwrap();
            (one.at, &*one.method, &*one.target, one.authorization)
                == (Upstream::AuthService, "PUT", "/s0/resource?x", true)
                && seen.lines("host").eq([b"example"])
                && seen.content == b"abc"
        };
        assert!(kept.iter().all(is_check), "{kept:?}");
        let status = |one: &Arrival| (one.slot, one.seen.as_ref().unwrap().status);
        let expected = [
            Some(200),
            Some(200),
            Some(401),
            Some(200),
            None,
            None,
            None,
            None,
        ];
        let expected: Vec<_> = expected.into_iter().enumerate().collect();
        assert_eq!(kept.iter().map(status).collect::<Vec<_>>(), expected);
    }
}
