//! Tests of HTTP/3 in all weathers: against a server that does what a script says, and where there is none.

use std::future::Future;
use std::net::UdpSocket;
use std::sync::Arc;

use h3::server::RequestStream;
use h3_quinn::BidiStream;
use hyper::StatusCode;
use hyper::body::Bytes;
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{IdleTimeout, ServerConfig, TransportConfig, VarInt};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::task::JoinHandle;

use super::*;
use crate::wire::{Request, ShownCertificate};

/// A stream on which one request came.
type RequestCame = RequestStream<BidiStream<Bytes>, Bytes>;

fn request(method: &str, content: &'static [u8]) -> PreparedRequest {
    let accept = FieldLine {
        name: "Accept".to_owned(),
        value: b"*/*".to_vec(),
    };
    let request = Request {
        content: Bytes::from_static(content),
        method: method.to_owned(),
        path: "/resource".to_owned(),
        fields: vec![accept],
    };
    PreparedRequest::new(Arc::new(request)).unwrap()
}

fn at(address: &impl ToString) -> Endpoint {
    let address = address.to_string();
    Endpoint {
        ways: [(Way::H3, address.clone())].into(),
        ..Endpoint::new(address, "/s3")
    }
}

/// What a server shows, and whose clients it wants.
fn server_config(protocol: &[u8], clients: Option<&CertificateDer<'static>>) -> ServerConfig {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(ring::default_provider());
    let verifier = match clients {
        None => WebPkiClientVerifier::no_client_auth(),
        Some(authority) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(authority.clone()).unwrap();
            let roots = Arc::new(roots);
            let clients = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider));
            clients.build().unwrap()
        }
    };
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    tls.alpn_protocols = vec![protocol.to_vec()];
    let crypto = QuicServerConfig::try_from(tls).unwrap();
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    let mut transport = TransportConfig::default();
    let idle = IdleTimeout::try_from(Duration::from_secs(30)).unwrap();
    transport.max_idle_timeout(Some(idle));
    config.transport_config(Arc::new(transport));
    config
}

/// Serves HTTP/3: each request is handed to the script, with its number.
async fn serve<F, S>(config: ServerConfig, script: S) -> (Endpoint, JoinHandle<()>)
where
    F: Future<Output = ()> + Send + 'static,
    S: Fn(usize, hyper::Request<()>, RequestCame, quinn::Connection) -> F + Send + Sync + 'static,
{
    let local = ([127, 0, 0, 1], 0).into();
    let server = quinn::Endpoint::server(config, local).unwrap();
    let endpoint = at(&server.local_addr().unwrap());
    let script = Arc::new(script);
    let serving = tokio::spawn(async move {
        let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let mut connections = tokio::task::JoinSet::new();
        while let Some(incoming) = server.accept().await {
            let Ok(quic) = incoming.await else { continue };
            let (script, asked) = (Arc::clone(&script), Arc::clone(&asked));
            connections.spawn(async move {
                let h3 = h3_quinn::Connection::new(quic.clone());
                let mut h3 = h3::server::Connection::<_, Bytes>::new(h3).await.unwrap();
                while let Ok(Some(resolver)) = h3.accept().await {
                    let (request, stream) = resolver.resolve_request().await.unwrap();
                    let number = asked.fetch_add(1, Ordering::Relaxed);
                    script(number, request, stream, quic.clone()).await;
                }
            });
        }
    });
    (endpoint, serving)
}

