//! The listeners of the reference implementation, and the protocol that is spoken at each.
//!
//! | listener | speaks |
//! |---|---|
//! | plain | HTTP/1.1, or HTTP/2 with prior knowledge, told apart by how the client begins |
//! | TLS | HTTP/1.1 or HTTP/2, as agreed on by ALPN |
//! | QUIC | HTTP/3 |
//! | proxy | HTTP/1.1, as a forward proxy, tunnels included |
//! | within this program | HTTP/1.1, without a socket |

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::answer::current;
use super::datagrams::QuicListener;
use super::fault::Fault;
use super::frames::converse_in_frames;
use super::head_content::HeadContent;
use super::respond::respond;
use super::tls::{self, Acceptor};
use super::way::ConnectionState;
use super::whole_request::{BEGINNING, whole};
use crate::wire::{InProcess, InProcessListener, Way};

/// How long the server rests when it cannot accept a connection, as when it is out of descriptors.
const REST: Duration = Duration::from_millis(10);

/// How long between two glances at a client that has begun to begin.
const PEEK_PAUSE: Duration = Duration::from_millis(1);

/// What every client with prior knowledge of HTTP/2 begins with (RFC 9113 §3.4), as far as it is
/// needed: no method of HTTP/1 is called so.
const PREFACE: &[u8; 4] = b"PRI ";

/// What listens, and what for.
pub(super) struct Listeners {
    /// As at the plain socket, of HTTP/1.1 alone.
    in_process: (InProcess, InProcessListener),
    plain: TcpListener,
    /// None where TLS is not built in.
    tls: Option<(TcpListener, Acceptor)>,
    /// None where HTTP/3 is not built in.
    quic: Option<QuicListener>,
    proxy: TcpListener,
}

/// What is spoken at a listener.
#[derive(Clone)]
enum ListenerKind {
    Plain,
    Tls(Acceptor),
    Proxy,
}

impl Listeners {
    /// Opens the plain listener on a port of 127.0.0.1, 0 standing for a free one, and the others on free
    /// ports.
    ///
    /// # Errors
    ///
    /// When a port cannot be had, or no certificate can be made.
    pub(super) async fn open(port: u16) -> io::Result<Self> {
        let tls = match tls::acceptor().map_err(io::Error::other)? {
            Some(acceptor) => Some((TcpListener::bind(("127.0.0.1", 0)).await?, acceptor)),
            None => None,
        };
        let quic = match &tls {
            Some((tls, acceptor)) => QuicListener::open(acceptor, tls.local_addr()?.port())?,
            None => None,
        };
        let plain = TcpListener::bind(("127.0.0.1", port)).await?;
        Ok(Self {
            in_process: InProcess::listen(&plain.local_addr()?.to_string()),
            plain,
            tls,
            quic,
            proxy: TcpListener::bind(("127.0.0.1", 0)).await?,
        })
    }

    /// Host and port of the plain listener.
    pub(super) fn authority(&self) -> io::Result<String> {
        Ok(self.plain.local_addr()?.to_string())
    }

    /// The plain listener for clients within this program.
    pub(super) fn in_process(&self) -> InProcess {
        self.in_process.0.clone()
    }

    /// Every way to them that is built in, with where to connect to.
    pub(super) fn ways(&self) -> io::Result<Arc<[(Way, String)]>> {
        let plain = self.authority()?;
        let tls = self.tls.as_ref().map(|(listener, _)| listener.local_addr());
        let tls = tls.transpose()?.map(|address| address.to_string());
        let quic = self.quic.as_ref().map(QuicListener::address);
        let quic = quic.transpose()?.map(|address| address.to_string());
        let proxy = self.proxy.local_addr()?.to_string();
        Ok(Way::built_in()
            .filter_map(|way| match way {
                Way::Http1 | Way::H2c => Some((way, plain.clone())),
                Way::Https | Way::H2 => Some((way, tls.clone()?)),
                Way::H3 => Some((way, quic.clone()?)),
                Way::ForwardProxy | Way::Tunnel => Some((way, proxy.clone())),
            })
            .collect())
    }

