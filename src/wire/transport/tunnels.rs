//! Tests of tunnels: what is asked for, and what becomes of one that opens.

use std::io::{Read, Write};
use std::sync::Arc;

use hyper::body::Bytes;

use super::tests::{Script, hear, serve};
use super::*;
use crate::wire::Request;

fn request(method: &str) -> PreparedRequest {
    let request = Request {
        content: Bytes::new(),
        method: method.to_owned(),
        path: "/resource".to_owned(),
        fields: Vec::new(),
    };
    PreparedRequest::new(Arc::new(request)).unwrap().often()
}

#[tokio::test]
async fn a_tunnel_is_ended_at_once_and_a_refusal_is_not() {
    let refuses_then_opens: Script = Box::new(|mut stream| {
        for answer in [
            &b"HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno"[..],
            // What follows, and what is said of it, is no content (RFC 9110 §9.3.6).
            b"HTTP/1.1 200 Yes\r\nContent-Length: 5\r\n\r\nSSH-2.0-by-somebody\r\n",
        ] {
            let heard = hear(&mut stream);
            assert!(
                heard
                    .starts_with("CONNECT s3.localhost:443 HTTP/1.1\r\nhost: s3.localhost:443\r\n"),
                "{heard}"
            );
            stream.write_all(answer).unwrap();
        }
        // Nothing comes through it, and it ends.
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    });
    let relays: Script = Box::new(|mut stream| {
        assert!(hear(&mut stream).starts_with("GET /s3/resource HTTP/1.1\r\n"));
        stream
            .write_all(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
    });
    let (place, thread) = serve(vec![refuses_then_opens, relays]);
    let endpoint = Endpoint {
        tunnel: Some("s3.localhost:443".into()),
        ways: [
            (Way::Http1, place.authority.clone()),
            (Way::Tunnel, place.authority.clone()),
        ]
        .into(),
        ..place
    };
    let mut transport = Transport::new(Limits::default());
    let tunnel = request("CONNECT").by(Way::Tunnel);
    for (status, body) in [(407, &b"no"[..]), (200, b"")] {
        let received = transport.exchange(&endpoint, &tunnel).await.unwrap();
        assert_eq!((received.status, received.body), (status, body));
        let (response, irregular) = received.read().unwrap();
        assert!(irregular.is_empty(), "{irregular:?}");
        assert_eq!(response.status, status);
    }
    let received = transport.exchange(&endpoint, &request("GET")).await;
    assert_eq!(received.unwrap().status, 401);
    thread.join().unwrap();
}

#[tokio::test]
async fn without_an_authority_of_its_own_a_tunnel_leads_to_the_origin() {
    let script: Script = Box::new(|mut stream| {
        let heard = hear(&mut stream);
        assert!(
            heard.starts_with("CONNECT origin:80 HTTP/1.1\r\n"),
            "{heard}"
        );
        let _ = stream.write_all(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
    });
    let (place, thread) = serve(vec![script]);
    let endpoint = Endpoint {
        authority: "origin:80".to_owned(),
        ways: [(Way::Tunnel, place.authority.clone())].into(),
        ..place
    };
    let mut transport = Transport::new(Limits::default());
    let received = transport.exchange(&endpoint, &request("CONNECT")).await;
    assert_eq!(received.unwrap().status, 407);
    thread.join().unwrap();
}
