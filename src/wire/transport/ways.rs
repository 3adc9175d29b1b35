//! Tests of the ways beside plain HTTP/1.1, and of requests outside the grammar.

use std::sync::Arc;

use hyper::body::Bytes;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::tests::{OK, Script, hear, says, says_and_stays, serve};
use super::*;
use crate::wire::{Request, ShownCertificate};

fn request(fields: &[(&str, &[u8])]) -> Result<PreparedRequest, WireFault> {
    let fields = fields.iter().map(|(name, value)| FieldLine {
        name: (*name).to_owned(),
        value: value.to_vec(),
    });
    PreparedRequest::new(Arc::new(Request {
        content: Bytes::new(),
        method: "GET".to_owned(),
        path: "/resource".to_owned(),
        fields: fields.collect(),
    }))
}

/// The same place, reached by this way only.
fn only(way: Way, endpoint: &Endpoint) -> Endpoint {
    Endpoint {
        ways: [(way, endpoint.authority.clone())].into(),
        ..endpoint.clone()
    }
}

#[tokio::test]
async fn what_is_outside_the_grammar_goes_as_it_is() {
    use std::io::Write;
    for (name, value) in [
        ("Authorization", &b"Bearer a\0b"[..]),
        ("Authorization", b"Basic\r\n YTpi"),
        ("Au thorization", b"Basic YTpi"),
        ("Author\u{ed}zation", b"Basic \x7f"),
    ] {
        let (heard, hears) = std::sync::mpsc::channel();
        let script: Script = Box::new(move |mut stream| {
            let mut read = Vec::new();
            let mut byte = [0];
            while !read.ends_with(b"\r\n\r\n") {
                assert_eq!(std::io::Read::read(&mut stream, &mut byte).unwrap(), 1);
                read.push(byte[0]);
            }
            stream
                .write_all(b"HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno")
                .unwrap();
            heard.send(read).unwrap();
        });
        let (endpoint, thread) = serve(vec![script]);
        let mut transport = Transport::new(Limits::default());
        transport.record(true);
        let request = request(&[("Accept", b"*/*"), (name, value)]).unwrap();
        let received = transport.exchange(&endpoint, &request).await.unwrap();
        assert_eq!((received.status, received.body), (400, &b"no"[..]));
        let host = &endpoint.authority;
        let mut expected =
            format!("GET /s3/resource HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n{name}: ")
                .into_bytes();
        expected.extend_from_slice(value);
        expected.extend_from_slice(b"\r\n\r\n");
        assert_eq!(
            received.sent.escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
        assert_eq!(hears.recv().unwrap(), expected);
        thread.join().unwrap();
    }
}

#[tokio::test]
async fn nothing_follows_on_a_connection_that_carried_what_is_no_request() {
    let (endpoint, thread) = serve(vec![says_and_stays(OK), says(OK)]);
    let mut transport = Transport::new(Limits::default());
    for value in [&b"a\0b"[..], b"a"] {
        let request = request(&[("X", value)]).unwrap();
        let received = transport.exchange(&endpoint, &request).await.unwrap();
        assert_eq!(received.status, 200);
    }
    thread.join().unwrap();
}

#[tokio::test]
async fn http_2_cannot_carry_what_is_outside_the_grammar() {
    let (endpoint, thread) = serve(vec![Box::new(drop)]);
    let mut transport = Transport::new(Limits::default());
    let request = request(&[("X", b"a\0b")]).unwrap();
    let fault = transport
        .exchange(&only(Way::H2c, &endpoint), &request)
        .await;
    let fault = fault.unwrap_err();
    assert!(
        matches!(&fault, WireFault::Unsendable { why } if why.contains("h2c")),
        "{fault}"
    );
    thread.join().unwrap();
}

#[tokio::test]
async fn a_way_that_is_not_offered_is_not_tried() {
    let endpoint = Endpoint::new("127.0.0.1:1", "");
    let mut transport = Transport::new(Limits::default());
    let request = request(&[]).unwrap().by(Way::H2);
    let fault = transport.exchange(&endpoint, &request).await.unwrap_err();
    assert!(matches!(fault, WireFault::Unsendable { .. }), "{fault}");
}

#[tokio::test]
async fn a_proxy_is_asked_with_the_whole_uri_of_one_origin_after_another() {
    let script: Script = Box::new(|mut stream| {
        use std::io::Write;
        for origin in ["origin:80", "other:80"] {
            let heard = hear(&mut stream);
            let expected =
                format!("GET http://{origin}/s3/resource HTTP/1.1\r\nhost: {origin}\r\n");
            assert!(heard.starts_with(&expected), "{heard}");
            stream.write_all(OK).unwrap();
        }
    });
    let (proxy, thread) = serve(vec![script]);
    let mut transport = Transport::new(Limits::default());
    for origin in ["origin:80", "other:80"] {
        let endpoint = Endpoint {
            authority: origin.to_owned(),
            ..only(Way::ForwardProxy, &proxy)
        };
        let request = request(&[]).unwrap();
        let received = transport.exchange(&endpoint, &request).await.unwrap();
        assert_eq!(received.status, 200);
    }
    thread.join().unwrap();
}

#[tokio::test]
async fn a_server_of_http_1_asked_for_http_2_is_a_fault_of_the_wire() {
    // It hears the client out: a socket closed on unread bytes resets, and takes the answer with it.
    let (endpoint, thread) = serve(vec![Box::new(|mut stream| {
        hear(&mut stream);
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    })]);
    let mut transport = Transport::new(Limits::default());
    let request = request(&[]).unwrap();
    let fault = transport
        .exchange(&only(Way::H2c, &endpoint), &request)
        .await;
    let fault = fault.unwrap_err();
    let WireFault::Malformed { received, .. } = &fault else {
        panic!("{fault}");
    };
    assert!(received.starts_with(b"HTTP/1.1 400"), "{fault}");
    drop(transport);
    let joined = tokio::task::spawn_blocking(|| thread.join());
    joined.await.unwrap().unwrap();

    // One that hangs up without a word.
    let mut transport = Transport::new(Limits::default());
    let (endpoint, thread) = serve(vec![says(b"")]);
    let fault = transport
        .exchange(&only(Way::H2c, &endpoint), &request)
        .await;
    let received = Vec::new();
    assert_eq!(fault.unwrap_err(), WireFault::Closed { received });
    thread.join().unwrap();
}

fn extended() -> PreparedRequest {
    let connect = Request {
        content: Bytes::new(),
        method: "CONNECT".to_owned(),
        path: "/resource".to_owned(),
        fields: Vec::new(),
    };
    let connect = PreparedRequest::new(Arc::new(connect)).unwrap();
    connect.to_go_on_in("websocket")
}

/// A server whose first words are these, and that then hears the client out.
fn begins(words: &'static [u8]) -> (Script, std::sync::mpsc::Receiver<Vec<u8>>) {
    let (heard, hears) = std::sync::mpsc::channel();
    let script: Script = Box::new(move |mut stream| {
        std::io::Write::write_all(&mut stream, words).unwrap();
        let mut read = Vec::new();
        let _ = std::io::Read::read_to_end(&mut stream, &mut read);
        let _ = heard.send(read);
    });
    (script, hears)
}

#[tokio::test]
async fn who_does_not_say_that_it_takes_extended_connect_is_sent_none() {
    const SETTINGS: u8 = 4;
    let (script, hears) = begins(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]);
    let (endpoint, thread) = serve(vec![script]);
    let endpoint = only(Way::H2c, &endpoint);
    let mut transport = Transport::new(Limits::default());
    for _ in 0..2 {
        let fault = transport.exchange(&endpoint, &extended()).await;
        let fault = fault.unwrap_err();
        assert!(fault.is_unsent(), "{fault}");
        assert!(fault.to_string().contains("RFC 8441"), "{fault}");
    }
    drop(transport);
    let heard = tokio::task::spawn_blocking(move || hears.recv()).await;
    let heard = heard.unwrap().unwrap();
    // Behind the preface of 24 bytes stand frames (RFC 9113 §3.4, §4.1); none is a head.
    let mut rest = heard.get(24..).unwrap();
    while let Some((head, behind)) = rest.split_first_chunk::<9>() {
        assert_ne!(head[3], 1, "{}", heard.escape_ascii());
        let length = usize::from(head[1]) << 8 | usize::from(head[2]);
        rest = behind.get(length..).unwrap_or_default();
    }
    tokio::task::spawn_blocking(|| thread.join())
        .await
        .unwrap()
        .unwrap();

    // By a way that has no such thing it is a mistake.
    let fault = transport_of_nothing(Way::Http1).await;
    assert!(matches!(fault, WireFault::Unsendable { .. }), "{fault}");
}

