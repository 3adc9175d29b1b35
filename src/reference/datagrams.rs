//! HTTP/3 at a listener of the reference implementation.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use h3::server::RequestStream;
use h3_quinn::BidiStream;
use http_body_util::BodyExt;
use hyper::body::{Buf, Bytes};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Method, Request};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{
    Connection, Endpoint, EndpointConfig, Incoming, ServerConfig, TokioRuntime, TransportConfig,
    VarInt,
};
use rustls::pki_types::CertificateDer;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::answer::current;
use super::peer_certificate::{PeerCertificate, Takes};
use super::respond::respond_to_whole;
use super::tls::Acceptor;
use super::way::ConnectionState;
use super::whole_request::{BEGINNING, MOST};
use crate::wire::Way;

/// The protocol of ALPN by the name that IANA has registered (RFC 9114 §3.1).
const HTTP_3: &[u8] = b"h3";

/// The most fields' bytes of a request.
const HEAD: u64 = 64 * 1024;

/// The most requests of a connection that are answered at once.
const ABREAST: u32 = 32;

/// What takes up QUIC.
pub(super) struct QuicListener {
    endpoint: Endpoint,
    acceptor: Acceptor,
}

impl QuicListener {
    /// Opens it on this port of 127.0.0.1, which is the port of TLS, so that both are one origin; where somebody has that, on a
    /// free one.
    ///
    /// # Errors
    ///
    /// When no port can be had, or TLS cannot be had in QUIC.
    pub(super) fn open(acceptor: &Acceptor, port: u16) -> io::Result<Option<Self>> {
        let local = Ipv4Addr::LOCALHOST;
        let socket = UdpSocket::bind((local, port))
            .or_else(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let config = server_config(acceptor, Takes::None)?;
        let endpoint = Endpoint::new(
            EndpointConfig::default(),
            Some(config),
            socket,
            Arc::new(TokioRuntime),
        )?;
        Ok(Some(Self {
            endpoint,
            acceptor: acceptor.clone(),
        }))
    }

    /// Where it is.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// Takes up connections for ever.
    pub(super) async fn serve(self, state: ConnectionState) {
        let mut connections = JoinSet::new();
        while let Some(incoming) = self.endpoint.accept().await {
            while connections.try_join_next().is_some() {}
            let state = state.from(incoming.remote_address().ip());
            connections.spawn(welcome(incoming, self.acceptor.clone(), state));
        }
    }
}

fn server_config(acceptor: &Acceptor, takes: Takes) -> io::Result<ServerConfig> {
    let mut tls = rustls::ServerConfig::clone(acceptor.config(takes));
    tls.alpn_protocols = vec![HTTP_3.to_vec()];
    let crypto = QuicServerConfig::try_from(tls).map_err(io::Error::other)?;
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(ABREAST))
        .datagram_receive_buffer_size(None)
        .mtu_discovery_config(None);
    config.transport_config(Arc::new(transport));
    Ok(config)
}

async fn welcome(incoming: Incoming, acceptor: Acceptor, state: ConnectionState) {
    let takes = current(&state.in_force).takes_certificates();
    let Ok(config) = server_config(&acceptor, takes) else {
        return;
    };
    // A client that does not want our certificate is no matter of the server's.
    let Ok(accepting) = incoming.accept_with(Arc::new(config)) else {
        return;
    };
    let Ok(Ok(connection)) = timeout(BEGINNING, accepting).await else {
        return;
    };
    let certificate = certificate(&connection, &acceptor);
    converse_in_datagrams(connection, state.shown(certificate)).await;
}

/// What the client showed.
fn certificate(connection: &Connection, acceptor: &Acceptor) -> Option<PeerCertificate> {
    let shown = connection.peer_identity()?;
    let shown = shown.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    Some(acceptor.judged(shown.first()?))
}

async fn converse_in_datagrams(connection: Connection, state: ConnectionState) {
    let state = Arc::new(state);
    let mut builder = h3::server::builder();
    builder.max_field_section_size(HEAD).send_grease(false);
    let connection = h3_quinn::Connection::new(connection);
    let Ok(mut connection) = builder.build::<_, Bytes>(connection).await else {
        return;
    };
    // They end with their connection.
    let mut requests = JoinSet::new();
    while let Ok(Some(resolver)) = connection.accept().await {
        while requests.try_join_next().is_some() {}
        let state = Arc::clone(&state);
        requests.spawn(async move {
            let read = async {
                let (request, mut stream) = resolver.resolve_request().await.ok()?;
                let content = content(&mut stream).await;
                Some((request.map(|()| content), stream))
            };
            if let Ok(Some((request, stream))) = timeout(BEGINNING, read).await {
                answer(&state, request, stream).await;
            }
        });
    }
}

/// The content of a request; more than is read is as good as none.
async fn content(stream: &mut RequestStream<BidiStream<Bytes>, Bytes>) -> Bytes {
    let mut content = Vec::new();
    while let Ok(Some(mut data)) = stream.recv_data().await {
        while data.has_remaining() {
            let piece = data.chunk();
            if content.len() + piece.len() > MOST {
                return Bytes::new();
            }
            content.extend_from_slice(piece);
            let length = piece.len();
            data.advance(length);
        }
    }
    content.into()
}

async fn answer(
    state: &ConnectionState,
    request: Request<Bytes>,
    mut stream: RequestStream<BidiStream<Bytes>, Bytes>,
) {
    let to_head = *request.method() == Method::HEAD;
    let response = respond_to_whole(state, Way::H3, request).await;
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.map(|read| read.to_bytes());
    let body = body.unwrap_or_else(|never| match never {});
    // As the other versions have it, whose writer adds it.
    let length = HeaderValue::from(body.len());
    head.headers.entry(CONTENT_LENGTH).or_insert(length);
    // A client that breaks off is no matter of the server's.
    let sending = async {
        stream
            .send_response(hyper::Response::from_parts(head, ()))
            .await?;
        if !to_head && !body.is_empty() {
            stream.send_data(body).await?;
        }
        stream.finish().await
    };
    let _ = sending.await;
}