fn head(status: u16, fields: &[(&'static str, &str)]) -> hyper::Response<()> {
    let mut head = hyper::Response::new(());
    *head.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in fields {
        let value = HeaderValue::from_str(value).unwrap();
        head.headers_mut().append(*name, value);
    }
    head
}

#[tokio::test]
async fn an_exchange_is_kept_as_its_decoded_heads() {
    let (endpoint, serving) = serve(
        server_config(b"h3", None),
        |_, request, mut stream, _| async move {
            let fields = request.headers();
            let length = fields.get("content-length").cloned();
            let mut content = Vec::new();
            while let Ok(Some(mut data)) = stream.recv_data().await {
                use hyper::body::Buf;
                let length = data.remaining();
                content.extend_from_slice(&data.copy_to_bytes(length));
            }
            assert_eq!(
                length.map(|length| length.to_str().unwrap().parse().unwrap()),
                match content.len() {
                    0 => None,
                    length => Some(length),
                }
            );
            // Whoever is early says so as often as he likes.
            stream.send_response(head(103, &[])).await.unwrap();
            let fields = [
                ("www-authenticate", "Basic realm=\"a\""),
                ("content-length", "2"),
            ];
            stream.send_response(head(401, &fields)).await.unwrap();
            stream.send_data(Bytes::from_static(b"no")).await.unwrap();
            stream.finish().await.unwrap();
        },
    )
    .await;
    let mut transport = Transport::new(Limits::default());
    transport.record(true);
    for (method, content) in [("GET", &b""[..]), ("POST", b"a=b")] {
        let received = transport
            .exchange(&endpoint, &request(method, content))
            .await
            .unwrap();
        assert_eq!((received.status, received.body), (401, &b"no"[..]));
        assert_eq!(
            (received.body_end, received.whole),
            (BodyEnd::Complete, true)
        );
        let raw =
            b"HTTP/3 401\r\nwww-authenticate: Basic realm=\"a\"\r\ncontent-length: 2\r\n\r\nno";
        assert_eq!(
            received.raw.escape_ascii().to_string(),
            raw.escape_ascii().to_string()
        );
        let sent = String::from_utf8(received.sent.to_vec()).unwrap();
        let begins = format!(
            "{method} /s3/resource HTTP/3\r\nhost: {}\r\naccept: */*\r\n",
            endpoint.authority
        );
        assert!(sent.starts_with(&begins), "{sent}");
        let response = received.to_response().unwrap();
        let challenges: Vec<&[u8]> = response.fields_named("WWW-Authenticate").collect();
        assert_eq!(challenges, [b"Basic realm=\"a\""]);
    }
    serving.abort();
}

#[tokio::test]
async fn a_body_that_is_not_as_it_says_has_no_good_end() {
    let short = Limits {
        body: Duration::from_millis(50),
        body_bytes: 1000,
        ..Limits::default()
    };
    let (endpoint, serving) = serve(
        server_config(b"h3", None),
        |number, _, mut stream, _| async move {
            let lengths = [("content-length", "3")];
            let fields = if number == 0 { &lengths[..] } else { &[] };
            stream.send_response(head(200, fields)).await.unwrap();
            let body = Bytes::from(vec![b'a'; if number == 1 { 2000 } else { 2 }]);
            let _ = stream.send_data(body).await;
            match number {
                2 => std::future::pending().await,
                _ => {
                    let _ = stream.finish().await;
                }
            }
        },
    )
    .await;
    let mut transport = Transport::new(short);
    let mut ends = Vec::new();
    for _ in 0..3 {
        let received = transport
            .exchange(&endpoint, &request("GET", b""))
            .await
            .unwrap();
        assert_eq!(received.status, 200);
        ends.push(received.body_end);
    }
    let expected = [BodyEnd::Broken, BodyEnd::TooLong, BodyEnd::TooSlow];
    assert_eq!(ends, expected);
    // To HEAD a length says what another method would get.
    let (endpoint, serving_head) = serve(
        server_config(b"h3", None),
        |_, _, mut stream, _| async move {
            let fields = [("content-length", "3")];
            stream.send_response(head(200, &fields)).await.unwrap();
            let _ = stream.finish().await;
        },
    )
    .await;
    let received = transport
        .exchange(&endpoint, &request("HEAD", b""))
        .await
        .unwrap();
    assert_eq!(
        (received.body_end, received.to_head),
        (BodyEnd::Complete, true)
    );
    serving.abort();
    serving_head.abort();
}

#[tokio::test]
async fn what_is_no_answer_is_a_fault() {
    let (endpoint, serving) = serve(
        server_config(b"h3", None),
        |number, _, mut stream, quic| async move {
            match number {
                0 => stream.stop_stream(h3::error::Code::H3_INTERNAL_ERROR),
                1 => drop(stream.finish().await),
                2 => quic.close(VarInt::from_u32(0x100), b""),
                3 => quic.close(VarInt::from_u32(0x101), b"no"),
                _ => {
                    for _ in 0..200 {
                        drop(stream.send_response(head(103, &[])).await);
                    }
                }
            }
        },
    )
    .await;
    let mut transport = Transport::new(Limits::default());
    let mut faults = Vec::new();
    for _ in 0..5 {
        let fault = transport
            .exchange(&endpoint, &request("GET", b""))
            .await
            .unwrap_err();
        faults.push(fault);
    }
    let told: Vec<String> = faults.iter().map(WireFault::to_string).collect();
    assert!(matches!(faults[0], WireFault::Malformed { .. }), "{told:?}");
    assert!(matches!(faults[1], WireFault::Malformed { .. }), "{told:?}");
    assert!(faults[2].is_closing(), "{told:?}");
    assert!(matches!(faults[3], WireFault::Malformed { .. }), "{told:?}");
    assert_eq!(faults[4], WireFault::Interim, "{told:?}");
    serving.abort();
}

#[tokio::test]
async fn a_head_without_end_is_a_deadline_or_too_long() {
    // A frame of a head that would be longer than a gigabyte, of which a little comes, or all that is taken.
    for endless in [false, true] {
        let server =
            quinn::Endpoint::server(server_config(b"h3", None), ([127, 0, 0, 1], 0).into());
        let server = server.unwrap();
        let endpoint = at(&server.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let quic = server.accept().await.unwrap().await.unwrap();
            let (mut stream, _heard) = quic.accept_bi().await.unwrap();
            let _ = stream.write_all(&[1, 0xc0, 0, 0, 0, 0x40, 0, 0, 0]).await;
            while endless && stream.write_all(&[0; 4096]).await.is_ok() {}
            std::future::pending::<()>().await;
        });
        let waited = Duration::from_millis(500);
        let limits = Limits {
            head: if endless {
                Duration::from_secs(60)
            } else {
                waited
            },
            ..Limits::default()
        };
        let mut transport = Transport::new(limits);
        let fault = transport
            .exchange(&endpoint, &request("GET", b""))
            .await
            .unwrap_err();
        match endless {
            false => assert!(matches!(fault, WireFault::Deadline { .. }), "{fault}"),
            true => assert!(
                matches!(fault, WireFault::Oversized { lines: false, .. }),
                "{fault}"
            ),
        }
        serving.abort();
    }
}

#[tokio::test]
async fn where_nobody_speaks_quic_there_is_no_connection() {
    let limits = Limits {
        connect: Duration::from_millis(400),
        ..Limits::default()
    };
    // Somebody who hears and is silent, and nobody.
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let fault = Transport::new(limits)
        .exchange(&at(&silent.local_addr().unwrap()), &request("GET", b""))
        .await
        .unwrap_err();
    let told = fault.to_string();
    assert!(
        matches!(fault, WireFault::Connect { .. }) && told.contains("no answer by QUIC"),
        "{told}"
    );
    let closed = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let patient = Limits {
        connect: Duration::from_secs(60),
        ..Limits::default()
    };
    let fault = Transport::new(patient)
        .exchange(&at(&closed), &request("GET", b""))
        .await
        .unwrap_err();
    let told = fault.to_string();
    assert!(
        matches!(fault, WireFault::Connect { .. }) && told.contains("refused"),
        "{told}"
    );
    // Somebody who speaks something else over QUIC.
    let (endpoint, serving) = serve(server_config(b"hq", None), |_, _, _, _| async {}).await;
    let mut transport = Transport::new(patient);
    let fault = transport.exchange(&endpoint, &request("GET", b"")).await;
    let told = fault.unwrap_err().to_string();
    assert!(told.contains("HTTP/3 (ALPN)"), "{told}");
    serving.abort();
}

#[tokio::test]
async fn a_connection_that_was_let_go_of_is_made_anew() {
    let (endpoint, serving) = serve(
        server_config(b"h3", None),
        |_, _, mut stream, quic| async move {
            stream.send_response(head(200, &[])).await.unwrap();
            stream.finish().await.unwrap();
            // Once the client has the answer.
            let _ = stream.recv_data().await;
            let quic = quic.clone();
            tokio::spawn(async move {
                tokio::task::yield_now().await;
                quic.close(VarInt::from_u32(0x100), b"");
            });
        },
    )
    .await;
    let mut transport = Transport::new(Limits::default());
    for _ in 0..5 {
        // What is sent while the server takes leave may be lost, and is sent once more.
        if let Err(fault) = transport.exchange(&endpoint, &request("GET", b"")).await {
            assert!(fault.is_closing(), "{fault}");
        }
    }
    serving.abort();
}

#[tokio::test]
async fn certificates_are_shown_and_checked_as_by_tls() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(["authority".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::new(params, &key);
    let own = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(["client".to_owned()]).unwrap();
    let client = params.signed_by(&own, &issuer).unwrap();
    let shown = ShownCertificate::new(client.der(), &own.serialize_der()).unwrap();
    let config = server_config(b"h3", Some(authority.der()));
    let (endpoint, serving) = serve(config, |_, _, mut stream, _| async move {
        stream.send_response(head(200, &[])).await.unwrap();
        stream.finish().await.unwrap();
    })
    .await;
    let mut transport = Transport::new(Limits::default());
    let fault = transport
        .exchange(&endpoint, &request("GET", b""))
        .await
        .unwrap_err();
    assert!(fault.is_refusal(), "{fault}");
    let caller = ConnectsAs {
        certificate: Some(shown),
        from: None,
    };
    let good = request("GET", b"").sent_as(caller);
    assert_eq!(
        transport.exchange(&endpoint, &good).await.unwrap().status,
        200
    );
    serving.abort();
    // Whoever believes one authority alone does not take a server of nobody's.
    let text = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, authority.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    let trust = Trust::authorities(pem.as_bytes()).unwrap();
    let (endpoint, serving) = serve(server_config(b"h3", None), |_, _, _, _| async {}).await;
    let mut transport = Transport::new(Limits::default()).trusting(trust);
    let fault = transport
        .exchange(&endpoint, &request("GET", b""))
        .await
        .unwrap_err();
    assert!(matches!(fault, WireFault::Connect { .. }), "{fault}");
    serving.abort();
}

#[tokio::test]
async fn http_3_cannot_carry_what_only_lines_can_say() {
    let endpoint = at(&"127.0.0.1:1");
    let host = HeaderValue::from_static("127.0.0.1:1");
    let odd = |name: &str, value: &[u8]| {
        let mut odd = request("GET", b"").request().as_ref().clone();
        odd.fields.push(FieldLine {
            name: name.to_owned(),
            value: value.to_vec(),
        });
        PreparedRequest::new(Arc::new(odd)).unwrap()
    };
    for (request, word) in [
        (odd("X", b"a\0b"), "grammar"),
        (odd("Host", b"elsewhere"), "Host"),
        (request("CONNECT", b""), "tunnel"),
        (
            request("CONNECT", b"").to_go_on_in("websocket"),
            "extended CONNECT",
        ),
    ] {
        let refused = request.outgoing(&endpoint, Way::H3, "127.0.0.1:1", &host);
        let told = refused.err().unwrap().to_string();
        assert!(told.contains(word) && told.contains("h3"), "{told}");
    }
}
