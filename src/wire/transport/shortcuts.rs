//! What goes the short way is what would have gone the long one.

use std::io::Write;

use super::tests::{OK, Script, hear, often, says, serve};
use super::*;

const REFUSAL: &[u8] = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\n\
    Content-Length: 2\r\n\r\nno";
const CHUNKED: &[u8] = b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n\
    2\r\nno\r\n0\r\n\r\n";

/// Answers one request after another with these, a piece at a time, and answers with what was heard.
fn server(answers: Vec<&'static [&'static [u8]]>) -> (Endpoint, impl FnOnce() -> Vec<String>) {
    let (tell, told) = std::sync::mpsc::channel();
    let script: Script = Box::new(move |mut stream| {
        stream.set_nodelay(true).unwrap();
        for pieces in answers {
            tell.send(hear(&mut stream)).unwrap();
            for piece in pieces {
                stream.write_all(piece).unwrap();
                std::thread::yield_now();
            }
        }
    });
    let (endpoint, thread) = serve(vec![script]);
    (endpoint, move || {
        thread.join().unwrap();
        told.into_iter().collect()
    })
}

#[tokio::test]
async fn the_same_is_sent_and_read_as_before() {
    let answers: [&'static [&'static [u8]]; 10] = [
        &[REFUSAL],
        &[REFUSAL],
        &[OK],
        &[REFUSAL],
        &[CHUNKED],
        &[CHUNKED],
        &[
            b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\n",
            b"Content-Length: 2\r\n\r\nno",
        ],
        &[b"HTTP/1.1 103 Early\r\n\r\n", REFUSAL],
        &[OK],
        &[REFUSAL],
    ];
    let (endpoint, heard) = server(answers.to_vec());
    let mut transport = Transport::new(Limits::default());
    transport.record(true);
    let mut sent = Vec::new();
    for pieces in answers {
        let received = transport.exchange(&endpoint, &often()).await.unwrap();
        assert_eq!(received.raw, pieces.concat());
        assert!(received.whole);
        assert_eq!(received.body_end, BodyEnd::Complete);
        let body: &[u8] = if received.status == 200 { b"" } else { b"no" };
        assert_eq!(received.body, body);
        let response = received.to_response().unwrap();
        assert_eq!(
            (response.status, response.body.as_slice()),
            (received.status, body)
        );
        sent.push(String::from_utf8(received.sent.to_vec()).unwrap());
    }
    for known in [REFUSAL, OK, CHUNKED] {
        assert!(transport.known.get(known, false).is_some());
        assert!(transport.known.get(known, true).is_none());
    }
    drop(transport);
    assert_eq!(heard(), sent);
    assert!(sent.iter().all(|one| *one == sent[0]), "{sent:?}");
}

#[tokio::test]
async fn each_endpoint_and_each_host_has_requests_of_its_own() {
    let (first, heard_first) = server(vec![&[OK]; 4]);
    let (second, heard_second) = server(vec![&[OK]; 4]);
    let mut transport = Transport::new(Limits::default());
    for endpoint in [&first, &second] {
        for prefix in ["/s3", "/s3", "/s12", "/s%41"] {
            let endpoint = Endpoint::new(endpoint.authority.clone(), prefix);
            let received = transport.exchange(&endpoint, &often()).await.unwrap();
            assert_eq!((received.status, received.sent), (200, &b""[..]));
        }
    }
    drop(transport);
    for (endpoint, heard) in [(&first, heard_first()), (&second, heard_second())] {
        let host = &endpoint.authority;
        let head = |prefix| {
            format!("GET {prefix}/resource HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\n\r\n")
        };
        assert_eq!(heard, ["/s3", "/s3", "/s12", "/s%41"].map(head));
    }
}

/// A peer that speaks an older version, or ends the connection, is not presumed to do otherwise.
#[tokio::test]
async fn what_ends_its_connection_is_not_remembered() {
    let close = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let older = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n";
    for bytes in [&close[..], older] {
        let says = |mut stream: std::net::TcpStream| {
            while !hear(&mut stream).is_empty() && stream.write_all(bytes).is_ok() {}
        };
        let scripts: [Script; 3] = [Box::new(says), Box::new(says), Box::new(says)];
        let (endpoint, thread) = serve(scripts.into());
        let mut transport = Transport::new(Limits::default());
        for _ in 0..3 {
            let received = transport.exchange(&endpoint, &often()).await.unwrap();
            assert_eq!(received.status, 200);
        }
        assert!(transport.known.get(bytes, false).is_none());
        drop(transport);
        // The server waits for those that did not come.
        for _ in 0..3 {
            let _ = std::net::TcpStream::connect(&endpoint.authority);
        }
        thread.join().unwrap();
    }
}

#[tokio::test]
async fn sent_bytes_are_kept_on_demand() {
    let (endpoint, thread) = serve(vec![says(OK), says(OK)]);
    let mut transport = Transport::new(Limits::default());
    let received = transport.exchange(&endpoint, &often()).await.unwrap();
    assert_eq!(received.sent, b"");
    transport.record(true);
    let received = transport.exchange(&endpoint, &often()).await.unwrap();
    let expected = format!(
        "GET /s3/resource HTTP/1.1\r\nhost: {}\r\naccept: */*\r\n\r\n",
        endpoint.authority
    );
    assert_eq!(received.sent, expected.as_bytes());
    thread.join().unwrap();
}