/// What comes of an extended CONNECT by this way, to a server that says nothing.
async fn transport_of_nothing(way: Way) -> WireFault {
    let limits = Limits {
        head: Duration::from_millis(50),
        ..Limits::default()
    };
    let (script, _hears) = begins(b"");
    let (endpoint, thread) = serve(vec![script]);
    let mut transport = Transport::new(limits);
    let fault = transport.exchange(&only(way, &endpoint), &extended()).await;
    let fault = fault.unwrap_err();
    drop(transport);
    drop(tokio::task::spawn_blocking(|| thread.join()));
    fault
}

#[tokio::test]
async fn who_does_not_get_to_say_what_it_takes_is_waited_for_so_long() {
    let fault = transport_of_nothing(Way::H2c).await;
    assert!(matches!(fault, WireFault::Deadline { .. }), "{fault}");
}

#[tokio::test]
async fn a_server_of_http_2_that_says_nothing_is_a_deadline() {
    let waited = Duration::from_millis(50);
    let limits = Limits {
        head: waited,
        ..Limits::default()
    };
    let (endpoint, thread) = serve(vec![Box::new(|mut stream| {
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    })]);
    let mut transport = Transport::new(limits);
    let request = request(&[]).unwrap();
    let fault = transport
        .exchange(&only(Way::H2c, &endpoint), &request)
        .await;
    let received = Vec::new();
    assert_eq!(fault.unwrap_err(), WireFault::Deadline { waited, received });
    drop(transport);
    // What an HTTP/2 connection runs beside it ends in the runtime, which must not be kept waiting.
    let joined = tokio::task::spawn_blocking(|| thread.join());
    joined.await.unwrap().unwrap();
}