    /// Lets everybody in, each by a task of its own; whoever aborts one ends its connections too.
    pub(super) fn serve(self, state: &ConnectionState) -> Vec<JoinHandle<()>> {
        let tls = self
            .tls
            .map(|(tls, acceptor)| (tls, ListenerKind::Tls(acceptor)));
        let (_, in_process) = self.in_process;
        let in_process = tokio::spawn(serve_in_process(in_process, state.clone()));
        let quic = self
            .quic
            .map(|quic| tokio::spawn(quic.serve(state.clone())));
        [
            (self.plain, ListenerKind::Plain),
            (self.proxy, ListenerKind::Proxy),
        ]
        .into_iter()
        .chain(tls)
        .map(|(listener, kind)| tokio::spawn(serve(listener, kind, state.clone())))
        .chain([in_process])
        .chain(quic)
        .collect()
    }
}

/// Accepts connections for ever.
async fn serve(listener: TcpListener, kind: ListenerKind, state: ConnectionState) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                while connections.try_join_next().is_some() {}
                connections.spawn(welcome(stream, kind.clone(), state.from(from.ip())));
            }
            // Nobody can be told; the client will see that it is not answered.
            Err(_) => sleep(REST).await,
        }
    }
}

/// The same for clients within this program.
async fn serve_in_process(mut listener: InProcessListener, state: ConnectionState) {
    let mut connections = JoinSet::new();
    while let Some(stream) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let state = state.from(Ipv4Addr::LOCALHOST.into());
        connections.spawn(converse(stream, state, Way::Http1));
    }
}

async fn welcome(stream: TcpStream, kind: ListenerKind, state: ConnectionState) {
    // Without it, only slower.
    let _ = stream.set_nodelay(true);
    match kind {
        ListenerKind::Plain => {
            if begins_with_preface(&stream).await {
                converse_in_frames(stream, state, Way::H2c).await;
            } else {
                converse(stream, state, Way::Http1).await;
            }
        }
        ListenerKind::Tls(acceptor) => {
            // A client that does not want our certificate is no matter of the server's.
            let takes = current(&state.in_force).takes_certificates();
            let accepting = timeout(BEGINNING, acceptor.accept(stream, takes));
            let Ok(Ok(accepted)) = accepting.await else {
                return;
            };
            let stream = accepted.stream;
            let state = state.shown(accepted.certificate);
            if accepted.is_http2 {
                converse_in_frames(stream, state, Way::H2).await;
            } else {
                converse(stream, state, Way::Https).await;
            }
        }
        ListenerKind::Proxy => converse(stream, state, Way::ForwardProxy).await,
    }
}

/// Whether a client begins as those that know beforehand that we speak HTTP/2. What it says is looked
/// at and left where it is.
async fn begins_with_preface(stream: &TcpStream) -> bool {
    let mut said = [0; PREFACE.len()];
    let looking = async {
        loop {
            match stream.peek(&mut said).await {
                Ok(0) | Err(_) => return false,
                Ok(length) if length == said.len() => return said == *PREFACE,
                Ok(length) if said.get(..length) != PREFACE.get(..length) => return false,
                Ok(_) => sleep(PEEK_PAUSE).await,
            }
        }
    };
    timeout(BEGINNING, looking).await.unwrap_or(false)
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, state: ConnectionState, way: Way) {
    let installed = current(&state.in_force);
    if installed.faults().has(Fault::HeadHasContent) {
        return converse_with_head_content(stream, &state, way).await;
    }
    let service = service_fn(|request| respond(&state, way, request));
    // A client that breaks off is no matter of the server's.
    let _ = http1::Builder::new()
        .auto_date_header(false)
        .ignore_invalid_headers(installed.faults().has(Fault::OddLinesPassedOver))
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The same with content behind each answer to HEAD, and an end to the connection behind that: what comes
/// next on it would be misread.
async fn converse_with_head_content(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    state: &ConnectionState,
    way: Way,
) {
    let due = Arc::new(AtomicBool::new(false));
    let stream = HeadContent::new(stream, Arc::clone(&due));
    let due = &due;
    let service = service_fn(|request: Request<Incoming>| async move {
        let is_head = *request.method() == Method::HEAD;
        let mut response = state.answer(way, whole(request).await);
        if is_head {
            due.store(true, Ordering::Relaxed);
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        Ok::<_, Infallible>(response)
    });
    let _ = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