/// A TLS server that offers these protocols, says something first, and answers every request with [`OK`].
async fn serve_tls(
    protocols: &[&[u8]],
    says_first: &'static [u8],
) -> (Endpoint, tokio::task::JoinHandle<()>) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.write_all(says_first).await;
                let _ = stream.flush().await;
                let mut heard = [0; 1024];
                let _ = AsyncReadExt::read(&mut stream, &mut heard).await;
                let _ = stream.write_all(OK).await;
            }
        }
    });
    (Endpoint::new(authority, ""), server)
}

/// Serves TLS to whoever has a certificate of an authority, and answers with [`OK`].
async fn serve_demanding() -> (Endpoint, ConnectsAs, tokio::task::JoinHandle<()>) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::new(params, &key);
    let signed = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
        let made = params.signed_by(&key, &issuer).unwrap();
        (made.der().clone(), key.serialize_der())
    };
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(
        Arc::new(roots),
        Arc::clone(&provider),
    );
    let (own, key) = signed("127.0.0.1");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(
            vec![own],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key)),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // It is closed at once, on whatever the client has sent by then.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = AsyncReadExt::read(&mut stream, &mut [0; 1024]).await;
                let _ = stream.write_all(OK).await;
            }
        }
    });
    let (certificate, key) = signed("client");
    let shown = ShownCertificate::new(&certificate, &key).unwrap();
    let caller = ConnectsAs {
        certificate: Some(shown),
        from: None,
    };
    (Endpoint::new(authority, ""), caller, server)
}

#[tokio::test]
async fn that_tls_refuses_who_shows_no_certificate_is_what_a_server_decided() {
    let (endpoint, caller, server) = serve_demanding().await;
    let endpoint = only(Way::Https, &endpoint);
    let mut transport = Transport::new(Limits::default());
    for _ in 0..20 {
        let bare = request(&[]).unwrap();
        let fault = transport.exchange(&endpoint, &bare).await.unwrap_err();
        assert!(fault.is_refusal(), "{fault}");
        assert!(!fault.is_closing(), "{fault}");
        assert!(fault.to_string().contains("CertificateRequired"), "{fault}");
        // Connections of one caller are none of another's.
        let good = request(&[]).unwrap().sent_as(caller.clone());
        let received = transport.exchange(&endpoint, &good).await.unwrap();
        assert_eq!(received.status, 200);
    }
    server.abort();
}

#[tokio::test]
async fn a_tls_server_that_does_not_agree_on_http_2_is_no_connection() {
    for protocols in [&[][..], &[&b"http/1.1"[..]]] {
        let (endpoint, server) = serve_tls(protocols, b"").await;
        let mut transport = Transport::new(Limits::default());
        let request = request(&[]).unwrap();
        let fault = transport
            .exchange(&only(Way::H2, &endpoint), &request)
            .await;
        let fault = fault.unwrap_err();
        assert!(matches!(fault, WireFault::Connect { .. }), "{fault}");
        let received = transport
            .exchange(&only(Way::Https, &endpoint), &request)
            .await;
        assert_eq!(received.unwrap().status, 200);
        server.abort();
    }
}

#[tokio::test]
async fn what_is_said_unasked_over_tls_is_the_answer_to_nothing() {
    let (endpoint, server) = serve_tls(&[b"http/1.1"], OK).await;
    // Beside a usual way on which nobody says anything, and whose connections end.
    let quiet = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let usual = quiet.local_addr().unwrap().to_string();
    let hangs_up = tokio::spawn(async move {
        loop {
            drop(quiet.accept().await.unwrap());
        }
    });
    let ways = [
        (Way::Http1, usual.clone()),
        (Way::Https, endpoint.authority.clone()),
    ];
    let both = Endpoint {
        ways: ways.into(),
        ..endpoint
    };
    let transport = Transport::new(Limits::default());
    let long = Duration::from_secs(5);
    let heard = transport.listen(&both, long).await.unwrap();
    assert!(heard.is_stray(), "{heard}");
    let alone = only(Way::Http1, &Endpoint::new(usual, ""));
    assert_eq!(transport.listen(&alone, long).await, None);
    server.abort();
    hangs_up.abort();
}

#[tokio::test]
async fn no_tls_where_none_is_spoken_is_no_connection() {
    let (endpoint, thread) = serve(vec![Box::new(|mut stream| {
        let _ = std::io::Read::read(&mut stream, &mut [0; 16]);
        let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
    })]);
    let mut transport = Transport::new(Limits::default());
    let request = request(&[]).unwrap();
    let fault = transport
        .exchange(&only(Way::H2, &endpoint), &request)
        .await;
    let fault = fault.unwrap_err();
    assert!(
        matches!(&fault, WireFault::Connect { why, .. } if why.contains("TLS")),
        "{fault}"
    );
    thread.join().unwrap();
}
